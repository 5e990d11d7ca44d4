/* Multinomial logistic regression on features (linprobe(1)):
 *   sum_i CE_i + w (|W|^2 + |b|^2)
 * over all rows of one or more feature sets. */
#ifndef AS_EVAL_LOGREG_H
#define AS_EVAL_LOGREG_H

#include "base/pool.h"
#include "eval/descent.h"
#include "eval/features.h"

AS_BEGIN

struct as_logreg;

/* A problem over `parts` sets of one width, whose rows are of `classes` classes by
 * their y; its weights start at 0. Borrows the sets and the pool. Takes memory for 20 gradients of
 * (classes, d + 1) doubles, and 43 more while solving; AS_EMEM, also when the machine has not as much as
 * both together; AS_EARG when the sets do not fit together. With a centre (eval/centre.h) the objective and the
 * weights are those of the rows as they were. */
AS_NODISCARD int as_logreg_new(struct as_logreg **, const struct as_features *const *set, int parts,
			       int64_t classes, struct as_pool *, struct as_error *);
void as_logreg_free(struct as_logreg *);

/* Rows of all sets. */
int64_t as_logreg_rows(const struct as_logreg *);

/* The weights (classes, d + 1), the bias last: read and write. */
double *as_logreg_weights(struct as_logreg *);

/* The objective divided by the rows, (sum CE + w (|W|^2 + |b|^2)) / rows, at the weights
 * `at`, and its gradient, both (classes, d + 1). */
double as_logreg_value(struct as_logreg *, double w, const double *at, double *gradient);

/* Moves the weights, from where they are, down to where no entry of that gradient is above the
 * tolerance, or as far as rounding lets them. AS_EMEM; AS_EDATA when the value is not finite at the
 * start. */
AS_NODISCARD int as_logreg_solve(struct as_logreg *, double w, double tolerance, struct as_descent *found,
				 struct as_error *);

AS_END
#endif
