#include "stream/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"

enum { HEADER_MAX = 16 << 20, ALIGN = 64 };
static const size_t file_max = (size_t)16 << 30;

/* The format's dtypes that we can hold. Half floats are widened on loading. */
enum widen { AS_IS, FROM_F16, FROM_BF16 };
static const struct {
	const char *name;
	enum as_dtype dtype;
	size_t size; /* in the file */
	enum widen widen;
} dtypes[] = {
	{"F32", AS_F4, 4, AS_IS}, {"F64", AS_F8, 8, AS_IS},    {"I64", AS_I8, 8, AS_IS},      {"I32", AS_I4, 4, AS_IS},
	{"U8", AS_U1, 1, AS_IS},  {"F16", AS_F4, 2, FROM_F16}, {"BF16", AS_F4, 2, FROM_BF16},
};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

/* ---- writing ---- */

static size_t data_bytes(const struct as_tensor *t)
{
	return (size_t)as_tensor_count(t) * as_dtype_size(t->dtype);
}

static const char *dtype_word(enum as_dtype d)
{
	for (int i = 0; i < DTYPES; i++)
		if (dtypes[i].dtype == d && dtypes[i].widen == AS_IS)
			return dtypes[i].name;
	return "";
}

static json_t *describe(const struct as_tensor *t, size_t begin)
{
	/* json_pack leaves out what it has no memory for, and says nothing. */
	json_t *all = json_object(), *shape = json_array(), *offsets = json_array();
	int bad = 0;
	for (int i = 0; i < t->ndim; i++)
		bad |= json_array_append_new(shape, json_integer(t->shape[i]));
	bad |= json_array_append_new(offsets, json_integer((json_int_t)begin));
	bad |= json_array_append_new(offsets, json_integer((json_int_t)(begin + data_bytes(t))));
	bad |= json_object_set_new(all, "dtype", json_string(dtype_word(t->dtype)));
	bad |= json_object_set_new(all, "shape", shape);
	bad |= json_object_set_new(all, "data_offsets", offsets);
	if (!bad)
		return all;
	json_decref(all);
	return NULL;
}

/* The header's text, malloc'd by jansson. */
static int header_text(const struct as_named *at, int n, const struct as_meta *meta, int m, char **out,
		       struct as_error *err)
{
	json_t *root = json_object(), *strings = m ? json_object() : NULL;
	size_t begin = 0;
	int rc = 0;
	for (int i = 0; i < m && !rc; i++)
		if (json_object_set_new(strings, meta[i].key, json_string(meta[i].value)))
			rc = as_fail(err, AS_EMEM, "metadata %s: no memory, or not UTF-8", meta[i].key);
	if (strings && json_object_set_new(root, "__metadata__", strings) && !rc)
		rc = as_fail(err, AS_EMEM, "memory: no room for metadata");
	for (int i = 0; i < n && !rc; i++) {
		const struct as_tensor *t = &at[i].tensor;
		if (!memchr(at[i].name, 0, sizeof at[i].name) || !at[i].name[0] || json_object_get(root, at[i].name))
			rc = as_fail(err, AS_EARG, "tensor '%.*s': no name, or one that is taken",
				     (int)sizeof at[i].name - 1, at[i].name);
		else if (!t->data)
			rc = as_fail(err, AS_EARG, "tensor %s: has no data", at[i].name);
		else if (json_object_set_new(root, at[i].name, describe(t, begin)))
			rc = as_fail(err, AS_EMEM, "tensor %s: no memory, or its name is not UTF-8", at[i].name);
		else
			begin += data_bytes(t);
	}
	if (!rc && !(*out = json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER)))
		rc = as_fail(err, AS_EMEM, "memory: no room for a header");
	json_decref(root);
	return rc;
}

static int put(FILE *f, const void *at, size_t n, struct as_error *err)
{
	return !n || fwrite(at, 1, n, f) == n ? 0 : as_fail_errno(err, "write");
}

int as_safetensors_write(FILE *f, const struct as_named *at, int n, const struct as_meta *meta, int m,
			 struct as_error *err)
{
	char *text = NULL;
	int rc = header_text(at, n, meta, m, &text, err);
	if (rc)
		return rc;
	size_t length = strlen(text), padded = (8 + length + ALIGN - 1) / ALIGN * ALIGN - 8;
	unsigned char size[8];
	for (int i = 0; i < 8; i++)
		size[i] = (unsigned char)((uint64_t)padded >> 8 * i);
	char blanks[ALIGN];
	memset(blanks, ' ', sizeof blanks);
	rc = put(f, size, sizeof size, err);
	if (!rc)
		rc = put(f, text, length, err);
	if (!rc)
		rc = put(f, blanks, padded - length, err);
	for (int i = 0; i < n && !rc; i++)
		rc = put(f, at[i].tensor.data, data_bytes(&at[i].tensor), err);
	free(text);
	return rc;
}

/* ---- reading ---- */

struct range {
	size_t begin, end;
	int kind; /* in dtypes */
};

struct as_safetensors {
	char *file;
	json_t *root;
	struct as_named *at;
	struct range *range;
	int count;
	float *wide; /* the half floats, widened */
};

void as_safetensors_close(struct as_safetensors *s)
{
	if (!s)
		return;
	json_decref(s->root);
	free(s->file);
	free(s->at);
	free(s->range);
	free(s->wide);
	free(s);
}

static int read_shape(const char *name, const json_t *shape, struct as_tensor *t, size_t *count, struct as_error *err)
{
	if (!json_is_array(shape) || json_array_size(shape) > AS_MAX_DIMS)
		return as_fail(err, AS_EDATA, "tensor %s: shape is not a list of at most %d numbers", name, AS_MAX_DIMS);
	t->ndim = (int)json_array_size(shape);
	*count = 1;
	for (int i = 0; i < t->ndim; i++) {
		const json_t *side = json_array_get(shape, (size_t)i);
		if (!json_is_integer(side) || json_integer_value(side) < 0 ||
		    !as_mul(*count, (size_t)json_integer_value(side), count))
			return as_fail(err, AS_EDATA, "tensor %s: shape has a side that cannot be", name);
		t->shape[i] = json_integer_value(side);
	}
	return 0;
}

/* One entry {"dtype": .., "shape": [..], "data_offsets": [begin, end]}. */
static int read_entry(const char *name, const json_t *entry, size_t payload, struct as_named *out, struct range *range,
		      struct as_error *err)
{
	const json_t *dtype = json_object_get(entry, "dtype"), *ends = json_object_get(entry, "data_offsets");
	struct as_tensor t = {0};
	size_t count, bytes;
	if (!name[0] || strlen(name) >= sizeof out->name)
		return as_fail(err, AS_EDATA, "tensor '%.40s': a name of more than %zu characters, or none", name,
			       sizeof out->name - 1);
	if (!json_is_object(entry) || json_object_size(entry) != 3 || !json_is_string(dtype))
		return as_fail(err, AS_EDATA, "tensor %s: not of dtype, shape and data_offsets", name);
	int k = 0;
	while (k < DTYPES && strcmp(dtypes[k].name, json_string_value(dtype)))
		k++;
	if (k == DTYPES)
		return as_fail(err, AS_EDATA, "tensor %s: dtype %.16s is not known here", name, json_string_value(dtype));
	int rc = read_shape(name, json_object_get(entry, "shape"), &t, &count, err);
	if (rc)
		return rc;
	const json_t *begin = json_array_get(ends, 0), *end = json_array_get(ends, 1);
	if (json_array_size(ends) != 2 || !json_is_integer(begin) || !json_is_integer(end) ||
	    json_integer_value(begin) < 0 || json_integer_value(end) < json_integer_value(begin) ||
	    (uint64_t)json_integer_value(end) > payload)
		return as_fail(err, AS_EDATA, "tensor %s: data_offsets are outside the file", name);
	*range = (struct range){(size_t)json_integer_value(begin), (size_t)json_integer_value(end), k};
	if (!as_mul(count, dtypes[k].size, &bytes) || bytes != range->end - range->begin)
		return as_fail(err, AS_EDATA, "tensor %s: %zu bytes are not what dtype and shape say", name,
			       range->end - range->begin);
	t.dtype = dtypes[k].dtype;
	strcpy(out->name, name);
	out->tensor = t;
	return 0;
}

static uint32_t bits_of_half(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
	if (exponent == 31) /* infinity, nan */
		return sign | 0x7f800000 | fraction << 13;
	if (exponent)
		return sign | (exponent + 112) << 23 | fraction << 13;
	if (!fraction)
		return sign;
	uint32_t e = 113; /* below 2^-14: shift the first 1 out to the front */
	while (!(fraction & 1024)) {
		fraction <<= 1;
		e--;
	}
	return sign | e << 23 | (fraction & 1023) << 13;
}

static void widen(enum widen how, const char *from, size_t count, float *to)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned char *p = (const unsigned char *)from + 2 * i;
		uint16_t h = (uint16_t)(p[0] | p[1] << 8);
		uint32_t bits = how == FROM_F16 ? bits_of_half(h) : (uint32_t)h << 16;
		memcpy(&to[i], &bits, sizeof bits);
	}
}

/* Points the tensors at their data. */
static int place(struct as_safetensors *s, const char *payload, struct as_error *err)
{
	size_t wide = 0, used = 0;
	for (int i = 0; i < s->count; i++)
		wide += dtypes[s->range[i].kind].widen ? (s->range[i].end - s->range[i].begin) / 2 : 0;
	if (wide && !(s->wide = malloc(wide * sizeof *s->wide)))
		return as_fail(err, AS_EMEM, "memory: no room to widen %zu half floats", wide);
	for (int i = 0; i < s->count; i++) {
		const struct range *r = &s->range[i];
		s->at[i].tensor.data = payload + r->begin;
		if (!dtypes[r->kind].widen)
			continue;
		size_t n = (r->end - r->begin) / 2;
		widen(dtypes[r->kind].widen, payload + r->begin, n, s->wide + used);
		s->at[i].tensor.data = n ? (const void *)(s->wide + used) : payload;
		used += n;
	}
	return 0;
}

struct order {
	struct range range;
	int i;
};

static int by_begin(const void *a, const void *b)
{
	const struct order *x = a, *y = b;
	if (x->range.begin != y->range.begin)
		return x->range.begin < y->range.begin ? -1 : 1;
	if (x->range.end != y->range.end)
		return x->range.end < y->range.end ? -1 : 1;
	return x->i - y->i;
}

/* No overlap, no gap, all of the payload used. */
static int check_cover(const struct as_safetensors *s, size_t payload, struct as_error *err)
{
	struct order *o = malloc(sizeof *o * ((size_t)s->count + 1));
	size_t at = 0;
	int rc = 0;
	if (!o)
		return as_fail(err, AS_EMEM, "memory: no room for %d tensors", s->count);
	for (int i = 0; i < s->count; i++)
		o[i] = (struct order){s->range[i], i};
	qsort(o, (size_t)s->count, sizeof *o, by_begin);
	for (int i = 0; i < s->count && !rc; i++) {
		if (o[i].range.begin != at)
			rc = as_fail(err, AS_EDATA, "tensor %s: %s before it", s->at[o[i].i].name,
				     o[i].range.begin < at ? "overlaps the one" : "a gap");
		at = o[i].range.end;
	}
	if (!rc && at != payload)
		rc = as_fail(err, AS_EDATA, "%zu bytes of data, %zu of them described", payload, at);
	free(o);
	return rc;
}

static int check_meta(const json_t *meta, struct as_error *err)
{
	void *i = json_object_iter((json_t *)(uintptr_t)meta);
	if (!json_is_object(meta))
		return as_fail(err, AS_EDATA, "__metadata__: not a map");
	for (; i; i = json_object_iter_next((json_t *)(uintptr_t)meta, i))
		if (!json_is_string(json_object_iter_value(i)))
			return as_fail(err, AS_EDATA, "__metadata__: %s is not a text", json_object_iter_key(i));
	return 0;
}

static int read_entries(struct as_safetensors *s, size_t payload, struct as_error *err)
{
	size_t n = json_object_size(s->root);
	s->at = calloc(n + 1, sizeof *s->at);
	s->range = calloc(n + 1, sizeof *s->range);
	if (!s->at || !s->range)
		return as_fail(err, AS_EMEM, "memory: no room for %zu tensors", n);
	for (void *i = json_object_iter(s->root); i; i = json_object_iter_next(s->root, i)) {
		const char *name = json_object_iter_key(i);
		const json_t *entry = json_object_iter_value(i);
		int rc = !strcmp(name, "__metadata__") ?
				 check_meta(entry, err) :
				 read_entry(name, entry, payload, &s->at[s->count], &s->range[s->count], err);
		if (rc)
			return rc;
		s->count += strcmp(name, "__metadata__") != 0;
	}
	return check_cover(s, payload, err);
}

static int take_apart(struct as_safetensors *s, size_t bytes, struct as_error *err)
{
	uint64_t length = 0;
	json_error_t why;
	for (int i = 0; i < 8 && bytes >= 8; i++)
		length |= (uint64_t)(unsigned char)s->file[i] << 8 * i;
	if (bytes < 10 || length > bytes - 8 || length < 2 || s->file[8] != '{')
		return as_fail(err, AS_EDATA, "not a safetensors file, or a truncated one");
	if (length > HEADER_MAX)
		return as_fail(err, AS_EDATA, "a header of %llu bytes, more than %d", (unsigned long long)length, HEADER_MAX);
	s->root = json_loadb(s->file + 8, (size_t)length, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(s->root))
		return as_fail(err, AS_EDATA, "header: %s", s->root ? "not a map" : why.text);
	int rc = read_entries(s, bytes - 8 - (size_t)length, err);
	return rc ? rc : place(s, s->file + 8 + length, err);
}

int as_safetensors_open(struct as_safetensors **out, const char *path, struct as_error *err)
{
	struct as_safetensors *s = calloc(1, sizeof *s);
	if (!s)
		return as_fail(err, AS_EMEM, "memory: no room to open %s", path);
	size_t bytes;
	int rc = as_file_read(path, file_max, &s->file, &bytes, err);
	if (!rc && take_apart(s, bytes, err))
		rc = as_fail_within(err, "%s", path);
	if (rc)
		as_safetensors_close(s);
	else
		*out = s;
	return rc;
}

int as_safetensors_count(const struct as_safetensors *s)
{
	return s->count;
}

const struct as_named *as_safetensors_at(const struct as_safetensors *s, int i)
{
	return i >= 0 && i < s->count ? &s->at[i] : NULL;
}

const struct as_tensor *as_safetensors_find(const struct as_safetensors *s, const char *name)
{
	for (int i = 0; i < s->count; i++)
		if (!strcmp(s->at[i].name, name))
			return &s->at[i].tensor;
	return NULL;
}

const char *as_safetensors_meta(const struct as_safetensors *s, const char *key)
{
	return json_string_value(json_object_get(json_object_get(s->root, "__metadata__"), key));
}
