/* score-report: scores, logs and sheets as one page and one table. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/newfile.h"
#include "common.h"
#include "eval/report.h"

static const char *published, *table, *output;
static uint64_t live;

static const struct opt opts[] = {
	{0, "published", OPT_TEXT, &published, "FILE", "published figures to put beside ours, TSV", 0, 0, false},
	{0, "tsv", OPT_TEXT, &table, "FILE", "write a line for each cell of each table", 0, 0, false},
	{'o', "output", OPT_TEXT, &output, "FILE", "write the page, HTML", 0, 0, false},
	{0, "live", OPT_U64, &live, "N", "write the page every N seconds until no file is missing", 1, 86400, false},
	OPT_END,
};

static const struct tool tool = {
	.name = "score-report",
	.synopsis = "[--published FILE] [--tsv FILE] [--live N] -o FILE plan",
	.doc = "Makes one page and one table of what a plan names: scores, logs and sheets.",
	.opts = opts,
	.min_operands = 1,
	.max_operands = 1,
	.example = "score-report -o report.html plan.tsv",
};

/* `state` NULL: the page of a report that is whole. */
static void write_page(const struct as_report *report, const struct as_report_state *state)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	if (as_newfile_open(&out, output, &err))
		die_error(NULL, &err);
	struct as_report_live now = {.seconds = (int)live, .now = (int64_t)time(NULL)};
	now.state = state ? *state : now.state;
	if (as_report_page_live(report, tool_chain(NULL), state ? &now : NULL, out.f, &err)) {
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

/* What is wrong at first is wrong. Later it may be a file that is just being written: the last page stays, and it is said
 * once. */
static void complain(const struct as_error *err, bool first)
{
	static char said[sizeof err->text];
	if (first)
		die_error(NULL, err);
	if (strcmp(said, err->text))
		warn_error(NULL, err);
	memcpy(said, err->text, sizeof said);
}

/* Writes pages until no file is missing. */
static void keep_writing(const char *plan)
{
	for (bool first = true;; first = false) {
		struct as_report *report;
		struct as_report_state state;
		struct as_error err = {.record = -1};
		int rc = as_report_new_begun(&report, plan, published, &state, &err);
		if (rc)
			complain(&err, first);
		else if (state.missing)
			write_page(report, &state);
		if (first)
			inform("%d of %d files are there; %s is written every %d seconds until all are", state.files - state.missing,
			       state.files, output, (int)live);
		if (!rc)
			as_report_free(report);
		if (!rc && !state.missing)
			return;
		nanosleep(&(struct timespec){.tv_sec = (time_t)live}, NULL);
	}
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
		die(EXIT_USAGE, "neither -o nor --tsv, so nothing would be written: add -o report.html");
	if (live && !output)
		die(EXIT_USAGE, "--live: there is no page without -o");
	if (live)
		keep_writing(plan[0]);
	if (as_report_new(&report, plan[0], published, &err))
		die_error(NULL, &err);
	if (output)
		write_page(report, NULL);
	if (table)
		write_table(report);
	as_report_free(report);
	return finish_text();
}
