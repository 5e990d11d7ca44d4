/* Private to lib/stream: recognises files that are not safetensors files. */
#ifndef AS_STREAM_FOREIGN_H
#define AS_STREAM_FOREIGN_H

#include <stddef.h>

#include "base/error.h"

/* AS_EDATA with the format that the first bytes show; its help is a command that converts this file to safetensors.
 * The help is of this thread, and stays until the thread asks again. */
int as_foreign(const char *path, const char *bytes, size_t n, struct as_error *);

#endif
