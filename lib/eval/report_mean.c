#include <math.h>
#include <string.h>

#include "eval/report_inside.h"

/* A seed's score in a cell; NULL: it has none. */
static const struct as_report_seed *find_seed(const struct as_report_cell *cell, const char *seed)
{
	for (int i = 0; i < cell->seeds; i++)
		if (!strcmp(cell->seed[i].seed, seed))
			return &cell->seed[i];
	return NULL;
}

/* The mean of one seed's scores over the columns. They are of different sets, so their errors are independent:
 * half widths add as squares. False: a column lacks it. */
static bool mean_of(const struct as_report_grid *g, int row, const char *seed, struct as_report_seed *out)
{
	double sum = 0, squares = 0, count = 0;
	int64_t n = 0;
	for (int c = 0; c < g->columns; c++) {
		const struct as_report_seed *s = find_seed(as_report_cell_at(g, row, c), seed);
		if (g->column[c].mean)
			continue;
		if (!s)
			return false;
		sum += s->value;
		squares += s->interval * s->interval;
		n += s->n;
		count++;
	}
	*out = (struct as_report_seed){seed, sum / count, sqrt(squares) / count, n};
	return true;
}

/* The first column that is no mean, or -1. */
static int first_column(const struct as_report_grid *g)
{
	for (int c = 0; c < g->columns; c++)
		if (!g->column[c].mean)
			return c;
	return -1;
}

static int check_units(const struct as_report_grid *g, int row, bool percent, struct as_error *err)
{
	for (int c = 0; c < g->columns; c++) {
		const struct as_report_cell *cell = as_report_cell_at(g, row, c);
		if (!g->column[c].mean && cell->seeds && cell->percent != percent)
			return as_fail(err, AS_EDATA, "table '%s': no mean of percentages and others", g->id);
	}
	return 0;
}

static int fill_cell(const struct as_report_grid *g, int row, int column, struct as_error *err)
{
	struct as_report_cell *cell = as_report_cell_at(g, row, column);
	const struct as_report_cell *from = as_report_cell_at(g, row, first_column(g));
	struct as_report_seed seed;
	if (!from->seeds) /* nor is its unit known */
		return 0;
	int rc = check_units(g, row, from->percent, err);
	cell->percent = from->percent;
	for (int c = 0; !rc && c < g->columns; c++) /* what one has, all must have */
		if (!g->column[c].mean && as_report_cell_at(g, row, c)->seeds != from->seeds)
			return 0;
	for (int i = 0; !rc && i < from->seeds; i++) {
		if (!mean_of(g, row, from->seed[i].seed, &seed)) {
			cell->seeds = 0;
			return 0;
		}
		rc = as_report_grow(&cell->seed, &cell->seeds, sizeof *cell->seed, err);
		if (!rc)
			cell->seed[i] = seed;
	}
	return rc;
}

int as_report_fill_means(struct as_report_grid *g, struct as_error *err)
{
	int rc = 0;
	for (int column = 0; column < g->columns; column++) {
		if (!g->column[column].mean)
			continue;
		if (first_column(g) < 0)
			return as_fail(err, AS_EDATA, "table '%s' has only means, and nothing to take them of", g->id);
		if (!g->column[column].why)
			g->column[column].why = "a mean only where every column has a score of every seed";
		for (int row = 0; !rc && row < g->rows; row++)
			rc = fill_cell(g, row, column, err);
	}
	return rc;
}
