/* Public since 0.2. Few-shot episodes (fewshot(1)): how well classes can be told apart after seeing a few
 * images of each. An episode draws N classes ("N-way"), K images of each to learn from ("K-shot") and
 * other images to recognise. The protocol is that of Lee et al. 2021, few-shot classification; the
 * problems are L2-regularised logistic regression as in liblinear (Fan et al. 2008) with the bias as a
 * weight. */
#ifndef AS_EVAL_FEWSHOT_H
#define AS_EVAL_FEWSHOT_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* Minimises 0.5 |w|^2 + c sum_i log(1 + exp(-y_i w.x_i)) over n rows, with w = sum_i beta_i x_i. gram:
 * (n,n) of x_i.x_j (plus 1 each where the bias is a weight too); y: (n) of 1 and -1; scratch: n (n + 5)
 * doubles. Newton's method, starting from the given beta, until no w.x_i changes by more than 1e-9 or
 * rounding stops it. Returns the number of steps. This is the readable reference of kern/span.h, which
 * solves eight classes at once; episodes with more than AS_SPAN_ROWS support rows use it. */
int as_span_logistic(const double *gram, const double *y, int64_t n, double c, double *beta, double *scratch);

/* What is played. */
struct as_fewshot {
	/* classes of an episode, at least 2; rows of each to learn from; way x shot is at most 2048 */
	int64_t way, shot;
	int64_t queries;       /* rows of each class to recognise, at least 1 */
	int64_t episodes;      /* at least 1 */
	double c;              /* weight of the losses relative to the penalty */
	uint64_t seed;
	struct as_pool *pool;  /* borrowed; NULL: no threads */
};

/* What came out. */
struct as_fewshot_score {
	double mean, interval; /* percent of the queries that are recognised; 1.96 sd / sqrt(episodes) */
	int64_t classes;       /* number of classes with more than `shot` rows */
};

/* Runs the episodes on rows whose y are set (as_features_number). Episode e draws from Philox with key =
 * seed, id = e: `way` of the classes that have more than `shot` rows, without replacement; then from each
 * class `shot` rows to learn from and `queries` other rows, without replacement. If a class has too few
 * rows, queries are drawn with replacement. AS_EDATA: fewer than `way` classes can be drawn; AS_EARG: a
 * number is outside of its range; AS_EMEM. */
AS_NODISCARD int as_fewshot_run(const struct as_features *, const struct as_fewshot *, struct as_fewshot_score *,
				struct as_error *);

AS_END
#endif
