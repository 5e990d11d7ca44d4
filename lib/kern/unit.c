/* Rows of length 1. Each row is computed alone, so grains do not matter. */
#include <math.h>

#include "kern/cpu.h"

static const float FLOOR = 1e-12f;

void as_cpu_unit_rows(const struct as_engine *e, int64_t rows, int64_t d, const float *x, float *unit, float *length)
{
	(void)e;
	for (int64_t r = 0; r < rows; r++, x += d, unit += d) {
		double square = 0;
		for (int64_t i = 0; i < d; i++)
			square += (double)x[i] * x[i];
		double norm = fmax(sqrt(square), FLOOR);
		for (int64_t i = 0; i < d; i++)
			unit[i] = (float)(x[i] / norm);
		if (length)
			length[r] = (float)norm;
	}
}

void as_cpu_unit_rows_backward(const struct as_engine *e, int64_t rows, int64_t d, const float *unit, const float *length,
			       const float *du, float *dx)
{
	(void)e;
	for (int64_t r = 0; r < rows; r++, unit += d, du += d, dx += d) {
		double along = 0;
		for (int64_t i = 0; i < d; i++)
			along += (double)unit[i] * du[i];
		if (length[r] <= FLOOR)
			along = 0; /* here the divisor is a constant */
		for (int64_t i = 0; i < d; i++)
			dx[i] = (float)((du[i] - unit[i] * along) / length[r]);
	}
}
