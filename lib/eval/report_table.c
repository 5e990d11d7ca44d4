#include <inttypes.h>
#include <math.h>

#include "eval/report_inside.h"
#include "eval/score.h"

static void put_text(FILE *f, const char *text)
{
	as_put_field(f, as_text_of(text));
}

static void put_cell(FILE *f, const struct as_report_grid *g, int row, int column, const struct as_report_summary *s)
{
	put_text(f, g->id);
	fputc('\t', f);
	put_text(f, g->row[row].key);
	fputc('\t', f);
	put_text(f, g->column[column].key);
	if (s->seeds)
		fprintf(f, "\t%.6g\t", s->mean);
	else
		fputs("\t\t", f);
	if (!isnan(s->half))
		fprintf(f, "%.6g", s->half);
	fputc('\t', f);
	if (s->n)
		fprintf(f, "%" PRId64, s->n);
	fprintf(f, "\t%d\t", s->seeds);
	put_text(f, s->published);
	fputc('\t', f);
	put_text(f, s->evidence);
	fputc('\t', f);
	put_text(f, s->seeds ? "" : s->why);
	fputc('\n', f);
}

void as_report_table(const struct as_report *r, FILE *f)
{
	fputs("table\trow\tcolumn\tmean\tinterval\tn\tseeds\tpublished\tevidence\tmissing\n", f);
	for (int i = 0; i < r->grids; i++)
		for (int row = 0; row < r->grid[i].rows; row++)
			for (int column = 0; column < r->grid[i].columns; column++) {
				struct as_report_summary s = as_report_cell(r, &r->grid[i], row, column);
				put_cell(f, &r->grid[i], row, column, &s);
			}
}
