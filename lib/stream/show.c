#include "stream/show.h"

#include <inttypes.h>
#include <math.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stream/schema.h"

static void show_text(FILE *f, const char *at, size_t n)
{
	putc('"', f);
	for (size_t i = 0; i < n;) {
		const char *s = at + i;
		size_t k = as_utf8(s, n - i);
		if (!k)
			fputs("\xef\xbf\xbd", f);
		else if (*s == '"' || *s == '\\')
			fprintf(f, "\\%c", *s);
		else if (*s == '\n')
			fputs("\\n", f);
		/* the last byte of a control character is its number, in UTF-8 too up to U+00BF */
		else if (as_control(s, k))
			fprintf(f, "\\u%04x", (unsigned char)s[k - 1]);
		else
			fwrite(s, 1, k, f);
		i += k ? k : 1;
	}
	putc('"', f);
}

static void show_string(FILE *f, const char *s)
{
	show_text(f, s, strlen(s));
}

static void show_f32(FILE *f, float v)
{
	char buf[32];
	fputs(isfinite(v) ? as_format_f32(v, buf) : "null", f);
}

static void show_f64(FILE *f, double v)
{
	char buf[32];
	fputs(isfinite(v) ? as_format_f64(v, buf) : "null", f);
}

static void show_element(FILE *f, const struct as_tensor *t, int64_t i)
{
	const char *p = (const char *)t->data + (size_t)i * as_dtype_size(t->dtype);
	float f4;
	double f8;
	int32_t i4;
	int64_t i8;
	switch (t->dtype) {
	case AS_U1: fprintf(f, "%u", (unsigned)(unsigned char)*p); break;
	case AS_F4: memcpy(&f4, p, 4); show_f32(f, f4); break;
	case AS_F8: memcpy(&f8, p, 8); show_f64(f, f8); break;
	case AS_I4: memcpy(&i4, p, 4); fprintf(f, "%" PRId32, i4); break;
	case AS_I8: memcpy(&i8, p, 8); fprintf(f, "%" PRId64, i8); break;
	}
}

static void show_tensor(FILE *f, const struct as_tensor *t, bool full)
{
	int64_t count = as_tensor_count(t), n = full || count < AS_SHOW_FIRST ? count : AS_SHOW_FIRST;
	fprintf(f, "{\"dtype\":\"%s\",\"shape\":[", as_dtype_name(t->dtype));
	for (int i = 0; i < t->ndim; i++)
		fprintf(f, "%s%" PRId64, i ? "," : "", t->shape[i]);
	fprintf(f, "],\"%s\":[", n == count ? "data" : "first");
	for (int64_t i = 0; i < n; i++) {
		if (i)
			putc(',', f);
		show_element(f, t, i);
	}
	fputs("]}", f);
}

/* (V,P) as V objects of P named numbers. */
static void show_columns(FILE *f, const struct as_tensor *t, const char *const *name)
{
	for (int64_t v = 0; v < t->shape[0]; v++) {
		fputs(v ? "},{" : "[{", f);
		for (int64_t i = 0; i < t->shape[1]; i++) {
			if (i)
				putc(',', f);
			show_string(f, name[i]);
			putc(':', f);
			show_element(f, t, v * t->shape[1] + i);
		}
	}
	fputs("}]", f);
}

/* RFC 4648, section 4. */
static void show_base64(FILE *f, const char *at, size_t n)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)at;
	putc('"', f);
	for (size_t i = 0; i < n; i += 3) {
		unsigned b = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0u);
		putc(digit[b >> 18], f);
		putc(digit[b >> 12 & 63], f);
		putc(i + 1 < n ? digit[b >> 6 & 63] : '=', f);
		putc(i + 2 < n ? digit[b & 63] : '=', f);
	}
	putc('"', f);
}

static void show_image(FILE *f, const struct as_image *m, bool full)
{
	if (m->pixels.data) {
		show_tensor(f, &m->pixels, full);
		return;
	}
	if (full) {
		fputs("{\"jpeg\":", f);
		show_base64(f, m->jpeg.at, m->jpeg.length);
	} else {
		fprintf(f, "{\"jpeg_bytes\":%zu", m->jpeg.length);
	}
	fprintf(f, ",\"height\":%" PRId64 ",\"width\":%" PRId64, m->height, m->width);
	if (m->turn > 1)
		fprintf(f, ",\"turn\":%" PRId64, m->turn);
	putc('}', f);
}

static void show_names(FILE *f, const struct as_names *names)
{
	putc('[', f);
	for (int64_t i = 0; i < names->count; i++) {
		if (i)
			putc(',', f);
		show_string(f, as_names_at(names, i));
	}
	putc(']', f);
}

static void show_object(FILE *f, const msgpack_object *o);

static void show_map(FILE *f, const msgpack_object_map *m)
{
	putc('{', f);
	for (uint32_t i = 0; i < m->size; i++) {
		const msgpack_object *k = &m->ptr[i].key;
		if (i)
			putc(',', f);
		if (k->type == MSGPACK_OBJECT_STR)
			show_object(f, k);
		else
			fprintf(f, "\"(key %" PRIu32 ", no text)\"", i); /* JSON has only texts as keys */
		putc(':', f);
		show_object(f, &m->ptr[i].val);
	}
	putc('}', f);
}

/* Shows an unknown value. as_scan (stream/scan.h) has limited its depth. */
static void show_object(FILE *f, const msgpack_object *o)
{
	switch (o->type) {
	case MSGPACK_OBJECT_BOOLEAN: fputs(o->via.boolean ? "true" : "false", f); break;
	case MSGPACK_OBJECT_POSITIVE_INTEGER: fprintf(f, "%" PRIu64, o->via.u64); break;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: fprintf(f, "%" PRId64, o->via.i64); break;
	case MSGPACK_OBJECT_FLOAT32: show_f32(f, (float)o->via.f64); break;
	case MSGPACK_OBJECT_FLOAT64: show_f64(f, o->via.f64); break;
	case MSGPACK_OBJECT_STR: show_text(f, o->via.str.ptr, o->via.str.size); break;
	case MSGPACK_OBJECT_BIN: fprintf(f, "{\"bytes\":%" PRIu32 "}", o->via.bin.size); break;
	case MSGPACK_OBJECT_EXT: fprintf(f, "{\"ext\":%d,\"bytes\":%" PRIu32 "}", o->via.ext.type, o->via.ext.size); break;
	case MSGPACK_OBJECT_MAP: show_map(f, &o->via.map); break;
	case MSGPACK_OBJECT_ARRAY:
		putc('[', f);
		for (uint32_t i = 0; i < o->via.array.size; i++) {
			if (i)
				putc(',', f);
			show_object(f, &o->via.array.ptr[i]);
		}
		putc(']', f);
		break;
	case MSGPACK_OBJECT_NIL: fputs("null", f); break;
	}
}

/* The bytes were checked when they were read, so only lack of memory can be an error. */
static int show_extra(FILE *f, const struct as_extra *x, struct as_error *err)
{
	msgpack_unpacked u;
	size_t off = 0;
	int rc = 0;
	msgpack_unpacked_init(&u);
	for (int i = 0; i < 2 * x->pairs && !rc; i++) {
		if (msgpack_unpack_next(&u, x->at, x->bytes, &off) != MSGPACK_UNPACK_SUCCESS) {
			rc = as_fail(err, AS_EMEM, "keys not known here: no memory to show them");
		} else {
			putc(i & 1 ? ':' : ',', f);
			show_object(f, &u.data);
		}
	}
	msgpack_unpacked_destroy(&u);
	return rc;
}

static void show_roles(FILE *f, const struct as_role_list *l)
{
	fputs(",\"roles\":[", f);
	for (int i = 0; i < l->n; i++) {
		fputs(i ? ",[" : "[", f);
		show_string(f, l->at[i].name);
		fprintf(f, ",%" PRId64 ",%" PRId64 "]", l->at[i].count, l->at[i].size);
	}
	putc(']', f);
}

int as_show_header(FILE *f, const struct as_header *h, struct as_error *err)
{
	fputs("{\"header\":{\"kind\":", f);
	show_string(f, h->kind);
	fprintf(f, ",\"records\":%" PRIu64 ",\"epochs\":%" PRIu64, h->records, h->epochs);
	if (h->shard.block)
		fprintf(f, ",\"shard\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", h->shard.index, h->shard.count, h->shard.block);
	else if (h->shard.count > 1)
		fprintf(f, ",\"shard\":[%" PRIu64 ",%" PRIu64 "]", h->shard.index, h->shard.count);
	if (h->classes.count) {
		fputs(",\"classes\":", f);
		show_names(f, &h->classes);
	}
	if (h->policy) {
		fputs(",\"policy\":", f);
		show_string(f, h->policy);
	}
	if (h->roles.n)
		show_roles(f, &h->roles);
	fputs(",\"chain\":", f);
	show_names(f, &h->chain);
	int rc = show_extra(f, &h->extra, err);
	fputs("}}\n", f);
	return rc;
}

static void show_field(FILE *f, const struct as_show *s, const struct as_field *field, const void *at)
{
	const struct as_text *text = at;
	const struct as_tensor *t = at;
	const struct as_show_role *r = &s->role[as_field_role(field)];
	bool param = !strncmp(field->key, "param", 5), omega = !strncmp(field->key, "omega", 5);
	switch (field->type) {
	case AS_T_U64: fprintf(f, "%" PRIu64, *(const uint64_t *)at); break;
	case AS_T_I64: fprintf(f, "%" PRId64, *(const int64_t *)at); break;
	case AS_T_F64: show_f64(f, *(const double *)at); break;
	case AS_T_TEXT: show_text(f, text->at, text->length); break;
	case AS_T_TENSOR:
		if (param && r->param && t->ndim == 2 && t->shape[1] == r->nparam)
			show_columns(f, t, r->param);
		else if (omega && r->omega && t->ndim == 2 && t->shape[1] == r->nomega)
			show_columns(f, t, r->omega);
		else
			show_tensor(f, t, s->full);
		break;
	case AS_T_IMAGE: show_image(f, at, s->full); break;
	case AS_T_STRING: show_string(f, *(char *const *)at); break;
	case AS_T_NAMES: show_names(f, at); break;
	case AS_T_SHARD:
	case AS_T_ROLES: break; /* only in headers */
	}
}

int as_show_record(FILE *f, const struct as_show *s, const char *kind, const struct as_record *rec, struct as_error *err)
{
	const struct as_schema *schema = as_schema_find(kind);
	if (!schema)
		return as_fail(err, AS_EARG, "no stream is of kind '%.40s'", kind);
	for (int i = 0; i < schema->fields; i++) {
		const struct as_field *field = &schema->field[i];
		const void *at = (const char *)rec + field->at;
		if (!as_field_says(field, at))
			continue;
		fputs(i ? "," : "{", f);
		show_string(f, field->key);
		putc(':', f);
		show_field(f, s, field, at);
	}
	int rc = show_extra(f, &rec->extra, err);
	fputs("}\n", f);
	return rc;
}

void as_show_trailer(FILE *f, const struct as_seal *seal)
{
	fprintf(f, "{\"trailer\":{\"count\":%" PRIu64 ",\"skipped\":%" PRIu64 ",\"xxh64\":\"%016" PRIx64 "\"}}\n", seal->count,
		seal->skipped, seal->hash);
}
