#include "stream/tally.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "stream/schema.h"

/* This many labels and epochs are counted separately, all others together. */
enum { MOST = 1 << 16 };

/* Running mean and sum of squared deviations (Welford 1962). */
struct figure {
	int64_t count;
	double mean, squares, least, most;
};

static void figure_add(struct figure *g, double v)
{
	double d = v - g->mean;
	g->least = !g->count || v < g->least ? v : g->least;
	g->most = !g->count || v > g->most ? v : g->most;
	g->mean += d / (double)++g->count;
	g->squares += d * (v - g->mean);
}

/* How often each number occurs. The entries before `sorted` ascend; later ones were added since. */
struct count {
	int64_t number, times;
};
struct counts {
	struct count *at;
	int64_t sorted, held, cap, none, more;
};

static int by_number(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	return (x->number > y->number) - (x->number < y->number);
}

static void counts_sort(struct counts *c)
{
	int64_t kept = 0;
	if (c->sorted == c->held)
		return;
	qsort(c->at, (size_t)c->held, sizeof *c->at, by_number);
	for (int64_t i = 0; i < c->held; i++)
		if (kept && c->at[kept - 1].number == c->at[i].number)
			c->at[kept - 1].times += c->at[i].times;
		else if (kept == MOST)
			c->more += c->at[i].times;
		else
			c->at[kept++] = c->at[i];
	c->sorted = c->held = kept;
}

/* Makes room for one more: sorts, which joins equal numbers, and doubles the array if it is still half full. So
 * adding a number takes little time on average. */
static int counts_room(struct counts *c, struct as_error *err)
{
	if (c->held < c->cap)
		return 0;
	counts_sort(c);
	if (c->cap >= 2 * c->held + 64)
		return 0;
	int64_t cap = 2 * c->held + 64;
	struct count *at = realloc(c->at, (size_t)cap * sizeof *at);
	if (!at)
		return as_fail(err, AS_EMEM, "memory: no room to count %" PRId64 " numbers", cap);
	c->at = at;
	c->cap = cap;
	return 0;
}

static int counts_add(struct counts *c, int64_t i, struct as_error *err)
{
	const struct count key = {i, 1};
	struct count *found = NULL;
	if (i < 0) {
		c->none++;
		return 0;
	}
	if (c->sorted)
		found = bsearch(&key, c->at, (size_t)c->sorted, sizeof key, by_number);
	if (!found && c->held > c->sorted && c->at[c->held - 1].number == i)
		found = &c->at[c->held - 1];
	if (found)
		found->times++;
	else if (c->sorted == MOST)
		c->more++;
	else if (counts_room(c, err))
		return err ? err->code : AS_EMEM;
	else
		c->at[c->held++] = key;
	return 0;
}

/* A figure for each column of a two-dimensional tensor. */
struct columns {
	struct figure *at;
	int64_t count;
};

/* The values of one metric of one probe. */
struct scores {
	char name[64];
	struct figure value;
};
/* This many metrics have a figure of their own. */
enum { METRICS = 64 };

struct as_tally {
	const struct as_header *header;
	const struct as_show *show;
	const struct as_schema *schema;
	int64_t records;
	bool classes; /* records may have a class; scores have none */
	struct counts label, epoch;
	struct figure height, width, jpeg, pixel[3], value, norm;
	struct columns param[AS_MAX_ROLES], omega[AS_MAX_ROLES], feature;
	struct scores score[METRICS];
	int metrics;
	int64_t other_metrics; /* scores of metrics that are not among these */
	float *row;
	int64_t row_cap;
};

int as_tally_new(struct as_tally **out, const struct as_header *h, const struct as_show *show, struct as_error *err)
{
	struct as_tally *t = calloc(1, sizeof *t);
	if (!t)
		return as_fail(err, AS_EMEM, "memory: no room for a tally");
	t->header = h;
	t->show = show;
	t->schema = as_schema_find(h->kind);
	t->classes = strcmp(h->kind, "score") != 0;
	*out = t;
	return 0;
}

void as_tally_free(struct as_tally *t)
{
	if (!t)
		return;
	free(t->label.at);
	free(t->epoch.at);
	for (int k = 0; k < AS_MAX_ROLES; k++) {
		free(t->param[k].at);
		free(t->omega[k].at);
	}
	free(t->feature.at);
	free(t->row);
	free(t);
}

static int row_room(struct as_tally *t, int64_t n, struct as_error *err)
{
	size_t bytes;
	if (n <= t->row_cap)
		return 0;
	float *row = as_mul((size_t)n, sizeof *row, &bytes) ? realloc(t->row, bytes) : NULL;
	if (!row)
		return as_fail(err, AS_EMEM, "memory: no room for %" PRId64 " numbers", n);
	t->row = row;
	t->row_cap = n;
	return 0;
}

/* Every record of a stream should have as many columns as the first. */
static int columns_add(struct as_tally *t, struct columns *c, const struct as_tensor *x, struct as_error *err)
{
	int64_t n = x->shape[1];
	if (!x->data || !n)
		return 0;
	if (!c->at) {
		if (!(c->at = calloc((size_t)n, sizeof *c->at)))
			return as_fail(err, AS_EMEM, "memory: no room for %" PRId64 " columns", n);
		c->count = n;
	}
	if (c->count != n)
		return as_fail(err, AS_EDATA, "%" PRId64 " columns, %" PRId64 " in the record before", n, c->count);
	int rc = row_room(t, n, err);
	for (int64_t v = 0; v < x->shape[0] && !rc; v++) {
		as_tensor_floats(x, v * n, n, t->row);
		for (int64_t i = 0; i < n; i++)
			figure_add(&c->at[i], (double)t->row[i]);
	}
	return rc;
}

static int pixels_add(struct as_tally *t, const struct as_tensor *x, struct as_error *err)
{
	enum { STEP = 3 * 1024 };
	int64_t count = x->data ? as_tensor_count(x) : 0;
	int rc = row_room(t, STEP, err);
	for (int64_t at = 0; at < count && !rc; at += STEP) {
		int64_t n = count - at < STEP ? count - at : STEP;
		as_tensor_floats(x, at, n, t->row);
		for (int64_t i = 0; i < n; i++)
			figure_add(&t->pixel[i % 3], (double)t->row[i]);
	}
	return rc;
}

static int feature_add(struct as_tally *t, const struct as_tensor *x, struct as_error *err)
{
	int rc = columns_add(t, &t->feature, x, err);
	if (rc || !x->data)
		return rc;
	int64_t n = x->shape[1];
	for (int64_t v = 0; v < x->shape[0] && n; v++) {
		double square = 0;
		as_tensor_floats(x, v * n, n, t->row);
		for (int64_t i = 0; i < n; i++) {
			figure_add(&t->value, (double)t->row[i]);
			square += (double)t->row[i] * (double)t->row[i];
		}
		figure_add(&t->norm, sqrt(square));
	}
	return 0;
}

static void score_add(struct as_tally *t, const struct as_score *s)
{
	char name[sizeof t->score->name];
	int i = 0;
	snprintf(name, sizeof name, "%.*s %.*s", (int)s->probe.length, s->probe.at, (int)s->metric.length, s->metric.at);
	as_plain(name);
	while (i < t->metrics && strcmp(t->score[i].name, name) != 0)
		i++;
	t->other_metrics += i == METRICS;
	if (i == METRICS)
		return;
	if (i == t->metrics)
		strcpy(t->score[t->metrics++].name, name);
	figure_add(&t->score[i].value, s->value);
}

int as_tally_add(struct as_tally *t, const struct as_record *rec, struct as_error *err)
{
	bool image = rec->image.pixels.data || rec->image.jpeg.at;
	int64_t height = image ? rec->image.height : rec->height, width = image ? rec->image.width : rec->width;
	t->records++;
	if (!t->classes)
		score_add(t, &rec->score);
	int rc = t->classes ? counts_add(&t->label, rec->label, err) : 0;
	if (!rc)
		rc = counts_add(&t->epoch, (int64_t)rec->epoch, err);
	if (!rc && height > 0 && width > 0) {
		figure_add(&t->height, (double)height);
		figure_add(&t->width, (double)width);
	}
	if (rec->image.jpeg.at)
		figure_add(&t->jpeg, (double)rec->image.jpeg.length);
	if (!rc)
		rc = pixels_add(t, &rec->image.pixels, err);
	for (int k = 0; k < AS_MAX_ROLES && !rc; k++) {
		rc = pixels_add(t, &rec->role[k].views, err);
		rc = rc ? rc : columns_add(t, &t->param[k], &rec->role[k].param, err);
		rc = rc ? rc : columns_add(t, &t->omega[k], &rec->role[k].omega, err);
	}
	return rc ? rc : feature_add(t, &rec->feature, err);
}

static void print_figure(FILE *f, const char *field, const char *name, const struct figure *g)
{
	if (g->count)
		fprintf(f, "%s\t%s\t%" PRId64 "\t%.6g\t%.6g\t%.6g\t%.6g\n", field, name, g->count, g->mean,
			sqrt(g->squares / (double)g->count), g->least, g->most);
}

static void print_columns(FILE *f, const char *field, const struct columns *c, const char *const *name, int names)
{
	char number[32];
	for (int64_t i = 0; i < c->count; i++) {
		snprintf(number, sizeof number, "%" PRId64, i);
		print_figure(f, field, name && names == c->count ? name[i] : number, &c->at[i]);
	}
}

static void print_count(FILE *f, const char *field, const char *name, int64_t count)
{
	if (count)
		fprintf(f, "%s\t%s\t%" PRId64 "\t\t\t\t\n", field, name, count);
}

/* The name of a class, or its number; control characters become '?'. */
static void name_of(const struct as_names *names, int64_t i, char *buf, size_t room)
{
	const char *name = names ? as_names_at(names, i) : NULL;
	if (name)
		snprintf(buf, room, "%s", name);
	else
		snprintf(buf, room, "%" PRId64, i);
	as_plain(buf);
}

static void print_counts(FILE *f, const char *field, struct counts *c, const struct as_names *names)
{
	char name[4096];
	counts_sort(c);
	for (int64_t i = 0; i < c->held; i++) {
		name_of(names, c->at[i].number, name, sizeof name);
		print_count(f, field, name, c->at[i].times);
	}
	print_count(f, field, "(more)", c->more);
	print_count(f, field, "(none)", c->none);
}

/* How much the columns of a feature differ between records: 0 if all features are the same, as in a
 * collapsed network. */
static struct figure column_deviations(const struct columns *c)
{
	struct figure g = {0};
	for (int64_t i = 0; i < c->count; i++)
		figure_add(&g, sqrt(c->at[i].squares / (double)c->at[i].count));
	return g;
}

/* Uses the keys of records: "param", and "param.1" for the second role. */
static void print_role(FILE *f, const struct as_tally *t, int k)
{
	const struct as_show_role *r = &t->show->role[k];
	char param[24] = "param", omega[24] = "omega";
	if (k) {
		snprintf(param, sizeof param, "param.%d", k);
		snprintf(omega, sizeof omega, "omega.%d", k);
	}
	print_columns(f, param, &t->param[k], r->param, r->nparam);
	print_columns(f, omega, &t->omega[k], r->omega, r->nomega);
}

void as_tally_print(struct as_tally *t, FILE *f)
{
	static const char *const channel[3] = {"red", "green", "blue"};
	fputs("field\tname\tcount\tmean\tstd\tmin\tmax\n", f);
	fprintf(f, "record\t%s\t%" PRId64 "\t\t\t\t\n", t->schema->kind, t->records);
	print_counts(f, "epoch", &t->epoch, NULL);
	print_counts(f, "label", &t->label, &t->header->classes);
	print_figure(f, "size", "height", &t->height);
	print_figure(f, "size", "width", &t->width);
	print_figure(f, "size", "jpeg", &t->jpeg);
	for (int i = 0; i < 3; i++)
		print_figure(f, "pixel", channel[i], &t->pixel[i]);
	for (int k = 0; k < AS_MAX_ROLES; k++)
		print_role(f, t, k);
	print_figure(f, "feature", "value", &t->value);
	print_figure(f, "feature", "norm", &t->norm);
	for (int i = 0; i < t->metrics; i++)
		print_figure(f, "score", t->score[i].name, &t->score[i].value);
	print_count(f, "score", "(more)", t->other_metrics);
	struct figure spread = column_deviations(&t->feature);
	print_figure(f, "feature", "std", &spread);
	if (t->show->full)
		print_columns(f, "feature", &t->feature, NULL, 0);
}
