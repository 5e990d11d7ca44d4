/* Private to lib/kern and its tests: what the entries of the CPU's tables are made of. These are inner
 * loops, which run on one thread and are compiled once for each instruction set, and the ways to convolve,
 * which use threads but know nothing of grains. */
#ifndef AS_KERN_LOOPS_H
#define AS_KERN_LOOPS_H

#include "kern/kern.h"

AS_BEGIN

/* One way to convolve; struct as_kern says what the functions do. */
struct as_way {
	size_t (*prepared)(const struct as_conv *);
	size_t (*scratch)(const struct as_conv *, int threads);
	void (*prepare)(struct as_pool *, const struct as_conv *, const float *w, float *prepared);
	void (*forward)(struct as_pool *, const struct as_conv *, const void *x, const float *prepared, void *y,
			const struct as_after *, void *scratch);
	void (*backward_data)(struct as_pool *, const struct as_conv *, const void *dy, const float *w, void *dx,
			      bool add, void *scratch);
	void (*backward_weights)(struct as_pool *, const struct as_conv *, const void *x, const void *dy, float *dw,
				 void *scratch);
};

/* The numbers of one AdamW step, the same for all parameters. */
struct as_adamw_step {
	float keep;         /* 1 - lr decay */
	float rest1;        /* 1 - beta1 */
	float beta2, rest2; /* beta2 and 1 - beta2 */
	float root;         /* sqrt(1 - beta2^step) */
	float eps;
	float size; /* lr / (1 - beta1^step) */
};

struct as_loops {
	/* The best way for a shape; it does not depend on n. */
	const struct as_way *(*way)(const struct as_conv *);

	/* Over `rows` rows of c channels of a map: */
	/* mean[c], and m2[c] = the sum of squared distances from it. */
	void (*moments)(const void *x, int64_t rows, int64_t c, float *mean, float *m2);
	/* y = scale x + shift (+ add) (rectified); add may be NULL; y may be x. on, if given: where y > 0, as
	 * norm_apply has it. */
	void (*affine)(const void *x, int64_t rows, int64_t c, const float *scale, const float *shift,
		       const void *add, bool relu, void *y, uint32_t *on);
	/* g = dy (only where `on` says, if given); sum_g[c] = sum g, sum_gx[c] = sum g (x - mean) invstd. */
	void (*norm_sums)(const void *dy, const uint32_t *on, const void *x, int64_t rows, int64_t c,
			  const float *mean, const float *invstd, float *sum_g, float *sum_gx);
	/* dx = a g + b x + e, each (c); dx may be dy. dadd, if given: = g, or += g with `add`. */
	void (*norm_back)(const void *dy, const uint32_t *on, const void *x, int64_t rows, int64_t c, const float *a,
			  const float *b, const float *e, void *dx, void *dadd, bool add);
	/* For one image (h,w,c): y (oh,ow,c) = the largest value in each window (r,r); and backward: dx =
	 * dy at the first largest value, 0 elsewhere. */
	void (*maxpool)(const struct as_conv *, const void *x, void *y);
	void (*maxpool_back)(const struct as_conv *, const void *x, const void *dy, void *dx);
	/* For one image (hw,c): y (c floats) = the mean of its pixels; and backward: dx = or += dy / hw. */
	void (*avgpool)(const void *x, int64_t hw, int64_t c, float *y);
	void (*avgpool_back)(const float *dy, int64_t hw, int64_t c, void *dx, bool add);

	/* Over n floats, like the entries of the same names: */
	void (*sgd)(int64_t n, float *p, const float *g, float *v, float lr, float momentum, float decay, bool first);
	void (*adamw)(int64_t n, float *p, const float *g, float *m, float *v, const struct as_adamw_step *);
	void (*ema)(int64_t n, float *slow, const float *p, float rest);
	double (*dot)(int64_t n, const float *a, const float *b);
	void (*add)(int64_t n, float *x, const float *y); /* x += y */
};

AS_END
#endif
