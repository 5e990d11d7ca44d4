#include "stream/unpack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "stream/scan.h"

void as_unpacker_clear(struct as_unpacker *u)
{
	if (u->zone)
		msgpack_zone_free(u->zone);
	free(u->extra);
	*u = (struct as_unpacker){0};
}

static bool is_key(const msgpack_object *o, const char *key)
{
	size_t n = strlen(key);
	return o->type == MSGPACK_OBJECT_STR && o->via.str.size == n && !memcmp(o->via.str.ptr, key, n);
}

/* An order for qsort: by length of the key, then by its bytes. */
static int by_key(const void *a, const void *b)
{
	const msgpack_object_kv *const *x = a, *const *y = b;
	msgpack_object_str k = (*x)->key.via.str, l = (*y)->key.via.str;
	return k.size != l.size ? (k.size < l.size ? -1 : 1) : memcmp(k.ptr, l.ptr, k.size);
}

/* Checks that keys are texts and none occurs twice. */
static int check_keys(msgpack_zone *zone, const msgpack_object_map *m, struct as_error *err)
{
	for (uint32_t i = 0; i < m->size; i++)
		if (m->ptr[i].key.type != MSGPACK_OBJECT_STR)
			return as_fail(err, AS_EDATA, "a key is not a text");
	const msgpack_object_kv **pair = msgpack_zone_malloc(zone, sizeof *pair * (m->size + 1));
	if (!pair)
		return as_fail(err, AS_EMEM, "memory: no room for %u keys", m->size);
	for (uint32_t i = 0; i < m->size; i++)
		pair[i] = &m->ptr[i];
	qsort(pair, m->size, sizeof *pair, by_key);
	for (uint32_t i = 1; i < m->size; i++)
		if (!by_key(&pair[i - 1], &pair[i]))
			return as_fail(err, AS_EDATA, "%.*s: twice in one map",
				       pair[i]->key.via.str.size < 64 ? (int)pair[i]->key.via.str.size : 64,
				       pair[i]->key.via.str.ptr);
	return 0;
}

int as_unpack_scan(struct as_unpacker *u, const char *at, size_t bytes, enum as_frame *frame, msgpack_object *map,
		   struct as_error *err)
{
	int64_t n = as_scan(at, bytes, err);
	if (n < 0)
		return (int)n;
	if ((size_t)n != bytes)
		return as_fail(err, AS_EDATA, "%zu bytes after the map", bytes - (size_t)n);
	if (u->zone)
		msgpack_zone_clear(u->zone);
	else if (!(u->zone = msgpack_zone_new(4096)))
		return as_fail(err, AS_EMEM, "memory: no room to unpack");
	size_t off = 0;
	msgpack_unpack_return rc = msgpack_unpack(at, bytes, &off, u->zone, map);
	if (rc == MSGPACK_UNPACK_NOMEM_ERROR)
		return as_fail(err, AS_EMEM, "memory: no room to unpack %zu bytes", bytes);
	if (rc != MSGPACK_UNPACK_SUCCESS || map->type != MSGPACK_OBJECT_MAP)
		return as_fail(err, AS_EDATA, "not a map");
	const msgpack_object_map *m = &map->via.map;
	*frame = AS_FRAME_RECORD;
	if (m->size && is_key(&m->ptr[0].key, "magic"))
		*frame = AS_FRAME_HEADER;
	if (m->size && is_key(&m->ptr[0].key, "trailer"))
		*frame = AS_FRAME_TRAILER;
	return check_keys(u->zone, m, err);
}

static int get_u64(const char *key, const msgpack_object *o, uint64_t max, uint64_t *out, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return as_fail(err, AS_EDATA, "%s: not a whole number >= 0", key);
	if (o->via.u64 > max)
		return as_fail(err, AS_EDATA, "%s: %llu is above %llu", key, (unsigned long long)o->via.u64,
			       (unsigned long long)max);
	*out = o->via.u64;
	return 0;
}

static int get_i64(const char *key, const msgpack_object *o, int64_t *out, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_NEGATIVE_INTEGER &&
	    (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 > INT64_MAX))
		return as_fail(err, AS_EDATA, "%s: not a whole number of 64 bits", key);
	*out = o->via.i64;
	return 0;
}

static int get_f64(const char *key, const msgpack_object *o, double *out, struct as_error *err)
{
	switch (o->type) {
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: *out = o->via.f64; break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: *out = (double)o->via.u64; break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: *out = (double)o->via.i64; break;
	default: return as_fail(err, AS_EDATA, "%s: not a number", key);
	}
	return isfinite(*out) ? 0 : as_fail(err, AS_EDATA, "%s: not a finite number", key);
}

static int get_text(const char *key, const msgpack_object *o, uint64_t max, struct as_text *out, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_STR)
		return as_fail(err, AS_EDATA, "%s: not a text", key);
	if (o->via.str.size > max)
		return as_fail(err, AS_EDATA, "%s: %u bytes, more than %llu", key, o->via.str.size, (unsigned long long)max);
	if (memchr(o->via.str.ptr, 0, o->via.str.size))
		return as_fail(err, AS_EDATA, "%s: a text with a zero byte", key);
	*out = (struct as_text){o->via.str.ptr, o->via.str.size};
	return 0;
}

static int get_dtype(const char *key, const msgpack_object *o, enum as_dtype *out, struct as_error *err)
{
	for (int d = AS_U1; d <= AS_F8; d++)
		if (is_key(o, as_dtype_name((enum as_dtype)d))) {
			*out = (enum as_dtype)d;
			return 0;
		}
	return as_fail(err, AS_EDATA, "%s: dtype is none of |u1 <f4 <i4 <i8 <f8", key);
}

static int get_shape(const char *key, const msgpack_object *o, struct as_tensor *t, size_t *count, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size < 1 || o->via.array.size > AS_MAX_DIMS)
		return as_fail(err, AS_EDATA, "%s: shape is not a list of 1..%d numbers", key, AS_MAX_DIMS);
	t->ndim = (int)o->via.array.size;
	*count = 1;
	for (int i = 0; i < t->ndim; i++) {
		const msgpack_object *n = &o->via.array.ptr[i];
		if (n->type != MSGPACK_OBJECT_POSITIVE_INTEGER || n->via.u64 > INT32_MAX ||
		    !as_mul(*count, (size_t)n->via.u64, count))
			return as_fail(err, AS_EDATA, "%s: a side of the shape is negative or too large", key);
		t->shape[i] = (int64_t)n->via.u64;
	}
	return 0;
}

/* Reads a map of a few known keys: the value of each into value[], NULL if it is missing. */
static int get_parts(const char *key, const msgpack_object *o, const char *const *part, int parts,
		     const msgpack_object **value, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_MAP)
		return as_fail(err, AS_EDATA, "%s: not a map", key);
	memset(value, 0, sizeof *value * (size_t)parts);
	for (uint32_t i = 0; i < o->via.map.size; i++) {
		const msgpack_object_kv *kv = &o->via.map.ptr[i];
		int k = 0;
		while (k < parts && !is_key(&kv->key, part[k]))
			k++;
		if (k == parts)
			return as_fail(err, AS_EDATA, "%s: holds a key that is not known", key);
		if (value[k])
			return as_fail(err, AS_EDATA, "%s: %s twice", key, part[k]);
		value[k] = &kv->val;
	}
	return 0;
}

static int get_tensor(const char *key, const msgpack_object *o, uint64_t max, struct as_tensor *out,
		      struct as_error *err)
{
	static const char *const part[] = {"dtype", "shape", "data"};
	const msgpack_object *value[3];
	struct as_tensor t = {0};
	size_t count, bytes;
	int rc = get_parts(key, o, part, 3, value, err);
	if (rc)
		return rc;
	if (!value[0] || !value[1] || !value[2])
		return as_fail(err, AS_EDATA, "%s: dtype, shape or data missing", key);
	rc = get_dtype(key, value[0], &t.dtype, err);
	if (!rc)
		rc = get_shape(key, value[1], &t, &count, err);
	if (rc)
		return rc;
	if (value[2]->type != MSGPACK_OBJECT_BIN)
		return as_fail(err, AS_EDATA, "%s: data is not bin", key);
	if (!as_mul(count, as_dtype_size(t.dtype), &bytes) || bytes != value[2]->via.bin.size)
		return as_fail(err, AS_EDATA, "%s: %u bytes of data are not what dtype and shape say", key,
			       value[2]->via.bin.size);
	if (bytes > max)
		return as_fail(err, AS_EDATA, "%s: %zu bytes, more than %llu", key, bytes, (unsigned long long)max);
	t.data = value[2]->via.bin.ptr;
	*out = t;
	return 0;
}

static int get_jpeg(const char *key, const msgpack_object *o, struct as_image *out, struct as_error *err)
{
	static const char *const part[] = {"jpeg", "height", "width", "turn"};
	const msgpack_object *value[4];
	int rc = get_parts(key, o, part, 4, value, err);
	if (rc)
		return rc;
	if (!value[0] || !value[1] || !value[2])
		return as_fail(err, AS_EDATA, "%s: jpeg, height or width missing", key);
	if (value[0]->type != MSGPACK_OBJECT_BIN)
		return as_fail(err, AS_EDATA, "%s: jpeg is not bin", key);
	struct as_image m = {.turn = 1, .jpeg = {value[0]->via.bin.ptr, value[0]->via.bin.size}};
	rc = get_i64("height", value[1], &m.height, err);
	if (!rc)
		rc = get_i64("width", value[2], &m.width, err);
	if (!rc && value[3])
		rc = get_i64("turn", value[3], &m.turn, err);
	if (rc)
		return as_fail_within(err, "%s", key);
	*out = m;
	return 0;
}

/* {dtype, shape, data} or {jpeg, height, width[, turn]}. */
static int get_image(const char *key, const msgpack_object *o, uint64_t max, struct as_image *out, struct as_error *err)
{
	if (o->type == MSGPACK_OBJECT_MAP)
		for (uint32_t i = 0; i < o->via.map.size; i++)
			if (is_key(&o->via.map.ptr[i].key, "jpeg"))
				return get_jpeg(key, o, out, err);
	struct as_image m = {.turn = 1};
	int rc = get_tensor(key, o, max, &m.pixels, err);
	if (rc)
		return rc;
	m.height = m.pixels.shape[0];
	m.width = m.pixels.shape[1];
	*out = m;
	return 0;
}

static int get_names(const struct as_field *f, const msgpack_object *o, struct as_names *out, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size > f->flags >> AS_COUNT_SHIFT)
		return as_fail(err, AS_EDATA, "%s: not a list of at most %u texts", f->key, f->flags >> AS_COUNT_SHIFT);
	struct as_names names = {0};
	struct as_text t = {0};
	uint64_t left = f->max;
	int rc = 0;
	for (uint32_t i = 0; i < o->via.array.size && !rc; i++) {
		rc = get_text(f->key, &o->via.array.ptr[i], left, &t, err);
		if (!rc)
			rc = as_names_put(&names, t, err);
		left -= t.length;
	}
	if (rc)
		as_names_clear(&names);
	else
		*out = names;
	return rc;
}

/* [index, count] or [index, count, block] */
static int get_shard(const struct as_field *f, const msgpack_object *o, struct as_shard *out, struct as_error *err)
{
	struct as_shard s = {0};
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size < 2 || o->via.array.size > 3)
		return as_fail(err, AS_EDATA, "%s: not a list of two or three numbers", f->key);
	int rc = get_u64(f->key, &o->via.array.ptr[0], f->max, &s.index, err);
	if (!rc)
		rc = get_u64(f->key, &o->via.array.ptr[1], f->max, &s.count, err);
	if (!rc && o->via.array.size > 2)
		rc = get_u64(f->key, &o->via.array.ptr[2], f->max, &s.block, err);
	if (!rc && (s.index < 1 || s.index > s.count))
		rc = as_fail(err, AS_EDATA, "%s: %llu of %llu", f->key, (unsigned long long)s.index,
			     (unsigned long long)s.count);
	if (!rc)
		*out = s;
	return rc;
}

/* [name, count, size] */
static int get_role(const struct as_field *f, const msgpack_object *o, struct as_role_line *out, struct as_error *err)
{
	struct as_text name;
	const msgpack_object *part = o->via.array.ptr;
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size != 3)
		return as_fail(err, AS_EDATA, "%s: not a name, a number of views and their size", f->key);
	int rc = get_text(f->key, &part[0], AS_ROLE_NAME - 1, &name, err);
	rc = rc ? rc : get_i64(f->key, &part[1], &out->count, err);
	rc = rc ? rc : get_i64(f->key, &part[2], &out->size, err);
	if (!rc)
		memcpy(out->name, name.at, name.length);
	return rc;
}

static int get_roles(const struct as_field *f, const msgpack_object *o, struct as_role_list *out, struct as_error *err)
{
	struct as_role_list l = {0};
	int rc = 0;
	if (o->type != MSGPACK_OBJECT_ARRAY || !o->via.array.size || o->via.array.size > AS_MAX_ROLES)
		return as_fail(err, AS_EDATA, "%s: not a list of 1 to %d roles", f->key, AS_MAX_ROLES);
	while (!rc && l.n < (int)o->via.array.size) {
		rc = get_role(f, &o->via.array.ptr[l.n], &l.at[l.n], err);
		l.n++;
	}
	rc = rc ? rc : as_role_list_check(&l, err);
	if (!rc)
		*out = l;
	return rc;
}

static int get_string(const struct as_field *f, const msgpack_object *o, char **out, struct as_error *err)
{
	struct as_text t = {0};
	int rc = get_text(f->key, o, f->max, &t, err);
	if (rc)
		return rc;
	char *p = malloc(t.length + 1);
	if (!p)
		return as_fail(err, AS_EMEM, "memory: no room for %s", f->key);
	memcpy(p, t.at, t.length);
	p[t.length] = 0;
	*out = p;
	return 0;
}

static int get_field(const struct as_field *f, const msgpack_object *o, void *at, struct as_error *err)
{
	switch (f->type) {
	case AS_T_U64: return get_u64(f->key, o, f->max, at, err);
	case AS_T_I64: return get_i64(f->key, o, at, err);
	case AS_T_F64: return get_f64(f->key, o, at, err);
	case AS_T_TEXT: return get_text(f->key, o, f->max, at, err);
	case AS_T_TENSOR: return get_tensor(f->key, o, f->max, at, err);
	case AS_T_IMAGE: return get_image(f->key, o, f->max, at, err);
	case AS_T_STRING: return get_string(f, o, at, err);
	case AS_T_NAMES: return get_names(f, o, at, err);
	case AS_T_SHARD: return get_shard(f, o, at, err);
	case AS_T_ROLES: return get_roles(f, o, at, err);
	}
	return 0;
}

static const struct as_field *find_field(const struct as_schema *schema, const msgpack_object *key)
{
	for (int i = 0; i < schema->fields; i++)
		if (is_key(key, schema->field[i].key))
			return &schema->field[i];
	return NULL;
}

static int extra_room(struct as_unpacker *u, size_t bytes, struct as_error *err)
{
	if (bytes <= u->extra_cap)
		return 0;
	char *p = realloc(u->extra, bytes);
	if (!p)
		return as_fail(err, AS_EMEM, "memory: no room for %zu bytes of unknown keys", bytes);
	u->extra = p;
	u->extra_cap = bytes;
	return 0;
}

/* Fills the fields of `to`; unknown pairs are collected, unchanged, in u->extra. skip: pairs at the
 * beginning that the caller has read. */
static int get_fields(struct as_unpacker *u, const struct as_schema *schema, const char *at, size_t bytes,
		      const msgpack_object_map *m, uint32_t skip, void *to, struct as_extra *extra, struct as_error *err)
{
	uint32_t pairs;
	size_t used = as_scan_map(at, bytes, &pairs);
	*extra = (struct as_extra){0};
	for (uint32_t i = 0; i < m->size; i++) {
		int64_t k = as_scan(at + used, bytes - used, err);
		int64_t v = k < 0 ? k : as_scan(at + used + k, bytes - used - (size_t)k, err);
		if (v < 0)
			return (int)v;
		size_t n = (size_t)(k + v);
		const struct as_field *f = i < skip ? NULL : find_field(schema, &m->ptr[i].key);
		int rc = f ? get_field(f, &m->ptr[i].val, (char *)to + f->at, err) : 0;
		if (!f && i >= skip && !(rc = extra_room(u, extra->bytes + n, err))) {
			memcpy(u->extra + extra->bytes, at + used, n);
			extra->bytes += n;
			extra->pairs++;
		}
		if (rc)
			return rc;
		used += n;
	}
	extra->at = extra->pairs ? u->extra : NULL;
	return 0;
}

static int get_version(const msgpack_object *o, int *out, struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER || o->via.u64 < AS_STREAM_OLDEST ||
	    o->via.u64 > AS_STREAM_VERSION)
		return as_fail(err, AS_EDATA, "header: a version of the format that is not known here (%d to %d are)",
			       AS_STREAM_OLDEST, AS_STREAM_VERSION);
	*out = (int)o->via.u64;
	return 0;
}

int as_unpack_header(struct as_unpacker *u, const char *at, size_t bytes, const msgpack_object *map, int *version,
		     struct as_header *out, struct as_error *err)
{
	const msgpack_object_map *m = &map->via.map;
	struct as_header h = {0};
	if (m->size < 3 || !is_key(&m->ptr[0].key, "magic") || !is_key(&m->ptr[0].val, "augself"))
		return as_fail(err, AS_EDATA, "not an augself stream");
	if (!is_key(&m->ptr[1].key, "version") || !is_key(&m->ptr[2].key, "kind"))
		return as_fail(err, AS_EDATA, "header: magic is not followed by version and kind");
	const msgpack_object *kind = &m->ptr[2].val;
	int rc = get_version(&m->ptr[1].val, version, err);
	if (rc)
		return rc;
	if (kind->type != MSGPACK_OBJECT_STR || kind->via.str.size >= sizeof h.kind ||
	    memchr(kind->via.str.ptr, 0, kind->via.str.size))
		return as_fail(err, AS_EDATA, "header: kind is not a short text");
	memcpy(h.kind, kind->via.str.ptr, kind->via.str.size);
	struct as_extra extra;
	rc = get_fields(u, &as_header_schema, at, bytes, m, 3, &h, &extra, err);
	if (!rc && extra.pairs) {
		char *p = malloc(extra.bytes);
		if (!p)
			rc = as_fail(err, AS_EMEM, "memory: no room for %zu bytes of a header", extra.bytes);
		else
			memcpy(p, extra.at, extra.bytes);
		extra.at = p;
		h.extra = p ? extra : (struct as_extra){0};
	}
	if (rc)
		as_header_clear(&h);
	else
		*out = h;
	return rc ? as_fail_within(err, "header") : 0;
}

int as_unpack_record(struct as_unpacker *u, const struct as_schema *schema, const struct as_role_list *roles,
		     const char *at, size_t bytes, const msgpack_object *map, struct as_record *out, struct as_error *err)
{
	uint64_t there = 0; /* bit i: field i was found */
	struct as_record rec = {.label = -1, .score = {.interval = NAN, .chance = NAN}};
	const msgpack_object_map *m = &map->via.map;
	for (uint32_t i = 0; i < m->size; i++) {
		const struct as_field *f = find_field(schema, &m->ptr[i].key);
		there |= f ? 1ull << (f - schema->field) : 0;
	}
	for (int i = 0; i < schema->fields; i++)
		if (as_field_needed(&schema->field[i], roles) && !(there >> i & 1))
			return as_fail(err, AS_EDATA, "%s: missing", schema->field[i].key);
	int rc = get_fields(u, schema, at, bytes, m, 0, &rec, &rec.extra, err);
	if (!rc)
		rc = as_record_check(schema, roles, &rec, err);
	if (!rc)
		*out = rec;
	return rc;
}

/* Whether the map ends with the key xxh64 and a whole number of eight bytes. */
static bool ends_with_hash(const char *at, size_t bytes, const msgpack_object_map *m)
{
	return m->size && is_key(&m->ptr[m->size - 1].key, "xxh64") && bytes > AS_HASH_BYTES &&
	       (unsigned char)at[bytes - AS_HASH_BYTES - 1] == 0xcf;
}

int as_unpack_trailer(const char *at, size_t bytes, const msgpack_object *map, int version, struct as_seal *out,
		      struct as_error *err)
{
	static const char *const part[] = {"count", "skipped", "xxh64"};
	struct as_seal seal = {0};
	uint64_t *const to[] = {&seal.count, &seal.skipped, &seal.hash};
	const msgpack_object_map *m = &map->via.map;
	const msgpack_object *number = &m->ptr[0].val;
	unsigned there = 0;
	if (number->type != MSGPACK_OBJECT_POSITIVE_INTEGER || number->via.u64 != (uint64_t)version)
		return as_fail(err, AS_EDATA, "trailer: not of version %d, as the header is", version);
	if (version > 1 && !ends_with_hash(at, bytes, m))
		return as_fail(err, AS_EDATA, "trailer: its last eight bytes are not those of xxh64");
	for (uint32_t i = 0; i < m->size; i++)
		for (int k = 0; k < 3; k++)
			if (is_key(&m->ptr[i].key, part[k])) {
				int rc = get_u64(part[k], &m->ptr[i].val, k < 2 ? AS_MAX_SEQ : UINT64_MAX, to[k], err);
				if (rc)
					return as_fail_within(err, "trailer");
				there |= 1u << k;
			}
	if (there != 7)
		return as_fail(err, AS_EDATA, "trailer: count, skipped or xxh64 missing");
	*out = seal;
	return 0;
}
