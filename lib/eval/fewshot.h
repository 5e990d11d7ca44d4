/* Few-shot episodes (fewshot(1)): N-way K-shot with one-vs-rest logistic regression. */
#ifndef AS_EVAL_FEWSHOT_H
#define AS_EVAL_FEWSHOT_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* min 0.5 |w|^2 + c sum_i log(1 + exp(-y_i w.x_i)) over n rows, in their span:
 * w = sum_i beta_i x_i. gram: (n,n) of x_i.x_j (with 1 added to each where the bias
 * is a weight like any other); y: (n) of 1 and -1; scratch: n (n + 5) doubles.
 * Newton's method until the largest change of w.x_i that is left is below 1e-9, or
 * rounding ends it. Returns the steps. beta starts where it is. The readable twin of
 * what solves eight classes at once (kern/span.h); episodes with more than
 * AS_SPAN_ROWS support rows run it. */
int as_span_logistic(const double *gram, const double *y, int64_t n, double c, double *beta, double *scratch);

struct as_fewshot {
	int64_t way, shot, queries, episodes;
	double c;
	uint64_t seed;
	struct as_pool *pool;
};

struct as_fewshot_score {
	double mean, interval; /* percent; 1.96 sd / sqrt(episodes) */
	int64_t classes;       /* those with more than `shot` rows */
};

/* Runs the episodes. What episode e draws comes from Philox with key = seed, id = e:
 * `way` classes without replacement (those with no more than `shot` rows are not in
 * the hat); from each `shot` support rows and `queries` others without replacement,
 * the queries with replacement where the class has too few. AS_EDATA when fewer than
 * `way` classes are left; AS_EARG when way x shot is above 2048; AS_EMEM. */
AS_NODISCARD int as_fewshot_run(const struct as_features *, const struct as_fewshot *, struct as_fewshot_score *,
				struct as_error *);

AS_END
#endif
