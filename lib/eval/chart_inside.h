/* Private to lib/eval: what all charts begin and end with. */
#ifndef AS_EVAL_CHART_INSIDE_H
#define AS_EVAL_CHART_INSIDE_H

#include "eval/axis.h"
#include "eval/chart.h"

AS_BEGIN

/* The size of letters: at least 11 pixels where a chart is drawn a little smaller than its viewBox. */
enum { AS_CHART_FONT = 12 };

/* Begins the element, up to the inside of <desc>, which the caller writes and then calls as_chart_told. */
void as_chart_begin(FILE *, const struct as_chart *, double height);
void as_chart_told(FILE *);
void as_chart_end(FILE *);

/* Sets where the axes lie in a picture of this height: between them and its edges there is room for numbers and
 * titles, which are broken into lines that fit. */
void as_chart_lay(const struct as_chart *, double height, struct as_axis *x, struct as_axis *y);
/* Draws ticks, lines across and titles. */
void as_chart_axes(FILE *, const struct as_chart *, const struct as_axis *x, const struct as_axis *y);

/* The name of a colour's class. */
static inline int as_chart_colour(int colour)
{
	return colour < 0 ? 0 : colour % AS_CHART_COLOURS;
}

AS_END
#endif
