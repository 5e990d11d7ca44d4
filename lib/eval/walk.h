/* Private to lib/eval: minimises the objective of logistic regression with liblbfgs. */
#ifndef AS_EVAL_WALK_H
#define AS_EVAL_WALK_H

#include "eval/descent.h"
#include "eval/scaling.h"

AS_BEGIN

/* Memory in units of one gradient: our own; liblbfgs's history; in all. */
enum { AS_WALK_GRADIENTS = 5, AS_LBFGS_MEMORY = 16, AS_WALK_ALL = AS_WALK_GRADIENTS + 2 * AS_LBFGS_MEMORY + 6 };

/* Moves the weights to where |g|_inf <= tolerance for the penalty w, or until rounding or 5,000 evaluations
 * end it. AS_EMEM; AS_EDATA: the objective is not finite at the start. */
AS_NODISCARD int as_walk_down(struct as_objective *, struct as_scaling *, double w, double tolerance, double *weights,
			    struct as_descent *found, struct as_error *);

AS_END
#endif
