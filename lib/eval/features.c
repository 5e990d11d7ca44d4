#include "eval/features.h"

#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/rng.h"

void as_features_clear(struct as_features *f)
{
	free(f->x);
	free(f->label);
	free(f->seq);
	*f = (struct as_features){0};
}

/* Room for `rows` rows of f->d, keeping what is there. */
static int reserve(struct as_features *f, int64_t rows, struct as_error *err)
{
	size_t floats, bytes;
	if (!as_mul((size_t)rows, (size_t)f->d, &floats) || !as_mul(floats, sizeof(float), &bytes))
		return as_fail(err, AS_EMEM, "features: %lld rows of %lld are too many", (long long)rows,
			       (long long)f->d);
	float *x = realloc(f->x, bytes);
	f->x = x ? x : f->x;
	int64_t *label = realloc(f->label, (size_t)rows * sizeof *label);
	f->label = label ? label : f->label;
	uint64_t *seq = realloc(f->seq, (size_t)rows * sizeof *seq);
	f->seq = seq ? seq : f->seq;
	if (!x || !label || !seq)
		return as_fail(err, AS_EMEM, "features: no memory for %lld rows of %lld", (long long)rows,
			       (long long)f->d);
	return 0;
}

static int label_of(const struct as_record *rec, const char *key, int64_t *label, struct as_error *err)
{
	int got = 1;
	if (!strcmp(key, "label"))
		*label = rec->label;
	else
		got = as_extra_int(&rec->extra, key, label, err);
	if (got < 0)
		return got;
	if (!got || (*label == -1 && !strcmp(key, "label")))
		return as_fail(err, AS_EDATA, "%s: not in the record", key);
	if (*label < 0 || *label >= AS_MAX_CLASSES)
		return as_fail(err, AS_EDATA, "%s: %lld, a class is 0 to %d", key, (long long)*label,
			       AS_MAX_CLASSES - 1);
	return 0;
}

/* Adds a record's views as rows at f->n, where there is room. */
static int take(struct as_features *f, const struct as_record *rec, const char *key, struct as_error *err)
{
	int64_t views = rec->feature.shape[0], label;
	int rc = label_of(rec, key, &label, err);
	if (rc)
		return rc;
	float *x = f->x + f->n * f->d;
	as_tensor_floats(&rec->feature, 0, views * f->d, x);
	for (int64_t i = 0; i < views * f->d; i++)
		if (!isfinite(x[i]))
			return as_fail(err, AS_EDATA, "feature: value %lld is %s", (long long)i,
				       isnan(x[i]) ? "nan" : "infinite");
	for (int64_t v = 0; v < views; v++, f->n++) {
		f->label[f->n] = label;
		f->seq[f->n] = rec->seq;
	}
	f->classes = label >= f->classes ? label + 1 : f->classes;
	return 0;
}

static int check_shape(struct as_features *f, const struct as_tensor *t, struct as_error *err)
{
	if (t->ndim != 2 || t->shape[0] < 1 || t->shape[1] < 1)
		return as_fail(err, AS_EDATA, "feature: not a (views, width) tensor");
	if (!f->d)
		f->d = t->shape[1];
	if (t->shape[1] != f->d)
		return as_fail(err, AS_EDATA, "feature: %lld wide, those before are %lld", (long long)t->shape[1],
			       (long long)f->d);
	return 0;
}

static void recognise(struct as_features *f, const struct as_header *h, const char *key)
{
	for (int64_t i = 0; i < h->classes.count && !strcmp(key, "label"); i++) {
		const char *name = as_names_at(&h->classes, i);
		f->names = XXH64(name, strlen(name) + 1, f->names + 1);
	}
	for (int64_t i = 0; i < h->chain.count; i++) {
		const char *line = as_names_at(&h->chain, i), *model = strstr(line, " model:");
		if (!strncmp(line, "feat-extract ", 13) && model)
			snprintf(f->model, sizeof f->model, "%.*s", (int)strcspn(model + 7, " "), model + 7);
	}
}

int as_features_match(const struct as_features *learnt, const struct as_features *asked, struct as_error *err)
{
	if (learnt->names && asked->names && learnt->names != asked->names)
		return as_fail(err, AS_EDATA, "other classes than in the training features");
	if (learnt->model[0] && asked->model[0] && strcmp(learnt->model, asked->model) != 0)
		return as_fail(err, AS_EDATA, "features of model %s, the training features are of %s", asked->model,
			       learnt->model);
	return 0;
}

int as_features_read(struct as_features *f, struct as_reader *r, const char *key, struct as_error *err)
{
	struct as_record rec;
	int64_t room = 0;
	int rc;
	*f = (struct as_features){0};
	recognise(f, as_reader_header(r), key);
	while ((rc = as_reader_next(r, &rec, err)) > 0) {
		rc = check_shape(f, &rec.feature, err);
		if (!rc && f->n + rec.feature.shape[0] > room) {
			room = 2 * room + rec.feature.shape[0] + 255;
			rc = reserve(f, room, err);
		}
		if (!rc)
			rc = take(f, &rec, key, err);
		if (rc) {
			if (err)
				err->record = (int64_t)as_reader_seal(r).count - 1;
			break;
		}
	}
	if (!rc && !f->n)
		rc = as_fail(err, AS_EDATA, "no features: the stream is empty");
	if (rc)
		as_features_clear(f);
	return rc;
}

int as_features_pick(struct as_features *out, const struct as_features *from, const unsigned char *part, int want,
		     struct as_error *err)
{
	int64_t rows = 0;
	for (int64_t i = 0; i < from->n; i++)
		rows += part[i] == want;
	*out = (struct as_features){.d = from->d, .classes = from->classes};
	int rc = reserve(out, rows ? rows : 1, err);
	for (int64_t i = 0; !rc && i < from->n; i++)
		if (part[i] == want) {
			memcpy(out->x + out->n * out->d, from->x + i * from->d, (size_t)out->d * sizeof(float));
			out->label[out->n] = from->label[i];
			out->seq[out->n++] = from->seq[i];
		}
	if (rc)
		as_features_clear(out);
	return rc;
}

int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
			 struct as_error *err)
{
	/* rows of each class in order: first[c]..first[c+1] of `row` */
	int64_t *first = calloc((size_t)f->classes + 2, sizeof *first);
	int64_t *row = malloc((size_t)f->n * sizeof *row + 1);
	if (!first || !row) {
		free(first);
		free(row);
		return as_fail(err, AS_EMEM, "hold-out: no memory for %lld rows", (long long)f->n);
	}
	for (int64_t i = 0; i < f->n; i++)
		first[f->label[i] + 2]++;
	for (int64_t c = 0; c < f->classes; c++)
		first[c + 2] += first[c + 1];
	for (int64_t i = 0; i < f->n; i++)
		row[first[f->label[i] + 1]++] = i;
	memset(part, 0, (size_t)f->n);
	for (int64_t c = 0; c < f->classes; c++) {
		int64_t *at = row + first[c], count = first[c + 1] - first[c];
		int64_t take_out = (int64_t)floor(share * (double)count + 0.5);
		take_out = take_out < count ? take_out : count - 1;
		struct as_rng r = as_rng_at(seed, (uint64_t)c, 0, 0, 0);
		for (int64_t i = 0; i < take_out; i++) {
			int64_t j = i + (int64_t)as_rng_below(&r, (uint64_t)(count - i));
			int64_t chosen = at[j];
			at[j] = at[i];
			part[chosen] = 1;
		}
	}
	free(first);
	free(row);
	return 0;
}
