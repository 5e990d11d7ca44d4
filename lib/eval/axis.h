/* Private to lib/eval and its tests: where a chart's values stand in the picture, and round numbers along them. */
#ifndef AS_EVAL_AXIS_H
#define AS_EVAL_AXIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* Values lo..hi along from..to of the picture (to < from: upwards). Ticks are the multiples of `step`, first
 * to last, within lo..hi; `decimals` digits tell them apart. */
struct as_axis {
	double lo, hi, from, to;
	double step, first;
	int ticks, decimals;
};

/* An axis that holds lo..hi, with 2 to `most` ticks of 1, 2 or 5 times a power of ten. `round`: it begins and
 * ends at ticks, otherwise a little outside of the values. Equal or not finite values get some room around them. */
struct as_axis as_axis_of(double lo, double hi, int most, bool round);

/* Widens lo..hi, which begins as INFINITY..-INFINITY, to hold v; a value that is not finite changes nothing. */
void as_range_take(double *lo, double *hi, double v);

static inline double as_axis_place(const struct as_axis *a, double v)
{
	return a->from + (v - a->lo) / (a->hi - a->lo) * (a->to - a->from);
}

static inline double as_axis_tick(const struct as_axis *a, int i)
{
	double v = a->first + i * a->step;
	return v < a->step / 2 && v > -a->step / 2 ? 0 : v; /* no -0, no 1e-17 */
}

AS_END
#endif
