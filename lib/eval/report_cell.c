#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/report_inside.h"
#include "eval/student.h"

/* The row of published.tsv for a cell, or -1. */
static int64_t find_published(const struct as_tsv *t, const char *table, const struct as_report_row *r,
			      const struct as_report_column *c)
{
	static const char *const key[] = {"table", "method", "augself", "target", "metric"};
	const char *const want[] = {table, r->method, r->augself, c->target, c->metric};
	for (int k = 0; k < 5; k++)
		if (!*want[k])
			return -1;
	for (int64_t i = 0; i < t->rows; i++) {
		int k = 0;
		while (k < 5 && !strcmp(as_tsv_at(t, i, as_tsv_column(t, key[k])), want[k]))
			k++;
		if (k == 5)
			return i;
	}
	return -1;
}

/* Mean and interval of the seeds' scores. */
static void summarise(const struct as_report_cell *cell, struct as_report_summary *s)
{
	struct as_estimate e = as_estimate(&cell->seed->value, cell->seeds, sizeof *cell->seed);
	s->seeds = cell->seeds;
	s->mean = e.mean;
	s->own = cell->seeds == 1;
	s->half = s->own ? cell->seed->interval : e.half;
	s->n = cell->seed->n;
	for (int i = 1; i < cell->seeds; i++)
		s->n = cell->seed[i].n < s->n ? cell->seed[i].n : s->n;
}

static void compare(struct as_report_summary *s, const struct as_report_cell *base, bool less)
{
	struct as_report_summary b = {0};
	if (!s->seeds || !base->seeds)
		return;
	summarise(base, &b);
	s->gain = s->mean - b.mean;
	double apart = fabs(s->gain) - s->half - b.half; /* NAN, where an interval is not known, is not > 0 */
	if (apart > 0 && !s->own && !b.own) /* a score's own interval knows nothing of another seed */
		s->better = (s->gain > 0) == !less ? 1 : -1;
}

struct as_report_summary as_report_cell(const struct as_report *r, const struct as_report_grid *g, int row, int column)
{
	const struct as_report_cell *cell = as_report_cell_at(g, row, column);
	const struct as_report_row *line = &g->row[row];
	const struct as_report_column *c = &g->column[column];
	struct as_report_summary s = {.mean = NAN, .half = NAN, .gain = NAN, .published = "", .evidence = ""};
	if (cell->seeds)
		summarise(cell, &s);
	else
		s.why = cell->why ? cell->why : r->begun && !c->mean ? "not there yet" : c->why ? c->why : "the plan has no score";
	if (line->base >= 0)
		compare(&s, as_report_cell_at(g, line->base, column), c->less);
	int64_t found = find_published(&r->published, g->published, line, c);
	if (found >= 0) {
		s.published = as_tsv_at(&r->published, found, as_tsv_column(&r->published, "value"));
		s.evidence = as_tsv_at(&r->published, found, as_tsv_column(&r->published, "evidence"));
	}
	return s;
}
