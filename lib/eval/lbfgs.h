/* Limited-memory BFGS (Nocedal 1980) for smooth convex functions whose values
 * carry float rounding. liblbfgs judges steps by values alone and scales them by
 * one number; here a step may be judged by slopes, which stay exact long after
 * the values have drowned, and the caller scales them by what it knows of the
 * Hessian. On our problems that is the difference between reaching |g| <= 1e-5
 * and not. */
#ifndef AS_EVAL_LBFGS_H
#define AS_EVAL_LBFGS_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

struct as_convex {
	int64_t n;
	void *ctx;
	/* f(x), its gradient into g (n). */
	double (*value)(void *ctx, const double *x, double *g);
	/* v (n) to about (Hessian)^-1 v, symmetric positive definite; NULL: the identity. */
	void (*scale)(void *ctx, double *v);
};

struct as_descent {
	double value;
	double gradient; /* |g|_inf */
	int evaluations;
	int reached; /* 1: |g|_inf <= the tolerance; 0: rounding, or the limit, ended it */
};

/* Walks x (n) downhill until |g|_inf <= tolerance. AS_EMEM; AS_EDATA when f is
 * not finite at the start. */
AS_NODISCARD int as_lbfgs(const struct as_convex *, double *x, double tolerance, int max_evaluations,
			  struct as_descent *, struct as_error *);

AS_END
#endif
