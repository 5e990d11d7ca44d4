#include "eval/chart_inside.h"

#include <math.h>
#include <string.h>

#include "eval/html.h"

void as_chart_begin(FILE *f, const struct as_chart *c, double height)
{
	fprintf(f, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\">\n", c->width, height);
	as_html(f, "<title>%s</title>\n<desc>", c->title);
}

void as_chart_told(FILE *f)
{
	fputs("</desc>\n", f);
}

void as_chart_end(FILE *f)
{
	fputs("</svg>\n", f);
}

/* ---- axes ---- */

static void put_tick(FILE *f, const struct as_axis *a, int i, double x, double y, const char *anchor)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	as_html_number(f, as_axis_tick(a, i), a->decimals, 0);
	fputs("</text>\n", f);
}

static double tick_width(const struct as_axis *a, int i)
{
	char text[400];
	snprintf(text, sizeof text, "%.*f", a->decimals, as_axis_tick(a, i));
	return as_html_width(text, AS_CHART_FONT);
}

/* Bytes of the first words of a text that fit into the width; of one word at least. */
static size_t first_line(const char *text, double width)
{
	char line[200] = "";
	size_t fits = 0, n = 0;
	while (text[n] && n < sizeof line - 1) {
		size_t word = n + strspn(text + n, " ");
		word += strcspn(text + word, " ");
		snprintf(line, sizeof line, "%.*s", (int)word, text);
		if (fits && as_html_width(line, AS_CHART_FONT) > width)
			break;
		n = fits = word;
	}
	return fits;
}

static int lines_of(const char *text, double width)
{
	int n = 0;
	for (; text && *text; n++) {
		text += first_line(text, width);
		text += strspn(text, " ");
	}
	return n;
}

enum { LEADING = 16 /* from line to line */, GAP = 6 };

static void put_title(FILE *f, const char *text, double width, double x, double y, const char *anchor)
{
	for (; text && *text; y += LEADING) {
		char line[200];
		size_t n = first_line(text, width);
		snprintf(line, sizeof line, "%.*s", (int)n, text);
		fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
		as_html(f, "%s</text>\n", line);
		text += n;
		text += strspn(text, " ");
	}
}

void as_chart_lay(const struct as_chart *c, double height, struct as_axis *x, struct as_axis *y)
{
	double most = 0;
	for (int i = 0; i < y->ticks; i++)
		most = fmax(most, tick_width(y, i));
	x->from = most + GAP + 3;
	x->to = c->width - 8;
	y->from = height - LEADING * lines_of(c->x_title, c->width) - 24;
	y->to = LEADING * lines_of(c->y_title, c->width) + 10;
}

void as_chart_axes(FILE *f, const struct as_chart *c, const struct as_axis *x, const struct as_axis *y)
{
	fputs("<g class=\"axis\">\n", f);
	for (int i = 0; i < y->ticks; i++) {
		double at = as_axis_place(y, as_axis_tick(y, i));
		fprintf(f, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>", x->from, at, x->to);
		put_tick(f, y, i, x->from - GAP, at + 4, "end");
	}
	for (int i = 0; i < x->ticks; i++) {
		double at = as_axis_place(x, as_axis_tick(x, i));
		fprintf(f, "<path class=\"tick\" d=\"M%.1f %.1fv4\"/>", at, y->from);
		put_tick(f, x, i, fmin(at, c->width - 1 - tick_width(x, i) / 2), y->from + 17, "middle");
	}
	fprintf(f, "<path class=\"rule\" d=\"M%.1f %.1fH%.1f\"/>\n", x->from, y->from, x->to);
	put_title(f, c->x_title, c->width, c->width / 2.0, y->from + 35, "middle");
	put_title(f, c->y_title, c->width, 0, 12, "start");
	fputs("</g>\n", f);
}

/* ---- lines ---- */

static double last_of(const struct as_line_of *l)
{
	double last = NAN;
	for (int64_t i = 0; i < l->n; i++)
		last = isfinite(l->y[i]) ? l->y[i] : last;
	return last;
}

static void tell_lines(FILE *f, const struct as_chart *c, const struct as_line_of *line, int n)
{
	as_html(f, "%s over %s.", c->title, c->x_title ? c->x_title : "x");
	for (int i = 0; i < n; i++) {
		as_html(f, " %s ends at", line[i].name);
		fprintf(f, " %.4g.", last_of(&line[i]));
	}
}

static void draw_line(FILE *f, const struct as_line_of *l, const struct as_axis *x, const struct as_axis *y)
{
	int64_t n = 0, last = 0;
	fprintf(f, "<path class=\"line c%d\" d=\"", as_chart_colour(l->colour));
	for (int64_t i = 0; i < l->n; i++) {
		if (!isfinite(l->x[i]) || !isfinite(l->y[i]))
			continue;
		fprintf(f, "%c%.1f %.1f", n++ ? 'L' : 'M', as_axis_place(x, l->x[i]), as_axis_place(y, l->y[i]));
		last = i;
	}
	fputs(n ? "\"/>\n" : "M0 0\"/>\n", f);
	if (n == 1) /* no line, but something to see */
		fprintf(f, "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n", as_chart_colour(l->colour),
			as_axis_place(x, l->x[last]), as_axis_place(y, l->y[last]));
}

/* An axis of whole numbers. */
static struct as_axis steps_axis(double lo, double hi, int most)
{
	struct as_axis a = as_axis_of(lo, hi, most, false);
	if (a.step < 1) {
		a.step = 1;
		a.first = ceil(a.lo);
		a.ticks = (int)(floor(a.hi) - a.first) + 1;
		a.decimals = 0;
	}
	return a;
}

void as_chart_lines(FILE *f, const struct as_chart *c, const struct as_line_of *line, int n)
{
	const double height = 200;
	double lo[2] = {0, INFINITY}, hi[2] = {1, -INFINITY}; /* steps count from 0 */
	for (int i = 0; i < n; i++)
		for (int64_t k = 0; k < line[i].n; k++) {
			if (!isfinite(line[i].y[k]))
				continue;
			as_range_take(&lo[0], &hi[0], line[i].x[k]);
			as_range_take(&lo[1], &hi[1], line[i].y[k]);
		}
	struct as_axis x = steps_axis(lo[0], hi[0], c->width / 56), y = as_axis_of(lo[1], hi[1], 6, true);
	as_chart_lay(c, height, &x, &y);
	as_chart_begin(f, c, height);
	tell_lines(f, c, line, n);
	as_chart_told(f);
	as_chart_axes(f, c, &x, &y);
	for (int i = 0; i < n; i++)
		draw_line(f, &line[i], &x, &y);
	as_chart_end(f);
}

/* ---- bars ---- */

static void put_value(FILE *f, const struct as_bar *b, int decimals)
{
	if (isnan(b->value))
		fputs("–", f);
	else
		as_html_number(f, b->value, decimals, 0);
	if (!isnan(b->value) && !isnan(b->half))
		fprintf(f, " ± %.*f", decimals, b->half);
}

static void draw_bar(FILE *f, const struct as_bar *b, const struct as_axis *x, double top, int decimals)
{
	const double thick = 10, middle = top + 18 + thick / 2;
	double zero = as_axis_place(x, 0), end = as_axis_place(x, isnan(b->value) ? 0 : b->value);
	char value[800], buf[AS_HTML_SHORT];
	snprintf(value, sizeof value, isnan(b->half) ? "%.*f" : "%.*f + %.*f", decimals, b->value, decimals, b->half);
	double room = x->to - x->from - as_html_width(value, AS_CHART_FONT) - 12;
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\">", x->from, top + 12);
	as_html(f, "%s</text>", as_html_shorten(b->name, AS_CHART_FONT, room, buf));
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", x->to, top + 12);
	put_value(f, b, decimals);
	fputs("</text>\n", f);
	if (isnan(b->value))
		return;
	fprintf(f, "<rect class=\"bar c%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", as_chart_colour(b->colour),
		end < zero ? end : zero, top + 18, fabs(end - zero), thick);
	if (!isnan(b->half)) {
		double a = as_axis_place(x, b->value - b->half), z = as_axis_place(x, b->value + b->half);
		a = a < x->from ? x->from : a;
		z = z > x->to ? x->to : z;
		fprintf(f, "<path class=\"whisker\" d=\"M%.1f %.1fv6m0 -3H%.1fm0 -3v6\"/>", a, middle - 3, z);
	}
	fputs("\n", f);
}

void as_chart_bars(FILE *f, const struct as_chart *c, const struct as_bar *bar, int n, double lo, double hi, int decimals)
{
	const double step = 36;
	as_range_take(&lo, &hi, 0);
	struct as_axis x = as_axis_of(lo, hi, 5, true);
	x.from = 1;
	x.to = c->width - 1;
	as_chart_begin(f, c, n * step + 14);
	for (int i = 0; i < n; i++) {
		as_html(f, "%s%s: ", i ? "; " : "", bar[i].name);
		put_value(f, &bar[i], decimals);
	}
	as_chart_told(f);
	fputs("<g class=\"axis\">\n", f);
	for (int i = 0; i < x.ticks; i++) {
		double at = as_axis_place(&x, as_axis_tick(&x, i));
		/* Across the bars alone, not through their names. */
		for (int k = 0; k < n; k++)
			fprintf(f, "<path class=\"grid\" d=\"M%.1f %.1fv18\"/>", at, k * step + 16);
		put_tick(f, &x, i, at, n * step + 8, !i ? "start" : i == x.ticks - 1 ? "end" : "middle");
	}
	fputs("</g>\n<g class=\"bars\">\n", f);
	for (int i = 0; i < n; i++)
		draw_bar(f, &bar[i], &x, i * step, decimals);
	fputs("</g>\n", f);
	as_chart_end(f);
}
