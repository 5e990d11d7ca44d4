#include "stream/pack.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "stream/scan.h"

/* Payloads from this size on are borrowed, smaller ones are copied. */
enum { BORROW = 4096 };

void as_packed_clear(struct as_packed *p)
{
	free(p->own);
	*p = (struct as_packed){0};
}

uint64_t as_packed_bytes(const struct as_packed *p)
{
	uint64_t n = p->bytes;
	for (int i = 0; i < p->pieces; i++)
		n += p->piece[i].bytes;
	return n;
}

/* msgpack_packer's callback. */
static int append(void *data, const char *at, size_t n)
{
	struct as_packed *p = data;
	if (n > p->cap - p->bytes) {
		size_t cap = 2 * p->cap + n + 1024;
		char *own = p->full ? NULL : realloc(p->own, cap);
		if (!own) {
			p->full = true;
			return -1;
		}
		p->own = own;
		p->cap = cap;
	}
	memcpy(p->own + p->bytes, at, n);
	p->bytes += n;
	return 0;
}

static msgpack_packer start(struct as_packed *p)
{
	msgpack_packer pk;
	p->bytes = 0;
	p->pieces = 0;
	p->full = false;
	msgpack_packer_init(&pk, p, append);
	return pk;
}

static int finish(const struct as_packed *p, struct as_error *err)
{
	return p->full ? as_fail(err, AS_EMEM, "memory: no room to pack a record") : 0;
}

static void put_text(msgpack_packer *pk, const char *at, size_t n)
{
	msgpack_pack_str(pk, n);
	if (n)
		msgpack_pack_str_body(pk, at, n);
}

static void put_key(msgpack_packer *pk, const char *key)
{
	put_text(pk, key, strlen(key));
}

static void put_bin(msgpack_packer *pk, const void *at, size_t n)
{
	struct as_packed *p = pk->data;
	msgpack_pack_bin(pk, n);
	if (n >= BORROW && p->pieces < AS_MAX_PIECES)
		p->piece[p->pieces++] = (struct as_piece){p->bytes, at, n};
	else if (n)
		msgpack_pack_bin_body(pk, at, n);
}

static void put_tensor(msgpack_packer *pk, const struct as_tensor *t)
{
	msgpack_pack_map(pk, 3);
	put_key(pk, "dtype");
	put_key(pk, as_dtype_name(t->dtype));
	put_key(pk, "shape");
	msgpack_pack_array(pk, (size_t)t->ndim);
	for (int i = 0; i < t->ndim; i++)
		msgpack_pack_int64(pk, t->shape[i]);
	put_key(pk, "data");
	put_bin(pk, t->data, (size_t)as_tensor_count(t) * as_dtype_size(t->dtype));
}

static void put_image(msgpack_packer *pk, const struct as_image *m)
{
	if (m->pixels.data) {
		put_tensor(pk, &m->pixels);
		return;
	}
	msgpack_pack_map(pk, m->turn > 1 ? 4 : 3);
	put_key(pk, "jpeg");
	put_bin(pk, m->jpeg.at, m->jpeg.length);
	put_key(pk, "height");
	msgpack_pack_int64(pk, m->height);
	put_key(pk, "width");
	msgpack_pack_int64(pk, m->width);
	if (m->turn > 1) {
		put_key(pk, "turn");
		msgpack_pack_int64(pk, m->turn);
	}
}

static void put_names(msgpack_packer *pk, const struct as_names *names)
{
	msgpack_pack_array(pk, (size_t)names->count);
	for (int64_t i = 0; i < names->count; i++)
		put_key(pk, as_names_at(names, i));
}

static void put_shard(msgpack_packer *pk, const struct as_shard *shard)
{
	msgpack_pack_array(pk, shard->block ? 3 : 2);
	msgpack_pack_uint64(pk, shard->index);
	msgpack_pack_uint64(pk, shard->count);
	if (shard->block)
		msgpack_pack_uint64(pk, shard->block);
}

/* [[name, count, size], ...] */
static void put_roles(msgpack_packer *pk, const struct as_role_list *roles)
{
	msgpack_pack_array(pk, (size_t)roles->n);
	for (int i = 0; i < roles->n; i++) {
		msgpack_pack_array(pk, 3);
		put_key(pk, roles->at[i].name);
		msgpack_pack_int64(pk, roles->at[i].count);
		msgpack_pack_int64(pk, roles->at[i].size);
	}
}

static void put_value(msgpack_packer *pk, const struct as_field *f, const void *at)
{
	switch (f->type) {
	case AS_T_U64: msgpack_pack_uint64(pk, *(const uint64_t *)at); break;
	case AS_T_I64: msgpack_pack_int64(pk, *(const int64_t *)at); break;
	case AS_T_F64: msgpack_pack_double(pk, *(const double *)at); break;
	case AS_T_TEXT: put_text(pk, ((const struct as_text *)at)->at, ((const struct as_text *)at)->length); break;
	case AS_T_TENSOR: put_tensor(pk, at); break;
	case AS_T_IMAGE: put_image(pk, at); break;
	case AS_T_STRING: put_key(pk, *(char *const *)at); break;
	case AS_T_NAMES: put_names(pk, at); break;
	case AS_T_SHARD: put_shard(pk, at); break;
	case AS_T_ROLES: put_roles(pk, at); break;
	}
}

static bool is_field(const struct as_schema *s, struct as_text key)
{
	for (int i = 0; i < s->fields; i++)
		if (strlen(s->field[i].key) == key.length && !memcmp(s->field[i].key, key.at, key.length))
			return true;
	return false;
}

/* The bytes of the next unknown pair. 0: leave it out, because the table has this key (such as `width`,
 * unknown in one kind and a field of the kind written now). <0: an error. */
static int64_t next_pair(const struct as_schema *s, const struct as_extra *x, size_t at, size_t *bytes,
			 struct as_error *err)
{
	int64_t k = as_scan(x->at + at, x->bytes - at, err);
	int64_t v = k < 0 ? k : as_scan(x->at + at + k, x->bytes - at - (size_t)k, err);
	struct as_text key;
	if (v < 0)
		return v;
	*bytes = (size_t)(k + v);
	if (!as_scan_text(x->at + at, (size_t)k, &key))
		return as_fail(err, AS_EDATA, "an unknown key is not a text");
	return is_field(s, key) ? 0 : k + v;
}

static int count_extra(const struct as_schema *s, const struct as_extra *x, size_t *pairs, struct as_error *err)
{
	size_t at = 0, n;
	for (int i = 0; i < x->pairs; i++, at += n) {
		int64_t rc = next_pair(s, x, at, &n, err);
		if (rc < 0)
			return (int)rc;
		*pairs += rc > 0;
	}
	return 0;
}

/* Writes a map: `first` pairs that `lead` puts, the table's fields, the unknown keys. */
static int put_map(msgpack_packer *pk, const struct as_schema *s, const void *from, const struct as_extra *x,
		   const struct as_header *lead, struct as_error *err)
{
	size_t pairs = lead ? 3 : 0, at = 0, n;
	int rc = count_extra(s, x, &pairs, err);
	if (rc)
		return rc;
	for (int i = 0; i < s->fields; i++)
		pairs += as_field_says(&s->field[i], (const char *)from + s->field[i].at);
	msgpack_pack_map(pk, pairs);
	if (lead) {
		put_key(pk, "magic");
		put_key(pk, "augself");
		put_key(pk, "version");
		msgpack_pack_int(pk, AS_STREAM_VERSION);
		put_key(pk, "kind");
		put_key(pk, lead->kind);
	}
	for (int i = 0; i < s->fields; i++) {
		const struct as_field *f = &s->field[i];
		if (!as_field_says(f, (const char *)from + f->at))
			continue;
		put_key(pk, f->key);
		put_value(pk, f, (const char *)from + f->at);
	}
	for (int i = 0; i < x->pairs; i++, at += n)
		if (next_pair(s, x, at, &n, err) > 0)
			append(pk->data, x->at + at, n);
	return 0;
}

static int check_names(const struct as_field *f, const struct as_names *names, struct as_error *err)
{
	size_t bytes = names->bytes - (size_t)names->count;
	if (names->count <= (int64_t)(f->flags >> AS_COUNT_SHIFT) && bytes <= f->max)
		return 0;
	return as_fail(err, AS_EDATA, "%s: %lld texts of %zu bytes, at most %u of %llu", f->key, (long long)names->count,
		       bytes, f->flags >> AS_COUNT_SHIFT, (unsigned long long)f->max);
}

/* Checks the limits that a reader will check. */
static int check_header(const struct as_header *h, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < as_header_schema.fields && !rc; i++) {
		const struct as_field *f = &as_header_schema.field[i];
		const void *at = (const char *)h + f->at;
		const struct as_shard *shard = at;
		if (f->type == AS_T_NAMES)
			rc = check_names(f, at, err);
		else if (f->type == AS_T_STRING && *(char *const *)at && strlen(*(char *const *)at) > f->max)
			rc = as_fail(err, AS_EDATA, "%s: longer than %llu", f->key, (unsigned long long)f->max);
		else if (f->type == AS_T_U64 && *(const uint64_t *)at > f->max)
			rc = as_fail(err, AS_EDATA, "%s: above %llu", f->key, (unsigned long long)f->max);
		else if (f->type == AS_T_SHARD && as_field_says(f, at) &&
			 (shard->index < 1 || shard->index > shard->count || shard->count > f->max || shard->block > f->max))
			rc = as_fail(err, AS_EDATA, "%s: %llu of %llu", f->key, (unsigned long long)shard->index,
				     (unsigned long long)shard->count);
		else if (f->type == AS_T_ROLES)
			rc = as_role_list_check(at, err);
	}
	return rc ? as_fail_within(err, "header") : 0;
}

int as_pack_header(struct as_packed *p, const struct as_header *h, struct as_error *err)
{
	int rc = check_header(h, err);
	if (rc)
		return rc;
	msgpack_packer pk = start(p);
	rc = put_map(&pk, &as_header_schema, h, &h->extra, h, err);
	if (!rc)
		rc = finish(p, err);
	if (!rc && as_packed_bytes(p) > as_header_schema.max_bytes)
		rc = as_fail(err, AS_EDATA, "header: %zu bytes, above what a header may be", p->bytes);
	return rc;
}

int as_pack_record(struct as_packed *p, const struct as_schema *s, const struct as_role_list *roles,
		   const struct as_record *rec, struct as_error *err)
{
	int rc = as_record_check(s, roles, rec, err);
	if (rc)
		return rc;
	msgpack_packer pk = start(p);
	rc = put_map(&pk, s, rec, &rec->extra, NULL, err);
	if (!rc)
		rc = finish(p, err);
	if (!rc && as_packed_bytes(p) > s->max_bytes)
		rc = as_fail(err, AS_EDATA, "a record of %llu bytes, more than %llu",
			     (unsigned long long)as_packed_bytes(p), (unsigned long long)s->max_bytes);
	return rc;
}

int as_pack_trailer(struct as_packed *p, const struct as_seal *seal, struct as_error *err)
{
	msgpack_packer pk = start(p);
	msgpack_pack_map(&pk, 4);
	put_key(&pk, "trailer");
	msgpack_pack_int(&pk, AS_STREAM_VERSION);
	put_key(&pk, "count");
	msgpack_pack_uint64(&pk, seal->count);
	put_key(&pk, "skipped");
	msgpack_pack_uint64(&pk, seal->skipped);
	put_key(&pk, "xxh64");
	msgpack_pack_fix_uint64(&pk, seal->hash);
	return finish(p, err);
}
