/* score-report: scores, logs and sheets as one page and one table. */
#include <stdio.h>

#include "base/newfile.h"
#include "common.h"
#include "eval/report.h"

static const char *published, *table, *output;

static const struct opt opts[] = {
	{0, "published", OPT_TEXT, &published, "FILE", "published figures to put beside ours, TSV", 0, 0, false},
	{0, "tsv", OPT_TEXT, &table, "FILE", "write a line for each cell of each table", 0, 0, false},
	{'o', "output", OPT_TEXT, &output, "FILE", "write the page, HTML", 0, 0, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "score-report",
	.synopsis = "[--published FILE] [--tsv FILE] -o FILE plan",
	.doc = "Makes one page and one table of what a plan names: scores, logs and sheets.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.example = "score-report -o report.html plan.tsv",
};

static void write_page(const struct as_report *report)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	if (as_newfile_open(&out, output, &err))
		die_error(NULL, &err);
	if (as_report_page(report, tool_chain(NULL), out.f, &err)) {
		as_newfile_abandon(&out);
		die_error(NULL, &err);
	}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

static void write_table(const struct as_report *report)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	if (as_newfile_open(&out, table, &err))
		die_error(NULL, &err);
	as_report_table(report, out.f);
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

int main(int argc, char **argv)
{
	int n;
	char **plan = tool_begin(&tool, argc, argv, &n);
	struct as_error err = {.record = -1};
	struct as_report *report;
	const struct place place[] = {
		{"-o", output, true}, {"--tsv", table, true}, {"--published", published, false}, {"the plan", plan[0], false},
	};
	check_places(place, (int)(sizeof place / sizeof *place));
	if (!output && !table)
		die(EXIT_USAGE, "neither -o nor --tsv: nothing would be written");
	if (as_report_new(&report, plan[0], published, &err))
		die_error(NULL, &err);
	if (output)
		write_page(report);
	if (table)
		write_table(report);
	as_report_free(report);
	return finish_text();
}
