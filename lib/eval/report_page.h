/* Private to lib/eval: the parts of a report's page. */
#ifndef AS_EVAL_REPORT_PAGE_H
#define AS_EVAL_REPORT_PAGE_H

#include <stdio.h>

#include "eval/report_inside.h"

AS_BEGIN

/* The style of all pages: it needs no file beside the page. */
extern const char as_report_style[];

/* A page while it is written. */
struct as_report_page {
	const struct as_report *report;
	FILE *f;
};

void as_report_put_grid(struct as_report_page *, int at);
AS_NODISCARD int as_report_put_curves(struct as_report_page *, int first, struct as_error *);
AS_NODISCARD int as_report_put_scatter(struct as_report_page *, int at, struct as_error *);
AS_NODISCARD int as_report_put_bars(struct as_report_page *, int at, struct as_error *);

/* The words that an experiment is under way. */
void as_report_put_live(FILE *, const struct as_report_live *);

/* Digits behind the point for the cells of a column. */
int as_report_decimals(const struct as_report *, const struct as_report_grid *, int column);

AS_END
#endif
