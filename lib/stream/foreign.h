/* Private to lib/stream: what a file is that is no safetensors file. */
#ifndef AS_STREAM_FOREIGN_H
#define AS_STREAM_FOREIGN_H

#include <stddef.h>

#include "base/error.h"

/* AS_EDATA with what the first bytes tell, and as help what makes a safetensors file of it. */
int as_foreign(const char *bytes, size_t n, struct as_error *);

#endif
