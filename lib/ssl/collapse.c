#include "ssl/collapse.h"

#include <math.h>
#include <stddef.h>

#include "ssl/contrast.h"

/* sum over all ordered pairs of rows a_i . b_j is (sum a) . (sum b), so the pairs
 * apart cost no more than the pairs together. */
struct as_collapse as_collapse_figures(int64_t batch, int64_t d, const float *y1, const float *y2, float *unit)
{
	double spread = 0, together = 0, all = 0, n = (double)batch;
	const float *u1 = unit, *u2 = unit + batch * d;
	as_unit_rows(batch, d, y1, unit, NULL);
	as_unit_rows(batch, d, y2, unit + batch * d, NULL);
	for (int64_t j = 0; j < d; j++) {
		double s1 = 0, s2 = 0, square = 0;
		for (int64_t i = 0; i < batch; i++) {
			double a = u1[i * d + j], b = u2[i * d + j];
			s1 += a;
			s2 += b;
			square += a * a + b * b;
			together += a * b;
		}
		double mean = (s1 + s2) / (2 * n);
		spread += sqrt(fmax(square / (2 * n) - mean * mean, 0));
		all += s1 * s2;
	}
	return (struct as_collapse){spread / sqrt((double)d), together / n, (all - together) / (n * (n - 1))};
}
