/* Private to lib/kern: convolution as im2col + GEMM, which works for all shapes, and what the faster ways
 * share with it. Signatures as in struct as_way. */
#ifndef AS_KERN_CONV_H
#define AS_KERN_CONV_H

#include "kern/kern.h"

AS_BEGIN

/* Floats in the (r,r,c) patch of input that one output pixel needs. */
int64_t as_conv_patch(const struct as_conv *);
/* The convolution that computes dx from dy when the stride is 1. */
struct as_conv as_conv_turned(const struct as_conv *);

size_t as_im2col_prepared(const struct as_conv *);
size_t as_im2col_scratch(const struct as_conv *, int threads);
void as_im2col_prepare(struct as_pool *, const struct as_conv *, const float *w, float *prepared);
void as_im2col_forward(struct as_pool *, const struct as_conv *, const void *x, const float *prepared, void *y,
		       const struct as_after *, void *scratch);
void as_im2col_backward_data(struct as_pool *, const struct as_conv *, const void *dy, const float *w,
			     void *dx, bool add, void *scratch);
/* Adds the sums that tasks of backward-weights left, parts x (r,r,c) x k, in order to dw (k,c,r,r).
 * as_conv_parts says how many parts there are for this many pieces of work. */
int64_t as_conv_parts(const struct as_conv *, int64_t pieces);
void as_conv_add_parts(struct as_pool *, const struct as_conv *, int64_t parts, const float *part, float *dw);

void as_im2col_backward_weights(struct as_pool *, const struct as_conv *, const void *x, const void *dy, float *dw,
				void *scratch);

AS_END
#endif
