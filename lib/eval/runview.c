#include "eval/runview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/plot.h"

enum { MIN_WIDTH = 36, USUAL_ROWS = 7, MIN_ROWS = 5, MAX_ROWS = 16, MAX_CHARTS = 2 * AS_RUNLOG_COLUMNS, LABEL = 9, GAP = 2 };

/* ---- what is drawn ---- */

const char *as_runview_column(const struct as_runview *v, int i)
{
	for (int k = 0; k < v->logs; k++)
		for (int c = 0; c < v->log[k]->log.curves; c++) {
			const char *name = v->log[k]->log.curve[c].name;
			bool first = true;
			for (int j = 0; first && j < k; j++)
				first = !as_runlog_find(&v->log[j]->log, name);
			if (first && as_runlog_find(&v->log[k]->log, name) == &v->log[k]->log.curve[c] && !i--)
				return name;
		}
	return NULL;
}

static bool has_number(const struct as_runview *v, const char *column)
{
	for (int i = 0; i < v->logs; i++) {
		const struct as_runcurve *c = as_runlog_find(&v->log[i]->log, column);
		if (c && !isnan(c->last))
			return true;
	}
	return false;
}

/* The smaller, the longer it stays where there is little room. */
static int weight_of(const char *column)
{
	static const char *const first[] = {"loss", "spread", "rank", "lr", "images/s"};
	for (int i = 0; i < 5; i++)
		if (!strcmp(column, first[i]))
			return i;
	return strcmp(column, "together") && strcmp(column, "apart") ? 5 : 6;
}

static int choose(const struct as_runview *v, const char **chosen)
{
	const char *name;
	int n = 0;
	for (int i = 0; v->column && i < v->columns && n < MAX_CHARTS; i++)
		chosen[n++] = v->column[i];
	for (int i = 0; !v->column && n < MAX_CHARTS && (name = as_runview_column(v, i)); i++)
		if (has_number(v, name))
			chosen[n++] = name;
	return n;
}

/* Leaves out columns until there are no more than `most`. */
static int reduce(const char **chosen, int n, int most, bool asked)
{
	while (n > most) {
		int worst = n - 1;
		for (int i = n - 1; i >= 0 && !asked; i--)
			if (weight_of(chosen[i]) > weight_of(chosen[worst]))
				worst = i;
		memmove(chosen + worst, chosen + worst + 1, (size_t)(n - worst - 1) * sizeof *chosen);
		n--;
	}
	return n;
}

/* ---- words ---- */

static void add_left(const struct as_runlog *l, char *text, size_t room)
{
	size_t n = strlen(text);
	double left = as_runlog_left(l);
	long long s = left < 1e9 ? (long long)(left + 0.5) : 1000000000;
	if (as_runlog_whole(l))
		snprintf(text + n, room - n, ", whole");
	else if (isnan(left))
		return;
	else if (s >= 3600)
		snprintf(text + n, room - n, ", %lld:%02d:%02d left", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		snprintf(text + n, room - n, ", %d:%02d left", (int)(s / 60), (int)(s % 60));
}

void as_runview_say(const struct as_runview_log *r, char *text, size_t room)
{
	const struct as_runlog *l = &r->log;
	if (!l->any) {
		snprintf(text, room, "%s", r->there ? "no step yet" : "not there yet");
		return;
	}
	uint64_t step = l->timed > l->step ? l->timed : l->step; /* the last step has no line of the log, but one of the times */
	int n = snprintf(text, room, "step %llu", (unsigned long long)step);
	if (l->of)
		snprintf(text + n, room - (size_t)n, " of %llu", (unsigned long long)l->of);
	add_left(l, text, room);
	n = (int)strlen(text);
	if (l->epoch_at >= 0)
		n += snprintf(text + n, room - (size_t)n, ", epoch %llu", (unsigned long long)l->epoch);
	if (l->rate > 0)
		snprintf(text + n, room - (size_t)n, ", %.4g images/s", l->rate);
}

static int colour_of(int log)
{
	return AS_PANEL_LINES + log % AS_PANEL_COLOURS;
}

static char letter_of(int log)
{
	return (char)('a' + log % 26);
}

/* The end of a name, which tells more than its beginning. */
static const char *shorten(const char *name, int room)
{
	const char *at = name;
	while (as_panel_wide(at) > room) {
		do
			at++;
		while (((unsigned char)*at & 0xc0) == 0x80);
	}
	return at;
}

/* Leaves out the last parts of "a, b, c" that there is no room for. */
static void cut_words(char *text, int room)
{
	char *comma;
	while (as_panel_wide(text) > room && (comma = strrchr(text, ',')))
		*comma = '\0';
}

static void put_heads(const struct as_runview *v, struct as_panel *c, int rows)
{
	int longest = 0;
	for (int i = 0; i < v->logs; i++) {
		int n = as_panel_wide(v->log[i]->name);
		longest = n > longest ? n : longest;
	}
	longest = longest > v->width / 2 ? v->width / 2 : longest;
	for (int i = 0; i < rows; i++) {
		char text[200];
		int at = 0;
		if (i == rows - 1 && v->logs > rows) {
			snprintf(text, sizeof text, "and %d more", v->logs - rows + 1);
			as_panel_text(c, i, 0, v->width, AS_PANEL_FAINT, text);
			break;
		}
		if (v->logs > 1) {
			as_panel_put(c, i, 0, (uint32_t)letter_of(i), colour_of(i));
			at = 2;
		}
		as_panel_text(c, i, at, longest, v->logs > 1 ? colour_of(i) : AS_PANEL_PLAIN, shorten(v->log[i]->name, longest));
		as_runview_say(v->log[i], text, sizeof text);
		at += longest + GAP;
		cut_words(text, v->width - at);
		as_panel_text(c, i, at, v->width - at, AS_PANEL_PLAIN, text);
	}
}

/* ---- charts ---- */

/* A chart's place: its title, and below it the plot with numbers at its left. */
struct chart {
	const char *column;
	int row, left, width, rows; /* rows: of all, with the title */
	struct as_axis x, y;
};

static enum as_plot_way way_of(const struct as_runview *v)
{
	return v->logs > 1 && !v->colours ? AS_PLOT_LETTERS : v->utf8 ? AS_PLOT_BRAILLE : AS_PLOT_ASCII;
}

/* The means of a curve where it has any, over dots of the x axis. Returns how many; x and y hold AS_RUNLOG_SPANS. */
static int points_of(const struct as_runcurve *c, double dot, double *x, double *y)
{
	int n = 0;
	double weight = 0, sum = 0, at = 0, steps = (double)c->each, end = 0;
	for (int i = 0; i < AS_RUNLOG_SPANS; i++) {
		const struct as_runspan *s = &c->span[i];
		double from = i * steps;
		if (!(s->weight > 0))
			continue;
		if (weight > 0 && from >= end) {
			x[n] = at / weight;
			y[n++] = sum / weight;
			weight = sum = at = 0;
		}
		if (!(weight > 0))
			end = (floor(from / dot) + 1) * dot;
		weight += s->weight;
		sum += s->sum;
		at += s->weight * (from + (steps - 1) / 2);
	}
	if (weight > 0) {
		x[n] = at / weight;
		y[n++] = sum / weight;
	}
	return n;
}

static void put_title(const struct as_runview *v, struct as_panel *c, const struct chart *t)
{
	int end = t->left + t->width, at = as_panel_text(c, t->row, t->left, t->width, AS_PANEL_PLAIN, t->column) + GAP;
	for (int i = 0; i < v->logs; i++) {
		const struct as_runcurve *curve = as_runlog_find(&v->log[i]->log, t->column);
		char text[80];
		if (!curve || isnan(curve->last))
			continue;
		snprintf(text, sizeof text, "%s%.5g", v->logs > 1 ? (char[]){letter_of(i), ' ', 0} : "", curve->last);
		if (curve->last_step < v->log[i]->log.step && weight_of(t->column) != 4)
			snprintf(text + strlen(text), sizeof text - strlen(text), " at step %llu", (unsigned long long)curve->last_step);
		if (at + (int)strlen(text) > end)
			break;
		at = as_panel_text(c, t->row, at, end - at, v->logs > 1 ? colour_of(i) : AS_PANEL_PLAIN, text) + GAP;
	}
}

static void format_tick(const struct as_axis *a, int i, char *text, size_t room)
{
	snprintf(text, room, "%.*f", a->decimals, as_axis_tick(a, i));
	if (strlen(text) > LABEL)
		snprintf(text, room, "%.3g", as_axis_tick(a, i));
}

static int label_width(const struct as_axis *a)
{
	int most = 0;
	for (int i = 0; i < a->ticks; i++) {
		char text[400];
		format_tick(a, i, text, sizeof text);
		most = (int)strlen(text) > most ? (int)strlen(text) : most;
	}
	return most;
}

static void put_rule(const struct as_plot *p, int label)
{
	bool utf8 = p->panel->utf8;
	char text[400];
	for (int i = 0; i < p->rows; i++)
		as_panel_put(p->panel, p->row + i, p->column - 1, utf8 ? 0x2502 : '|', AS_PANEL_FAINT);
	for (int i = 0, last = -1; i < p->y.ticks; i++) {
		int row = as_plot_row(p, as_axis_tick(&p->y, i));
		if (row == last)
			continue;
		format_tick(&p->y, i, text, sizeof text);
		as_panel_text(p->panel, row, p->column - 2 - (int)strlen(text), label, AS_PANEL_FAINT, text);
		as_panel_put(p->panel, row, p->column - 1, utf8 ? 0x2524 : '+', AS_PANEL_FAINT);
		last = row;
	}
}

static void put_steps(const struct as_plot *p)
{
	double wide = (double)as_plot_dots(p) / p->columns;
	int free_from = p->column, end = p->column + p->columns;
	for (int i = 0; i < p->x.ticks; i++) {
		char text[400];
		snprintf(text, sizeof text, "%.0f", as_axis_tick(&p->x, i));
		int n = (int)strlen(text), at = p->column + (int)(as_axis_place(&p->x, as_axis_tick(&p->x, i)) / wide) - n / 2;
		at = at < p->column ? p->column : at > end - n ? end - n : at;
		if (at < free_from)
			continue;
		free_from = as_panel_text(p->panel, p->row + p->rows, at, n, AS_PANEL_FAINT, text) + 1;
	}
}

static void put_chart(const struct as_runview *v, struct as_panel *c, const struct chart *t, int label, bool steps)
{
	struct as_plot p = {.panel = c, .way = way_of(v), .row = t->row + 1, .column = t->left + label + 2,
			    .rows = t->rows - 1, .columns = t->width - label - 2, .x = t->x, .y = t->y};
	double x[AS_RUNLOG_SPANS], y[AS_RUNLOG_SPANS];
	as_plot_lay(&p);
	put_title(v, c, t);
	put_rule(&p, label);
	for (int i = v->logs - 1; i >= 0; i--) { /* the first is not covered */
		const struct as_runcurve *curve = as_runlog_find(&v->log[i]->log, t->column);
		double dot = (p.x.hi - p.x.lo) / as_plot_dots(&p);
		if (curve)
			as_plot_line(&p, x, y, points_of(curve, dot, x, y), letter_of(i), v->logs > 1 ? colour_of(i) : AS_PANEL_LINES);
	}
	if (steps)
		put_steps(&p);
}

/* Steps from 0 to the last, whole numbers. */
static struct as_axis steps_axis(double last, int most)
{
	struct as_axis a = as_axis_of(0, last, most, false);
	a.lo = a.first = 0;
	a.hi = last;
	a.step = a.step < 1 ? 1 : a.step;
	a.ticks = (int)floor(last / a.step + 1e-9) + 1;
	return a;
}

/* The axes that hold all lines of a column: means over dots, as they are drawn, and not single steps. */
static void find_axes(const struct as_runview *v, struct chart *t, double last)
{
	double lo = INFINITY, hi = -INFINITY, x[AS_RUNLOG_SPANS], y[AS_RUNLOG_SPANS];
	for (int i = 0; i < v->logs; i++) {
		const struct as_runcurve *c = as_runlog_find(&v->log[i]->log, t->column);
		int n = c ? points_of(c, last / (t->width * 2), x, y) : 0;
		for (int k = 0; k < n; k++)
			as_range_take(&lo, &hi, y[k]);
	}
	t->y = as_axis_of(lo, hi, t->rows >= 7 ? 5 : 4, true);
	t->x = steps_axis(last, t->width / 8);
}

/* ---- the picture ---- */

/* Charts in rows and columns. */
struct grid {
	int charts, across, down, rows, heads;
};

static struct grid lay(const struct as_runview *v, int charts)
{
	struct grid g = {.charts = charts, .heads = v->logs};
	int most = v->width / MIN_WIDTH > 1 ? v->width / MIN_WIDTH : 1;
	if (v->height && g.heads > v->height / 4)
		g.heads = v->height / 4 > 1 ? v->height / 4 : 1;
	if (!charts)
		return g;
	g.across = most < charts ? most : charts;
	int room = v->height ? v->height - g.heads - 1 : charts * USUAL_ROWS, down = room / MIN_ROWS > 1 ? room / MIN_ROWS : 1;
	if (charts > g.across * down)
		g.charts = g.across * down;
	g.down = (g.charts + g.across - 1) / g.across;
	g.across = (g.charts + g.down - 1) / g.down; /* rows of about the same length */
	g.rows = v->height ? room / g.down : USUAL_ROWS;
	g.rows = g.rows > MAX_ROWS ? MAX_ROWS : g.rows;
	return g;
}

static double last_step(const struct as_runview *v)
{
	double last = 1;
	for (int i = 0; i < v->logs; i++)
		last = fmax(last, (double)v->log[i]->log.step);
	return last;
}

int as_runview_draw(const struct as_runview *v, struct as_panel *c, struct as_error *err)
{
	const char *chosen[MAX_CHARTS];
	int n = choose(v, chosen), label = 0;
	struct grid g = lay(v, n);
	n = reduce(chosen, n, g.charts, v->column != NULL);
	int height = g.heads + (n ? g.down * g.rows + 1 : 0);
	struct chart *t = calloc((size_t)n + 1, sizeof *t);
	int rc = t ? as_panel_init(c, v->width, v->height && v->height < height ? v->height : height, v->utf8, err)
		   : as_fail(err, AS_EMEM, "no memory for %d charts", n);
	for (int i = 0; !rc && i < n; i++) {
		int width = (v->width - (g.across - 1) * GAP) / g.across;
		t[i] = (struct chart){.column = chosen[i], .row = g.heads + i / g.across * g.rows, .left = i % g.across * (width + GAP),
				      .width = width, .rows = g.rows};
		find_axes(v, &t[i], last_step(v));
		label = label_width(&t[i].y) > label ? label_width(&t[i].y) : label;
	}
	for (int i = 0; !rc && i < n; i++)
		if (t[i].width - label - 2 > 0 && g.rows > 1)
			put_chart(v, c, &t[i], label, i + g.across >= n);
	if (!rc)
		put_heads(v, c, g.heads);
	free(t);
	return rc;
}
