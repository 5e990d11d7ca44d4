/* Private to lib/eval and its tests: the mean of a few values, and how far from it the true mean may lie. */
#ifndef AS_EVAL_STUDENT_H
#define AS_EVAL_STUDENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* The t that |T| exceeds with 5 % probability, where T is of Student's distribution with this many degrees of
 * freedom (at least 1). Within 1e-5; only sums, products and divisions, so the same bits on every machine. */
double as_student_95(int64_t freedom);

/* The mean of n values, summed in order, and `half`: the true mean of what they were drawn from lies within
 * mean +- half with 95 % probability, t s / sqrt(n) with s^2 = sum (x - mean)^2 / (n - 1), if they were drawn
 * independently from a normal distribution. NAN: one value does not tell. x_i is `stride` bytes after the last,
 * so that it may be a member of structs. */
struct as_estimate {
	double mean, half;
};
struct as_estimate as_estimate(const double *x, int64_t n, size_t stride);

AS_END
#endif
