/* Private to lib/kern: direct convolution, and Winograd's for the shapes that suit it, compiled for
 * each instruction set; the signatures are those of struct as_way. */
#ifndef AS_KERN_DIRECT_H
#define AS_KERN_DIRECT_H

#include "kern/kern.h"

#ifdef AS_ISA
size_t AS_ISA_NAME(as_direct_prepared)(const struct as_conv *);
size_t AS_ISA_NAME(as_direct_scratch)(const struct as_conv *, int threads);
void AS_ISA_NAME(as_direct_prepare)(struct as_pool *, const struct as_conv *, const float *w, float *prepared);
void AS_ISA_NAME(as_direct_forward)(struct as_pool *, const struct as_conv *, const void *x, const float *prepared,
				    void *y, const struct as_after *, void *scratch);
void AS_ISA_NAME(as_direct_backward_data)(struct as_pool *, const struct as_conv *, const void *dy,
					  const float *w, void *dx, bool add, void *scratch);
void AS_ISA_NAME(as_direct_backward_weights)(struct as_pool *, const struct as_conv *, const void *x,
					     const void *dy, float *dw, void *scratch);

bool AS_ISA_NAME(as_winograd_fits)(const struct as_conv *);
size_t AS_ISA_NAME(as_winograd_prepared)(const struct as_conv *);
size_t AS_ISA_NAME(as_winograd_scratch)(const struct as_conv *, int threads);
void AS_ISA_NAME(as_winograd_prepare)(struct as_pool *, const struct as_conv *, const float *w, float *prepared);
void AS_ISA_NAME(as_winograd_forward)(struct as_pool *, const struct as_conv *, const void *x, const float *prepared,
				      void *y, const struct as_after *, void *scratch);
void AS_ISA_NAME(as_winograd_backward_data)(struct as_pool *, const struct as_conv *, const void *dy,
					    const float *w, void *dx, bool add, void *scratch);
void AS_ISA_NAME(as_winograd_backward_weights)(struct as_pool *, const struct as_conv *, const void *x,
					       const void *dy, float *dw, void *scratch);
/* Bytes that backward_weights alone needs. */
size_t AS_ISA_NAME(as_winograd_weights_scratch)(const struct as_conv *);
#endif

#endif
