#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/axis.h"
#include "eval/chart.h"
#include "eval/html.h"
#include "eval/report_page.h"
#include "eval/student.h"

/* ---- curves ---- */

/* The i-th different name of the logs with a title; NULL after the last. */
static const char *name_at(const struct as_report *r, const char *title, int i)
{
	for (int k = 0; k < r->logs; k++) {
		bool first = !strcmp(r->log[k].title, title);
		for (int j = 0; first && j < k; j++)
			first = strcmp(r->log[j].title, title) || strcmp(r->log[j].name, r->log[k].name);
		if (first && !i--)
			return r->log[k].name;
	}
	return NULL;
}

static int colour_of(const struct as_report *r, const struct as_report_log *log)
{
	int i = 0;
	while (strcmp(name_at(r, log->title, i), log->name))
		i++;
	return i;
}

/* A log's curve of this column, or NULL. */
static const struct as_report_curve *find_curve(const struct as_report_log *log, const char *column)
{
	for (int i = 0; i < log->curves; i++)
		if (!strcmp(log->curve[i].column, column))
			return &log->curve[i];
	return NULL;
}

/* One chart: a column of all logs of this title that have it. */
static int put_curve(struct as_report_page *p, const char *title, const char *column, struct as_error *err)
{
	const struct as_report *r = p->report;
	struct as_line_of *line = calloc((size_t)r->logs, sizeof *line);
	int n = 0;
	char name[200];
	if (!line)
		return as_fail(err, AS_EMEM, "curves: no memory");
	for (int i = 0; i < r->logs; i++) {
		const struct as_report_curve *c = find_curve(&r->log[i], column);
		if (c && !strcmp(r->log[i].title, title))
			line[n++] = (struct as_line_of){r->log[i].name, c->x, c->y, c->n, colour_of(r, &r->log[i])};
	}
	snprintf(name, sizeof name, "%s: %s", title, column);
	as_html(p->f, "<figure>\n<figcaption>%s</figcaption>\n", column);
	as_chart_lines(p->f, &(struct as_chart){.width = AS_CHART_NARROW, .title = name, .x_title = "step"}, line, n);
	fputs("</figure>\n", p->f);
	free(line);
	return 0;
}

/* Whether a log of this title before log i has the column. */
static bool seen(const struct as_report *r, int i, const char *column)
{
	for (int k = 0; k < i; k++)
		if (!strcmp(r->log[k].title, r->log[i].title) && find_curve(&r->log[k], column))
			return true;
	return false;
}

static void put_names(FILE *f, const struct as_report *r, const char *title)
{
	const char *name;
	fputs("<ul class=\"legend\">\n", f);
	for (int i = 0; (name = name_at(r, title, i)); i++)
		as_html(f, "<li><span class=\"key c%d\">&nbsp;</span>%s</li>\n", i % AS_CHART_COLOURS, name);
	fputs("</ul>\n", f);
}

int as_report_put_curves(struct as_report_page *p, int first, struct as_error *err)
{
	const struct as_report *r = p->report;
	const char *title = r->log[first].title;
	int rc = 0;
	put_names(p->f, r, title);
	fputs("<div class=\"charts\">\n", p->f);
	for (int i = first; !rc && i < r->logs; i++)
		for (int c = 0; !rc && !strcmp(r->log[i].title, title) && c < r->log[i].curves; c++)
			if (!seen(r, i, r->log[i].curve[c].column))
				rc = put_curve(p, title, r->log[i].curve[c].column, err);
	fputs("</div>\n", p->f);
	return rc;
}

/* ---- points ---- */

int as_report_put_scatter(struct as_report_page *p, int at, struct as_error *err)
{
	const struct as_report_scatter *s = &p->report->scatter[at];
	struct as_dot *dot = calloc((size_t)s->points + 1, sizeof *dot);
	int rc = dot ? 0 : as_fail(err, AS_EMEM, "scatter: no memory");
	bool whiskers = false;
	for (int i = 0; !rc && i < s->points; i++) {
		const struct as_report_point *q = &s->point[i];
		struct as_estimate x = as_estimate(q->x, q->seeds, sizeof *q->x), y = as_estimate(q->y, q->seeds, sizeof *q->y);
		dot[i] = (struct as_dot){q->name, x.mean, y.mean, x.half, y.half, 0};
		whiskers = whiskers || q->seeds > 1;
	}
	for (int wide = 1; !rc && wide >= 0; wide--) { /* one of the two is shown: letters are as large on a small screen */
		struct as_chart c = {.width = wide ? AS_CHART_WIDE : AS_CHART_NARROW, .title = s->title,
				     .x_title = s->x_title, .y_title = s->y_title};
		fprintf(p->f, "<figure class=\"%s\">\n", wide ? "full only-wide" : "only-narrow");
		rc = as_chart_dots(p->f, &c, dot, s->points, err);
		fputs("</figure>\n", p->f);
	}
	if (!rc && whiskers)
		fputs("<p class=\"legend\">Points are means over seeds, their lines the 95&nbsp;% intervals.</p>\n", p->f);
	free(dot);
	return rc;
}

/* ---- bars ---- */

/* What a column's bars need of a scale. */
static void take_range(const struct as_report *r, const struct as_report_grid *g, int column, double *lo, double *hi)
{
	for (int row = 0; row < g->rows; row++) {
		struct as_report_summary s = as_report_cell(r, g, row, column);
		if (!s.seeds)
			continue;
		as_range_take(lo, hi, s.mean);
		as_range_take(lo, hi, s.mean + s.half);
		as_range_take(lo, hi, s.mean - s.half < 0 && s.mean >= 0 ? 0 : s.mean - s.half);
	}
}

static bool is_percent(const struct as_report_grid *g, int column)
{
	for (int row = 0; row < g->rows; row++)
		if (as_report_cell_at(g, row, column)->percent)
			return true;
	return false;
}

/* Columns of percentages, and those of one metric, share a scale. */
static void put_panel(struct as_report_page *p, const struct as_report_grid *g, int column, struct as_bar *bar)
{
	const struct as_report *r = p->report;
	double lo = INFINITY, hi = -INFINITY;
	char title[200];
	const char *metric = g->column[column].metric;
	bool percent = is_percent(g, column);
	for (int i = 0; i < g->columns; i++)
		if (i == column || (percent && is_percent(g, i)) ||
		    (!percent && !is_percent(g, i) && *metric && !strcmp(g->column[i].metric, metric)))
			take_range(r, g, i, &lo, &hi);
	for (int row = 0; row < g->rows; row++) {
		struct as_report_summary s = as_report_cell(r, g, row, column);
		bar[row] = (struct as_bar){g->row[row].heading, s.mean, s.half, row};
	}
	snprintf(title, sizeof title, "%s: %s", g->title, g->column[column].heading);
	as_html(p->f, "<figure>\n<figcaption>%s%S</figcaption>\n", g->column[column].heading,
		g->column[column].less ? "<span class=\"aside\">less is better</span>" : "");
	as_chart_bars(p->f, &(struct as_chart){.width = AS_CHART_NARROW, .title = title}, bar, g->rows, lo, hi,
		      as_report_decimals(r, g, column));
	fputs("</figure>\n", p->f);
}

int as_report_put_bars(struct as_report_page *p, int at, struct as_error *err)
{
	const struct as_report_grid *g = &p->report->grid[at];
	struct as_bar *bar = calloc((size_t)g->rows, sizeof *bar);
	if (!bar)
		return as_fail(err, AS_EMEM, "bars: no memory");
	fputs("<div class=\"charts\">\n", p->f);
	for (int column = 0; column < g->columns; column++)
		put_panel(p, g, column, bar);
	fputs("</div>\n<p class=\"legend\">The thin lines are 95&nbsp;% intervals, as in the table.</p>\n", p->f);
	free(bar);
	return 0;
}
