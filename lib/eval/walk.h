/* Private to lib/eval: down the objective of logistic regression, by liblbfgs. */
#ifndef AS_EVAL_WALK_H
#define AS_EVAL_WALK_H

#include "eval/descent.h"
#include "eval/scaling.h"

AS_BEGIN

/* Gradients' worth of memory that the walk takes beside liblbfgs's own, and with it. */
enum { AS_WALK_GRADIENTS = 5, AS_LBFGS_MEMORY = 16, AS_WALK_ALL = AS_WALK_GRADIENTS + 2 * AS_LBFGS_MEMORY + 6 };

/* Moves the weights, from where they are, to |g|_inf <= tolerance of the objective at w, or as far
 * as rounding and 5,000 evaluations let them. AS_EMEM; AS_EDATA when the objective is not finite
 * where it starts. */
AS_NODISCARD int as_walk_down(struct as_objective *, struct as_scaling *, double w, double tolerance, double *weights,
			    struct as_descent *found, struct as_error *);

AS_END
#endif
