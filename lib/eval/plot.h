/* Private to lib/eval and its tests: lines in characters. A cell is 2 x 4 dots of braille, or in ASCII 1 x 3; where
 * several lines must be told apart without colours, it is the line's letter. */
#ifndef AS_EVAL_PLOT_H
#define AS_EVAL_PLOT_H

#include "eval/axis.h"
#include "eval/panel.h"

AS_BEGIN

enum as_plot_way { AS_PLOT_BRAILLE, AS_PLOT_ASCII, AS_PLOT_LETTERS };

/* A rectangle of the panel. */
struct as_plot {
	struct as_panel *panel;
	enum as_plot_way way;
	int row, column, rows, columns;
	struct as_axis x, y; /* as_plot_lay sets where they lie, in dots */
};

void as_plot_lay(struct as_plot *);
/* Dots in a row of the rectangle. */
int as_plot_dots(const struct as_plot *);
/* A line from point to point; values that are not finite are left out. `letter` only for AS_PLOT_LETTERS. */
void as_plot_line(const struct as_plot *, const double *x, const double *y, int n, char letter, int colour);
/* The row of the panel that a value of the y axis is in. */
int as_plot_row(const struct as_plot *, double y);

AS_END
#endif
