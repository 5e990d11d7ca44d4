/* Private to lib/eval: a change of variables after which the objective of logistic regression curves about
 * equally in all directions, so that a descent takes few steps.
 *
 * Its Hessian is about diag(p (1 - p)) (x) M + 2 w / n, with M the second moments of [x 1]. Raw features
 * have a large common mean and vary in few directions, and L-BFGS alone would need hundreds of steps to
 * learn that. So it works in variables v with weights = start + T v, where T T' is about the inverse of the
 * Hessian: eigenvectors times roots. If the rows are centred, it uses their bias (eval/shift.h): then M is
 * as well conditioned as the centred rows, and the penalty is |W|^2 + (b' - W m)^2. */
#ifndef AS_EVAL_SCALING_H
#define AS_EVAL_SCALING_H

#include "eval/objective.h"

AS_BEGIN

struct as_scaling {
	const struct as_objective *of;
	double *q, *lambda, *mu; /* rows of q make both the moments and the penalty diagonal, with these values */
	double *root, *turned;   /* (k, d + 1): T = q' root; scratch */
};

void as_scaling_take(struct as_scaling *, struct as_arena *);
/* Computes q, lambda and mu from the objective's rows. AS_EMEM, and the errors of as_eigen64. */
AS_NODISCARD int as_scaling_find(struct as_scaling *, struct as_error *);

/* Sets T at the point that the objective last computed, from the gradient there (with the bias of centred
 * rows); g receives the gradient in v. liblbfgs's first step always has length 1, so T is multiplied by a
 * factor that makes it a Newton step. */
void as_scaling_set(struct as_scaling *, const double *gradient, double *g);
/* start = weights, with the bias of centred rows. */
void as_scaling_start(const struct as_scaling *, const double *weights, double *start);
/* weights = start + T v, with the bias of the original rows. */
void as_scaling_spread(struct as_scaling *, const double *start, const double *v, double *weights);
/* g = T' gradient. */
void as_scaling_gather(struct as_scaling *, const double *gradient, double *g);

AS_END
#endif
