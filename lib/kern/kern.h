/* Public since 0.2. A device that computes: one table with everything that networks and losses do with
 * floats. nn/ and ssl/ have no loops over floats of their own, so another device is another table.
 *
 * Activations are maps (N,H,W,C): rows of C channels. A map's values are floats or, in a table for bfloat16, the upper
 * halves of floats; a map is a void *, and as_map_at finds a place in it. Sums, statistics, weights and what
 * is no map are floats in every table. Weights have PyTorch's layout. A caller need not
 * know how an entry works or how many threads it uses: the same call gives the same bits for any number
 * of threads. */
#ifndef AS_KERN_KERN_H
#define AS_KERN_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/pool.h"
#include "base/world.h"
#include "kern/isa.h"

AS_BEGIN

struct as_kern;
struct as_loops;

/* The first argument of every entry: its table, the threads, and the number of grains, at least 1, into
 * which the rows of a batch are divided. A grain is a number of consecutive rows, the same for all grains,
 * so the number of rows (or images) in a call is a multiple of `grains`. A sum over a batch is first made
 * within each grain and then over grains, in an order that depends only on their number. A library's
 * product, whose result for one row may depend on the other rows, is computed one grain at a time. So a
 * grain gives the same bits wherever it is computed.
 *
 * With a world, rows and grains are those of this rank's block of the batch, and every rank has as many.
 * Entries that sum over a batch, or divide by its number of rows, do so for the whole batch: all ranks call
 * them together, and get the same results. */
struct as_engine {
	const struct as_kern *kern;
	struct as_pool *pool; /* NULL: only the calling thread */
	int64_t grains;
	const struct as_world *world; /* NULL: there is one rank */
};

/* How many ranks there are; 1 without a world. */
static inline int as_ranks(const struct as_engine *e)
{
	return e->world ? e->world->size : 1;
}

/* Which of them this is; 0 without a world. */
static inline int as_own_rank(const struct as_engine *e)
{
	return e->world ? e->world->rank : 0;
}

/* For rows that were gathered from all ranks: all grains, and nobody to tell. */
static inline struct as_engine as_engine_whole(const struct as_engine *e)
{
	struct as_engine whole = *e;
	whole.grains *= as_ranks(e);
	whole.world = NULL;
	return whole;
}

/* A convolution's shape: x (n,h,w,c), weights (k,c,r,r), y (n,oh,ow,k), the same
 * padding on all sides; oh = (h + 2 pad - r) / stride + 1. */
struct as_conv {
	int64_t n, h, w, c, k, r, stride, pad, oh, ow;
	bool forward_only; /* there will be no backward: less scratch */
	bool floats;       /* x holds floats also where maps do not: a network's images; it has no dx then */
};

/* Computes oh and ow. */
struct as_conv as_conv_shape(int64_t n, int64_t h, int64_t w, int64_t c, int64_t k, int64_t r, int64_t stride,
			     int64_t pad);

/* What a convolution does to its outputs while it stores them, to save loading them again: y = y + shift
 * (k) (+ add, of y's shape) (rectified). */
struct as_after {
	const float *shift;
	const void *add; /* NULL: none */
	bool relu;
};

/* The values of batch normalisation in one pass, each (c). */
struct as_norm {
	float *mean, *invstd; /* of this batch: needed by backward */
	float *scale, *shift; /* y = scale x + shift */
};

/* What a rectified output lets pass in backward is kept as bits, a thirty-second part of the output in floats: the words
 * of a row of c values. */
enum { AS_ON_BITS = 32 };
static inline int64_t as_on_words(int64_t c)
{
	return (c + AS_ON_BITS - 1) / AS_ON_BITS;
}
/* Where a row's words begin; `on` may be NULL. */
static inline uint32_t *as_on_at(const uint32_t *on, int64_t row, int64_t c)
{
	return on ? (uint32_t *)(uintptr_t)on + row * as_on_words(c) : NULL;
}

/* How far the sum over all ranks of an array has come. */
enum as_sum_stage {
	AS_SUM_OUT,  /* each rank's share of it is under way to that rank, which will add it up */
	AS_SUM_BACK, /* the sums of all shares are under way to all */
	AS_SUM_MADE
};

/* Such a sum. scratch: n + ranks floats, or n if the number of ranks divides n. */
struct as_sum {
	int64_t n;
	float *x, *scratch;
	enum as_sum_stage stage;
	int ticket; /* of the world */
};

/* The settings of AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019). */
struct as_adamw {
	double lr, beta1, beta2, eps, decay;
	int64_t step; /* the number of this step: 1, 2, ... */
};

/* Figures that show whether a representation spreads out or has collapsed. */
struct as_collapse {
	double spread;   /* sqrt(d) x mean over features of the std of y/|y|: 1 if spread out, 0 if collapsed */
	double together; /* mean cosine of the two views of one image */
	double apart;    /* mean cosine of views of different images */
};

/* The index of image i of n, in order 0 or 1, among the 2 n rows of pairs: first a grain's rows of order 0,
 * then its rows of order 1, then the next grain. */
static inline int64_t as_pair_row(const struct as_engine *e, int64_t n, int order, int64_t i)
{
	int64_t each = n / e->grains;
	return i / each * 2 * each + order * each + i % each;
}

/* The gradient of a weight is a sum over images. It has one place for each grain, called its leaf: grain
 * 0's leaf is at the given pointer, grain g's is g times `leaf` floats further. Entries add the sum over a
 * grain's images to the grain's leaf; the entry `tree` adds up the leaves. */
struct as_kern {
	const char *name;
	/* Whether an image's convolutions have the same bits whatever other images are in the call. Our own
	 * loops do the same operations for every image. A BLAS chooses its loops by the number of rows, so
	 * there the size of the batch may change an image's last bits. */
	bool steady;
	size_t cell; /* bytes of a value in a map: 4, or 2 */
	const struct as_memory *memory; /* all arrays given to entries must be memory from this source */
	const struct as_loops *loops;   /* only in the CPU's tables: kern/loops.h */

	/* --- layers --- */

	/* Convolution. Prepared weights are `prepared` floats; they are made once a step and used by all
	 * passes. `scratch` (bytes) may be used by only one call at a time. */
	size_t (*conv_prepared)(const struct as_engine *, const struct as_conv *);
	size_t (*conv_scratch)(const struct as_engine *, const struct as_conv *);
	void (*conv_prepare)(const struct as_engine *, const struct as_conv *, const float *w, float *prepared);
	/* y = x * w, then what `after` says (NULL: nothing) */
	void (*conv_forward)(const struct as_engine *, const struct as_conv *, const void *x, const float *prepared,
			     void *y, const struct as_after *, void *scratch);
	/* dx = dy * w turned, or dx += with `add`. w is not prepared here: prepared weights for backward
	 * would take as much memory again for the whole step. */
	void (*conv_backward_data)(const struct as_engine *, const struct as_conv *, const void *dy, const float *w,
				   void *dx, bool add, void *scratch);
	/* dw (k,c,r,r) += x * dy, in the leaf of each grain */
	void (*conv_backward_weights)(const struct as_engine *, const struct as_conv *, const void *x, const void *dy,
				      float *dw, int64_t leaf, void *scratch);

	/* Batch normalisation over rows (rows,c). norm_stats: sets n->mean and n->invstd to the batch's
	 * statistics, and n->scale and n->shift to the affine map with gamma and beta (c); the running
	 * statistics (c) move by `momentum` towards the mean and the unbiased variance. partial: scratch of
	 * norm_partial floats. */
	int64_t (*norm_partial)(const struct as_engine *, int64_t rows, int64_t c);
	void (*norm_stats)(const struct as_engine *, const void *x, int64_t rows, int64_t c, const float *gamma,
			   const float *beta, float eps, float momentum, float *running_mean, float *running_var,
			   const struct as_norm *n, float *partial);
	/* Sets the affine map from the running statistics: evaluation mode. */
	void (*norm_frozen)(const struct as_engine *, int64_t c, const float *gamma, const float *beta, float eps,
			    const float *running_mean, const float *running_var, const struct as_norm *n);
	/* Merges that map into the convolution before it: w (c,each) becomes scale w, and beta becomes the
	 * shift. */
	void (*norm_fold)(const struct as_engine *, int64_t c, int64_t each, const float *gamma, float eps,
			  const float *running_mean, const float *running_var, float *w, float *beta);
	/* y = scale x + shift (+ add) (rectified); y may be x. on (NULL: nobody asks) tells where y > 0, in a bit for
	 * each value: rows of as_on_words(c) words, the first value of AS_ON_BITS in the lowest bit. beside: since it
	 * mostly waits for memory, it may go on beside the entries that follow, until `settle`. These may neither
	 * change what it reads nor touch what it writes, but for others that are beside. */
	void (*norm_apply)(const struct as_engine *, const void *x, int64_t rows, int64_t c, const struct as_norm *n,
			   const void *add, bool relu, void *y, uint32_t *on, bool beside);
	/* Returns when all that went on beside has ended. */
	void (*settle)(const struct as_engine *);
	/* The backward of norm_stats and norm_apply. dgamma and dbeta (c) += once, over the whole batch (no
	 * leaves); dx = (may be dy); dadd (or NULL) = or +=. on: where the output was above 0, if it was
	 * rectified, else NULL. n->shift is overwritten. */
	void (*norm_backward)(const struct as_engine *, const void *dy, const uint32_t *on, const void *x, int64_t rows,
			      int64_t c, const float *gamma, const struct as_norm *n, float *dgamma, float *dbeta,
			      void *dx, void *dadd, bool add, float *partial);

	/* y (rows,out) = x (rows,in) w^T + bias; w (out,in); bias may be NULL. */
	void (*linear_forward)(const struct as_engine *, const float *x, int64_t rows, int64_t in, int64_t out,
			       const float *w, const float *bias, float *y);
	/* dx = dy w (+= with add; NULL: not computed), dw += dy^T x, dbias += column sums (NULL: not
	 * computed); both in the leaf of each grain. */
	void (*linear_backward)(const struct as_engine *, const float *x, const float *dy, int64_t rows, int64_t in,
				int64_t out, const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add);

	/* Layer normalisation of each row of (rows,c): y = (x - mean) invstd gamma + beta (rectified), with
	 * the row's mean and biased variance. mean and invstd (rows) are kept for backward. */
	void (*layernorm_forward)(const struct as_engine *, const float *x, int64_t rows, int64_t c, const float *gamma,
				  const float *beta, float eps, bool relu, float *mean, float *invstd, float *y);
	/* dgamma and dbeta (c) += in the leaf of each grain; dx =, or += with add. y: the output if it was
	 * rectified, else NULL. */
	void (*layernorm_backward)(const struct as_engine *, const float *dy, const float *y, const float *x, int64_t rows,
				   int64_t c, const float *gamma, const float *mean, const float *invstd, float *dgamma,
				   float *dbeta, int64_t leaf, float *dx, bool add);

	/* Maximum over 3x3 with stride 2 and padding 1. backward: dx = dy at the first maximum of each
	 * window, 0 elsewhere. */
	void (*maxpool_forward)(const struct as_engine *, const struct as_conv *, const void *x, void *y);
	void (*maxpool_backward)(const struct as_engine *, const struct as_conv *, const void *x, const void *dy, void *dx);
	/* Mean over h x w: the map x (n,hw,c) to floats y (n,c). backward: dx =, or += with add. */
	void (*avgpool_forward)(const struct as_engine *, const void *x, int64_t n, int64_t hw, int64_t c, float *y);
	void (*avgpool_backward)(const struct as_engine *, const float *dy, int64_t n, int64_t hw, int64_t c, void *dx,
				 bool add);

	/* --- parameters, n floats --- */

	void (*zero)(const struct as_engine *, int64_t n, float *x);
	/* Adds the leaves of all grains into grain 0's: (0,1) (2,3) .., then (0,2) (4,6) .., and so on. The
	 * other leaves are overwritten. With one grain it does nothing. */
	void (*tree)(const struct as_engine *, int64_t n, float *grad, int64_t leaf);
	/* x = the sum of all ranks' x, added as `tree` adds leaves, so a rank's leaves and then the ranks give
	 * what all leaves in one place would. It is made while other entries compute: sum_begin begins it, and
	 * sum_go_on brings it to its next stage, or with one rank at once to the last; with `wait` it waits
	 * until it can, else it returns false where it cannot yet. All ranks begin their sums in one order, and
	 * bring them out of AS_SUM_OUT in the same. */
	void (*sum_begin)(const struct as_engine *, struct as_sum *);
	bool (*sum_go_on)(const struct as_engine *, struct as_sum *, bool wait);
	/* all (ranks n) = own (n) of every rank, in order of rank. Rows in the batch's order, or in that of pairs
	 * (as_pair_row) or groups (ssl/layout.h), are so again. */
	void (*gather)(const struct as_engine *, int64_t n, const float *own, float *all);
	/* v = momentum v + (g + decay p) (v = g + decay p when first); p -= lr v. */
	void (*sgd)(const struct as_engine *, int64_t n, float *p, const float *g, float *v, float lr, float momentum,
		    float decay, bool first);
	/* One step of AdamW in the order of PyTorch's: p -= lr decay p; m += (1 - beta1) (g - m);
	 * v = beta2 v + (1 - beta2) g^2; p -= lr/(1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps). */
	void (*adamw)(const struct as_engine *, int64_t n, float *p, const float *g, float *m, float *v,
		      const struct as_adamw *);
	/* slow += rest (p - slow): a moving average with momentum 1 - rest */
	void (*ema)(const struct as_engine *, int64_t n, float *slow, const float *p, float rest);
	/* x += by y; x *= by. */
	void (*add_scaled)(const struct as_engine *, int64_t n, float *x, const float *y, float by);
	void (*scale)(const struct as_engine *, int64_t n, float *x, float by);
	double (*dot)(const struct as_engine *, int64_t n, const float *a, const float *b);
	void (*copy)(const struct as_engine *, int64_t n, const float *from, float *to);

	/* --- rows --- */

	/* Joins k matrices (n,width) into one (k n, width): for each grain its rows of the first matrix,
	 * then of the second, ...; rows_part is the reverse. */
	void (*rows_join)(const struct as_engine *, int k, int64_t n, int64_t width, const float *const *in, float *out);
	void (*rows_part)(const struct as_engine *, int k, int64_t n, int64_t width, const float *in, float *const *out);
	/* Makes pairs (2 n, 2 d) of two views' rows (n,d), in both orders: row as_pair_row(e, n, 0, i) is
	 * [y0_i ; y1_i], row as_pair_row(e, n, 1, i) is [y1_i ; y0_i]. unpair_rows is the reverse and adds
	 * to dy. */
	void (*pair_rows)(const struct as_engine *, int64_t n, int64_t d, const float *const y[2], float *pairs);
	void (*unpair_rows)(const struct as_engine *, int64_t n, int64_t d, const float *dpairs, float *const dy[2]);
	/* Writes the rows x (rows,d) into a ring of places (places,d) from place `at` on; after the last
	 * place comes the first. */
	void (*enqueue)(const struct as_engine *, int64_t rows, int64_t d, const float *x, int64_t places, int64_t at,
			float *queue);
	/* unit = x / max(|x|, 1e-12) for each row of (rows,d); length (rows) receives the divisors, or is
	 * NULL. unit may be x. */
	void (*unit_rows)(const struct as_engine *, int64_t rows, int64_t d, const float *x, float *unit, float *length);
	/* dx = (du - unit (unit . du)) / length: the backward of unit_rows. dx may be du. */
	void (*unit_rows_backward)(const struct as_engine *, int64_t rows, int64_t d, const float *unit, const float *length,
				   const float *du, float *dx);

	/* --- products of the batch's rows --- */

	/* logits (rows,n) = a (rows,d) b (n,d)' / temperature; ld: floats from one row of logits to the
	 * next. */
	void (*products)(const struct as_engine *, int64_t rows, int64_t n, int64_t d, const float *a, const float *b,
			 float temperature, float *logits, int64_t ld);
	/* out[i ld] = a_i . b_i / temperature, for a and b (rows,d). */
	void (*row_products)(const struct as_engine *, int64_t rows, int64_t d, const float *a, const float *b,
			     float temperature, float *out, int64_t ld);
	/* out (rows,d) = (+= with add) w (rows,n) b (n,d). With `turned`, w is stored as (n,rows). ld:
	 * floats from one stored row of w to the next. */
	void (*mixtures)(const struct as_engine *, int64_t rows, int64_t n, int64_t d, const float *w, int64_t ld, bool turned,
			 const float *b, float *out, bool add);
	/* db (n,d) += dlogits (rows,n)' a (rows,d), in the leaf of each grain: the gradient of products
	 * when b is a weight. */
	void (*products_weights)(const struct as_engine *, int64_t rows, int64_t n, int64_t d, const float *dlogits,
				 const float *a, float *db, int64_t leaf);
	/* x_i += by[i ld] y_i, for rows x and y (rows,d). */
	void (*add_scaled_rows)(const struct as_engine *, int64_t rows, int64_t d, const float *by, int64_t ld, const float *y,
				float *x);
	/* Sets the diagonal of x (n,n) to `value`. */
	void (*diagonal)(const struct as_engine *, int64_t n, float *x, float value);

	/* --- losses: means over the rows of a batch; gradients are multiplied by `weight` and set, not
	 * added. Sums over rows are in double. --- */

	/* Mean of cos(p_i, z_i) over (rows,d), cos = a.b / sqrt(max(|a|^2 |b|^2, 1e-16)); dp = weight d
	 * mean / dp; z is treated as a constant (SimSiam, equation 1: the stop-gradient). */
	double (*cosine)(const struct as_engine *, int64_t rows, int64_t d, const float *p, const float *z, float weight,
			 float *dp);
	/* Mean over rows and n components of (tanh p - t)^2. p, t, dp: (rows,n). */
	double (*mse_tanh)(const struct as_engine *, int64_t rows, int64_t n, const float *p, const float *t, float weight,
			   float *dp);
	/* Mean over all pairs of rows i, j and components of (tanh p_i - t_j)^2: what the mean becomes when
	 * (rows,1) broadcasts against (rows). For --compat solarize-broadcast. every: the targets of the whole
	 * batch, gathered from all ranks. */
	double (*mse_tanh_all)(const struct as_engine *, int64_t rows, int64_t n, const float *p, const float *every,
			       float weight, float *dp);
	/* Binary cross-entropy with logits; p, dp (rows), t (rows) in {0,1}. */
	double (*bce)(const struct as_engine *, int64_t rows, const float *p, const float *t, float weight, float *dp);
	/* Cross-entropy of logits p (rows,n) against class indices t (rows). */
	double (*ce)(const struct as_engine *, int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp);
	/* Mean over rows of the cross-entropy of logits (rows,n) with the class right[row]; the gradient
	 * times weight replaces the logits. each: scratch of `rows` doubles. On logits from `products` it
	 * is InfoNCE (van den Oord, Li and Vinyals, 2018). */
	double (*cross_entropy)(const struct as_engine *, int64_t rows, int64_t n, float *logits, const int64_t *right,
				float weight, double *each);
	/* q (rows,k) = exp(scores / epsilon), then in each round scaled so that all prototypes have the
	 * same sum, then so that all images have; at the end each image's code sums to 1 (SwAV, section
	 * 3.1, where an image is a column; here it is a row). */
	void (*sinkhorn)(const struct as_engine *, int64_t rows, int64_t k, const float *scores, double epsilon, int rounds,
			 double *q);
	/* Mean over rows of -q.log softmax(scores / temperature); ds is set to its gradient. two_steps:
	 * computes the logarithm of the softmax in float, which loses small probabilities (--compat
	 * swav-loss). */
	double (*swapped)(const struct as_engine *, int64_t rows, int64_t k, const double *q, const float *scores,
			  double temperature, bool two_steps, float *ds);
	/* For y1, y2 (batch,d), of at least 2 images. scratch: collapse_scratch floats. */
	int64_t (*collapse_scratch)(const struct as_engine *, int64_t batch, int64_t d);
	struct as_collapse (*collapse)(const struct as_engine *, int64_t batch, int64_t d, const float *y1, const float *y2,
				       float *scratch);
	/* The effective rank (kern/rank.h) of y1 and y2, (batch,d), one below the other: at most the smaller of d and 2
	 * batch. NAN: a value is not finite. scratch: rank_scratch doubles. */
	int64_t (*rank_scratch)(const struct as_engine *, int64_t batch, int64_t d);
	double (*rank)(const struct as_engine *, int64_t batch, int64_t d, const float *y1, const float *y2, double *scratch);
};

/* The place of a map's value number n; the map may be NULL. */
static inline void *as_map_at(const struct as_kern *k, const void *map, int64_t n)
{
	return map ? (char *)(uintptr_t)map + (size_t)n * k->cell : NULL;
}

/* The CPU's table for an instruction set (NULL if the CPU lacks it), and for the set in use. exact:
 * convolutions follow the formula and round each product once. Otherwise shapes that suit Winograd's
 * algorithm use it: several times faster, with errors of some 1e-5 of the largest output. */
const struct as_kern *as_kern_of(enum as_isa, bool exact);
const struct as_kern *as_kern_chosen(bool exact);

/* The table like this one of the CPU's, but with maps in bfloat16: where convolutions multiply directly, products of two
 * bfloat16 with sums of floats; Winograd's and all else compute on floats, and round what they store to the nearest
 * bfloat16, of two the even one. NULL: the CPU has no such products at this table's set. With `emulate`, the same in the
 * set's other instructions, slower: bit for bit, but for numbers below 2^-126. */
const struct as_kern *as_kern_bf16(const struct as_kern *, bool emulate);
/* The same, emulated if AUGSELF_BF16=emulate says so. AS_EARG: the CPU has none. */
AS_NODISCARD int as_kern_bf16_chosen(const struct as_kern *, const struct as_kern **, struct as_error *);

/* The number of floats, of n, before the first that is not finite; n if all are finite. */
int64_t as_finite(int64_t n, const float *x);

AS_END
#endif
