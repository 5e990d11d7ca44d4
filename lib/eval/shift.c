#include "eval/shift.h"

#include <stddef.h>

double as_shift_along(const double *row, const double *centre, int64_t d)
{
	double sum = 0;
	for (int64_t j = 0; j < d; j++)
		sum += row[j] * centre[j];
	return sum;
}

void as_shift_bias(const double *centre, int64_t d, double *weights, int64_t from, int64_t to, double sign)
{
	for (int64_t c = from; centre && c < to; c++)
		weights[c * (d + 1) + d] += sign * as_shift_along(weights + c * (d + 1), centre, d);
}

void as_shift_gradient(const double *centre, int64_t d, double *g, int64_t from, int64_t to, double sign)
{
	for (int64_t c = from; centre && c < to; c++)
		for (int64_t j = 0; j < d; j++)
			g[c * (d + 1) + j] += sign * g[c * (d + 1) + d] * centre[j];
}
