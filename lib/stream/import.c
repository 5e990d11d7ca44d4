#include "stream/import.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/text.h"
#include "stream/import_inside.h"
#include "stream/keys.h"

enum { FIELDS = 16, MORE = 32, TENSORS = 2, MAX_BYTES = 60 << 20, MAX_SIDE = 65535 };

/* Pixels of an image in an array: with their colours last, or as planes; one colour is one of grey. */
struct layout {
	int64_t height, width, colours;
	bool planes;
};

struct as_import {
	struct as_import_ask ask;
	struct as_header header;
	const struct as_schema *schema;
	enum as_array_file format;   /* of ask.path; NONE: a table */
	struct as_names arrays;      /* the names in a .npz */
	struct as_tsv table, rows;   /* ask.path, ask.rows */
	struct as_tsv lines[2];      /* ask.label, ask.name */
	struct as_array_in *main;    /* images or features */
	struct as_tensor shape;      /* the feature of a record */
	struct layout layout;
	int64_t first;               /* the table's column feature.0 */
	struct as_column field[FIELDS], more[MORE];
	int fields, mores;
	struct drawn {
		const struct as_field *field;
		struct as_array_in *in;
		int64_t views, columns;
		float *value;
	} drawn[TENSORS];            /* param, omega */
	float *feature;
	uint8_t *pixels, *raw;
	struct as_keys keys;
	int64_t n, row;
};

/* ---- where a column comes from ---- */

/* The names under which others keep what we call so; the first is ours. */
static const char *const aliases[][6] = {
	{"feature", "features", "x", "X", "embeddings", "embedding"},
	{"image", "images", "x", "X", "data", "pixels"},
	{"label", "labels", "y", "Y", "targets", "target"},
	{"name", "names", "path", "paths", "filenames", "filename"},
};

static const char *alias(const char *key, int i)
{
	for (size_t k = 0; k < sizeof aliases / sizeof *aliases; k++)
		if (!strcmp(aliases[k][0], key))
			return i < 6 ? aliases[k][i] : NULL;
	return i ? NULL : key;
}

static const char *listed(const struct as_names *names, const char *name)
{
	for (int64_t i = 0; i < names->count; i++)
		if (!strcmp(as_names_at(names, i), name))
			return as_names_at(names, i);
	return NULL;
}

/* The .npz's array of a key, under any of its names; NULL: none. */
static const char *array_of(const struct as_import *im, const char *key)
{
	const char *found = NULL, *name;
	for (int i = 0; !found && (name = alias(key, i)); i++)
		found = listed(&im->arrays, name);
	return found;
}

static int64_t column_of(const struct as_tsv *t, const char *key)
{
	int64_t at = -1;
	const char *name;
	for (int i = 0; at < 0 && (name = alias(key, i)); i++)
		at = as_tsv_column(t, name);
	return at;
}

/* A text with one value on each line, as a table of one column. */
static int read_lines(struct as_tsv *t, const char *path, struct as_error *err)
{
	char *text, *table;
	int rc = as_text_read(path, AS_PATH_FILE | AS_PATH_PIPE, 1 << 30, &text, err);
	if (rc)
		return rc;
	size_t n = strlen(text);
	if ((table = malloc(n + 3))) {
		memcpy(table, "x\n", 2);
		memcpy(table + 2, text, n + 1);
	}
	free(text);
	rc = table ? as_tsv_cut(t, table, err) : as_fail(err, AS_EMEM, "memory: no room for %s", path);
	return rc ? as_fail_within(err, "%s", path) : 0;
}

/* A column of a file of its own, or of an array of the .npz. */
static int open_given(struct as_import *im, struct as_column *c, struct as_tsv *lines, const char *given, struct as_error *err)
{
	enum as_array_file kind = AS_ARRAY_NONE;
	const char *name = listed(&im->arrays, given);
	if (name)
		return as_array_open(&c->in, im->ask.path, name, err);
	int rc = as_path_ask(given, AS_PATH_FILE, NULL) > 0 ? as_array_ask(given, &kind, err) : 0;
	if (rc)
		return rc;
	if (kind == AS_ARRAY_NPZ)
		return as_fail(err, AS_EARG, "%s: a .npz; give one file with both, or a .npy", given);
	if (kind == AS_ARRAY_NPY)
		return as_array_open(&c->in, given, NULL, err);
	c->table = lines;
	return read_lines(lines, given, err);
}

/* Whether the column's values are texts. */
static void find_type(struct as_column *c)
{
	c->text = c->in ? strchr("US", as_array_said(c->in)->kind) != NULL : !as_column_whole(c->table, c->at);
}

/* A field: of its option, of the table of rows, of the .npz or the table that is read. */
static int open_field(struct as_import *im, const struct as_field *f, struct as_error *err)
{
	struct as_column *c = &im->field[im->fields++];
	bool label = f->type == AS_T_I64 && !strcmp(f->key, "label"), name = !strcmp(f->key, "name");
	const char *given = label ? im->ask.label : name ? im->ask.name : NULL, *array = array_of(im, f->key);
	int rc = 0;
	*c = (struct as_column){.key = f->key, .field = f};
	if (given) {
		rc = open_given(im, c, &im->lines[name], given, err);
	} else if ((c->at = column_of(&im->rows, f->key)) >= 0 || (label && (c->at = as_tsv_column(&im->rows, "class")) >= 0)) {
		c->table = &im->rows;
	} else if ((c->at = column_of(&im->table, f->key)) >= 0 || (label && (c->at = as_tsv_column(&im->table, "class")) >= 0)) {
		c->table = &im->table;
	} else if (array) {
		rc = as_array_open(&c->in, im->ask.path, array, err);
	}
	if (rc || !as_column_there(c))
		return rc;
	find_type(c);
	c->by_class = label && c->text;
	return c->by_class ? as_column_classes(c, &im->header.classes, err) : 0;
}

/* ---- further keys ---- */

/* Whether the name is that of a field, or has another use. */
static bool has_use(const struct as_import *im, const char *name)
{
	static const char *const used[] = {"class", "class_names", "policy", "chain", "records", "epochs"};
	for (size_t i = 0; i < sizeof used / sizeof *used; i++)
		if (!strcmp(name, used[i]))
			return true;
	const char *also;
	for (int i = 0; i < im->schema->fields; i++)
		for (int k = 0; (also = alias(im->schema->field[i].key, k)); k++)
			if (!strcmp(name, also))
				return true;
	return !strncmp(name, "feature.", 8) || (im->ask.label && !strcmp(name, im->ask.label)) ||
	       (im->ask.name && !strcmp(name, im->ask.name)) || (im->ask.key && !strcmp(name, im->ask.key));
}

static struct as_column *more_column(struct as_import *im, const char *key, struct as_error *err)
{
	if (im->mores == MORE) {
		as_fail(err, AS_EARG, "%s: more than %d further columns", im->ask.path, MORE);
		return NULL;
	}
	im->more[im->mores] = (struct as_column){.key = key};
	return &im->more[im->mores++];
}

static int open_more_table(struct as_import *im, const struct as_tsv *t, struct as_error *err)
{
	for (int64_t i = 0; i < t->columns; i++) {
		if (has_use(im, t->field[i]))
			continue;
		struct as_column *c = more_column(im, t->field[i], err);
		if (!c)
			return AS_EARG;
		c->table = t;
		c->at = i;
		c->text = !as_column_whole(t, i);
	}
	return 0;
}

/* Whole numbers, one for each row, are keys; what else a .npz has is not asked for. */
static int open_more_arrays(struct as_import *im, struct as_error *err)
{
	int rc = 0;
	for (int64_t i = 0; i < im->arrays.count && !rc; i++) {
		const char *name = as_names_at(&im->arrays, i);
		struct as_array_in *in;
		if (has_use(im, name))
			continue;
		if (as_array_open(&in, im->ask.path, name, NULL))
			continue;
		const struct as_array *a = as_array_said(in);
		bool fits = strchr("iub", a->kind) && a->ndim == 1 && a->shape[0] == im->n;
		struct as_column *c = fits ? more_column(im, name, err) : NULL;
		if (c)
			c->in = in;
		else
			as_array_close(in);
		rc = fits && !c ? AS_EARG : 0;
	}
	return rc;
}

/* ---- images and features ---- */

static int unlike(const struct as_import *im, const char *why, struct as_error *err)
{
	char text[200];
	return as_fail(err, AS_EDATA, "%s: %s: %s", im->ask.path, as_array_text(as_array_said(im->main), text, sizeof text), why);
}

static int find_layout(struct as_import *im, const struct as_array *a, struct as_error *err)
{
	struct layout *l = &im->layout;
	const int64_t *s = a->shape;
	if (a->ndim == 3)
		*l = (struct layout){s[1], s[2], 1, false};
	else if (s[3] == 3 || s[3] == 1)
		*l = (struct layout){s[1], s[2], s[3], false};
	else if (s[1] == 3 || s[1] == 1)
		*l = (struct layout){s[2], s[3], s[1], true};
	else
		return unlike(im, "images are (N,H,W,3), (N,3,H,W) or, with one colour, (N,H,W): drop alpha, x[..., :3]", err);
	if (!l->height || !l->width || l->height > MAX_SIDE || l->width > MAX_SIDE || l->height > AS_MAX_IMAGE / 3 / l->width)
		return unlike(im, "images of no pixels, or too many", err);
	size_t pixels = (size_t)(l->height * l->width);
	im->raw = malloc(pixels * 3);
	im->pixels = malloc(pixels * 3);
	return im->raw && im->pixels ? 0 : as_fail(err, AS_EMEM, "memory: no room for an image");
}

/* (N,D) or (N,V,D); sides of 1 at the end are no sides, for pooled maps (N,D,1,1). */
static int find_shape(struct as_import *im, const struct as_array *a, struct as_error *err)
{
	int n = a->ndim;
	while (n > 2 && a->shape[n - 1] == 1)
		n--;
	if (n >= 4 && a->kind == 'f' && (a->shape[n - 1] == 3 || a->shape[1] == 3))
		return unlike(im, "images are bytes: (x * 255).round().astype(\"uint8\")", err);
	if (n < 2 || n > 3)
		return unlike(im, "features are (N,D), or (N,V,D) of V views: x.reshape(len(x), -1)", err);
	int64_t views = n == 3 ? a->shape[1] : 1, width = a->shape[n - 1];
	if (views < 1 || width < 1 || views > MAX_BYTES / 4 / width)
		return unlike(im, "features of no numbers, or too many", err);
	im->shape = (struct as_tensor){AS_F4, 2, {views, width}, NULL};
	im->feature = malloc((size_t)(views * width) * sizeof *im->feature);
	return im->feature ? 0 : as_fail(err, AS_EMEM, "memory: no room for a feature");
}

static int find_kind(struct as_import *im, struct as_error *err)
{
	const struct as_array *a = as_array_said(im->main);
	bool image = a->kind == 'u' && a->width == 1 && (a->ndim == 3 || a->ndim == 4);
	if (!strchr("fiub", a->kind))
		return unlike(im, "neither images nor features", err);
	im->schema = as_schema_find(image ? "image" : "feature");
	im->n = a->ndim ? a->shape[0] : 0;
	return image ? find_layout(im, a, err) : find_shape(im, a, err);
}

/* The array with images or features: the one asked for, one of a usual name, or the only one. */
static int open_main(struct as_import *im, struct as_error *err)
{
	const char *name = im->ask.key ? im->ask.key : array_of(im, "feature");
	if (!name)
		name = array_of(im, "image");
	if (!name && im->arrays.count == 1)
		name = as_names_at(&im->arrays, 0);
	char list[160] = "";
	for (int64_t i = 0; i < im->arrays.count; i++)
		as_enlist(list, sizeof list, as_names_at(&im->arrays, i));
	if (name && !listed(&im->arrays, name))
		return as_fail(err, AS_ENONE, "%s: no array '%.40s' in it, which has %s", im->ask.path, name, *list ? list : "none");
	if (name)
		return as_array_open(&im->main, im->ask.path, name, err);
	return as_fail(err, AS_ENONE, "%s: which array has images or features? --key NAME, one of %s", im->ask.path,
		       *list ? list : "none");
}

/* A table of features has columns feature.0, feature.1, ... beside each other. */
static int find_numbers(struct as_import *im, struct as_error *err)
{
	char name[32];
	int64_t n = 0, first = as_tsv_column(&im->table, "feature.0");
	if (first < 0)
		return as_fail(err, AS_EDATA, "%s: a table without columns feature.0, feature.1, ... or, of scores, metric and value",
			       im->ask.path);
	for (; first + n < im->table.columns; n++) {
		snprintf(name, sizeof name, "feature.%" PRId64, n);
		if (strcmp(im->table.field[first + n], name))
			break;
	}
	im->first = first;
	im->schema = as_schema_find("feature");
	im->shape = (struct as_tensor){AS_F4, 2, {1, n}, NULL};
	im->feature = malloc((size_t)n * sizeof *im->feature);
	return im->feature ? 0 : as_fail(err, AS_EMEM, "memory: no room for a feature");
}

/* What is in the file, by its first bytes; a pipe has a .npy. */
static int open_file(struct as_import *im, struct as_error *err)
{
	const char *path = im->ask.path;
	im->format = AS_ARRAY_NPY;
	int rc = as_path_ask(path, AS_PATH_FILE | AS_PATH_PIPE, err);
	if (rc > 0 && as_path_ask(path, AS_PATH_FILE, NULL) > 0)
		rc = as_array_ask(path, &im->format, err);
	if (rc < 0)
		return rc;
	if (im->format == AS_ARRAY_NPZ)
		rc = as_array_names(path, &im->arrays, err);
	else
		rc = im->format == AS_ARRAY_NPY ? as_array_open(&im->main, path, NULL, err) : as_tsv_read(&im->table, path, err);
	if (rc)
		return rc;
	if (im->ask.key && im->format != AS_ARRAY_NPZ)
		return as_fail(err, AS_EARG, "--key: %s is no .npz, of which it chooses an array", path);
	bool table = im->format == AS_ARRAY_NONE;
	if (table ? as_tsv_column(&im->table, "metric") >= 0 && as_tsv_column(&im->table, "value") >= 0 :
	    !im->ask.key && listed(&im->arrays, "metric") && listed(&im->arrays, "value")) {
		im->schema = as_schema_find("score");
		im->n = table ? im->table.rows : -1; /* of arrays: what the first column says */
		return 0;
	}
	if (table) {
		im->n = im->table.rows;
		return find_numbers(im, err);
	}
	rc = im->main ? 0 : open_main(im, err);
	return rc ? rc : find_kind(im, err);
}

/* Parameters and omega of a .npz, (N,V,P). */
static int open_drawn(struct as_import *im, struct as_error *err)
{
	int n = 0;
	for (int i = 0; i < im->schema->fields; i++) {
		const struct as_field *f = &im->schema->field[i];
		struct drawn *d = &im->drawn[n];
		if (f->type != AS_T_TENSOR || f->flags & AS_REQUIRED || !listed(&im->arrays, f->key) || n == TENSORS)
			continue;
		int rc = as_array_open(&d->in, im->ask.path, f->key, err);
		if (rc)
			return rc;
		const struct as_array *a = as_array_said(d->in);
		int64_t most = a->ndim == 3 && a->shape[1] ? MAX_BYTES / 4 / a->shape[1] : INT64_MAX;
		if (a->ndim != 3 || a->shape[0] != im->n || a->shape[1] > MAX_BYTES / 4 || a->shape[2] > most)
			return as_fail(err, AS_EDATA, "%s: %s: not of (%" PRId64 ",V,P)", im->ask.path, f->key, im->n);
		d->field = f;
		d->views = a->shape[1];
		d->columns = a->shape[2];
		if (!(d->value = malloc((size_t)(d->views * d->columns + 1) * sizeof *d->value)))
			return as_fail(err, AS_EMEM, "memory: no room for parameters");
		n++;
	}
	return 0;
}

/* ---- the header ---- */

/* Opens an array of the .npz, if it is there; *in is NULL otherwise. */
static int open_listed(const struct as_import *im, const char *name, struct as_array_in **in, struct as_error *err)
{
	*in = NULL;
	return listed(&im->arrays, name) ? as_array_open(in, im->ask.path, name, err) : 0;
}

/* All its texts. */
static int header_texts(const struct as_import *im, const char *name, struct as_names *to, struct as_error *err)
{
	struct as_array_in *in;
	int rc = open_listed(im, name, &in, err);
	if (!rc && in) {
		rc = as_array_texts(in, as_array_rows(in), to, err);
		as_array_close(in);
	}
	return rc;
}

static int header_number(const struct as_import *im, const char *name, uint64_t *to, struct as_error *err)
{
	struct as_array_in *in;
	int rc = open_listed(im, name, &in, err);
	if (!rc && in) {
		rc = as_array_u64(in, 1, to, err);
		as_array_close(in);
	}
	return rc;
}

/* Classes of labels that a table names beside them: "" where it names none. */
static int classes_of_table(struct as_import *im, const struct as_tsv *t, struct as_error *err)
{
	enum { MOST = 32768 };
	int64_t label = as_tsv_column(t, "label"), class = as_tsv_column(t, "class"), most = -1, value;
	if (label < 0 || class < 0 || im->header.classes.count || !as_column_whole(t, label))
		return 0;
	const char **name = calloc(MOST, sizeof *name);
	int rc = name ? 0 : as_fail(err, AS_EMEM, "memory: no room for the names of classes");
	for (int64_t i = 0; i < t->rows && !rc; i++) {
		const char *text = as_tsv_at(t, i, class);
		if (!*text || as_parse_i64(as_tsv_at(t, i, label), 0, MOST - 1, &value, NULL))
			continue;
		if (name[value] && strcmp(name[value], text))
			rc = as_fail(err, AS_EDATA, "line %" PRId64 ": label %" PRId64 " is '%.80s', and '%.80s' before", i + 2, value,
				     text, name[value]);
		name[value] = text;
		most = value > most ? value : most;
	}
	for (int64_t i = 0; i <= most && !rc; i++)
		rc = as_names_add(&im->header.classes, name[i] ? name[i] : "", err);
	free(name);
	return rc;
}

/* The names of the classes, before labels are looked at. */
static int open_classes(struct as_import *im, struct as_error *err)
{
	struct as_tsv lines = {0};
	int rc = im->ask.classes ? read_lines(&lines, im->ask.classes, err) : header_texts(im, "class_names", &im->header.classes, err);
	for (int64_t i = 0; i < lines.rows && !rc; i++)
		rc = as_names_add(&im->header.classes, as_tsv_at(&lines, i, 0), err);
	as_tsv_clear(&lines);
	if (!rc && !im->ask.label)
		rc = classes_of_table(im, im->ask.rows ? &im->rows : &im->table, err);
	return rc;
}

static int open_header(struct as_import *im, struct as_error *err)
{
	struct as_header *h = &im->header;
	struct as_names policy = {0};
	h->records = (uint64_t)im->n;
	h->epochs = 1;
	snprintf(h->kind, sizeof h->kind, "%s", im->schema->kind);
	int rc = header_number(im, "records", &h->records, err);
	if (!rc)
		rc = header_number(im, "epochs", &h->epochs, err);
	if (!rc)
		rc = header_texts(im, "chain", &h->chain, err);
	if (!rc)
		rc = header_texts(im, "policy", &policy, err);
	if (!rc && policy.count && !(h->policy = strdup(as_names_at(&policy, 0))))
		rc = as_fail(err, AS_EMEM, "memory: no room for a policy");
	as_names_clear(&policy);
	return rc;
}

/* ---- opening ---- */

static int open_columns(struct as_import *im, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < im->schema->fields && !rc; i++)
		if (im->schema->field[i].type != AS_T_TENSOR && im->schema->field[i].type != AS_T_IMAGE)
			rc = open_field(im, &im->schema->field[i], err);
	for (int i = 0; i < im->fields && im->n < 0; i++)
		im->n = as_column_there(&im->field[i]) ? as_column_rows(&im->field[i]) : im->n;
	if (!rc)
		rc = open_more_table(im, &im->rows, err);
	if (!rc)
		rc = open_more_table(im, &im->table, err);
	if (!rc)
		rc = open_more_arrays(im, err);
	for (int i = 0; i < im->fields && !rc; i++)
		if (as_column_there(&im->field[i]) && as_column_rows(&im->field[i]) != im->n)
			rc = as_fail(err, AS_EDATA, "%s: %" PRId64 " rows, where %s has %" PRId64, im->field[i].key,
				     as_column_rows(&im->field[i]), im->ask.path, im->n);
	for (int i = 0; i < im->mores && !rc; i++)
		if (as_column_rows(&im->more[i]) != im->n)
			rc = as_fail(err, AS_EDATA, "%s: %" PRId64 " rows, where %s has %" PRId64, im->more[i].key,
				     as_column_rows(&im->more[i]), im->ask.path, im->n);
	return rc;
}

static int begin(struct as_import *im, struct as_error *err)
{
	int rc = open_file(im, err);
	if (!rc && im->ask.rows)
		rc = as_tsv_read(&im->rows, im->ask.rows, err);
	if (!rc)
		rc = open_classes(im, err);
	if (!rc)
		rc = open_columns(im, err);
	if (!rc)
		rc = open_drawn(im, err);
	return rc ? rc : open_header(im, err);
}

int as_import_open(struct as_import **out, const struct as_import_ask *ask, struct as_error *err)
{
	struct as_import *im = calloc(1, sizeof *im);
	if (!im)
		return as_fail(err, AS_EMEM, "memory: no room for what is imported");
	im->ask = *ask;
	int rc = begin(im, err);
	if (rc)
		as_import_close(im);
	else
		*out = im;
	return rc;
}

void as_import_close(struct as_import *im)
{
	if (!im)
		return;
	for (int i = 0; i < im->fields; i++)
		as_column_clear(&im->field[i]);
	for (int i = 0; i < im->mores; i++)
		as_column_clear(&im->more[i]);
	for (int i = 0; i < TENSORS; i++) {
		as_array_close(im->drawn[i].in);
		free(im->drawn[i].value);
	}
	as_array_close(im->main);
	as_tsv_clear(&im->table);
	as_tsv_clear(&im->rows);
	as_tsv_clear(&im->lines[0]);
	as_tsv_clear(&im->lines[1]);
	as_names_clear(&im->arrays);
	as_header_clear(&im->header);
	as_keys_clear(&im->keys);
	free(im->feature);
	free(im->pixels);
	free(im->raw);
	free(im);
}

struct as_header *as_import_header(struct as_import *im)
{
	return &im->header;
}

/* ---- records ---- */

static int next_field(struct as_import *im, struct as_column *c, struct as_record *r, struct as_error *err)
{
	char *at = (char *)r + c->field->at;
	int rc = 0;
	if (!as_column_there(c))
		return 0;
	if (c->by_class)
		r->label = as_column_label(c, &im->header.classes, im->row);
	else if (c->field->type == AS_T_U64)
		rc = as_column_u64(c, im->row, (uint64_t *)(void *)at, err);
	else if (c->field->type == AS_T_I64)
		rc = as_column_i64(c, im->row, (int64_t *)(void *)at, err);
	else if (c->field->type == AS_T_F64)
		rc = as_column_f64(c, im->row, (double *)(void *)at, err);
	else
		rc = as_column_text(c, im->row, (struct as_text *)(void *)at, err);
	return rc < 0 ? rc : 0;
}

static int next_more(struct as_import *im, struct as_record *r, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < im->mores && rc >= 0; i++) {
		struct as_column *c = &im->more[i];
		struct as_text text;
		int64_t value;
		if (c->text && (rc = as_column_text(c, im->row, &text, err)) > 0)
			as_keys_text(&im->keys, c->key, text);
		else if (!c->text && (rc = as_column_i64(c, im->row, &value, err)) > 0)
			as_keys_int(&im->keys, c->key, value);
	}
	return rc < 0 ? rc : as_keys_end(&im->keys, &r->extra, err);
}

/* The pixels of an image as (H,W,3). */
static int next_image(struct as_import *im, struct as_record *r, struct as_error *err)
{
	const struct layout *l = &im->layout;
	int64_t n = l->height * l->width;
	bool as_is = l->colours == 3 && !l->planes;
	int rc = as_array_u8(im->main, n * l->colours, as_is ? im->pixels : im->raw, err);
	if (rc)
		return rc;
	for (int64_t i = 0; i < n && !as_is; i++)
		for (int64_t c = 0; c < 3; c++)
			im->pixels[3 * i + c] = im->raw[l->colours == 1 ? i : c * n + i];
	r->image = (struct as_image){.pixels = {AS_U1, 3, {l->height, l->width, 3}, im->pixels}, .height = l->height, .width = l->width,
				     .turn = 1};
	return 0;
}

static int next_feature(struct as_import *im, struct as_record *r, struct as_error *err)
{
	int64_t n = im->shape.shape[0] * im->shape.shape[1];
	int rc = im->main ? as_array_floats(im->main, n, im->feature, err) : 0;
	for (int64_t i = 0; i < n && !rc && !im->main; i++) {
		double value;
		const char *text = as_tsv_at(&im->table, im->row, im->first + i);
		if (as_parse_f64(text, -3.5e38, 3.5e38, &value, err))
			return as_fail_code(err, (as_fail_within(err, "line %" PRId64 ": feature.%" PRId64, im->row + 2, i), AS_EDATA));
		im->feature[i] = strtof(text, NULL);
	}
	r->feature = im->shape;
	r->feature.data = im->feature;
	for (int i = 0; i < TENSORS && !rc && im->drawn[i].in; i++) {
		struct drawn *d = &im->drawn[i];
		rc = as_array_floats(d->in, d->views * d->columns, d->value, err);
		*(struct as_tensor *)(void *)((char *)r + d->field->at) = (struct as_tensor){AS_F4, 2, {d->views, d->columns}, d->value};
	}
	return rc;
}

/* After the last row: nothing may follow. */
static int end(struct as_import *im, struct as_error *err)
{
	int rc = im->main ? as_array_end(im->main, err) : 0;
	for (int i = 0; i < TENSORS && !rc; i++)
		rc = im->drawn[i].in ? as_array_end(im->drawn[i].in, err) : 0;
	for (int i = 0; i < im->fields && !rc; i++)
		rc = as_column_end(&im->field[i], err);
	for (int i = 0; i < im->mores && !rc; i++)
		rc = as_column_end(&im->more[i], err);
	err->record = -1;
	return rc;
}

static int make_record(struct as_import *im, struct as_record *r, struct as_error *err)
{
	bool has_id = false;
	int rc = 0;
	*r = (struct as_record){.seq = (uint64_t)im->row, .label = -1};
	r->score.interval = r->score.chance = (double)NAN;
	for (int i = 0; i < im->fields && !rc; i++) {
		rc = next_field(im, &im->field[i], r, err);
		has_id = has_id || (as_column_there(&im->field[i]) && !strcmp(im->field[i].key, "id"));
	}
	if (!has_id)
		r->id = r->name.length ? as_hash64(r->name.at, r->name.length) : r->seq;
	if (!rc && im->pixels)
		rc = next_image(im, r, err);
	else if (!rc && im->feature)
		rc = next_feature(im, r, err);
	return rc ? rc : next_more(im, r, err);
}

int as_import_next(struct as_import *im, struct as_record *r, struct as_error *err)
{
	if (im->row == im->n)
		return end(im, err);
	int rc = make_record(im, r, err);
	err->record = rc ? im->row : -1;
	im->row += !rc;
	return rc ? rc : 1;
}
