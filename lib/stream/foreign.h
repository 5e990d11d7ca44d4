/* Private to lib/stream: recognises what is not a safetensors file, or not a stream. */
#ifndef AS_STREAM_FOREIGN_H
#define AS_STREAM_FOREIGN_H

#include <stddef.h>

#include "base/error.h"

/* AS_EDATA with the format that the first bytes show; its help is a command that converts this file to safetensors.
 * The help is of this thread, and stays until the thread asks again. */
int as_foreign(const char *path, const char *bytes, size_t n, struct as_error *);

/* What other than a stream begins with these bytes, and what to do with it; NULL: unknown. */
const char *as_foreign_name(const char *bytes, size_t n);

#endif
