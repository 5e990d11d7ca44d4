#include "eval/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

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

/* The names of f in order into *out, which the caller frees; AS_EDATA if a name occurs twice. */
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

/* For each of f's labels 0..named-1, the label that the learnt set has for that name, or a new one from
 * `next` on. Returns how many names are known. */
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

/* Replaces each label by to[label]; labels without a name go behind all others. */
static void renumber(struct as_features *f, const int64_t *to, int64_t next)
{
	for (int64_t i = 0; i < f->n; i++) {
		int64_t label = f->label[i];
		f->label[i] = label < 0 ? -1 : label < f->named ? to[label] : label + next;
	}
	for (int64_t i = 0; i < f->named; i++)
		f->class_name[i].label = to[i];
	qsort(f->class_name, (size_t)f->named, sizeof *f->class_name, as_class_by_label);
}

/* Adds the new names of `from`, those with to[i] >= next, to the learnt set. */
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

/* Renumbers the labels of `asked` by the names of its classes, if the two sets list their names
 * differently. */
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
	if (learnt->origin.model[0] && asked->origin.model[0] && strcmp(learnt->origin.model, asked->origin.model) != 0)
		return as_fail(err, AS_EDATA, "features of model %s, the training features are of %s: extract both with one model",
			       asked->origin.model, learnt->origin.model);
	return !learnt->named || !asked->named || same_names(learnt, asked) ? 0 : match_names(learnt, asked, err);
}

/* What makes two rows the same: image and values. */
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
