/* Gradient checks: what a kernel's backward gives against 4-point differences of
 * the layer written in double (naive.h). */
#ifndef AS_TESTS_GRAD_H
#define AS_TESTS_GRAD_H

#include "../naive.h"
#include "../tap.h"

/* With values around 1 in double, differences at H are right to about H^4 + 1e-16/H
 * = 1e-12: what remains is float32 rounding in the kernel. */
static const double H = 1e-4;

/* d f / d *at. */
static inline double slope(double (*f)(void *ctx), void *ctx, double *at, double h)
{
	double was = *at, v[4];
	const double step[4] = {-2, -1, 1, 2};
	for (int i = 0; i < 4; i++) {
		*at = was + step[i] * h;
		v[i] = f(ctx);
	}
	*at = was;
	return (8 * (v[2] - v[1]) - (v[3] - v[0])) / (12 * h);
}

/* The largest |got - slope| over the n elements of x, as a share of the largest slope. */
static inline double slopes_off(double (*f)(void *ctx), void *ctx, double *x, const float *got, int64_t n, double h)
{
	double *want = take(n, sizeof *want);
	for (int64_t i = 0; i < n; i++)
		want[i] = slope(f, ctx, &x[i], h);
	double e = off_by(got, want, n);
	free(want);
	return e;
}

/* sum y r: the loss whose gradient by y is r. */
static inline double weighted(const double *y, const double *r, int64_t n)
{
	double sum = 0;
	for (int64_t i = 0; i < n; i++)
		sum += y[i] * r[i];
	return sum;
}

#endif
