#include "stream/schema.h"

#include <math.h>
#include <string.h>

enum { KIB = 1024, MIB = 1024 * 1024 };
enum { MAX_TEXT = 4096, MAX_SIDE = 65535, MAX_PARAM = 64 * KIB };
/* Two chains fit into one text. */
enum { MAX_CHAINS = 4 * MIB };

#define AT(field) offsetof(struct as_record, field)
#define F4 AS_DTYPE(AS_F4)
#define U1 AS_DTYPE(AS_U1)

/* The first fields of every kind. An epoch is one word of the generator's counter (base/rng.h), so it has
 * 32 bits. */
#define PLACE                                                         \
	{"seq", AS_T_U64, AT(seq), AS_MAX_SEQ, AS_REQUIRED},          \
	{"id", AS_T_U64, AT(id), UINT64_MAX, AS_REQUIRED},            \
	{"epoch", AS_T_U64, AT(epoch), UINT32_MAX, AS_REQUIRED}

/* Further fields of kinds that show an image. */
#define COMMON                                                        \
	PLACE,                                                        \
	{"label", AS_T_I64, AT(label), INT32_MAX, 0},                 \
	{"name", AS_T_TEXT, AT(name), MAX_TEXT, 0}

#define IMAGE {"image", AS_T_IMAGE, AT(image), AS_MAX_IMAGE, AS_REQUIRED}

/* The drawn parameters of role k's views, and their pixels. The keys of the first role have no number. */
#define DRAWN(key, k)                                                                                             \
	{"param" key, AS_T_TENSOR, AT(role[k].param), MAX_PARAM, AS_REQUIRED | AS_OF_ROLE(k) | AS_DIMS(2) | F4},  \
	{"omega" key, AS_T_TENSOR, AT(role[k].omega), MAX_PARAM, AS_REQUIRED | AS_OF_ROLE(k) | AS_DIMS(2) | F4}
#define VIEWS(key, k)                                                                                             \
	{"views" key, AS_T_TENSOR, AT(role[k].views), 60ull * MIB, AS_REQUIRED | AS_OF_ROLE(k) | AS_DIMS(4) | U1 | F4}

static const struct as_field image_field[] = {
	COMMON,
	IMAGE,
};

static const struct as_field sample_field[] = {
	COMMON,
	IMAGE,
	DRAWN("", 0),
	DRAWN(".1", 1),
	DRAWN(".2", 2),
	DRAWN(".3", 3),
};

static const struct as_field view_field[] = {
	COMMON,
	{"height", AS_T_I64, AT(height), MAX_SIDE, AS_REQUIRED | AS_FROM_1},
	{"width", AS_T_I64, AT(width), MAX_SIDE, AS_REQUIRED | AS_FROM_1},
	DRAWN("", 0),
	VIEWS("", 0),
	DRAWN(".1", 1),
	VIEWS(".1", 1),
	DRAWN(".2", 2),
	VIEWS(".2", 2),
	DRAWN(".3", 3),
	VIEWS(".3", 3),
};

/* The parameters of the views that were used are copied; features of images have none. */
static const struct as_field feature_field[] = {
	COMMON,
	{"height", AS_T_I64, AT(height), MAX_SIDE, AS_FROM_1},
	{"width", AS_T_I64, AT(width), MAX_SIDE, AS_FROM_1},
	{"param", AS_T_TENSOR, AT(role[0].param), MAX_PARAM, AS_DIMS(2) | F4},
	{"omega", AS_T_TENSOR, AT(role[0].omega), MAX_PARAM, AS_DIMS(2) | F4},
	{"feature", AS_T_TENSOR, AT(feature), 60ull * MIB, AS_REQUIRED | AS_DIMS(2) | F4},
};

/* The order is that of the columns of a table of scores. */
static const struct as_field score_field[] = {
	PLACE,
	{"metric", AS_T_TEXT, AT(score.metric), MAX_TEXT, AS_REQUIRED},
	{"value", AS_T_F64, AT(score.value), 0, AS_REQUIRED},
	{"interval", AS_T_F64, AT(score.interval), 0, 0},
	{"n", AS_T_I64, AT(score.n), INT64_MAX, AS_REQUIRED},
	{"classes", AS_T_I64, AT(score.classes), INT64_MAX, AS_FROM_1},
	{"label", AS_T_TEXT, AT(score.label), MAX_TEXT, 0},
	{"probe", AS_T_TEXT, AT(score.probe), MAX_TEXT, AS_REQUIRED},
	{"setting", AS_T_TEXT, AT(score.setting), MAX_TEXT, 0},
	{"chance", AS_T_F64, AT(score.chance), 0, 0},
	{"unit", AS_T_TEXT, AT(score.unit), MAX_TEXT, 0},
	{"model", AS_T_TEXT, AT(score.model), MAX_CHAINS, 0},
	{"data", AS_T_TEXT, AT(score.data), MAX_CHAINS, 0},
	{"learnt", AS_T_TEXT, AT(score.learnt), MAX_CHAINS, 0},
};

#undef AT
#define AT(field) offsetof(struct as_header, field)

/* magic, version and kind come before these; the reader checks them. */
static const struct as_field header_field[] = {
	{"records", AS_T_U64, AT(records), AS_MAX_SEQ, 0},
	{"epochs", AS_T_U64, AT(epochs), 1ull << 32, 0},
	{"shard", AS_T_SHARD, AT(shard), UINT32_MAX, 0},
	{"classes", AS_T_NAMES, AT(classes), MIB, AS_COUNT(32768)},
	{"policy", AS_T_STRING, AT(policy), 64 * KIB, 0},
	{"roles", AS_T_ROLES, AT(roles), MAX_SIDE, 0},
	{"chain", AS_T_NAMES, AT(chain), AS_MAX_CHAIN * MAX_TEXT, AS_COUNT(AS_MAX_CHAIN)},
};

#define TABLE(t) (t), (int)(sizeof(t) / sizeof *(t))

const struct as_schema as_header_schema = {"header", 4 * MIB, TABLE(header_field)};

static const struct as_schema schemas[] = {
	{"image", 256ull * MIB, TABLE(image_field)},
	{"sample", 256ull * MIB, TABLE(sample_field)},
	{"view", 64 * MIB, TABLE(view_field)},
	{"feature", 64 * MIB, TABLE(feature_field)},
	{"score", 16 * MIB, TABLE(score_field)},
};

const struct as_schema *as_schema_at(int i)
{
	return i >= 0 && i < (int)(sizeof schemas / sizeof *schemas) ? &schemas[i] : NULL;
}

const struct as_schema *as_schema_find(const char *kind)
{
	for (int i = 0; as_schema_at(i); i++)
		if (!strcmp(schemas[i].kind, kind))
			return &schemas[i];
	return NULL;
}

static int64_t first_of(const struct as_field *f)
{
	return f->flags & AS_FROM_1 ? 1 : 0;
}

bool as_field_says(const struct as_field *f, const void *at)
{
	switch (f->type) {
	case AS_T_U64: return true;
	case AS_T_I64: return f->flags & AS_REQUIRED || *(const int64_t *)at >= first_of(f);
	case AS_T_F64: return !isnan(*(const double *)at);
	case AS_T_TEXT: return ((const struct as_text *)at)->length > 0;
	case AS_T_TENSOR: return ((const struct as_tensor *)at)->data != NULL;
	case AS_T_IMAGE: return true;
	case AS_T_STRING: return *(char *const *)at != NULL;
	case AS_T_NAMES: return ((const struct as_names *)at)->count > 0;
	case AS_T_SHARD: return ((const struct as_shard *)at)->count > 1 || ((const struct as_shard *)at)->block;
	case AS_T_ROLES: return ((const struct as_role_list *)at)->n > 0;
	}
	return false;
}

static int check_tensor(const struct as_field *f, const struct as_tensor *t, struct as_error *err)
{
	if (!t->data)
		return f->flags & AS_REQUIRED ? as_fail(err, AS_EDATA, "%s: missing", f->key) : 0;
	if (t->ndim != (int)(f->flags >> AS_DIMS_SHIFT & 15))
		return as_fail(err, AS_EDATA, "%s: %d dimensions, not %u", f->key, t->ndim,
			       f->flags >> AS_DIMS_SHIFT & 15);
	if (!(f->flags & AS_DTYPE(t->dtype)))
		return as_fail(err, AS_EDATA, "%s: dtype %s", f->key, as_dtype_name(t->dtype));
	if ((uint64_t)as_tensor_count(t) * as_dtype_size(t->dtype) > f->max)
		return as_fail(err, AS_EDATA, "%s: more than %llu bytes", f->key, (unsigned long long)f->max);
	return 0;
}

static int check_image(const struct as_field *f, const struct as_image *m, struct as_error *err)
{
	const struct as_tensor *p = &m->pixels;
	if (!p->data && !m->jpeg.at)
		return as_fail(err, AS_EDATA, "%s: missing", f->key);
	if (p->data && m->jpeg.at)
		return as_fail(err, AS_EDATA, "%s: both pixels and jpeg", f->key);
	if (p->data && (p->ndim != 3 || p->dtype != AS_U1 || p->shape[2] != 3))
		return as_fail(err, AS_EDATA, "%s: pixels are not |u1 (height, width, 3)", f->key);
	int64_t height = p->data ? p->shape[0] : m->height, width = p->data ? p->shape[1] : m->width;
	if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE)
		return as_fail(err, AS_EDATA, "%s: %lld x %lld pixels", f->key, (long long)height, (long long)width);
	if (m->jpeg.at && (m->turn < 1 || m->turn > 8))
		return as_fail(err, AS_EDATA, "%s: turn %lld is not within 1..8", f->key, (long long)m->turn);
	if (m->jpeg.length > f->max || (uint64_t)as_tensor_count(p) > f->max)
		return as_fail(err, AS_EDATA, "%s: more than %llu bytes", f->key, (unsigned long long)f->max);
	return 0;
}

static int check_field(const struct as_field *f, const struct as_record *rec, struct as_error *err)
{
	const char *at = (const char *)rec + f->at;
	switch (f->type) {
	case AS_T_U64:
		if (*(const uint64_t *)(const void *)at > f->max)
			return as_fail(err, AS_EDATA, "%s: above %llu", f->key, (unsigned long long)f->max);
		return 0;
	case AS_T_I64: {
		int64_t v = *(const int64_t *)(const void *)at, least = first_of(f) - !(f->flags & AS_REQUIRED);
		if (v < least || v > (int64_t)f->max)
			return as_fail(err, AS_EDATA, "%s: %lld is not within %lld..%lld", f->key, (long long)v,
				       (long long)least, (long long)f->max);
		return 0;
	}
	case AS_T_F64: {
		double v = *(const double *)(const void *)at;
		if (isinf(v) || (isnan(v) && f->flags & AS_REQUIRED))
			return as_fail(err, AS_EDATA, "%s: not a finite number", f->key);
		return 0;
	}
	case AS_T_TEXT: {
		size_t length = ((const struct as_text *)(const void *)at)->length;
		if (length > f->max)
			return as_fail(err, AS_EDATA, "%s: longer than %llu", f->key, (unsigned long long)f->max);
		return length || !(f->flags & AS_REQUIRED) ? 0 : as_fail(err, AS_EDATA, "%s: empty", f->key);
	}
	case AS_T_TENSOR:
		return check_tensor(f, (const void *)at, err);
	case AS_T_IMAGE:
		return check_image(f, (const void *)at, err);
	case AS_T_STRING:
	case AS_T_NAMES:
	case AS_T_SHARD:
	case AS_T_ROLES:
		break; /* only in headers */
	}
	return 0;
}

/* The index of the first name that is used twice, or -1. */
static int name_again(const struct as_role_list *l)
{
	for (int i = 0; i < l->n; i++)
		for (int j = 0; j < i; j++)
			if (!strcmp(l->at[i].name, l->at[j].name))
				return i;
	return -1;
}

static bool is_role(const struct as_role_line *r)
{
	return *r->name && memchr(r->name, 0, AS_ROLE_NAME) && r->count >= 1 && r->count <= MAX_SIDE && r->size >= 1 &&
	       r->size <= MAX_SIDE;
}

int as_role_list_check(const struct as_role_list *l, struct as_error *err)
{
	if (l->n < 0 || l->n > AS_MAX_ROLES)
		return as_fail(err, AS_EDATA, "roles: %d, more than %d", l->n, AS_MAX_ROLES);
	for (int i = 0; i < l->n; i++)
		if (!is_role(&l->at[i]))
			return as_fail(err, AS_EDATA, "roles: number %d is not a name, a number of views and their size", i + 1);
	int again = name_again(l);
	return again < 0 ? 0 : as_fail(err, AS_EDATA, "roles: '%s' twice", l->at[again].name);
}

/* Checks a tensor with a row for each view: as many rows as the role has views, or as the role's other
 * tensors; pixels must be squares. */
static int check_rows(const struct as_field *f, const struct as_tensor *t, const struct as_role_list *roles, int64_t *views,
		      struct as_error *err)
{
	const struct as_role_line *role = roles->n ? &roles->at[as_field_role(f)] : NULL;
	int64_t want = role ? role->count : *views ? *views : t->shape[0];
	if (t->shape[0] < 1 || t->shape[0] != want)
		return as_fail(err, AS_EDATA, "%s: of %lld views, not %lld", f->key, (long long)t->shape[0],
			       (long long)(want ? want : 1));
	*views = t->shape[0];
	if (t->ndim == 4 && (t->shape[1] < 1 || t->shape[2] != t->shape[1] || t->shape[3] != 3))
		return as_fail(err, AS_EDATA, "%s: not of shape (views, size, size, 3)", f->key);
	if (t->ndim == 4 && role && t->shape[1] != role->size)
		return as_fail(err, AS_EDATA, "%s: of %lld pixels, but views of the role '%s' have %lld", f->key,
			       (long long)t->shape[1], role->name, (long long)role->size);
	return 0;
}

int as_record_check(const struct as_schema *schema, const struct as_role_list *roles, const struct as_record *rec,
		    struct as_error *err)
{
	int64_t views[AS_MAX_ROLES] = {0};
	for (int i = 0; i < schema->fields; i++) {
		const struct as_field *f = &schema->field[i];
		const struct as_tensor *t = (const void *)((const char *)rec + f->at);
		int role = f->type == AS_T_TENSOR ? as_field_role(f) : 0;
		if (role && role >= roles->n) {
			if (t->data)
				return as_fail(err, AS_EDATA, "%s: the header tells of %d role%s", f->key, roles->n ? roles->n : 1,
					       roles->n > 1 ? "s" : "");
			continue;
		}
		int rc = check_field(f, rec, err);
		if (!rc && f->type == AS_T_TENSOR && t->data)
			rc = check_rows(f, t, roles, &views[role], err);
		if (rc)
			return rc;
	}
	return 0;
}
