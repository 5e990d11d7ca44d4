#include "eval/features.h"

#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "kern/kern.h"

void as_features_clear(struct as_features *f)
{
	free(f->x);
	free(f->centre);
	free(f->label);
	free(f->y);
	free(f->seq);
	free(f->id);
	free(f->name);
	free(f->text);
	free(f->class_text);
	free(f->class_name);
	*f = (struct as_features){0};
}

/* Makes the array that the pointer at `at` points to one of n things, keeping what is there. */
static bool grow(void *at, int64_t n, size_t size)
{
	void *old, *bigger;
	size_t bytes;
	memcpy(&old, at, sizeof old);
	if (!as_mul((size_t)n, size, &bytes) || !(bigger = realloc(old, bytes)))
		return false;
	memcpy(at, &bigger, sizeof bigger);
	return true;
}

/* Room for `rows` rows of f->d, keeping what is there. */
static int reserve(struct as_features *f, int64_t rows, struct as_error *err)
{
	if (grow(&f->x, rows, (size_t)f->d * sizeof *f->x) && grow(&f->label, rows, sizeof *f->label) &&
	    grow(&f->y, rows, sizeof *f->y) && grow(&f->seq, rows, sizeof *f->seq) &&
	    grow(&f->id, rows, sizeof *f->id) && grow(&f->name, rows, sizeof *f->name))
		return 0;
	return as_fail(err, AS_EMEM, "features: no memory for %lld rows of %lld", (long long)rows, (long long)f->d);
}

static int label_of(const struct as_record *rec, const char *key, bool needed, int64_t *label, struct as_error *err)
{
	bool usual = !strcmp(key, "label");
	int got = usual ? rec->label != -1 : as_extra_int(&rec->extra, key, label, err);
	if (got < 0)
		return got;
	if (usual)
		*label = rec->label;
	if (!got && needed)
		return as_fail(err, AS_EDATA, "%s: not in the record", key);
	if (!got)
		*label = -1;
	else if (*label < 0)
		return as_fail(err, AS_EDATA, "%s: %lld, a class is 0 or more", key, (long long)*label);
	return 0;
}

/* Keeps a record's name; where it begins. */
static int take_name(struct as_features *f, const struct as_record *rec, size_t *room, int64_t *name,
		     struct as_error *err)
{
	size_t need = f->text_bytes + rec->name.length + 1;
	*name = -1;
	if (!rec->name.length)
		return 0;
	if (need > *room) {
		if (!grow(&f->text, (int64_t)(2 * need), 1))
			return as_fail(err, AS_EMEM, "features: no memory for their names");
		*room = 2 * need;
	}
	memcpy(f->text + f->text_bytes, rec->name.at, rec->name.length);
	f->text[need - 1] = '\0';
	*name = (int64_t)f->text_bytes;
	f->text_bytes = need;
	return 0;
}

/* Adds a record's views as rows at f->n, where there is room. */
static int take(struct as_features *f, const struct as_record *rec, int64_t label, int64_t name, struct as_error *err)
{
	int64_t views = rec->feature.shape[0];
	float *x = f->x + f->n * f->d;
	as_tensor_floats(&rec->feature, 0, views * f->d, x);
	int64_t i = as_finite(views * f->d, x);
	if (i < views * f->d)
		return as_fail(err, AS_EDATA, "feature: value %lld is %s", (long long)i, isnan(x[i]) ? "nan" : "infinite");
	for (int64_t v = 0; v < views; v++, f->n++) {
		f->label[f->n] = label;
		f->y[f->n] = -1;
		f->seq[f->n] = rec->seq;
		f->id[f->n] = rec->id;
		f->name[f->n] = name;
	}
	f->unlabelled += label == -1 ? views : 0;
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

/* Room for the names of `count` classes, and the text that they lie in. */
static int name_classes(struct as_features *f, const char *text, size_t bytes, int64_t count, struct as_error *err)
{
	if (!grow(&f->class_text, (int64_t)bytes, 1) || !grow(&f->class_name, count, sizeof *f->class_name))
		return as_fail(err, AS_EMEM, "features: no memory for the names of %lld classes", (long long)count);
	memcpy(f->class_text, text, bytes);
	f->class_bytes = bytes;
	f->named = count;
	return 0;
}

/* The model that the chain names. Two of them are streams that rec-cat has joined: their rows
 * are no features of one space. */
static int name_model(struct as_features *f, const struct as_names *chain, struct as_error *err)
{
	for (int64_t i = 0; i < chain->count; i++) {
		const char *line = as_names_at(chain, i), *word = strstr(line, " model:");
		char model[sizeof f->model];
		if (strncmp(line, "feat-extract ", 13) != 0 || !word)
			continue;
		snprintf(model, sizeof model, "%.*s", (int)strcspn(word + 7, " "), word + 7);
		if (f->model[0] && strcmp(f->model, model) != 0)
			return as_fail(err, AS_EDATA, "features of two models, %s and %s, joined into one stream", f->model, model);
		strcpy(f->model, model);
	}
	return 0;
}

/* What the header says of classes, where these are what is asked for, and of the model. */
static int recognise(struct as_features *f, const struct as_header *h, const char *key, struct as_error *err)
{
	int rc = name_model(f, &h->chain, err);
	if (rc || strcmp(key, "label") != 0 || !h->classes.count)
		return rc;
	rc = name_classes(f, h->classes.at, h->classes.bytes, h->classes.count, err);
	const char *at = f->class_text;
	for (int64_t i = 0; i < f->named; i++, at += strlen(at) + 1)
		f->class_name[i] = (struct as_class_name){i, at};
	return rc;
}

int as_features_read(struct as_features *f, struct as_reader *r, const char *key, bool needed, struct as_error *err)
{
	struct as_record rec;
	int64_t room = 0, label, name;
	size_t text_room = 0;
	*f = (struct as_features){0};
	int rc = recognise(f, as_reader_header(r), key, err);
	while (!rc && (rc = as_reader_next(r, &rec, err)) > 0) {
		rc = check_shape(f, &rec.feature, err);
		if (!rc && f->n + rec.feature.shape[0] > room) {
			room = 2 * room + rec.feature.shape[0] + 255;
			rc = reserve(f, room, err);
		}
		if (!rc)
			rc = label_of(&rec, key, needed, &label, err);
		if (!rc)
			rc = take_name(f, &rec, &text_room, &name, err);
		if (!rc)
			rc = take(f, &rec, label, name, err);
		if (rc && err)
			err->record = (int64_t)as_reader_seal(r).count - 1;
		if (rc)
			break;
	}
	if (!rc && !f->n)
		rc = as_fail(err, AS_EDATA, "no features: the stream is empty");
	if (rc)
		as_features_clear(f);
	return rc;
}

void as_features_number(struct as_features *f, const struct as_classes *classes)
{
	f->classes = classes->count;
	for (int64_t i = 0; i < f->n; i++)
		f->y[i] = as_classes_place(classes, f->label[i]);
}

/* The mean of f's rows into mean (d), zeros; whether it is ten times as long as their spread. */
static bool find_mean(const struct as_features *f, double *mean)
{
	double length = 0, spread = 0;
	for (int64_t i = 0; i < f->n; i++)
		for (int64_t j = 0; j < f->d; j++)
			mean[j] += (double)f->x[i * f->d + j] / (double)f->n;
	for (int64_t j = 0; j < f->d; j++)
		length += mean[j] * mean[j];
	for (int64_t i = 0; i < f->n; i++)
		for (int64_t j = 0; j < f->d; j++) {
			double apart = (double)f->x[i * f->d + j] - mean[j];
			spread += apart * apart / (double)f->n;
		}
	return length > 100 * spread;
}

int as_features_centre(struct as_features *const *set, int sets, struct as_error *err)
{
	int64_t d = set[0]->d;
	double *mean = calloc((size_t)d, sizeof *mean);
	bool moved = mean && find_mean(set[0], mean);
	int rc = mean ? 0 : as_fail(err, AS_EMEM, "features: no memory for a mean of %lld", (long long)d);
	for (int s = 0; s < sets && moved && !rc; s++)
		if (!grow(&set[s]->centre, d, sizeof *mean))
			rc = as_fail(err, AS_EMEM, "features: no memory for a mean of %lld", (long long)d);
	for (int s = 0; s < sets && moved && !rc; s++) {
		memcpy(set[s]->centre, mean, (size_t)d * sizeof *mean);
		for (int64_t i = 0; i < set[s]->n * d; i++)
			set[s]->x[i] = (float)((double)set[s]->x[i] - mean[i % d]);
	}
	free(mean);
	return rc;
}

const char *as_features_name(const struct as_features *f, int64_t row)
{
	return f->name[row] < 0 ? NULL : f->text + f->name[row];
}

static int by_label(const void *a, const void *b)
{
	const struct as_class_name *x = a, *y = b;
	return (x->label > y->label) - (x->label < y->label);
}

const char *as_features_class(const struct as_features *f, int64_t label)
{
	const struct as_class_name key = {label, NULL}, *found = NULL;
	if (f->named)
		found = bsearch(&key, f->class_name, (size_t)f->named, sizeof key, by_label);
	return found ? found->name : NULL;
}

/* ---- two sets ---- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct as_class_name *)a)->name, ((const struct as_class_name *)b)->name);
}

static bool same_names(const struct as_features *a, const struct as_features *b)
{
	bool same = a->named == b->named;
	for (int64_t i = 0; same && i < a->named; i++)
		same = !by_name(&a->class_name[i], &b->class_name[i]);
	return same;
}

/* The names of f in their order into *out, which the caller frees; AS_EDATA where one
 * is there twice. */
static int sort_names(const struct as_features *f, struct as_class_name **out, struct as_error *err)
{
	struct as_class_name *sorted = malloc((size_t)f->named * sizeof *sorted);
	if (!sorted)
		return as_fail(err, AS_EMEM, "classes: no memory for %lld names", (long long)f->named);
	memcpy(sorted, f->class_name, (size_t)f->named * sizeof *sorted);
	qsort(sorted, (size_t)f->named, sizeof *sorted, by_name);
	for (int64_t i = 1; i < f->named; i++)
		if (!by_name(&sorted[i - 1], &sorted[i])) {
			as_fail(err, AS_EDATA, "other classes than in the training features, and two are called '%s'",
				sorted[i].name);
			free(sorted);
			return AS_EDATA;
		}
	*out = sorted;
	return 0;
}

/* What each of f's labels 0..named-1 is among the names learnt: the label of that name, or one from
 * `next` on. How many are known. */
static int64_t translate(const struct as_features *f, const struct as_class_name *sorted, int64_t count, int64_t next,
			 int64_t *to)
{
	int64_t known = 0;
	for (int64_t i = 0; i < f->named; i++) {
		const struct as_class_name *found =
			bsearch(&f->class_name[i], sorted, (size_t)count, sizeof *sorted, by_name);
		known += found != NULL;
		to[i] = found ? found->label : next++;
	}
	return known;
}

/* The labels become to[label]; those without a name stand behind all others. */
static void renumber(struct as_features *f, const int64_t *to, int64_t next)
{
	for (int64_t i = 0; i < f->n; i++) {
		int64_t label = f->label[i];
		f->label[i] = label < 0 ? -1 : label < f->named ? to[label] : label + next;
	}
	for (int64_t i = 0; i < f->named; i++)
		f->class_name[i].label = to[i];
	qsort(f->class_name, (size_t)f->named, sizeof *f->class_name, by_label);
}

/* Adds the names of `from` that were not known, those with to[i] >= next, to the ones learnt. */
static int adopt(struct as_features *learnt, const struct as_features *from, const int64_t *to, int64_t next,
		 struct as_error *err)
{
	int64_t count = learnt->named;
	char *text = malloc(learnt->class_bytes + from->class_bytes);
	struct as_class_name *name = malloc((size_t)(count + from->named) * sizeof *name);
	if (!text || !name) {
		free(text);
		free(name);
		return as_fail(err, AS_EMEM, "classes: no memory for %lld names", (long long)(count + from->named));
	}
	memcpy(text, learnt->class_text, learnt->class_bytes);
	memcpy(text + learnt->class_bytes, from->class_text, from->class_bytes);
	for (int64_t i = 0; i < learnt->named; i++) {
		const struct as_class_name *c = &learnt->class_name[i];
		name[i] = (struct as_class_name){c->label, text + (c->name - learnt->class_text)};
	}
	for (int64_t i = 0; i < from->named; i++)
		if (to[i] >= next)
			name[count++] = (struct as_class_name){
				to[i], text + learnt->class_bytes + (from->class_name[i].name - from->class_text)};
	free(learnt->class_text);
	free(learnt->class_name);
	learnt->class_text = text;
	learnt->class_bytes += from->class_bytes;
	learnt->class_name = name;
	learnt->named = count;
	return 0;
}

/* The labels of `asked` by the names of its classes, where the two have other lists. */
static int match_names(struct as_features *learnt, struct as_features *asked, struct as_error *err)
{
	struct as_class_name *sorted = NULL;
	int64_t next = learnt->class_name[learnt->named - 1].label + 1;
	int64_t *to = malloc((size_t)asked->named * sizeof *to);
	int rc = to ? sort_names(learnt, &sorted, err)
		    : as_fail(err, AS_EMEM, "classes: no memory for %lld names", (long long)asked->named);
	for (int64_t i = 0; i < learnt->n; i++)
		next = learnt->label[i] >= next ? learnt->label[i] + 1 : next;
	if (!rc && !translate(asked, sorted, learnt->named, next, to))
		rc = as_fail(err, AS_EDATA,
			     "other classes than in the training features: not one of '%s', ... is among '%s', ...",
			     asked->class_name[0].name, learnt->class_name[0].name);
	if (!rc)
		rc = adopt(learnt, asked, to, next, err);
	if (!rc)
		renumber(asked, to, next);
	free(sorted);
	free(to);
	return rc;
}

int as_features_match(struct as_features *learnt, struct as_features *asked, struct as_error *err)
{
	if (learnt->model[0] && asked->model[0] && strcmp(learnt->model, asked->model) != 0)
		return as_fail(err, AS_EDATA, "features of model %s, the training features are of %s", asked->model,
			       learnt->model);
	return !learnt->named || !asked->named || same_names(learnt, asked) ? 0 : match_names(learnt, asked, err);
}

/* A row by what makes it the same as another: its image and its values. */
struct print {
	uint64_t id, values;
};

static struct print print_of(const struct as_features *f, int64_t row)
{
	return (struct print){f->id[row], as_hash64(f->x + row * f->d, (size_t)f->d * sizeof *f->x)};
}

static int by_print(const void *a, const void *b)
{
	const struct print *x = a, *y = b;
	int ids = (x->id > y->id) - (x->id < y->id);
	return ids ? ids : (x->values > y->values) - (x->values < y->values);
}

static int by_print_id(const void *a, const void *b)
{
	const struct print *x = a, *y = b;
	return (x->id > y->id) - (x->id < y->id);
}

int as_features_shared(const struct as_features *a, const struct as_features *b, int64_t *ids, int64_t *rows,
		       struct as_error *err)
{
	struct print *sorted = malloc((size_t)a->n * sizeof *sorted + 1);
	if (!sorted)
		return as_fail(err, AS_EMEM, "features: no memory for the ids of %lld rows", (long long)a->n);
	for (int64_t i = 0; i < a->n; i++)
		sorted[i] = print_of(a, i);
	qsort(sorted, (size_t)a->n, sizeof *sorted, by_print);
	*ids = *rows = 0;
	for (int64_t i = 0; i < b->n; i++) {
		const struct print key = print_of(b, i);
		*ids += bsearch(&key, sorted, (size_t)a->n, sizeof key, by_print_id) != NULL;
		*rows += bsearch(&key, sorted, (size_t)a->n, sizeof key, by_print) != NULL;
	}
	free(sorted);
	return 0;
}

/* ---- parts of a set ---- */

int as_features_pick(struct as_features *out, const struct as_features *from, const unsigned char *part, int want,
		     struct as_error *err)
{
	int64_t rows = 0;
	for (int64_t i = 0; i < from->n; i++)
		rows += part[i] == want;
	*out = (struct as_features){.d = from->d, .classes = from->classes};
	int rc = reserve(out, rows ? rows : 1, err);
	if (!rc && from->named)
		rc = name_classes(out, from->class_text, from->class_bytes, from->named, err);
	if (!rc && from->centre && !grow(&out->centre, from->d, sizeof *out->centre))
		rc = as_fail(err, AS_EMEM, "features: no memory for a mean of %lld", (long long)from->d);
	if (!rc && from->centre)
		memcpy(out->centre, from->centre, (size_t)from->d * sizeof *out->centre);
	for (int64_t i = 0; !rc && i < from->named; i++) {
		const struct as_class_name *c = &from->class_name[i];
		out->class_name[i] = (struct as_class_name){c->label, out->class_text + (c->name - from->class_text)};
	}
	for (int64_t i = 0; !rc && i < from->n; i++)
		if (part[i] == want) {
			memcpy(out->x + out->n * out->d, from->x + i * from->d, (size_t)out->d * sizeof(float));
			out->label[out->n] = from->label[i];
			out->y[out->n] = from->y[i];
			out->seq[out->n] = from->seq[i];
			out->id[out->n] = from->id[i];
			out->name[out->n++] = -1;
			out->unlabelled += from->label[i] == -1;
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
		first[f->y[i] + 2]++;
	for (int64_t c = 0; c < f->classes; c++)
		first[c + 2] += first[c + 1];
	for (int64_t i = 0; i < f->n; i++)
		row[first[f->y[i] + 1]++] = i;
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
