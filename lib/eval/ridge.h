/* Public since 0.2. Linear regression with a penalty, solved exactly:
 *   mean over rows of |t - W x - b|^2 + w v |W|^2
 * where v is the mean variance of the features, so that the penalty w means the same for features of any scale;
 * the bias b is free. One eigendecomposition of the features' covariance serves all penalties and targets. */
#ifndef AS_EVAL_RIDGE_H
#define AS_EVAL_RIDGE_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

struct as_ridge;

/* What to learn: the rows of a set, and the targets of each. */
struct as_targets {
	const struct as_features *f;
	const double *t; /* (f->n, m) */
};

/* Prepares the regression of m targets over `parts` sets of one width; nothing is borrowed. All in double; the
 * number of threads changes no bit. AS_EARG: the sets do not fit together, there are no rows, or they have been
 * centred; AS_EMEM, also if the machine has less memory than (d, d) doubles need. */
AS_NODISCARD int as_ridge_new(struct as_ridge **, const struct as_targets *set, int parts, int m, struct as_pool *,
			      struct as_error *);
void as_ridge_free(struct as_ridge *);

/* The solution for the penalty w > 0: weights (m, d + 1), the bias last. */
void as_ridge_solve(const struct as_ridge *, double w, double *weights);

/* The mean of each of the m targets: what a predictor that does not look at features says. */
const double *as_ridge_mean(const struct as_ridge *);

/* out (f->n, m) = W x + b for each row. */
void as_ridge_predict(const double *weights, int m, const struct as_features *, double *out);

AS_END
#endif
