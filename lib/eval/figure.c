#include "eval/figure.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "base/tsv.h"
#include "stream/stream.h"

/* What a figure is looked for by. */
enum { PROBE, METRIC, LABEL, SETTING, NAMES };

struct hunt {
	const char *name[NAMES]; /* "": any */
	struct as_figure *out;
	int64_t found;
	char there[128]; /* what else there is */
};

/* Cuts a copy of `which`, which the names point into. */
static int hunt_begin(struct hunt *h, char *which, struct as_figure *out, struct as_error *err)
{
	*h = (struct hunt){.name = {"", "", "", ""}, .out = out};
	for (int i = 0; i < NAMES && which; i++) {
		char *colon = i + 1 < NAMES ? strchr(which, ':') : NULL;
		h->name[i] = which;
		if (colon)
			*colon = '\0';
		which = colon ? colon + 1 : NULL;
	}
	return *h->name[PROBE] && *h->name[METRIC] ? 0 : as_fail(err, AS_EARG, "not of the form PROBE:METRIC[:LABEL[:SETTING]]");
}

/* Looks at one figure that there is. */
static void hunt_see(struct hunt *h, const struct as_text *name, const struct as_figure *f)
{
	bool same = true;
	char known[96];
	for (int i = 0; i < NAMES; i++)
		same = same && (!*h->name[i] || (strlen(h->name[i]) == name[i].length &&
						 !memcmp(h->name[i], name[i].at, name[i].length)));
	if (same && !h->found++)
		*h->out = *f;
	snprintf(known, sizeof known, "%.*s:%.*s:%.*s:%.*s", (int)name[PROBE].length, name[PROBE].at, (int)name[METRIC].length,
		 name[METRIC].at, (int)name[LABEL].length, name[LABEL].at, (int)name[SETTING].length, name[SETTING].at);
	as_plain(known);
	as_enlist(h->there, sizeof h->there, known);
}

static int hunt_end(const struct hunt *h, struct as_error *err)
{
	if (h->found == 1)
		return 0;
	if (!h->found)
		return as_fail(err, AS_EDATA, "no such figure; there are: %s", *h->there ? h->there : "none");
	return as_fail(err, AS_EDATA, "%lld figures are of this name, say PROBE:METRIC:LABEL:SETTING; there are: %s",
		       (long long)h->found, h->there);
}

static int parse_row(const struct as_tsv *t, int64_t row, struct as_figure *f, struct as_error *err)
{
	const char *interval = as_tsv_at(t, row, as_tsv_column(t, "interval")), *n = as_tsv_at(t, row, as_tsv_column(t, "n"));
	*f = (struct as_figure){.interval = NAN};
	int rc = as_parse_f64(as_tsv_at(t, row, as_tsv_column(t, "value")), -1e300, 1e300, &f->value, err);
	if (!rc && *interval)
		rc = as_parse_f64(interval, 0, 1e300, &f->interval, err);
	if (!rc && *n)
		rc = as_parse_i64(n, 0, INT64_MAX, &f->n, err);
	f->percent = !strcmp(as_tsv_at(t, row, as_tsv_column(t, "unit")), "%");
	return rc ? as_fail_within(err, "figure %lld", (long long)row + 1) : 0;
}

static int search_table(struct hunt *h, const char *path, struct as_error *err)
{
	static const char *const key[NAMES] = {"probe", "metric", "label", "setting"};
	struct as_tsv t;
	int rc = as_tsv_read(&t, path, err);
	if (!rc && (as_tsv_column(&t, "probe") < 0 || as_tsv_column(&t, "metric") < 0 || as_tsv_column(&t, "value") < 0))
		rc = as_fail(err, AS_EDATA, "%s: not a table of scores: it needs the columns probe, metric and value", path);
	for (int64_t row = 0; !rc && row < t.rows; row++) {
		struct as_text name[NAMES];
		struct as_figure f;
		for (int i = 0; i < NAMES; i++)
			name[i] = as_text_of(as_tsv_at(&t, row, as_tsv_column(&t, key[i])));
		rc = parse_row(&t, row, &f, err);
		if (rc)
			as_fail_within(err, "%s", path);
		else
			hunt_see(h, name, &f);
	}
	as_tsv_clear(&t);
	return rc && rc == AS_EARG ? as_fail_code(err, AS_EDATA) : rc;
}

static int search_stream(struct hunt *h, const char *path, struct as_error *err)
{
	struct as_reader *r = NULL;
	struct as_record rec;
	int fd = as_path_open(path, AS_PATH_FILE, err);
	if (fd < 0)
		return fd;
	int rc = as_reader_open(&r, fd, path, "score", err);
	while (!rc && (rc = as_reader_next(r, &rec, err)) > 0) {
		const struct as_score *s = &rec.score;
		const struct as_text name[NAMES] = {s->probe, s->metric, s->label, s->setting};
		struct as_figure f = {s->value, s->interval, s->n, s->unit.length == 1 && *s->unit.at == '%'};
		hunt_see(h, name, &f);
		rc = 0;
	}
	as_reader_close(r);
	close(fd);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

/* A table begins with the name of a column. A stream begins with a length, and a map after it: of these two
 * bytes one is no letter of ASCII. */
static int is_table(const char *path, bool *table, struct as_error *err)
{
	struct as_file file;
	int rc = as_file_open(&file, path, AS_PATH_FILE, err);
	if (!rc && (rc = as_file_fill(&file, 2, err)))
		as_fail_within(err, "%s", path);
	if (!rc && file.count < 2)
		rc = as_fail(err, AS_EDATA, "%s: empty, neither a table nor a stream of scores", path);
	for (int i = 0; !rc && i < 2; i++)
		*table = (i == 0 || *table) && (unsigned char)file.bytes[i] < 128 && isprint((unsigned char)file.bytes[i]);
	as_file_close(&file);
	return rc;
}

int as_figure_read(const char *path, const char *which, struct as_figure *out, struct as_error *err)
{
	struct hunt hunt;
	bool table;
	char *copy = strdup(which);
	if (!copy)
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	int rc = hunt_begin(&hunt, copy, out, err);
	if (rc)
		as_fail_within(err, "%s", which);
	else if (!(rc = is_table(path, &table, err)))
		rc = table ? search_table(&hunt, path, err) : search_stream(&hunt, path, err);
	if (!rc && (rc = hunt_end(&hunt, err)))
		as_fail_within(err, "%s: %s", path, which);
	free(copy);
	return rc;
}
