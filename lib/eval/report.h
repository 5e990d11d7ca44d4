/* Public since 0.2. Reports: a plan says which scores, logs and sheets belong into which tables and charts;
 * out of it come one page, HTML without scripts that needs nothing beside itself, and one table of text.
 * score-report(1) defines the plan. */
#ifndef AS_EVAL_REPORT_H
#define AS_EVAL_REPORT_H

#include <stdio.h>

#include "base/error.h"

AS_BEGIN

struct as_report;

/* Reads a plan and all files that it names. `published`: a table of figures to put beside ours, or NULL.
 * AS_EDATA: the plan (the error names its line), or a file that it names; AS_EIO, AS_ENONE, AS_EMEM. */
AS_NODISCARD int as_report_new(struct as_report **, const char *plan, const char *published, struct as_error *);
/* How far an experiment under way is: nothing is missing when missing is 0. */
struct as_report_state {
	int files, missing; /* lines of the plan that name a file; those whose file is not there */
	int64_t newest;     /* when the newest of the files was written, in seconds of 1970; 0: there is none */
};
/* As as_report_new, of an experiment under way: files that are not there yet are left out, and their cells say so, as is what is not
 * whole yet of the last line of a log. Sets *state. Errors of as_report_new. */
AS_NODISCARD int as_report_new_begun(struct as_report **, const char *plan, const char *published, struct as_report_state *state,
				     struct as_error *);
void as_report_free(struct as_report *);

/* Writes the page. `program` and its version stand in it. The caller checks ferror(f). AS_EMEM. */
AS_NODISCARD int as_report_page(const struct as_report *, const char *program, FILE *f, struct as_error *);
/* What the page of an experiment under way says of itself. */
struct as_report_live {
	int seconds; /* after which a browser loads it again */
	int64_t now; /* when it is written, in seconds of 1970 */
	struct as_report_state state;
};
/* As as_report_page, of an experiment under way; live NULL: of one that is whole. No other page has a time in it. AS_EMEM. */
AS_NODISCARD int as_report_page_live(const struct as_report *, const char *program, const struct as_report_live *live, FILE *f,
				     struct as_error *);
/* Writes a line for each cell of each table, with or without a figure. It depends on the plan and the scores
 * alone: paths, times and machines are not in it. The caller checks ferror(f). */
void as_report_table(const struct as_report *, FILE *f);

AS_END
#endif
