/* Public since 0.2. The result of minimising an objective (eval/logreg.h). */
#ifndef AS_EVAL_DESCENT_H
#define AS_EVAL_DESCENT_H

#include "base/attr.h"

AS_BEGIN

/* The point that a descent reached. */
struct as_descent {
	double value;    /* of the objective, divided by the rows */
	double gradient; /* its largest entry, |g|_inf */
	int evaluations; /* how often value and gradient were computed */
	int reached;     /* 1: |g|_inf <= the tolerance; 0: rounding ended it, or the limit of 5,000 evaluations */
};

AS_END
#endif
