#include "eval/ratio.h"

#include <math.h>

struct as_ratio as_ratio_of(int64_t n, const double *a, const double *b)
{
	double above = 0, below = 0, squares = 0;
	for (int64_t i = 0; i < n; i++) {
		above += a[i];
		below += b[i];
	}
	if (!(below > 0))
		return (struct as_ratio){(double)NAN, (double)NAN};
	struct as_ratio r = {above / below, (double)NAN};
	for (int64_t i = 0; i < n; i++)
		squares += (a[i] - r.value * b[i]) * (a[i] - r.value * b[i]);
	if (n > 1)
		r.interval = 1.96 * sqrt(squares * (double)n / (double)(n - 1)) / below;
	return r;
}
