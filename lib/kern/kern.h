/* Tensor kernels: the inner loops of networks, behind one table per instruction
 * set. Activations are (N,H,W,C) floats, rows of C channels; weights come in as
 * PyTorch lays them out. Nobody above this floor knows how a kernel does it. */
#ifndef AS_KERN_KERN_H
#define AS_KERN_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/pool.h"
#include "kern/isa.h"

AS_BEGIN

/* A convolution's shape: x (n,h,w,c), weights (k,c,r,r), y (n,oh,ow,k), the same
 * padding on all sides; oh = (h + 2 pad - r) / stride + 1. */
struct as_conv {
	int64_t n, h, w, c, k, r, stride, pad, oh, ow;
	bool forward_only; /* no backward: less scratch */
};

/* Fills in oh and ow. */
struct as_conv as_conv_shape(int64_t n, int64_t h, int64_t w, int64_t c, int64_t k, int64_t r, int64_t stride,
			     int64_t pad);

/* What a convolution does to its outputs as it stores them, so that they are not fetched
 * again: y = y + shift (k) (+ add, of y's shape) (rectified). */
struct as_after {
	const float *shift, *add; /* add NULL: none */
	bool relu;
};

/* Batch normalisation's numbers for one pass, each (c). */
struct as_norm {
	float *mean, *invstd; /* of this batch: what backward needs */
	float *scale, *shift; /* y = scale x + shift */
};

struct as_kern {
	const char *name;
	/* Whether a convolution gives an image the same bits whatever else is in its batch. A BLAS
	 * does not promise it: a row's bits may hang on how many rows there are. */
	bool steady;

	/* Convolution. Prepared weights are `prepared` floats, made once a step for
	 * all passes. `scratch` (bytes, for so many lanes) belongs to one call at a time. */
	size_t (*conv_prepared)(const struct as_conv *);
	size_t (*conv_scratch)(const struct as_conv *, int lanes);
	void (*conv_prepare)(struct as_pool *, const struct as_conv *, const float *w, float *prepared);
	/* y = x * w, and what comes after (NULL: nothing) */
	void (*conv_forward)(struct as_pool *, const struct as_conv *, const float *x, const float *prepared,
			     float *y, const struct as_after *, void *scratch);
	/* dx = dy * w turned, or dx += with `add`; w as it is: prepared for the way back they would
	 * be as many floats again, and held all step. */
	void (*conv_backward_data)(struct as_pool *, const struct as_conv *, const float *dy, const float *w,
				   float *dx, bool add, void *scratch);
	/* dw (k,c,r,r) += x * dy */
	void (*conv_backward_weights)(struct as_pool *, const struct as_conv *, const float *x, const float *dy,
				      float *dw, void *scratch);

	/* Loops over `rows` rows of c channels, on one lane. */
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
	/* v = momentum v + (g + decay p) (v = g + decay p when first); p -= lr v. */
	void (*sgd)(int64_t n, float *p, const float *g, float *v, float lr, float momentum, float decay, bool first);
	/* twin += rest (p - twin): an average of momentum 1 - rest */
	void (*ema)(int64_t n, float *twin, const float *p, float rest);
	double (*dot)(int64_t n, const float *a, const float *b);
};

struct as_engine {
	const struct as_kern *kern;
	struct as_pool *pool;
	int64_t grains;
};

/* The table of a set (NULL when the CPU lacks it), and of the one in use. exact: its
 * convolutions round each product once, as the formula says; otherwise those that
 * Winograd's fits are that, some 1e-5 of the largest output off and several times faster. */
const struct as_kern *as_kern_of(enum as_isa, bool exact);
const struct as_kern *as_kern_chosen(bool exact);

/* The pieces below cut work into tasks by shape alone and run them on the pool. */

/* Rows (rows,c): batch statistics into n->mean, n->invstd and the affine map of
 * gamma and beta (c) into n->scale, n->shift; running statistics (c) move by
 * `momentum` towards mean and unbiased variance. partial: as_norm_partial floats. */
int64_t as_norm_partial(int64_t rows, int64_t c);
void as_norm_stats(const struct as_kern *, struct as_pool *, const float *x, int64_t rows, int64_t c,
		   const float *gamma, const float *beta, float eps, float momentum, float *running_mean,
		   float *running_var, const struct as_norm *n, float *partial);
/* The affine map of the running statistics: evaluation mode. */
void as_norm_frozen(int64_t c, const float *gamma, const float *beta, float eps, const float *running_mean,
		    const float *running_var, const struct as_norm *n);
/* How many of n floats come before the first that is not finite: n, when all are. */
int64_t as_finite(int64_t n, const float *x);

/* y = affine(x) (+ add) (rectified). */
void as_norm_apply(const struct as_kern *, struct as_pool *, const float *x, int64_t rows, int64_t c,
		   const struct as_norm *n, const float *add, bool relu, float *y);
/* The backward of stats and apply: dgamma and dbeta (c) += ; dx = (may be dy); dadd
 * (or NULL) = or +=. y: the output when it was rectified, else NULL. */
void as_norm_backward(const struct as_kern *, struct as_pool *, const float *dy, const float *y, const float *x,
		      int64_t rows, int64_t c, const float *gamma, const struct as_norm *n, float *dgamma,
		      float *dbeta, float *dx, float *dadd, bool add, float *partial);

/* y (rows,out) = x (rows,in) w^T + bias; w (out,in); bias may be NULL. */
void as_linear_forward(struct as_pool *, const float *x, int64_t rows, int64_t in, int64_t out, const float *w,
		       const float *bias, float *y);
/* dx = dy w (+= with add; NULL: not wanted), dw += dy^T x, dbias += column sums (or NULL). */
void as_linear_backward(struct as_pool *, const float *x, const float *dy, int64_t rows, int64_t in, int64_t out,
			const float *w, float *dw, float *dbias, float *dx, bool add);

/* 3x3 stride 2 pad 1 maximum; backward sends dy to the first maximum of each window, dx is set. */
void as_maxpool_forward(const struct as_kern *, struct as_pool *, const struct as_conv *, const float *x, float *y);
void as_maxpool_backward(const struct as_kern *, struct as_pool *, const struct as_conv *, const float *x,
			 const float *dy, float *dx);
/* Mean over h x w: x (n,hw,c) to y (n,c). backward: dx =, or += with add. */
void as_avgpool_forward(struct as_pool *, const float *x, int64_t n, int64_t hw, int64_t c, float *y);
void as_avgpool_backward(struct as_pool *, const float *dy, int64_t n, int64_t hw, int64_t c, float *dx, bool add);

AS_END
#endif
