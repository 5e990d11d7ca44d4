#include <math.h>
#include <stdlib.h>

#include "eval/chart_inside.h"
#include "eval/html.h"

/* A box of the picture. */
struct box {
	double left, top, right, bottom;
};

enum { DOT = 5 /* half the side of what a point needs for itself */, NAME = 200 /* of a name at most */ };

struct placing {
	const struct as_axis *x, *y;
	const struct as_dot *dot;
	struct box *taken; /* n points, then their lines, a pair each, then the names placed so far */
	int n, names;
};

static double overlap(const struct box *a, const struct box *b)
{
	double w = fmin(a->right, b->right) - fmax(a->left, b->left), h = fmin(a->bottom, b->bottom) - fmax(a->top, b->top);
	return w > 0 && h > 0 ? w * h : 0;
}

/* From a point of the picture to a box. */
static double distance(const struct box *b, double x, double y)
{
	double dx = fmax(fmax(b->left - x, x - b->right), 0), dy = fmax(fmax(b->top - y, y - b->bottom), 0);
	return sqrt(dx * dx + dy * dy);
}

/* What a box for the name of point `own` covers: of what is outside and of other names, which nobody could read, of
 * points, of lines; and as much as a third of a name for each other point that is nearer to it, or nearly. */
static double cost_of(const struct placing *p, const struct box *b, int own)
{
	const struct box inside = {p->x->from, p->y->to, p->x->to, p->y->from};
	double sum = 1000 * ((b->right - b->left) * (b->bottom - b->top) - overlap(b, &inside));
	for (int i = 0; i < 3 * p->n + p->names; i++)
		sum += (i < p->n ? 4 : i < 3 * p->n ? 1 : 1000) * overlap(b, &p->taken[i]);
	double mine = distance(b, p->taken[own].left + DOT, p->taken[own].top + DOT);
	for (int i = 0; i < p->n; i++)
		if (i != own && distance(b, p->taken[i].left + DOT, p->taken[i].top + DOT) < mine + 3)
			sum += 5 * (b->right - b->left);
	return sum;
}

enum { WAYS = 16 };

/* The box of a name `far` pixels from its point, in direction k: right first, then left, above and below. */
static struct box box_at(double x, double y, double width, int k, double far)
{
	static const double way[WAYS][2] = {{1, 0}, {-1, 0}, {0, -1}, {0, 1}, {1, -1}, {1, 1}, {-1, -1}, {-1, 1}, {1, -.5}, {1, .5},
					    {-1, -.5}, {-1, .5}, {.6, -1}, {-.6, -1}, {.6, 1}, {-.6, 1}};
	double dx = way[k][0], dy = way[k][1], height = AS_CHART_FONT + 3, slant = dy == 0 ? far : far * 0.75;
	bool beside = fabs(dx) == 1;
	double cx = x + dx * (beside ? width / 2 + DOT + slant : width / 2), cy = y + dy * (height / 2 + (beside ? slant : DOT + far));
	return (struct box){cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2};
}

/* The first box that covers nothing, from near to far; otherwise the one that covers least. */
static struct box place(const struct placing *p, int own, double width, bool *far)
{
	const struct as_dot *d = &p->dot[own];
	static const double ring[] = {2, 8, 18, 30, 44, 60, 80, 100, 125, 150, 180};
	struct box best = {0};
	double least = INFINITY, x = as_axis_place(p->x, d->x), y = as_axis_place(p->y, d->y);
	for (size_t r = 0; r < sizeof ring / sizeof *ring && least > 0; r++)
		for (int k = 0; k < WAYS && least > 0; k++) {
			struct box b = box_at(x, y, width, k, ring[r]);
			double cost = cost_of(p, &b, own);
			if (cost >= least)
				continue;
			least = cost;
			best = b;
			*far = r > 1;
		}
	return best;
}

/* Draws a point with its lines, and takes their places. */
static void draw_dot(FILE *f, const struct placing *p, int i)
{
	const struct as_dot *d = &p->dot[i];
	double x = as_axis_place(p->x, d->x), y = as_axis_place(p->y, d->y);
	struct box *line = p->taken + p->n + 2 * (int64_t)i;
	p->taken[i] = (struct box){x - DOT, y - DOT, x + DOT, y + DOT};
	line[0] = line[1] = (struct box){0};
	if (!isnan(d->x_half)) {
		double from = fmax(as_axis_place(p->x, d->x - d->x_half), p->x->from);
		double to = fmin(as_axis_place(p->x, d->x + d->x_half), p->x->to);
		line[0] = (struct box){from, y - 1, to, y + 1};
		fprintf(f, "<path class=\"whisker\" d=\"M%.1f %.1fH%.1f\"/>", from, y, to);
	}
	if (!isnan(d->y_half)) {
		double from = fmax(as_axis_place(p->y, d->y + d->y_half), p->y->to);
		double to = fmin(as_axis_place(p->y, d->y - d->y_half), p->y->from);
		line[1] = (struct box){x - 1, from, x + 1, to};
		fprintf(f, "<path class=\"whisker\" d=\"M%.1f %.1fV%.1f\"/>", x, from, to);
	}
	fprintf(f, "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\"/>\n", as_chart_colour(d->colour), x, y);
}

static void draw_name(FILE *f, struct placing *p, int i)
{
	const struct as_dot *d = &p->dot[i];
	char buf[AS_HTML_SHORT];
	const char *text = as_html_shorten(d->name, AS_CHART_FONT, NAME, buf);
	bool far = false;
	struct box b = place(p, i, as_html_width(text, AS_CHART_FONT), &far);
	p->taken[3 * p->n + p->names++] = b;
	double x = as_axis_place(p->x, d->x), y = as_axis_place(p->y, d->y);
	if (far)
		fprintf(f, "<path class=\"leader\" d=\"M%.1f %.1fL%.1f %.1f\"/>", x, y, fmin(fmax(x, b.left), b.right),
			fmin(fmax(y, b.top), b.bottom));
	fprintf(f, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", (b.left + b.right) / 2, b.bottom - 4);
	as_html(f, "%s</text>\n", text);
}

static void tell_dots(FILE *f, const struct as_chart *c, const struct as_dot *dot, int n)
{
	as_html(f, "%s against %s.", c->y_title, c->x_title);
	for (int i = 0; i < n; i++) {
		as_html(f, " %s:", dot[i].name);
		fprintf(f, " %.4g, %.4g.", dot[i].x, dot[i].y);
	}
}

static struct as_axis axis_of(const struct as_dot *dot, int n, bool along_x, int most)
{
	double lo = INFINITY, hi = -INFINITY;
	for (int i = 0; i < n; i++)
		as_range_take(&lo, &hi, along_x ? dot[i].x : dot[i].y);
	double room = (hi - lo) / 4; /* whiskers may go beyond what points need by this much */
	for (int i = 0; i < n; i++) {
		double at = along_x ? dot[i].x : dot[i].y, half = along_x ? dot[i].x_half : dot[i].y_half;
		double a = lo - room, z = hi + room;
		as_range_take(&a, &z, at - half);
		as_range_take(&a, &z, at + half);
		if (a >= lo - room && z <= hi + room && isfinite(half)) {
			as_range_take(&lo, &hi, at - half);
			as_range_take(&lo, &hi, at + half);
		}
	}
	return as_axis_of(lo, hi, most, false);
}

int as_chart_dots(FILE *f, const struct as_chart *c, const struct as_dot *dot, int n, struct as_error *err)
{
	double height = c->width > AS_CHART_NARROW ? 440 : 400;
	struct as_axis x = axis_of(dot, n, true, c->width / 56), y = axis_of(dot, n, false, 7);
	struct placing p = {.x = &x, .y = &y, .dot = dot, .n = n};
	as_chart_lay(c, height, &x, &y);
	if (!(p.taken = malloc(((size_t)n * 4 + 1) * sizeof *p.taken)))
		return as_fail(err, AS_EMEM, "chart: no memory");
	as_chart_begin(f, c, height);
	tell_dots(f, c, dot, n);
	as_chart_told(f);
	as_chart_axes(f, c, &x, &y);
	fputs("<g class=\"dots\">\n", f);
	for (int i = 0; i < n; i++)
		draw_dot(f, &p, i);
	for (int i = 0; i < n; i++)
		draw_name(f, &p, i);
	fputs("</g>\n", f);
	free(p.taken);
	as_chart_end(f);
	return 0;
}
