/* Private to lib/kern and its tests: what the entries of the CPU's tables are made of. Inner
 * loops that run on one thread, compiled once for each instruction set, and the ways of a
 * convolution, which have threads of their own but know no grains. */
#ifndef AS_KERN_LOOPS_H
#define AS_KERN_LOOPS_H

#include "kern/kern.h"

AS_BEGIN

/* One way to convolve; what the functions do is said in struct as_kern. */
struct as_way {
	size_t (*prepared)(const struct as_conv *);
	size_t (*scratch)(const struct as_conv *, int threads);
	void (*prepare)(struct as_pool *, const struct as_conv *, const float *w, float *prepared);
	void (*forward)(struct as_pool *, const struct as_conv *, const float *x, const float *prepared, float *y,
			const struct as_after *, void *scratch);
	void (*backward_data)(struct as_pool *, const struct as_conv *, const float *dy, const float *w, float *dx,
			      bool add, void *scratch);
	void (*backward_weights)(struct as_pool *, const struct as_conv *, const float *x, const float *dy, float *dw,
				 void *scratch);
};

/* A step of AdamW's numbers, the same for all parameters. */
struct as_adamw_step {
	float keep;         /* 1 - lr decay */
	float rest1;        /* 1 - beta1 */
	float beta2, rest2; /* and 1 - beta2 */
	float root;         /* of 1 - beta2^step */
	float eps;
	float size; /* lr / (1 - beta1^step) */
};

struct as_loops {
	/* The best way for a shape; n does not matter. */
	const struct as_way *(*way)(const struct as_conv *);

	/* Over `rows` rows of c channels: */
	/* mean[c] and m2[c] = sum of squared distances from it. */
	void (*moments)(const float *x, int64_t rows, int64_t c, float *mean, float *m2);
	/* y = scale x + shift (+ add) (rectified); add may be NULL; y may be x. */
	void (*affine)(const float *x, int64_t rows, int64_t c, const float *scale, const float *shift,
		       const float *add, bool relu, float *y);
	/* g = dy, where y > 0 when y is given; sum_g[c] = sum g, sum_gx[c] = sum g (x - mean) invstd. */
	void (*norm_sums)(const float *dy, const float *y, const float *x, int64_t rows, int64_t c,
			  const float *mean, const float *invstd, float *sum_g, float *sum_gx);
	/* dx = a g + b x + e, each (c); dx may be dy. dadd, when given: = g, or += g with `add`. */
	void (*norm_back)(const float *dy, const float *y, const float *x, int64_t rows, int64_t c, const float *a,
			  const float *b, const float *e, float *dx, float *dadd, bool add);
	/* Of one image (h,w,c): the largest of each window (r,r) to y (oh,ow,c); and dx = dy where
	 * the first of the largest stands, 0 elsewhere. */
	void (*maxpool)(const struct as_conv *, const float *x, float *y);
	void (*maxpool_back)(const struct as_conv *, const float *x, const float *dy, float *dx);

	/* Over n floats, as the entries of these names: */
	void (*sgd)(int64_t n, float *p, const float *g, float *v, float lr, float momentum, float decay, bool first);
	void (*adamw)(int64_t n, float *p, const float *g, float *m, float *v, const struct as_adamw_step *);
	void (*ema)(int64_t n, float *slow, const float *p, float rest);
	double (*dot)(int64_t n, const float *a, const float *b);
	void (*add)(int64_t n, float *x, const float *y); /* x += y */
};

AS_END
#endif
