#include "eval/student.h"

#include <math.h>

double as_student_95(int64_t freedom)
{
	static const double exact[] = {12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356,
				       2.4469118511, 2.3646242516, 2.3060041352, 2.2621571628};
	if (freedom <= (int64_t)(sizeof exact / sizeof *exact))
		return exact[freedom - 1];
	/* Cornish and Fisher: z of the normal distribution, and terms in 1/v (Abramowitz and Stegun, 26.7.5). */
	const double z = 1.959963984540054, q = z * z, v = (double)freedom;
	double a = z * (q + 1) / 4, b = z * ((5 * q + 16) * q + 3) / 96, c = z * (((3 * q + 19) * q + 17) * q - 15) / 384;
	double d = z * ((((79 * q + 776) * q + 1482) * q - 1920) * q - 945) / 92160;
	return z + (a + (b + (c + d / v) / v) / v) / v;
}

static double value_at(const double *x, int64_t i, size_t stride)
{
	return *(const double *)(const void *)((const char *)x + (size_t)i * stride);
}

struct as_estimate as_estimate(const double *x, int64_t n, size_t stride)
{
	double sum = 0, squares = 0;
	for (int64_t i = 0; i < n; i++)
		sum += value_at(x, i, stride);
	double mean = sum / (double)n;
	for (int64_t i = 0; i < n; i++) {
		double d = value_at(x, i, stride) - mean;
		squares += d * d;
	}
	double half = n > 1 ? as_student_95(n - 1) * sqrt(squares / (double)(n - 1) / (double)n) : NAN;
	return (struct as_estimate){.mean = mean, .half = half};
}
