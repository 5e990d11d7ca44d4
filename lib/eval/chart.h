/* Private to lib/eval and its tests: charts as SVG elements inside of a page. Colours are classes, c0 to c7, of the
 * page's style, so that they follow light and dark; sizes are pixels where the chart is as wide as its
 * viewBox. All numbers have fixed digits: the same values give the same bytes. */
#ifndef AS_EVAL_CHART_H
#define AS_EVAL_CHART_H

#include <stdio.h>

#include "base/error.h"

AS_BEGIN

enum { AS_CHART_COLOURS = 8, AS_CHART_NARROW = 340, AS_CHART_WIDE = 680 };

/* The width of the viewBox, and what a chart is called, for those who cannot see it. */
struct as_chart {
	int width;
	const char *title, *x_title, *y_title;
};

/* A line through n points, in the colour of a number (which is taken modulo AS_CHART_COLOURS); x are steps, whole
 * numbers from 0. Values that are not finite are left out; a single point is a dot. */
struct as_line_of {
	const char *name;
	const double *x, *y;
	int64_t n;
	int colour;
};
void as_chart_lines(FILE *, const struct as_chart *, const struct as_line_of *, int n);

/* A point with its name beside it, and lines as far as x_half and y_half (NAN: none) to both sides. The names
 * are placed so that they cover neither points nor each other, as long as there is room. AS_EMEM. */
struct as_dot {
	const char *name;
	double x, y, x_half, y_half;
	int colour;
};
AS_NODISCARD int as_chart_dots(FILE *, const struct as_chart *, const struct as_dot *, int n, struct as_error *);

/* Bars from 0, one below the other, each under its name, with the value and its interval (NAN: none) as a
 * whisker. A value of NAN has no bar, and "–" instead. lo and hi are what the axis must hold at least, so that
 * several charts can have one scale; decimals: of the values. */
struct as_bar {
	const char *name;
	double value, half;
	int colour;
};
void as_chart_bars(FILE *, const struct as_chart *, const struct as_bar *, int n, double lo, double hi, int decimals);

AS_END
#endif
