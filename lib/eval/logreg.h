/* Public since 0.2. Multinomial logistic regression on features (linprobe(1)):
 *   sum_i CE_i + w (|W|^2 + |b|^2)
 * over all rows of one or more feature sets. */
#ifndef AS_EVAL_LOGREG_H
#define AS_EVAL_LOGREG_H

#include "base/pool.h"
#include "eval/descent.h"
#include "eval/features.h"

AS_BEGIN

struct as_logreg;

/* Sets up a problem over `parts` sets of one width, whose y are of `classes` classes; its weights start at
 * 0. Borrows the sets and the pool. Takes memory for 20 gradients of (classes, d + 1) doubles, and for 43
 * more while solving. AS_EMEM, also if the machine has less than both together; AS_EARG: the sets do not
 * fit together. If the rows are centred (eval/centre.h), the objective and the weights are nevertheless
 * those of the original rows. */
AS_NODISCARD int as_logreg_new(struct as_logreg **, const struct as_features *const *set, int parts,
			       int64_t classes, struct as_pool *, struct as_error *);
void as_logreg_free(struct as_logreg *);

/* The weights (classes, d + 1), the bias last: read and write. They belong to the problem. */
double *as_logreg_weights(struct as_logreg *);

/* The objective divided by the number of rows, (sum CE + w (|W|^2 + |b|^2)) / rows, at the weights `at`,
 * and its gradient, both (classes, d + 1). */
double as_logreg_value(struct as_logreg *, double w, const double *at, double *gradient);

/* Minimises from the current weights until no entry of that gradient is above the tolerance, or rounding
 * stops it. AS_EMEM; AS_EDATA: the value is not finite at the start. */
AS_NODISCARD int as_logreg_solve(struct as_logreg *, double w, double tolerance, struct as_descent *found,
				 struct as_error *);

AS_END
#endif
