#include "eval/runlog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/tsv.h"

enum { MAX_LINE = 1 << 16, FIELDS = AS_RUNLOG_COLUMNS };
static const char RATE[] = "images/s";

/* ---- columns ---- */

static void clear_spans(struct as_runcurve *c, uint64_t from)
{
	for (uint64_t i = from; i < AS_RUNLOG_SPANS; i++)
		c->span[i] = (struct as_runspan){0, 0, INFINITY, -INFINITY};
}

/* Forgets what stands from a step on; of the span that it is in, all. */
static void cut_curve(struct as_runcurve *c, uint64_t step)
{
	if (step / c->each < AS_RUNLOG_SPANS)
		clear_spans(c, step / c->each);
}

static void double_spans(struct as_runcurve *c)
{
	for (int i = 0; i < AS_RUNLOG_SPANS / 2; i++) {
		const struct as_runspan *a = &c->span[2 * i], *b = a + 1;
		c->span[i] = (struct as_runspan){a->sum + b->sum, a->weight + b->weight, fmin(a->least, b->least),
						 fmax(a->most, b->most)};
	}
	clear_spans(c, AS_RUNLOG_SPANS / 2);
	c->each *= 2;
}

static void add_number(struct as_runcurve *c, uint64_t step, double value, double weight)
{
	c->last = value;
	c->last_step = step;
	if (!isfinite(value)) /* shown, but nothing can be drawn of it */
		return;
	while (step / c->each >= AS_RUNLOG_SPANS)
		double_spans(c);
	struct as_runspan *s = &c->span[step / c->each];
	s->sum += value * weight;
	s->weight += weight;
	s->least = fmin(s->least, value);
	s->most = fmax(s->most, value);
}

static int new_curve(struct as_runcurve *c, const char *name, struct as_error *err)
{
	*c = (struct as_runcurve){.each = 1, .last = NAN};
	snprintf(c->name, sizeof c->name, "%s", name);
	as_plain(c->name);
	if (!(c->span = malloc(AS_RUNLOG_SPANS * sizeof *c->span)))
		return as_fail(err, AS_EMEM, "no memory for a column");
	clear_spans(c, 0);
	return 0;
}

/* The curve of images/s is there before the log's heading, because times may come first: it is always the last. */
static int need_rate(struct as_runlog *l, struct as_error *err)
{
	if (l->curve)
		return 0;
	if (!(l->curve = calloc(AS_RUNLOG_COLUMNS + 1, sizeof *l->curve)))
		return as_fail(err, AS_EMEM, "no memory for %d columns", AS_RUNLOG_COLUMNS);
	return new_curve(&l->curve[AS_RUNLOG_COLUMNS], RATE, err);
}

static struct as_runcurve *rate_of(struct as_runlog *l)
{
	return &l->curve[l->curves ? l->curves - 1 : AS_RUNLOG_COLUMNS];
}

/* ---- lines ---- */

/* Adds bytes up to the end of a line. Returns how many were used; *whole: the line is there, without its end. */
static int add_bytes(struct as_runline *l, const char *bytes, size_t n, bool *whole, struct as_error *err)
{
	const char *end = memchr(bytes, '\n', n);
	size_t used = end ? (size_t)(end - bytes) : n, need = l->count + used + 1;
	*whole = end != NULL;
	if (memchr(bytes, '\0', used) || need > MAX_LINE)
		return as_fail(err, AS_EDATA, "line %lld: %s: no log", (long long)l->number + 1,
			       need > MAX_LINE ? "longer than 65536 bytes" : "a zero byte");
	if (need > l->room) {
		char *more = realloc(l->text, need < 1024 ? 1024 : 2 * need);
		if (!more)
			return as_fail(err, AS_EMEM, "no memory for a line");
		l->text = more;
		l->room = need < 1024 ? 1024 : 2 * need;
	}
	memcpy(l->text + l->count, bytes, used);
	l->count += used;
	l->text[l->count] = '\0';
	if (end && l->count && l->text[l->count - 1] == '\r')
		l->text[--l->count] = '\0';
	return (int)(used + *whole);
}

/* A number as logs have it; NAN: an empty field or "nan", what was not computed at this step. */
static int read_number(const char *text, double *value)
{
	static const char digits[] = "0123456789.+-eE"; /* strtod knows other words, and hexadecimal */
	char *end;
	*value = NAN;
	if (!*text || !strcmp(text, "nan") || !strcmp(text, "-nan"))
		return 0;
	if (!strcmp(text, "inf") || !strcmp(text, "-inf")) {
		*value = *text == '-' ? -INFINITY : INFINITY;
		return 0;
	}
	*value = strtod(text, &end);
	return *end || text[strspn(text, digits)] ? -1 : 0;
}

static int bad_number(int64_t line, const char *column, const char *text, struct as_error *err)
{
	return as_fail(err, AS_EDATA, "line %lld: column %s: '%.40s' is no number", (long long)line, column, text);
}

static int read_count(int64_t line, const char *column, const char *text, uint64_t *out, struct as_error *err)
{
	return as_parse_u64(text, 0, UINT64_MAX / 2, out, NULL) ? bad_number(line, column, text, err) : 0;
}

static int bad_fields(int64_t line, int n, int want, struct as_error *err)
{
	return as_fail(err, AS_EDATA, "line %lld: %d field%s, the heading has %d", (long long)line, n, n == 1 ? "" : "s", want);
}

/* ---- the log ---- */

static void drop_curves(struct as_runlog *l)
{
	for (int i = 0; i < l->curves - 1; i++)
		free(l->curve[i].span);
	if (l->curves)
		l->curve[AS_RUNLOG_COLUMNS] = l->curve[l->curves - 1];
	l->curves = 0;
	l->any = false;
	l->step = l->epoch = 0;
}

static int take_heading(struct as_runlog *l, char *const *field, int n, struct as_error *err)
{
	int rc = 0;
	drop_curves(l);
	if (n > FIELDS)
		return as_fail(err, AS_EDATA, "line %lld: %d columns, at most %d", (long long)l->line.number, n, FIELDS);
	l->fields = n;
	l->step_at = l->epoch_at = -1;
	for (int i = 0; i < n; i++) {
		l->step_at = strcmp(field[i], "step") ? l->step_at : i;
		l->epoch_at = strcmp(field[i], "epoch") ? l->epoch_at : i;
	}
	if (l->step_at < 0)
		return as_fail(err, AS_EDATA, "line %lld: no log of ssl-train: there is no column 'step'", (long long)l->line.number);
	struct as_runcurve rate = l->curve[AS_RUNLOG_COLUMNS];
	int made = 0;
	for (int i = 0; !rc && i < n; i++)
		if (i != l->step_at && i != l->epoch_at && !(rc = new_curve(&l->curve[made], field[i], err)))
			made++;
	l->curve[made] = rate;
	l->curves = made + 1;
	return rc;
}

static int take_fields(struct as_runlog *l, char *const *field, struct as_error *err)
{
	int64_t line = l->line.number;
	uint64_t step, epoch = 0;
	double value;
	int rc = read_count(line, "step", field[l->step_at], &step, err);
	if (!rc && l->epoch_at >= 0)
		rc = read_count(line, "epoch", field[l->epoch_at], &epoch, err);
	if (rc)
		return rc;
	for (int i = 0; l->any && step <= l->step && i < l->curves - 1; i++)
		cut_curve(&l->curve[i], step);
	for (int i = 0, at = 0; i < l->fields; i++) {
		if (i == l->step_at || i == l->epoch_at)
			continue;
		if (read_number(field[i], &value))
			return bad_number(line, l->curve[at].name, field[i], err);
		if (!isnan(value))
			add_number(&l->curve[at], step, value, 1);
		at++;
	}
	l->step = step;
	l->epoch = epoch;
	l->any = true;
	return 0;
}

static int take_line(struct as_runlog *l, struct as_error *err)
{
	char *field[FIELDS];
	if (*l->line.text == '#')
		return 0;
	int n = as_tsv_fields(l->line.text, field, FIELDS);
	if (!l->curves || !strcmp(field[0], "step"))
		return take_heading(l, field, n, err);
	return n == l->fields ? take_fields(l, field, err) : bad_fields(l->line.number, n, l->fields, err);
}

/* Hands each line that is whole to `take`, and keeps the rest. */
static int take_lines(struct as_runlog *l, struct as_runline *line, int (*take)(struct as_runlog *, struct as_error *),
		      const char *bytes, size_t n, struct as_error *err)
{
	int rc = need_rate(l, err);
	while (!rc && n) {
		bool whole;
		int used = add_bytes(line, bytes, n, &whole, err);
		if (used < 0)
			return used;
		bytes += used;
		n -= (size_t)used;
		if (!whole)
			break;
		line->number++;
		line->count = 0;
		rc = take(l, err);
	}
	return rc;
}

int as_runlog_take(struct as_runlog *l, const char *bytes, size_t n, struct as_error *err)
{
	return take_lines(l, &l->line, take_line, bytes, n, err);
}

/* ---- times ---- */

enum { STEP, SECONDS, IMAGES, OF };
static const char *const time_column[] = {"step", "seconds", "images/s", "of"};

static int take_time_heading(struct as_runlog *l, char *const *field, int n, struct as_error *err)
{
	l->time_fields = n;
	for (int k = 0; k < 4; k++) {
		l->time_at[k] = -1;
		for (int i = 0; i < n && i < FIELDS; i++)
			l->time_at[k] = strcmp(field[i], time_column[k]) ? l->time_at[k] : i;
		if (l->time_at[k] < 0 && k != OF)
			return as_fail(err, AS_EDATA, "no times of ssl-train: there is no column '%s'", time_column[k]);
	}
	return 0;
}

/* Seconds and images count from where the process began: what is drawn is the rate between two lines. */
static int take_time_fields(struct as_runlog *l, char *const *field, struct as_error *err)
{
	int64_t line = l->time_line.number;
	uint64_t step, of = 0;
	double seconds, rate;
	int rc = read_count(line, "step", field[l->time_at[STEP]], &step, err);
	if (!rc && l->time_at[OF] >= 0)
		rc = read_count(line, "of", field[l->time_at[OF]], &of, err);
	if (!rc && (read_number(field[l->time_at[SECONDS]], &seconds) || isnan(seconds)))
		rc = bad_number(line, "seconds", field[l->time_at[SECONDS]], err);
	if (!rc && read_number(field[l->time_at[IMAGES]], &rate))
		rc = bad_number(line, RATE, field[l->time_at[IMAGES]], err);
	if (rc)
		return rc;
	bool again = l->timed && step <= l->timed;
	if (again)
		cut_curve(rate_of(l), step);
	if (!l->timed || again || seconds < l->seconds) {
		l->begun_step = step;
		l->begun_seconds = seconds;
		l->seconds = l->images = 0;
	}
	double images = isfinite(rate) ? rate * seconds : l->images, took = seconds - l->seconds;
	if (took > 0)
		add_number(rate_of(l), step, fmax(0, (images - l->images) / took), took);
	l->timed = step;
	l->of = of;
	l->seconds = seconds;
	l->images = images;
	l->rate = rate;
	return 0;
}

static int take_time_line(struct as_runlog *l, struct as_error *err)
{
	char *field[FIELDS];
	int n = as_tsv_fields(l->time_line.text, field, FIELDS);
	if (!l->time_fields || !strcmp(field[0], "step"))
		return take_time_heading(l, field, n, err);
	return n == l->time_fields && n <= FIELDS ? take_time_fields(l, field, err)
						  : bad_fields(l->time_line.number, n, l->time_fields, err);
}

int as_runlog_take_times(struct as_runlog *l, const char *bytes, size_t n, struct as_error *err)
{
	return take_lines(l, &l->time_line, take_time_line, bytes, n, err);
}

/* ---- the whole ---- */

void as_runlog_forget(struct as_runlog *l)
{
	drop_curves(l);
	l->line.count = 0;
	l->line.number = 0;
}

void as_runlog_forget_times(struct as_runlog *l)
{
	if (l->curve) {
		clear_spans(rate_of(l), 0);
		rate_of(l)->last = NAN;
		rate_of(l)->each = 1;
	}
	l->time_fields = 0;
	l->timed = l->of = 0;
	l->seconds = l->images = l->rate = 0;
	l->time_line.count = 0;
	l->time_line.number = 0;
}

void as_runlog_clear(struct as_runlog *l)
{
	if (l->curve) {
		drop_curves(l);
		free(l->curve[AS_RUNLOG_COLUMNS].span);
	}
	free(l->curve);
	free(l->line.text);
	free(l->time_line.text);
	*l = (struct as_runlog){0};
}

const struct as_runcurve *as_runlog_find(const struct as_runlog *l, const char *name)
{
	for (int i = 0; i < l->curves; i++)
		if (!strcmp(l->curve[i].name, name))
			return &l->curve[i];
	return NULL;
}

bool as_runlog_whole(const struct as_runlog *l)
{
	return l->of && l->timed >= l->of;
}

double as_runlog_left(const struct as_runlog *l)
{
	double took = l->seconds - l->begun_seconds;
	if (l->of <= l->timed || l->timed <= l->begun_step || took <= 0)
		return NAN;
	return (double)(l->of - l->timed) * took / (double)(l->timed - l->begun_step);
}
