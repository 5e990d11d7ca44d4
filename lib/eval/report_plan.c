#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "eval/figure.h"
#include "eval/report_inside.h"

enum { MAX_PLAN = 64 << 20, MAX_FIELDS = 8 };

/* A line of the plan; fields that are left out are "". */
struct line {
	int number, n;
	const char *field[MAX_FIELDS]; /* after the kind */
};

/* ---- what has a name ---- */

static int find_grid(const struct as_report *r, const char *id)
{
	for (int i = 0; i < r->grids; i++)
		if (!strcmp(r->grid[i].id, id))
			return i;
	return -1;
}

static int find_row(const struct as_report_grid *g, const char *key)
{
	for (int i = 0; i < g->rows; i++)
		if (!strcmp(g->row[i].key, key))
			return i;
	return -1;
}

static int find_column(const struct as_report_grid *g, const char *key)
{
	for (int i = 0; i < g->columns; i++)
		if (!strcmp(g->column[i].key, key))
			return i;
	return -1;
}

static int find_scatter(const struct as_report *r, const char *id)
{
	for (int i = 0; i < r->scatters; i++)
		if (!strcmp(r->scatter[i].id, id))
			return i;
	return -1;
}

static int absent(const char *what, const char *name, struct as_error *err)
{
	return as_fail(err, AS_EDATA, "no %s '%s': add its line, '%s%s'", what, name, what,
		       !strcmp(what, "table") || !strcmp(what, "scatter") ? " ID ..." : " ID KEY ...");
}

static int twice(const char *what, const char *name, struct as_error *err)
{
	return as_fail(err, AS_EDATA, "%s '%s' is there twice", what, name);
}

/* The grid that the first field names, and the places of the row and column that fields name (-1: none of the
 * fields does). */
struct place {
	struct as_report_grid *grid;
	int row, column;
};

static int find_place(struct as_report *r, const struct line *l, int row, int column, struct place *p, struct as_error *err)
{
	int at = find_grid(r, l->field[0]);
	if (at < 0)
		return absent("table", l->field[0], err);
	*p = (struct place){&r->grid[at], -1, -1};
	if (row > 0 && (p->row = find_row(p->grid, l->field[row])) < 0)
		return absent("row", l->field[row], err);
	if (column > 0 && (p->column = find_column(p->grid, l->field[column])) < 0)
		return absent("column", l->field[column], err);
	return 0;
}

static int add_item(struct as_report *r, enum as_report_kind kind, int line, int at, const char *text, struct as_error *err)
{
	int rc = as_report_grow(&r->item, &r->items, sizeof *r->item, err);
	if (!rc)
		r->item[r->items - 1] = (struct as_report_item){.kind = kind, .line = line, .at = at, .text = text};
	return rc;
}

/* ---- lines that tables and charts are made of; read first ---- */

static int take_table(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (find_grid(r, l->field[0]) >= 0)
		return twice("table", l->field[0], err);
	int rc = as_report_grow(&r->grid, &r->grids, sizeof *r->grid, err);
	if (rc)
		return rc;
	r->grid[r->grids - 1] = (struct as_report_grid){.id = l->field[0], .title = l->field[1], .published = l->field[2]};
	return add_item(r, AS_REPORT_GRID, l->number, r->grids - 1, NULL, err);
}

static int take_row(struct as_report *r, const struct line *l, struct as_error *err)
{
	struct place p;
	int rc = find_place(r, l, -1, -1, &p, err);
	if (!rc && find_row(p.grid, l->field[1]) >= 0)
		rc = twice("row", l->field[1], err);
	if (!rc)
		rc = as_report_grow(&p.grid->row, &p.grid->rows, sizeof *p.grid->row, err);
	if (!rc)
		p.grid->row[p.grid->rows - 1] = (struct as_report_row){
			.key = l->field[1], .heading = l->field[2], .method = l->field[3], .augself = l->field[4], .base = -1};
	return rc;
}

static int take_column(struct as_report *r, const struct line *l, struct as_error *err)
{
	struct place p;
	int rc = find_place(r, l, -1, -1, &p, err);
	if (!rc && find_column(p.grid, l->field[1]) >= 0)
		rc = twice("column", l->field[1], err);
	if (!rc && *l->field[5] && strcmp(l->field[5], "less"))
		rc = as_fail(err, AS_EDATA, "'%s' is not 'less'", l->field[5]);
	if (!rc)
		rc = as_report_grow(&p.grid->column, &p.grid->columns, sizeof *p.grid->column, err);
	if (!rc)
		p.grid->column[p.grid->columns - 1] = (struct as_report_column){
			.key = l->field[1], .heading = l->field[2], .target = l->field[3], .metric = l->field[4], .less = *l->field[5]};
	return rc;
}

static int take_mean(struct as_report *r, const struct line *l, struct as_error *err)
{
	int rc = take_column(r, l, err);
	int at = rc ? -1 : find_grid(r, l->field[0]);
	if (at >= 0)
		r->grid[at].column[r->grid[at].columns - 1].mean = true;
	return rc;
}

static int take_scatter(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (find_scatter(r, l->field[0]) >= 0)
		return twice("scatter", l->field[0], err);
	int rc = as_report_grow(&r->scatter, &r->scatters, sizeof *r->scatter, err);
	if (rc)
		return rc;
	r->scatter[r->scatters - 1] = (struct as_report_scatter){
		.id = l->field[0], .title = l->field[1], .x_title = l->field[2], .y_title = l->field[3]};
	return add_item(r, AS_REPORT_SCATTER, l->number, r->scatters - 1, NULL, err);
}

/* ---- lines that say something about them, or stand alone ---- */

static int take_base(struct as_report *r, const struct line *l, struct as_error *err)
{
	struct place p, base;
	int rc = find_place(r, l, 1, -1, &p, err);
	if (!rc)
		rc = find_place(r, l, 2, -1, &base, err);
	if (!rc && p.row == base.row)
		rc = as_fail(err, AS_EDATA, "row '%s' has no gain over itself", l->field[1]);
	if (!rc)
		p.grid->row[p.row].base = base.row;
	return rc;
}

static int take_score(struct as_report *r, const struct line *l, struct as_error *err)
{
	struct place p;
	struct as_figure f;
	int rc = find_place(r, l, 1, 2, &p, err);
	if (rc)
		return rc;
	struct as_report_cell *cell = as_report_cell_at(p.grid, p.row, p.column);
	if (p.grid->column[p.column].mean)
		return as_fail(err, AS_EDATA, "column '%s' is a mean, and has no score of its own", l->field[2]);
	for (int i = 0; i < cell->seeds; i++)
		if (!strcmp(cell->seed[i].seed, l->field[3]))
			return as_fail(err, AS_EDATA, "seed '%s' of this cell is there twice", l->field[3]);
	if (as_report_absent(r, l->field[4]))
		return 0;
	if ((rc = as_figure_read(l->field[4], l->field[5], &f, err)))
		return rc;
	if (cell->seeds && cell->percent != f.percent)
		return as_fail(err, AS_EDATA, "%s: %s: one seed in percent, another not", l->field[4], l->field[5]);
	if ((rc = as_report_grow(&cell->seed, &cell->seeds, sizeof *cell->seed, err)))
		return rc;
	cell->percent = f.percent;
	cell->seed[cell->seeds - 1] = (struct as_report_seed){l->field[3], f.value, f.interval, f.n};
	return 0;
}

static int take_missing(struct as_report *r, const struct line *l, struct as_error *err)
{
	struct place p;
	int rc = find_place(r, l, *l->field[3] ? 3 : -1, 1, &p, err);
	if (rc)
		return rc;
	if (p.row < 0)
		p.grid->column[p.column].why = l->field[2];
	else
		as_report_cell_at(p.grid, p.row, p.column)->why = l->field[2];
	return 0;
}

static int take_curve(struct as_report *r, const struct line *l, struct as_error *err)
{
	int first = 0;
	if (as_report_absent(r, l->field[2]))
		return 0;
	while (first < r->logs && strcmp(r->log[first].title, l->field[0]))
		first++;
	bool begins = first == r->logs;
	int rc = as_report_grow(&r->log, &r->logs, sizeof *r->log, err);
	if (rc)
		return rc;
	struct as_report_log *log = &r->log[r->logs - 1];
	log->title = l->field[0];
	log->name = l->field[1];
	if ((rc = as_report_read_log(log, l->field[2], r->begun, err)))
		return rc;
	return begins ? add_item(r, AS_REPORT_CURVES, l->number, first, NULL, err) : 0;
}

static int find_point(const struct as_report_scatter *s, const char *name)
{
	for (int i = 0; i < s->points; i++)
		if (!strcmp(s->point[i].name, name))
			return i;
	return -1;
}

static int add_value(double **list, int count, double value, struct as_error *err)
{
	int n = count;
	int rc = as_report_grow(list, &n, sizeof **list, err);
	if (!rc)
		(*list)[count] = value;
	return rc;
}

static int take_point(struct as_report *r, const struct line *l, struct as_error *err)
{
	struct as_figure x, y;
	int at = find_scatter(r, l->field[0]);
	if (at < 0)
		return absent("scatter", l->field[0], err);
	struct as_report_scatter *s = &r->scatter[at];
	bool x_absent = as_report_absent(r, l->field[2]), y_absent = as_report_absent(r, l->field[4]);
	if (x_absent || y_absent)
		return 0;
	int rc = as_figure_read(l->field[2], l->field[3], &x, err);
	if (!rc)
		rc = as_figure_read(l->field[4], l->field[5], &y, err);
	if (!rc && (at = find_point(s, l->field[1])) < 0) {
		rc = as_report_grow(&s->point, &s->points, sizeof *s->point, err);
		at = s->points - 1;
		if (!rc)
			s->point[at].name = l->field[1];
	}
	if (rc)
		return rc;
	struct as_report_point *p = &s->point[at];
	if (!(rc = add_value(&p->x, p->seeds, x.value, err)) && !(rc = add_value(&p->y, p->seeds, y.value, err)))
		p->seeds++;
	return rc;
}

static int take_bars(struct as_report *r, const struct line *l, struct as_error *err)
{
	int at = find_grid(r, l->field[0]);
	return at < 0 ? absent("table", l->field[0], err) : add_item(r, AS_REPORT_BARS, l->number, at, NULL, err);
}

static int take_sheet(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (as_report_absent(r, l->field[1]))
		return 0;
	int rc = as_report_grow(&r->sheet, &r->sheets, sizeof *r->sheet, err);
	if (rc)
		return rc;
	r->sheet[r->sheets - 1].caption = l->field[0];
	rc = as_report_read_sheet(&r->sheet[r->sheets - 1], l->field[1], err);
	return rc ? rc : add_item(r, AS_REPORT_SHEET, l->number, r->sheets - 1, NULL, err);
}

static int take_text(struct as_report *r, const struct line *l, struct as_error *err)
{
	return add_item(r, AS_REPORT_TEXT, l->number, 0, l->field[0], err);
}

static int take_command(struct as_report *r, const struct line *l, struct as_error *err)
{
	int rc = as_report_grow(&r->command, &r->commands, sizeof *r->command, err);
	if (!rc)
		r->command[r->commands - 1] = l->field[0];
	return rc;
}

static int take_seal(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (as_report_absent(r, l->field[1]))
		return 0;
	int rc = as_report_grow(&r->seal, &r->seals, sizeof *r->seal, err);
	if (rc)
		return rc;
	r->seal[r->seals - 1] = (struct as_report_seal){.name = l->field[0], .path = l->field[1]};
	return as_report_read_seal(&r->seal[r->seals - 1], err);
}

static int take_time(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (as_report_absent(r, l->field[1]))
		return 0;
	int rc = as_report_grow(&r->time, &r->times, sizeof *r->time, err);
	if (rc)
		return rc;
	r->time[r->times - 1].name = l->field[0];
	return as_report_read_time(&r->time[r->times - 1], l->field[1], r->begun, err);
}

static int take_title(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (r->title)
		return twice("title", l->field[0], err);
	r->title = l->field[0];
	return 0;
}

static int take_scale(struct as_report *r, const struct line *l, struct as_error *err)
{
	if (r->scale)
		return twice("scale", l->field[0], err);
	if (strcmp(l->field[0], "smoke") && strcmp(l->field[0], "small") && strcmp(l->field[0], "paper"))
		return as_fail(err, AS_EDATA, "scale '%s' is none of smoke, small, paper%s", l->field[0],
			       as_near(l->field[0], "smoke, small, paper", &(struct as_hint){0}));
	r->scale = l->field[0];
	r->scale_text = l->field[1];
	return 0;
}

/* ---- the plan ---- */

/* The kinds of lines: the first fields may not be empty. Those of pass 0 are read before all others, which name
 * them; the rows and columns of a table may come in any order. */
static const struct kind {
	const char *name, *form;
	int filled, most, pass;
	int (*take)(struct as_report *, const struct line *, struct as_error *);
} kinds[] = {
	{"title", "TEXT", 1, 1, 2, take_title},
	{"scale", "smoke|small|paper TEXT", 2, 2, 2, take_scale},
	{"text", "TEXT", 1, 1, 2, take_text},
	{"table", "ID TITLE [PUBLISHED-TABLE]", 2, 3, 0, take_table},
	{"row", "ID KEY HEADING [METHOD AUGSELF]", 3, 5, 1, take_row},
	{"column", "ID KEY HEADING [TARGET METRIC [less]]", 3, 6, 1, take_column},
	{"mean", "ID KEY HEADING [TARGET METRIC [less]]", 3, 6, 1, take_mean},
	{"base", "ID KEY BASE-KEY", 3, 3, 2, take_base},
	{"score", "ID ROW COLUMN SEED FILE PROBE:METRIC[:LABEL[:SETTING]]", 6, 6, 2, take_score},
	{"missing", "ID COLUMN WHY [ROW]", 3, 4, 2, take_missing},
	{"curve", "TITLE NAME LOG", 3, 3, 2, take_curve},
	{"scatter", "ID TITLE X-TITLE Y-TITLE", 4, 4, 0, take_scatter},
	{"point", "ID NAME XFILE XPROBE:METRIC[:...] YFILE YPROBE:METRIC[:...]", 6, 6, 2, take_point},
	{"bars", "ID", 1, 1, 2, take_bars},
	{"sheet", "CAPTION FILE", 2, 2, 2, take_sheet},
	{"command", "TEXT", 1, 1, 2, take_command},
	{"seal", "NAME FILE", 2, 2, 2, take_seal},
	{"time", "NAME FILE", 2, 2, 2, take_time},
};
enum { KINDS = sizeof kinds / sizeof *kinds, PASSES = 3 };

static const char *kind_name(int i)
{
	return i < KINDS ? kinds[i].name : NULL;
}

/* Cuts a line in place. */
static int cut_line(char *text, int number, struct line *l, const struct kind **kind, struct as_error *err)
{
	char *field[1 + MAX_FIELDS];
	int n = as_tsv_fields(text, field, 1 + MAX_FIELDS), at = as_find("kind", field[0], kind_name, err);
	if (at < 0)
		return as_fail_code(err, AS_EDATA);
	*kind = &kinds[at];
	*l = (struct line){.number = number, .n = n - 1};
	for (int i = 0; i < MAX_FIELDS; i++)
		l->field[i] = i < n - 1 ? field[i + 1] : "";
	bool good = l->n <= (*kind)->most;
	for (int i = 0; i < (*kind)->filled; i++)
		good = good && *l->field[i];
	return good ? 0 : as_fail(err, AS_EDATA, "%d fields after '%s'%s; the form, with tabs between: %s %s", l->n,
				  (*kind)->name, l->n >= (*kind)->filled && l->n <= (*kind)->most ? ", one of them empty" : "",
				  (*kind)->name, (*kind)->form);
}

static int take_pass(struct as_report *r, struct line *line, const struct kind *const *kind, int lines, int pass,
		     struct as_error *err)
{
	for (int i = 0; i < lines; i++)
		if (kind[i]->pass == pass && kind[i]->take(r, &line[i], err))
			return as_fail_within(err, "line %d", line[i].number);
	return 0;
}

static int by_line(const void *a, const void *b)
{
	const struct as_report_item *p = a, *q = b;
	return (p->line > q->line) - (p->line < q->line);
}

/* When all rows and columns are known. */
static int lay_cells(struct as_report *r, struct as_error *err)
{
	for (int i = 0; i < r->grids; i++) {
		struct as_report_grid *g = &r->grid[i];
		if (!g->rows || !g->columns)
			return as_fail(err, AS_EDATA, "table '%s' has no %s", g->id, g->rows ? "column" : "row");
		if (g->rows > 10000 || g->columns > 10000)
			return as_fail(err, AS_EDATA, "table '%s' has more than 10000 %s", g->id, g->rows > 10000 ? "rows" : "columns");
		g->cell = calloc((size_t)g->rows * (size_t)g->columns, sizeof *g->cell);
		if (!g->cell)
			return as_fail(err, AS_EMEM, "table '%s': no memory", g->id);
	}
	return 0;
}

static int take_lines(struct as_report *r, struct line *line, const struct kind **kind, struct as_error *err)
{
	int lines = 0, number = 0, rc = 0;
	for (char *at = r->plan; !rc && *at;) {
		size_t n = strcspn(at, "\n"), used = n + (at[n] == '\n');
		at[n] = '\0';
		number++;
		if (n && at[n - 1] == '\r')
			at[n - 1] = '\0';
		if (*at && *at != '#' && (rc = cut_line(at, number, &line[lines], &kind[lines], err)))
			as_fail_within(err, "line %d", number);
		lines += *at && *at != '#';
		at += used;
	}
	if (!rc && !lines)
		rc = as_fail(err, AS_EDATA, "no plan: there is no line");
	for (int pass = 0; !rc && pass < PASSES; pass++) {
		rc = take_pass(r, line, kind, lines, pass, err);
		if (!rc && pass == 1)
			rc = lay_cells(r, err);
	}
	for (int i = 0; !rc && i < r->grids; i++)
		rc = as_report_fill_means(&r->grid[i], err);
	if (r->items)
		qsort(r->item, (size_t)r->items, sizeof *r->item, by_line);
	return rc;
}

static int read_plan(struct as_report *r, const char *path, struct as_error *err)
{
	int rc = as_text_read(path, AS_PATH_FILE | AS_PATH_PIPE, MAX_PLAN, &r->plan, err);
	if (rc)
		return rc;
	size_t most = 1;
	for (const char *c = r->plan; *c; c++)
		most += *c == '\n';
	struct line *line = malloc(most * sizeof *line);
	const struct kind **kind = malloc(most * sizeof *kind);
	if (line && kind)
		rc = take_lines(r, line, kind, err);
	else
		rc = as_fail(err, AS_EMEM, "no memory for %zu lines", most);
	free(line);
	free(kind);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

static int read_published(struct as_report *r, const char *path, struct as_error *err)
{
	static const char *const key[] = {"table", "method", "augself", "target", "metric", "value", "evidence"};
	int rc = as_tsv_read(&r->published, path, err);
	for (int i = 0; !rc && i < 7; i++)
		if (as_tsv_column(&r->published, key[i]) < 0)
			rc = as_fail(err, AS_EDATA, "%s: no table of published figures: there is no column '%s'", path, key[i]);
	return rc;
}

static int new_report(struct as_report **out, const char *plan, const char *published, struct as_report_state *begun,
		      struct as_error *err)
{
	struct as_report *r = calloc(1, sizeof *r);
	if (!r)
		return as_fail(err, AS_EMEM, "%s: no memory", plan);
	r->begun = begun;
	int rc = published ? read_published(r, published, err) : 0;
	if (!rc)
		rc = read_plan(r, plan, err);
	if (rc) {
		as_report_free(r);
		return rc == AS_EARG ? as_fail_code(err, AS_EDATA) : rc;
	}
	*out = r;
	return 0;
}

int as_report_new(struct as_report **out, const char *plan, const char *published, struct as_error *err)
{
	return new_report(out, plan, published, NULL, err);
}

int as_report_new_begun(struct as_report **out, const char *plan, const char *published, struct as_report_state *state,
			struct as_error *err)
{
	*state = (struct as_report_state){0};
	return new_report(out, plan, published, state, err);
}
