/* Private to lib/eval: other variables, in which the objective of logistic regression bends about alike
 * in all directions, so that a descent takes few steps.
 *
 * Its Hessian is about diag(p (1 - p)) (x) M + 2 w / n with M the second moments of [x 1]: raw features
 * share a large mean and span few directions, and L-BFGS alone would walk hundreds of steps to find that
 * out. So it walks in variables v, weights = start + T v, where T T' is about the inverse of the Hessian:
 * eigenvectors times roots. Where rows are without their centre, the bias that it walks in is theirs
 * (eval/shift.h): there M is as good as rows are apart, and the penalty is |W|^2 + (b' - W m)^2. */
#ifndef AS_EVAL_SCALING_H
#define AS_EVAL_SCALING_H

#include "eval/objective.h"

AS_BEGIN

struct as_scaling {
	const struct as_objective *of;
	double *q, *lambda, *mu; /* rows of q make the moments and the penalty diagonal: these */
	double *root, *turned;   /* (k, d + 1): T = q' root; scratch */
};

void as_scaling_take(struct as_scaling *, struct as_arena *);
/* q, lambda and mu of the objective's rows. AS_EMEM, or as as_eigen64. */
AS_NODISCARD int as_scaling_find(struct as_scaling *, struct as_error *);

/* T at the point that the objective has last looked at, by the gradient there (of the walk's bias);
 * the gradient in v goes to g. liblbfgs's first step is one long, whatever the gradient: T is
 * multiplied by what makes that step Newton's. */
void as_scaling_set(struct as_scaling *, const double *gradient, double *g);
/* start = weights, in the walk's bias. */
void as_scaling_start(const struct as_scaling *, const double *weights, double *start);
/* weights = start + T v, in their own bias. */
void as_scaling_spread(struct as_scaling *, const double *start, const double *v, double *weights);
/* g = T' gradient. */
void as_scaling_gather(struct as_scaling *, const double *gradient, double *g);

AS_END
#endif
