#include "stream/export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "base/text.h"
#include "stream/npy.h"
#include "stream/schema.h"

/* ---- tables ---- */

static bool in_table(const struct as_field *f)
{
	return f->type == AS_T_U64 || f->type == AS_T_I64 || f->type == AS_T_F64 || f->type == AS_T_TEXT;
}

/* The label of an image; that of a score is a text. */
static bool is_label(const struct as_field *f)
{
	return f->type == AS_T_I64 && !strcmp(f->key, "label");
}

/* A text in a cell of a table: what would break the table is a question mark. */
static void put_text(FILE *f, const char *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fputc((unsigned char)at[i] < ' ' || at[i] == 127 ? '?' : at[i], f);
}

static void heading(FILE *f, const struct as_header *h, const struct as_names *more)
{
	const struct as_schema *s = as_schema_find(h->kind);
	const char *gap = "";
	for (int i = 0; i < s->fields; i++) {
		if (!in_table(&s->field[i]))
			continue;
		fprintf(f, "%s%s%s", gap, s->field[i].key, is_label(&s->field[i]) ? "\tclass" : "");
		gap = "\t";
	}
	for (int64_t i = 0; i < more->count; i++)
		fprintf(f, "\t%s", as_names_at(more, i));
}

static void put_cell(FILE *f, const struct as_header *h, const struct as_field *field, const void *at)
{
	char digits[32];
	const struct as_text *t = at;
	int64_t label = is_label(field) ? *(const int64_t *)at : -1;
	const char *class = label >= 0 ? as_names_at(&h->classes, label) : NULL;
	bool says = as_field_says(field, at);
	switch (field->type) {
	case AS_T_U64: fprintf(f, "%" PRIu64, *(const uint64_t *)at); break;
	case AS_T_I64: fprintf(f, "%" PRId64, *(const int64_t *)at); break;
	case AS_T_F64: fputs(says ? as_format_f64(*(const double *)at, digits) : "", f); break;
	default: put_text(f, t->at, t->length);
	}
	if (is_label(field)) {
		fputc('\t', f);
		put_text(f, class, class ? strlen(class) : 0);
	}
}

static int row(FILE *f, const struct as_header *h, const struct as_names *more, const struct as_record *r, struct as_error *err)
{
	const struct as_schema *s = as_schema_find(h->kind);
	const char *gap = "";
	for (int i = 0; i < s->fields; i++) {
		if (!in_table(&s->field[i]))
			continue;
		fputs(gap, f);
		put_cell(f, h, &s->field[i], (const char *)r + s->field[i].at);
		gap = "\t";
	}
	for (int64_t i = 0; i < more->count; i++) {
		int64_t value;
		int rc = as_extra_int(&r->extra, as_names_at(more, i), &value, err);
		if (rc <= 0)
			return rc ? rc : as_fail(err, AS_EDATA, "%s: no such key here", as_names_at(more, i));
		fprintf(f, "\t%" PRId64, value);
	}
	return 0;
}

void as_table_heading(FILE *f, const struct as_header *h, const struct as_names *more)
{
	heading(f, h, more);
	fputc('\n', f);
}

int as_table_row(FILE *f, const struct as_header *h, const struct as_names *more, const struct as_record *r,
		 struct as_error *err)
{
	int rc = row(f, h, more, r, err);
	fputc('\n', f);
	return rc;
}

/* ---- files ---- */

struct as_export {
	const struct format *format;
	struct as_export_ask ask;
	const struct as_schema *schema;
	const char *main;      /* the key of a single tensor */
	struct as_newfile tsv; /* by format one of the three */
	struct as_npy *npy;
	struct as_npz *npz;
	unsigned had;          /* .npz: bit i says that the records have field i, a tensor */
	int64_t numbers;       /* .tsv: columns of the feature */
	int64_t count;
};

struct format {
	const char *ending;
	int (*open)(struct as_export *, const char *path, struct as_error *);
	int (*add)(struct as_export *, const struct as_record *, struct as_error *);
	int (*close)(struct as_export *, struct as_error *);
};

static const struct as_field *field_of(const struct as_schema *s, const char *key)
{
	for (int i = 0; i < s->fields; i++)
		if (!strcmp(s->field[i].key, key))
			return &s->field[i];
	return NULL;
}

/* A field's tensor, of an image its pixels; NULL: the field is none. */
static const struct as_tensor *tensor_of(const struct as_field *f, const struct as_record *r)
{
	const char *at = (const char *)r + f->at;
	return f->type == AS_T_TENSOR ? (const struct as_tensor *)at :
	       f->type == AS_T_IMAGE ? &((const struct as_image *)at)->pixels : NULL;
}

static int none_here(const struct as_field *f, const struct as_record *r, struct as_error *err)
{
	bool jpeg = f->type == AS_T_IMAGE && r->image.jpeg.at;
	return as_fail(err, AS_EDATA, "%s: none here%s", f->key, jpeg ? ", but a JPEG, which aug-sample | aug-apply decodes" : "");
}

/* ---- .npy ---- */

static int open_npy(struct as_export *e, const char *path, struct as_error *err)
{
	static const char *const usual[] = {"feature", "views", "image"};
	if (e->ask.keys->count > 1)
		return as_fail(err, AS_EARG, "a .npy holds one tensor; .npz holds several");
	e->main = as_names_at(e->ask.keys, 0);
	for (int i = 0; i < 3 && !e->main; i++)
		e->main = field_of(e->schema, usual[i]) ? usual[i] : NULL;
	if (!e->main)
		return as_fail(err, AS_EARG, "a %s has no tensor for a .npy; .npz and .tsv hold its fields", e->schema->kind);
	return as_npy_open(&e->npy, path, err);
}

static int add_npy(struct as_export *e, const struct as_record *r, struct as_error *err)
{
	const struct as_field *f = field_of(e->schema, e->main);
	const struct as_tensor *t = tensor_of(f, r);
	return t->data ? as_npy_add(e->npy, t, err) : none_here(f, r, err);
}

static int close_npy(struct as_export *e, struct as_error *err)
{
	struct as_npy *npy = e->npy;
	e->npy = NULL;
	return as_npy_close(npy, err);
}

/* ---- .npz ---- */

static int put_texts(struct as_npz *z, const char *name, const struct as_names *texts, struct as_error *err)
{
	struct as_npy *a;
	int rc = texts->count ? as_npz_array(z, name, &a, err) : 0;
	for (int64_t i = 0; i < texts->count && !rc; i++)
		rc = as_npy_add_text(a, as_text_of(as_names_at(texts, i)), err);
	return rc;
}

static int put_number(struct as_npz *z, const char *name, uint64_t value, struct as_error *err)
{
	struct as_npy *a;
	int rc = as_npz_array(z, name, &a, err);
	return rc ? rc : as_npy_add_u64(a, value, err);
}

static int open_npz(struct as_export *e, const char *path, struct as_error *err)
{
	return as_npz_open(&e->npz, path, err);
}

/* What the header says, behind the arrays of the records. */
static int put_header(struct as_export *e, struct as_error *err)
{
	const struct as_header *h = e->ask.header;
	struct as_npy *a;
	int rc = put_texts(e->npz, "class_names", &h->classes, err);
	if (!rc && h->policy && !(rc = as_npz_array(e->npz, "policy", &a, err)))
		rc = as_npy_add_text(a, as_text_of(h->policy), err);
	if (!rc)
		rc = put_texts(e->npz, "chain", &h->chain, err);
	if (!rc)
		rc = put_number(e->npz, "records", h->records, err);
	return rc ? rc : put_number(e->npz, "epochs", h->epochs, err);
}

static bool is_asked(const struct as_export *e, const char *key)
{
	for (int64_t i = 0; i < e->ask.keys->count; i++)
		if (!strcmp(as_names_at(e->ask.keys, i), key))
			return true;
	return !e->ask.keys->count;
}

/* A tensor that the first record has is in all of them, and no other. */
static int put_tensor(struct as_export *e, int i, const struct as_record *r, struct as_error *err)
{
	const struct as_field *f = &e->schema->field[i];
	const struct as_tensor *t = tensor_of(f, r);
	unsigned bit = 1u << i;
	struct as_npy *a;
	if (!e->count && (t->data || e->ask.keys->count || f->type == AS_T_IMAGE))
		e->had |= bit;
	if (!(e->had & bit))
		return t->data ? as_fail(err, AS_EDATA, "%s: here, and not in the records before", f->key) : 0;
	if (!t->data)
		return none_here(f, r, err);
	int rc = as_npz_array(e->npz, f->key, &a, err);
	if (!rc && (rc = as_npy_add(a, t, err)))
		as_fail_within(err, "%s", f->key);
	return rc;
}

/* A number or a text. Of a field that may be absent in all, its array is there all the same. */
static int put_field(struct as_export *e, const struct as_field *f, const struct as_record *r, struct as_error *err)
{
	const char *at = (const char *)r + f->at;
	struct as_npy *a;
	int rc = as_npz_array(e->npz, f->key, &a, err);
	if (rc)
		return rc;
	switch (f->type) {
	case AS_T_U64: return as_npy_add_u64(a, *(const uint64_t *)(const void *)at, err);
	case AS_T_I64: return as_npy_add_i64(a, *(const int64_t *)(const void *)at, err);
	case AS_T_F64: return as_npy_add_f64(a, *(const double *)(const void *)at, err);
	default: return as_npy_add_text(a, *(const struct as_text *)(const void *)at, err);
	}
}

static int add_npz(struct as_export *e, const struct as_record *r, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < e->schema->fields && !rc; i++) {
		const struct as_field *f = &e->schema->field[i];
		if (in_table(f))
			rc = put_field(e, f, r, err);
		else if (is_asked(e, f->key))
			rc = put_tensor(e, i, r, err);
	}
	for (int64_t i = 0; i < e->ask.more->count && !rc; i++) {
		const char *key = as_names_at(e->ask.more, i);
		struct as_npy *a;
		int64_t value;
		rc = as_extra_int(&r->extra, key, &value, err);
		rc = rc < 0 ? rc : !rc ? as_fail(err, AS_EDATA, "%s: no such key here", key) : as_npz_array(e->npz, key, &a, err);
		if (!rc)
			rc = as_npy_add_i64(a, value, err);
	}
	return rc;
}

static int close_npz(struct as_export *e, struct as_error *err)
{
	int rc = e->count ? put_header(e, err) : as_fail(err, AS_EDATA, "no records, so no array");
	if (rc)
		return rc;
	struct as_npz *z = e->npz;
	e->npz = NULL;
	return as_npz_close(z, err);
}

/* ---- .tsv ---- */

static int open_tsv(struct as_export *e, const char *path, struct as_error *err)
{
	if (e->ask.keys->count && strcmp(as_names_at(e->ask.keys, 0), "feature"))
		return as_fail(err, AS_EARG, "a .tsv has the numbers of features only; .npy and .npz hold other tensors");
	return as_newfile_open(&e->tsv, path, err);
}

static int add_tsv(struct as_export *e, const struct as_record *r, struct as_error *err)
{
	char digits[32];
	float value;
	int64_t n = as_tensor_count(&r->feature);
	if (!e->count) {
		heading(e->tsv.f, e->ask.header, e->ask.more);
		for (int64_t i = 0; i < n; i++)
			fprintf(e->tsv.f, "\tfeature.%" PRId64, i);
		fputc('\n', e->tsv.f);
		e->numbers = n;
	}
	if (n != e->numbers)
		return as_fail(err, AS_EDATA, "a feature of %" PRId64 " numbers, and %" PRId64 " in the first record, so they are no table "
			       "together", n, e->numbers);
	if (r->feature.data && r->feature.shape[0] > 1)
		return as_fail(err, AS_EDATA, "features of %" PRId64 " views, where a line has those of one; .npz holds them",
			       r->feature.shape[0]);
	int rc = row(e->tsv.f, e->ask.header, e->ask.more, r, err);
	for (int64_t i = 0; i < n && !rc; i++) {
		as_tensor_floats(&r->feature, i, 1, &value);
		fprintf(e->tsv.f, "\t%s", as_format_f32(value, digits));
	}
	fputc('\n', e->tsv.f);
	return rc ? rc : ferror(e->tsv.f) ? as_fail_errno(err, "write: %s", e->tsv.path) : 0;
}

static int close_tsv(struct as_export *e, struct as_error *err)
{
	if (!e->count)
		as_table_heading(e->tsv.f, e->ask.header, e->ask.more);
	return as_newfile_commit(&e->tsv, err);
}

/* ---- all formats ---- */

static const struct format formats[] = {
	{".npy", open_npy, add_npy, close_npy},
	{".npz", open_npz, add_npz, close_npz},
	{".tsv", open_tsv, add_tsv, close_tsv},
};

static const struct format *format_of(const char *path)
{
	size_t n = strlen(path);
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (n > 4 && !strcmp(path + n - 4, formats[i].ending))
			return &formats[i];
	return NULL;
}

/* Every key must be a tensor of the kind. */
static int check_keys(const struct as_export *e, struct as_error *err)
{
	for (int64_t i = 0; i < e->ask.keys->count; i++) {
		const char *key = as_names_at(e->ask.keys, i);
		const struct as_field *f = field_of(e->schema, key);
		char list[200] = "";
		for (int k = 0; k < e->schema->fields; k++)
			if (!in_table(&e->schema->field[k]))
				as_enlist(list, sizeof list, e->schema->field[k].key);
		if (!f || in_table(f))
			return as_fail(err, AS_EARG, "--key: '%.40s' is no tensor of kind %s, which has %s%s", key, e->schema->kind,
				       *list ? list : "none", as_near(key, list, &(struct as_hint){0}));
	}
	return 0;
}

int as_export_open(struct as_export **out, const char *path, const struct as_export_ask *ask, struct as_error *err)
{
	struct as_export *e = calloc(1, sizeof *e);
	if (!e)
		return as_fail(err, AS_EMEM, "memory: no room for a file of arrays");
	e->ask = *ask;
	e->schema = as_schema_find(ask->header->kind);
	e->format = format_of(path);
	int rc = e->format ? check_keys(e, err) : as_fail(err, AS_EARG, "%s: its name ends with none of .npy, .npz, .tsv", path);
	if (!rc)
		rc = e->format->open(e, path, err);
	if (rc)
		as_export_abandon(e);
	else
		*out = e;
	return rc;
}

int as_export_add(struct as_export *e, const struct as_record *r, struct as_error *err)
{
	int rc = e->format->add(e, r, err);
	e->count += !rc;
	return rc;
}

int as_export_close(struct as_export *e, struct as_error *err)
{
	int rc = e->format->close(e, err);
	as_export_abandon(e);
	return rc;
}

void as_export_abandon(struct as_export *e)
{
	if (!e)
		return;
	as_npy_abandon(e->npy);
	as_npz_abandon(e->npz);
	as_newfile_abandon(&e->tsv);
	free(e);
}
