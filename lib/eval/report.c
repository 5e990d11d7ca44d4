#include "eval/report_inside.h"

#include <stdlib.h>
#include <string.h>

int as_report_grow(void *at, int *count, size_t size, struct as_error *err)
{
	char *old, *now;
	memcpy(&old, at, sizeof old);
	now = realloc(old, ((size_t)*count + 1) * size);
	if (!now)
		return as_fail(err, AS_EMEM, "no memory for %d things of a report", *count + 1);
	memset(now + (size_t)*count * size, 0, size);
	memcpy(at, &now, sizeof now);
	++*count;
	return 0;
}

static void clear_grid(struct as_report_grid *g)
{
	for (int i = 0; g->cell && i < g->rows * g->columns; i++)
		free(g->cell[i].seed);
	free(g->cell);
	free(g->row);
	free(g->column);
}

static void clear_scatter(struct as_report_scatter *s)
{
	for (int i = 0; i < s->points; i++) {
		free(s->point[i].x);
		free(s->point[i].y);
	}
	free(s->point);
}

void as_report_free(struct as_report *r)
{
	if (!r)
		return;
	for (int i = 0; i < r->grids; i++)
		clear_grid(&r->grid[i]);
	for (int i = 0; i < r->scatters; i++)
		clear_scatter(&r->scatter[i]);
	for (int i = 0; i < r->logs; i++)
		free(r->log[i].curve);
	for (int i = 0; i < r->sheets; i++)
		free(r->sheet[i].png);
	free(r->grid);
	free(r->scatter);
	free(r->log);
	free(r->sheet);
	free(r->item);
	free(r->seal);
	free(r->time);
	free(r->command);
	as_tsv_clear(&r->published);
	free(r->plan);
	free(r);
}
