/* Few-shot episodes (fewshot(1)): how well a handful of images is enough to tell classes apart. An
 * episode draws N classes ("N-way"), K images of each to learn from ("K-shot") and others to be
 * recognised. Protocol of Lee et al. 2021, few-shot classification; the problems are those of
 * liblinear's L2-regularised logistic regression (Fan et al. 2008) with the bias as a weight. */
#ifndef AS_EVAL_FEWSHOT_H
#define AS_EVAL_FEWSHOT_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* min 0.5 |w|^2 + c sum_i log(1 + exp(-y_i w.x_i)) over n rows, in their span:
 * w = sum_i beta_i x_i. gram: (n,n) of x_i.x_j (with 1 added to each where the bias
 * is a weight like any other); y: (n) of 1 and -1; scratch: n (n + 5) doubles.
 * Newton's method until the largest change of w.x_i that is left is below 1e-9, or
 * rounding ends it. Returns the steps. beta starts where it is. The readable reference of
 * what solves eight classes at once (kern/span.h); episodes with more than
 * AS_SPAN_ROWS support rows run it. */
int as_span_logistic(const double *gram, const double *y, int64_t n, double c, double *beta, double *scratch);

struct as_fewshot {
	int64_t way, shot;     /* classes of an episode, at least 2; rows of each to learn from; at most 2048 in all */
	int64_t queries;       /* rows of each class to be recognised, at least 1 */
	int64_t episodes;      /* at least 1 */
	double c;              /* weight of the losses beside the penalty */
	uint64_t seed;
	struct as_pool *pool;  /* borrowed; NULL: no threads */
};

struct as_fewshot_score {
	double mean, interval; /* percent of the queries that are recognised; 1.96 sd / sqrt(episodes) */
	int64_t classes;       /* those with more than `shot` rows */
};

/* Runs the episodes on rows whose y are set (as_features_number). What episode e draws comes from
 * Philox with key = seed, id = e: `way` classes without replacement, of those that have more than
 * `shot` rows; from each `shot` rows to learn from and `queries` others without replacement, but the
 * queries with replacement where the class has too few. AS_EDATA when fewer than `way` classes can
 * be drawn; AS_EARG when a number is outside of its range; AS_EMEM. */
AS_NODISCARD int as_fewshot_run(const struct as_features *, const struct as_fewshot *, struct as_fewshot_score *,
				struct as_error *);

AS_END
#endif
