#include "eval/plot.h"

#include <math.h>
#include <stdlib.h>

static const struct { int wide, high; } dots[] = {{2, 4}, {1, 3}, {1, 1}};

int as_plot_dots(const struct as_plot *p)
{
	return p->columns * dots[p->way].wide;
}

void as_plot_lay(struct as_plot *p)
{
	p->x.from = 0;
	p->x.to = as_plot_dots(p) - 1;
	p->y.from = p->rows * dots[p->way].high - 1;
	p->y.to = 0;
}

int as_plot_row(const struct as_plot *p, double y)
{
	return p->row + (int)lround(as_axis_place(&p->y, y)) / dots[p->way].high;
}

/* Braille: the bits of the dots of a cell, Unicode 2800. */
static uint32_t braille(uint32_t before, int x, int y)
{
	static const uint8_t bit[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
	return (before >= 0x2800 && before < 0x2900 ? before : 0x2800) | bit[y][x];
}

/* ASCII: the upper, middle or lower third, or more than one. */
static uint32_t ascii(uint32_t before, int y)
{
	static const char third[] = {'\'', '-', '.'};
	return before == ' ' || before == (uint32_t)third[y] ? (uint32_t)third[y] : '|';
}

static void put_dot(const struct as_plot *p, int x, int y, char letter, int colour)
{
	int wide = dots[p->way].wide, high = dots[p->way].high;
	int row = p->row + y / high, column = p->column + x / wide;
	if (x < 0 || y < 0 || y >= p->rows * high || x >= p->columns * wide || row >= p->panel->height ||
	    column >= p->panel->width)
		return;
	uint32_t before = p->panel->cell[row * p->panel->width + column].letter;
	uint32_t now = p->way == AS_PLOT_BRAILLE ? braille(before, x % wide, y % high)
		       : p->way == AS_PLOT_ASCII ? ascii(before, y % high) : (uint32_t)letter;
	as_panel_put(p->panel, row, column, now, colour);
}

static void join(const struct as_plot *p, int x0, int y0, int x1, int y1, char letter, int colour)
{
	int n = abs(x1 - x0) > abs(y1 - y0) ? abs(x1 - x0) : abs(y1 - y0);
	for (int i = 1; i <= n; i++)
		put_dot(p, x0 + (int)lround((double)(x1 - x0) * i / n), y0 + (int)lround((double)(y1 - y0) * i / n), letter, colour);
}

void as_plot_line(const struct as_plot *p, const double *x, const double *y, int n, char letter, int colour)
{
	int x0 = 0, y0 = 0;
	bool begun = false;
	for (int i = 0; i < n; i++) {
		if (!isfinite(x[i]) || !isfinite(y[i]))
			continue;
		int x1 = (int)lround(as_axis_place(&p->x, x[i])), y1 = (int)lround(as_axis_place(&p->y, y[i]));
		if (begun)
			join(p, x0, y0, x1, y1, letter, colour);
		else
			put_dot(p, x1, y1, letter, colour);
		x0 = x1;
		y0 = y1;
		begun = true;
	}
}
