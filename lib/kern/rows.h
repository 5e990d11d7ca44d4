/* Rows of several views as one batch, a grain's rows together. */
#ifndef AS_KERN_ROWS_H
#define AS_KERN_ROWS_H

#include "kern/kern.h"

AS_BEGIN

/* Of k matrices (n,width) one (k n, width): for each grain its rows of the first, of the second, ... */
void as_rows_join(const struct as_engine *, int k, int64_t n, int64_t width, const float *const *in, float *out);
/* The reverse: k matrices (n,width) of one. */
void as_rows_part(const struct as_engine *, int k, int64_t n, int64_t width, const float *in, float *const *out);

AS_END
#endif
