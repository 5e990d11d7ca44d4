#include "eval/read.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "eval/drawn.h"
#include "eval/room.h"
#include "kern/kern.h"

static int no_label(const struct as_record *rec, const char *key, struct as_error *err)
{
	char known[160];
	struct as_hint hint;
	as_extra_names(&rec->extra, known, sizeof known);
	if (rec->label != -1)
		as_enlist(known, sizeof known, "label");
	if (!*known)
		return as_fail(err, AS_EDATA, "%s: not in the record, which has no label at all (img-read folder gives classes, "
			       "rec-import takes --label)",
			       key);
	return as_fail(err, AS_EDATA, "%s: not in the record, whose labels are %s%s", key, known, as_near(key, known, &hint));
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
		return no_label(rec, key, err);
	if (!got)
		*label = -1;
	else if (*label < 0)
		return as_fail(err, AS_EDATA, "%s: %lld, a class is 0 or more", key, (long long)*label);
	return 0;
}

/* Copies a record's name behind the earlier ones; *name: where it begins. */
static int add_name(struct as_features *f, const struct as_record *rec, int64_t *name, struct as_error *err)
{
	size_t need = f->text_bytes + rec->name.length + 1;
	*name = -1;
	if (!rec->name.length)
		return 0;
	if (need > f->text_room) {
		if (!as_features_grow(&f->text, (int64_t)(2 * need), 1))
			return as_fail(err, AS_EMEM, "features: no memory for their names");
		f->text_room = 2 * need;
	}
	memcpy(f->text + f->text_bytes, rec->name.at, rec->name.length);
	f->text[need - 1] = '\0';
	*name = (int64_t)f->text_bytes;
	f->text_bytes = need;
	return 0;
}

/* Adds a record's views as rows from f->n on; memory for them is there. */
static int add_rows(struct as_features *f, const struct as_record *rec, int64_t label, int64_t name, struct as_error *err)
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

/* Takes over what the header says of classes, if these are asked for, and of the origin. */
static int recognise(struct as_features *f, const struct as_header *h, const char *key, struct as_error *err)
{
	int rc = as_origin_read(&f->origin, &h->chain, err);
	if (rc || strcmp(key, "label") != 0 || !h->classes.count)
		return rc;
	rc = as_features_name_classes(f, h->classes.at, h->classes.bytes, h->classes.count, err);
	const char *at = f->class_text;
	for (int64_t i = 0; i < f->named; i++, at += strlen(at) + 1)
		f->class_name[i] = (struct as_class_name){i, at};
	return rc;
}

int as_features_begin(struct as_features *f, const struct as_reader *r, const char *key, struct as_error *err)
{
	*f = (struct as_features){0};
	int rc = recognise(f, as_reader_header(r), key, err);
	if (rc)
		as_features_clear(f);
	return rc;
}

/* Adds a record's rows. */
static int add(struct as_features *f, const struct as_record *rec, const char *key, bool needed, struct as_error *err)
{
	int64_t label, name;
	int rc = check_shape(f, &rec->feature, err);
	if (!rc && f->n + rec->feature.shape[0] > f->room) {
		int64_t room = 2 * f->room + rec->feature.shape[0] + 255;
		if (!(rc = as_features_reserve(f, room, err)))
			f->room = room;
	}
	if (!rc)
		rc = label_of(rec, key, needed, &label, err);
	if (!rc)
		rc = add_name(f, rec, &name, err);
	return rc ? rc : add_rows(f, rec, label, name, err);
}

int as_features_next(struct as_features *f, struct as_reader *r, const char *key, bool needed, struct as_record *rec,
		     struct as_error *err)
{
	int rc = as_reader_next(r, rec, err);
	if (rc <= 0)
		return rc;
	rc = add(f, rec, key, needed, err);
	if (rc && err)
		err->record = (int64_t)as_reader_seal(r).count - 1;
	return rc ? rc : 1;
}

/* The rest of the stream, behind what as_features_begin made; f->drawn, if there is one, gets what was drawn of views. */
static int read_rest(struct as_features *f, struct as_reader *r, const char *key, bool needed, struct as_error *err)
{
	struct as_record rec;
	int rc;
	while ((rc = as_features_next(f, r, key, needed, &rec, err)) > 0) {
		rc = f->drawn ? as_drawn_add(f->drawn, f->n - rec.feature.shape[0], &rec, err) : 0;
		if (rc && err)
			err->record = (int64_t)as_reader_seal(r).count - 1;
		if (rc)
			break;
	}
	if (!rc && !f->n)
		rc = as_fail(err, AS_EDATA, "no features: the stream has no records; see what made it");
	if (rc)
		as_features_clear(f);
	return rc;
}

int as_features_read(struct as_features *f, struct as_reader *r, const char *key, bool needed, struct as_error *err)
{
	int rc = as_features_begin(f, r, key, err);
	return rc ? rc : read_rest(f, r, key, needed, err);
}

int as_features_read_views(struct as_features *f, struct as_reader *r, struct as_error *err)
{
	int rc = as_features_begin(f, r, "label", err);
	if (rc)
		return rc;
	rc = as_drawn_new(&f->drawn, as_reader_header(r), err);
	if (!rc)
		return read_rest(f, r, "label", false, err);
	as_features_clear(f);
	return rc;
}
