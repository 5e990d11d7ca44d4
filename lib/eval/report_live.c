/* A report of an experiment under way: which files are there, and what the page says of it. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "eval/report_inside.h"
#include "eval/report_page.h"

enum { MAX_GROWING = 64 << 20 };

bool as_report_absent(struct as_report *r, const char *path)
{
	struct as_report_state *now = r->begun;
	struct stat s;
	if (!now)
		return false;
	bool there = !stat(path, &s);
	now->files++;
	now->missing += !there;
	if (there && (int64_t)s.st_mtime > now->newest)
		now->newest = (int64_t)s.st_mtime;
	return !there;
}

/* Whether there is a whole line that is no remark. */
static bool has_heading(const char *text)
{
	while (*text == '#')
		text += strcspn(text, "\n") + 1;
	return *text;
}

int as_report_read_growing(struct as_tsv *t, const char *path, struct as_error *err)
{
	char *text;
	*t = (struct as_tsv){0};
	int rc = as_text_read(path, AS_PATH_FILE | AS_PATH_PIPE, MAX_GROWING, &text, err);
	if (rc)
		return rc;
	char *end = strrchr(text, '\n');
	*(end ? end + 1 : text) = '\0';
	t->text = text;
	if (!has_heading(text))
		return 0;
	rc = as_tsv_cut(t, text, err);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

/* 0:07, 12:34, 1:02:03. */
static void put_span(FILE *f, int64_t seconds)
{
	int64_t s = seconds > 0 ? seconds : 0;
	if (s >= 3600)
		fprintf(f, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
	else
		fprintf(f, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

void as_report_put_live(FILE *f, const struct as_report_live *live)
{
	const struct as_report_state *s = &live->state;
	time_t now = (time_t)live->now;
	struct tm t;
	char written[40] = "";
	if (gmtime_r(&now, &t))
		strftime(written, sizeof written, "%Y-%m-%d %H:%M:%S UTC", &t);
	fprintf(f, "<p class=\"scale smoke\"><strong>Under way.</strong> %d of the %d files that the plan names are there. "
		"This page was written at %s", s->files - s->missing, s->files, written);
	if (s->newest) {
		fputs(", the newest of its files ", f);
		put_span(f, live->now - s->newest);
		fputs(" before", f);
	}
	fprintf(f, "; it is loaded again every %d seconds.</p>\n", live->seconds);
}
