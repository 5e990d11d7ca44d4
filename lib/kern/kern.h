/* A device that computes: one table of all that networks and losses do with floats. nn/ and
 * ssl/ have no loop over floats of their own, so another device is another table.
 *
 * Activations are (N,H,W,C) floats, rows of C channels; weights come in as PyTorch lays them
 * out. Who calls an entry knows neither how it is done nor by how many threads: the same call
 * gives the same bits for any number of them.
 *
 * Since 0.2. */
#ifndef AS_KERN_KERN_H
#define AS_KERN_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/pool.h"
#include "kern/isa.h"

AS_BEGIN

struct as_kern;
struct as_loops;

/* What every entry is given first: the table that it is from, the threads, and how many grains
 * the rows of a batch fall into, at least 1. A grain is so many consecutive rows, all grains alike:
 * the rows (or images) of a call on a batch are a multiple of `grains`. What is summed over a
 * batch is summed in each grain first, and then over grains in an order that only their number
 * tells; what a library multiplies, whose result for a row may hang on the other rows, it
 * multiplies a grain at a time. So a grain gives the same bits wherever it is computed. */
struct as_engine {
	const struct as_kern *kern;
	struct as_pool *pool; /* NULL: the calling thread alone */
	int64_t grains;
};

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

/* The gradient of a weight is a sum over images, and has a place for each grain, its leaf:
 * grain 0's is the pointer that is given, grain g's lies g times `leaf` floats further. Entries
 * add to each leaf what its grain's images give; `tree` sums the leaves. */
struct as_kern {
	const char *name;
	/* Whether an image's convolutions are the same bits whatever other images are in the call. Our own
	 * loops do the same operations for every image. A BLAS chooses its loops by the number of
	 * rows, so with one behind it an image's last bits may change with the size of the batch. */
	bool steady;
	const struct as_loops *loops; /* of the CPU's tables alone: kern/loops.h */

	/* --- layers --- */

	/* Convolution. Prepared weights are `prepared` floats, made once a step for
	 * all passes. `scratch` (bytes) belongs to one call at a time. */
	size_t (*conv_prepared)(const struct as_engine *, const struct as_conv *);
	size_t (*conv_scratch)(const struct as_engine *, const struct as_conv *);
	void (*conv_prepare)(const struct as_engine *, const struct as_conv *, const float *w, float *prepared);
	/* y = x * w, and what comes after (NULL: nothing) */
	void (*conv_forward)(const struct as_engine *, const struct as_conv *, const float *x, const float *prepared,
			     float *y, const struct as_after *, void *scratch);
	/* dx = dy * w turned, or dx += with `add`; w as it is: prepared for the way back they would
	 * be as many floats again, and held all step. */
	void (*conv_backward_data)(const struct as_engine *, const struct as_conv *, const float *dy, const float *w,
				   float *dx, bool add, void *scratch);
	/* dw (k,c,r,r) += x * dy, in each grain's leaf */
	void (*conv_backward_weights)(const struct as_engine *, const struct as_conv *, const float *x, const float *dy,
				      float *dw, int64_t leaf, void *scratch);

	/* Batch normalisation over rows (rows,c). stats: batch statistics into n->mean, n->invstd and
	 * the affine map of gamma and beta (c) into n->scale, n->shift; running statistics (c) move by
	 * `momentum` towards mean and unbiased variance. partial: scratch of norm_partial floats. */
	int64_t (*norm_partial)(const struct as_engine *, int64_t rows, int64_t c);
	void (*norm_stats)(const struct as_engine *, const float *x, int64_t rows, int64_t c, const float *gamma,
			   const float *beta, float eps, float momentum, float *running_mean, float *running_var,
			   const struct as_norm *n, float *partial);
	/* The affine map of the running statistics: evaluation mode. */
	void (*norm_frozen)(const struct as_engine *, int64_t c, const float *gamma, const float *beta, float eps,
			    const float *running_mean, const float *running_var, const struct as_norm *n);
	/* Moves that map into the convolution before it: w (c,each) becomes scale w, beta the shift. */
	void (*norm_fold)(const struct as_engine *, int64_t c, int64_t each, const float *gamma, float eps,
			  const float *running_mean, const float *running_var, float *w, float *beta);
	/* y = scale x + shift (+ add) (rectified); y may be x. */
	void (*norm_apply)(const struct as_engine *, const float *x, int64_t rows, int64_t c, const struct as_norm *n,
			   const float *add, bool relu, float *y);
	/* The backward of stats and apply: dgamma and dbeta (c) +=, once, over the whole batch: they have
	 * no leaves; dx = (may be dy); dadd (or NULL) = or +=. y: the output when it was rectified,
	 * else NULL. n->shift is spent. */
	void (*norm_backward)(const struct as_engine *, const float *dy, const float *y, const float *x, int64_t rows,
			      int64_t c, const float *gamma, const struct as_norm *n, float *dgamma, float *dbeta,
			      float *dx, float *dadd, bool add, float *partial);

	/* y (rows,out) = x (rows,in) w^T + bias; w (out,in); bias may be NULL. */
	void (*linear_forward)(const struct as_engine *, const float *x, int64_t rows, int64_t in, int64_t out,
			       const float *w, const float *bias, float *y);
	/* dx = dy w (+= with add; NULL: not wanted), dw += dy^T x, dbias += column sums (or NULL), both
	 * in each grain's leaf. */
	void (*linear_backward)(const struct as_engine *, const float *x, const float *dy, int64_t rows, int64_t in,
				int64_t out, const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add);

	/* 3x3 stride 2 pad 1 maximum; backward sends dy to the first maximum of each window, dx is set. */
	void (*maxpool_forward)(const struct as_engine *, const struct as_conv *, const float *x, float *y);
	void (*maxpool_backward)(const struct as_engine *, const struct as_conv *, const float *x, const float *dy, float *dx);
	/* Mean over h x w: x (n,hw,c) to y (n,c). backward: dx =, or += with add. */
	void (*avgpool_forward)(const struct as_engine *, const float *x, int64_t n, int64_t hw, int64_t c, float *y);
	void (*avgpool_backward)(const struct as_engine *, const float *dy, int64_t n, int64_t hw, int64_t c, float *dx,
				 bool add);

	/* --- parameters, n floats --- */

	void (*zero)(const struct as_engine *, int64_t n, float *x);
	/* Sums the leaves of all grains into grain 0's: (0,1) (2,3) .., then (0,2) (4,6) .., and so on. The
	 * other leaves are spent. Of one grain: nothing. */
	void (*tree)(const struct as_engine *, int64_t n, float *grad, int64_t leaf);
	/* v = momentum v + (g + decay p) (v = g + decay p when first); p -= lr v. */
	void (*sgd)(const struct as_engine *, int64_t n, float *p, const float *g, float *v, float lr, float momentum,
		    float decay, bool first);
	/* slow += rest (p - slow): an average of momentum 1 - rest */
	void (*ema)(const struct as_engine *, int64_t n, float *slow, const float *p, float rest);
	/* x += by y; x *= by. */
	void (*add_scaled)(const struct as_engine *, int64_t n, float *x, const float *y, float by);
	void (*scale)(const struct as_engine *, int64_t n, float *x, float by);
	double (*dot)(const struct as_engine *, int64_t n, const float *a, const float *b);
};

/* The CPU's table of an instruction set (NULL when the CPU lacks it), and of the one in use. exact: its
 * convolutions round each product once, as the formula says; otherwise those that
 * Winograd's fits are that, some 1e-5 of the largest output off and several times faster. */
const struct as_kern *as_kern_of(enum as_isa, bool exact);
const struct as_kern *as_kern_chosen(bool exact);

/* How many of n floats come before the first that is not finite: n, when all are. */
int64_t as_finite(int64_t n, const float *x);

AS_END
#endif
