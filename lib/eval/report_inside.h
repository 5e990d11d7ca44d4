/* Private to lib/eval: what a plan has said, for those who read it and those who write pages. All texts are
 * parts of the plan's own, which as_report owns. */
#ifndef AS_EVAL_REPORT_INSIDE_H
#define AS_EVAL_REPORT_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/tsv.h"
#include "eval/report.h"

AS_BEGIN

/* One score of a cell: of one seed. */
struct as_report_seed {
	const char *seed;
	double value, interval; /* NAN: not known */
	int64_t n;              /* what was scored; 0: not known */
};

struct as_report_cell {
	struct as_report_seed *seed;
	int seeds;
	bool percent;    /* the unit of its scores */
	const char *why; /* why there is no score, where the plan says so for this cell */
};

struct as_report_row {
	const char *key, *heading, *method, *augself; /* the last two: "" where there is nothing published */
	int base;                                     /* the row that gains are over; -1: none */
};

struct as_report_column {
	const char *key, *heading, *target, *metric; /* the last two: "" where there is nothing published */
	bool less;                                   /* less is better */
	bool mean;                                   /* the mean of all columns that are none */
	const char *why;                             /* why scores are missing, or NULL */
};

struct as_report_grid {
	const char *id, *title, *published; /* the table of published figures, or "" */
	struct as_report_row *row;
	struct as_report_column *column;
	int rows, columns;
	struct as_report_cell *cell; /* (rows, columns); NULL until all rows and columns are known */
};

/* Runs of a name, of which x and y are the seeds' values. */
struct as_report_point {
	const char *name;
	double *x, *y;
	int seeds;
};

struct as_report_scatter {
	const char *id, *title, *x_title, *y_title;
	struct as_report_point *point;
	int points;
};

/* A column of a log over its steps, averaged where there are many: a log of a long training may have half a million
 * lines. */
enum { AS_REPORT_POINTS = 150 };
struct as_report_curve {
	char column[64];
	int64_t n;
	double x[AS_REPORT_POINTS], y[AS_REPORT_POINTS];
};

/* One log of a training. */
struct as_report_log {
	const char *title, *name;
	struct as_report_curve *curve;
	int curves;
};

struct as_report_sheet {
	const char *caption;
	char *png;
	size_t bytes;
	int height, width;
};

struct as_report_seal {
	const char *name, *path;
	uint64_t hash;
};

struct as_report_time {
	const char *name;
	double seconds;
};

enum as_report_kind { AS_REPORT_TEXT, AS_REPORT_GRID, AS_REPORT_CURVES, AS_REPORT_SCATTER, AS_REPORT_BARS, AS_REPORT_SHEET };

/* What stands in the page, in the order of the plan's lines. */
struct as_report_item {
	enum as_report_kind kind;
	int line;         /* of the plan */
	int at;           /* its index in the list of its kind; curves: of the first log of this title */
	const char *text; /* AS_REPORT_TEXT */
};

/* `name` things: an array that as_report_grow has grown. */
struct as_report {
	char *plan; /* the text */
	struct as_tsv published;
	const char *title, *scale, *scale_text; /* NULL: not said */
	struct as_report_item *item;
	struct as_report_grid *grid;
	struct as_report_scatter *scatter;
	struct as_report_log *log;
	struct as_report_sheet *sheet;
	struct as_report_seal *seal;
	struct as_report_time *time;
	const char **command;
	int items, grids, scatters, logs, sheets, seals, times, commands;
};

/* Makes room for one more element at the end of an array, which becomes zero, and counts it: `at` is the address
 * of the pointer to it. AS_EMEM. */
AS_NODISCARD int as_report_grow(void *at, int *count, size_t size, struct as_error *);

static inline struct as_report_cell *as_report_cell_at(const struct as_report_grid *g, int row, int column)
{
	return &g->cell[row * g->columns + column];
}

/* What a cell comes to. */
struct as_report_summary {
	double mean, half; /* half width of the 95 % interval, NAN: not known */
	int seeds;         /* 0: there is no figure, and `why` says why */
	int64_t n;         /* what was scored, of the seed with the fewest; 0: not known */
	bool own;          /* one seed, whose score has brought the interval */
	const char *why;
	const char *published, *evidence; /* "" if there is no such figure */
	double gain;                      /* over the row's base; NAN: there is none */
	int better;                       /* 1, -1: the intervals part, for the better or the worse; 0: they do not */
};
struct as_report_summary as_report_cell(const struct as_report *, const struct as_report_grid *, int row, int column);

/* Fills the cells of the columns that are means, after all scores are there: for each seed the mean over the other
 * columns. Where one of them lacks a score of a seed that others have, the cell stays empty. AS_EDATA: the
 * columns have not one unit; AS_EMEM. */
AS_NODISCARD int as_report_fill_means(struct as_report_grid *, struct as_error *);

/* Reads the files that a plan names (report_files.c, report_log.c); texts are already set. Errors name the file. */
AS_NODISCARD int as_report_read_log(struct as_report_log *, const char *path, struct as_error *);
AS_NODISCARD int as_report_read_sheet(struct as_report_sheet *, const char *path, struct as_error *);
AS_NODISCARD int as_report_read_seal(struct as_report_seal *, struct as_error *);
AS_NODISCARD int as_report_read_time(struct as_report_time *, const char *path, struct as_error *);

AS_END
#endif
