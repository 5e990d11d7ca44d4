#include "eval/axis.h"

#include <math.h>

/* The smallest of 1, 2, 5 times a power of ten that is at least v; *decimals: digits behind its point. */
static double round_step(double v, int *decimals)
{
	double power = 1;
	int digits = 0;
	while (power < v && power < 1e300)
		power *= 10;
	while (power / 10 >= v && power > 1e-300) {
		power /= 10;
		digits++;
	}
	double step = power / 5 >= v ? power / 5 : power / 2 >= v ? power / 2 : power;
	*decimals = power > 1 ? 0 : step < power ? digits + 1 : digits;
	return step;
}

struct as_axis as_axis_of(double lo, double hi, int most, bool round)
{
	struct as_axis a = {0};
	if (!isfinite(lo) || !isfinite(hi) || hi - lo > 1e300)
		lo = 0, hi = 1;
	double size = fabs(lo) > fabs(hi) ? fabs(lo) : fabs(hi);
	if (hi - lo < size * 1e-6 || hi <= lo) {
		double room = size > 0 ? size * 0.05 : 0.5;
		lo -= room;
		hi += room;
	}
	double margin = round ? 0 : (hi - lo) * 0.04;
	/* The smallest round step with not too many ticks: the next one is at most 2.5 times as large. */
	for (double least = (hi - lo) / most;; least = a.step * 1.5) {
		a.step = round_step(least, &a.decimals);
		a.lo = round ? floor(lo / a.step + 1e-9) * a.step : lo - margin;
		a.hi = round ? ceil(hi / a.step - 1e-9) * a.step : hi + margin;
		a.first = ceil(a.lo / a.step - 1e-9) * a.step;
		a.ticks = (int)floor((a.hi - a.first) / a.step + 1e-9) + 1;
		if (a.ticks <= most)
			return a;
	}
}

void as_range_take(double *lo, double *hi, double v)
{
	if (!isfinite(v))
		return;
	*lo = v < *lo ? v : *lo;
	*hi = v > *hi ? v : *hi;
}
