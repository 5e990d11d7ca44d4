#include "stream/safetensors.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/file.h"
#include "stream/foreign.h"
#include "stream/half.h"

/* LOOK: bytes that are enough to recognise another format. */
enum { LOOK = 512, HEADER_MAX = 16 << 20, ALIGN = 64 };
static const size_t file_max = (size_t)16 << 30;

/* How the header of a sealed file begins; the digits follow, and count as zeros in the hash. */
static const char seal_head[] = "{\"__metadata__\":{\"xxh64\":\"";
static const char no_digits[] = "0000000000000000";
enum { SEAL_AT = 8 + sizeof seal_head - 1, DIGITS = sizeof no_digits - 1 };

/* The file's dtypes that we can hold. Half floats are converted to float when they are loaded. */
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
	/* json_pack silently leaves out values for which it has no memory */
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

/* Adds the metadata, with space for the seal at the front. */
static int describe_meta(const struct as_meta *meta, int m, json_t *strings, struct as_error *err)
{
	int rc = json_object_set_new(strings, "xxh64", json_string(no_digits)) ?
			 as_fail(err, AS_EMEM, "memory: no room for metadata") : 0;
	for (int i = 0; i < m && !rc; i++)
		if (json_object_get(strings, meta[i].key))
			rc = as_fail(err, AS_EARG, "metadata %s: a key that is taken", meta[i].key);
		else if (json_object_set_new(strings, meta[i].key, json_string(meta[i].value)))
			rc = as_fail(err, AS_EMEM, "metadata %s: no memory, or not UTF-8", meta[i].key);
	return rc;
}

/* The text of the header, malloc'd by jansson. */
static int header_text(const struct as_named *at, int n, const struct as_meta *meta, int m, char **out,
		       struct as_error *err)
{
	json_t *root = json_object(), *strings = json_object();
	size_t begin = 0;
	int rc = describe_meta(meta, m, strings, err);
	if (json_object_set_new(root, "__metadata__", strings) && !rc)
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

/* A file to be written: the bytes before the data, and the tensors that have the data. */
struct draft {
	char *head; /* length, JSON text, blanks */
	size_t bytes;
	const struct as_named *at;
	int n;
};

/* Makes the header, with its length before it and padding behind it, so that the data are aligned. */
static int lay_out(struct draft *d, const struct as_meta *meta, int m, struct as_error *err)
{
	char *text = NULL;
	int rc = header_text(d->at, d->n, meta, m, &text, err);
	if (rc)
		return rc;
	size_t length = strlen(text);
	d->bytes = (8 + length + ALIGN - 1) / ALIGN * ALIGN;
	d->head = malloc(d->bytes);
	if (d->head) {
		memset(d->head, ' ', d->bytes);
		for (int i = 0; i < 8; i++)
			d->head[i] = (char)(unsigned char)((uint64_t)(d->bytes - 8) >> 8 * i);
		memcpy(d->head + 8, text, length);
	} else {
		rc = as_fail(err, AS_EMEM, "memory: no room for a header");
	}
	free(text);
	return rc;
}

static int hash_draft(const struct draft *d, uint64_t *hash, struct as_error *err)
{
	XXH64_state_t *state = XXH64_createState();
	if (!state)
		return as_fail(err, AS_EMEM, "memory: no room for a checksum");
	XXH64_reset(state, 0);
	XXH64_update(state, d->head, d->bytes);
	for (int i = 0; i < d->n; i++)
		XXH64_update(state, d->at[i].tensor.data, data_bytes(&d->at[i].tensor));
	*hash = XXH64_digest(state);
	XXH64_freeState(state);
	return 0;
}

static int put(FILE *f, const void *at, size_t n, struct as_error *err)
{
	return !n || fwrite(at, 1, n, f) == n ? 0 : as_fail_errno(err, "write");
}

int as_safetensors_write(FILE *f, const struct as_named *at, int n, const struct as_meta *meta, int m, uint64_t *seal,
			 struct as_error *err)
{
	struct draft d = {.at = at, .n = n};
	char digits[DIGITS + 1];
	uint64_t hash = 0;
	int rc = lay_out(&d, meta, m, err);
	rc = rc ? rc : hash_draft(&d, &hash, err);
	if (!rc) {
		snprintf(digits, sizeof digits, "%016llx", (unsigned long long)hash);
		memcpy(d.head + SEAL_AT, digits, DIGITS);
		rc = put(f, d.head, d.bytes, err);
	}
	for (int i = 0; i < n && !rc; i++)
		rc = put(f, at[i].tensor.data, data_bytes(&at[i].tensor), err);
	free(d.head);
	if (!rc && seal)
		*seal = hash;
	return rc;
}

/* ---- reading ---- */

/* A tensor as the file describes it. */
struct entry {
	const char *name;  /* the name in the header, or `own` */
	char *own;
	const char *dtype; /* as in the file */
	size_t begin, end;
	int kind;          /* index into dtypes; DTYPES: one that we cannot hold */
	int dims;
	struct as_tensor tensor; /* data is NULL if we cannot hold it */
};

struct as_safetensors {
	char *file;
	json_t *root;
	struct entry *at;
	struct entry **by_name;
	int count;
	float *wide; /* half floats, converted */
	uint64_t hash;
	const char *note;
};

void as_safetensors_close(struct as_safetensors *s)
{
	if (!s)
		return;
	for (int i = 0; s->at && i < s->count; i++)
		free(s->at[i].own);
	json_decref(s->root);
	free(s->file);
	free(s->at);
	free(s->by_name);
	free(s->wide);
	free(s);
}

/* If there are more dimensions than a tensor has, they are checked and not stored. */
static int read_shape(const json_t *shape, struct entry *e, size_t *count, struct as_error *err)
{
	if (!json_is_array(shape) || json_array_size(shape) > INT_MAX)
		return as_fail(err, AS_EDATA, "tensor %s: shape is not a list of numbers", e->name);
	e->dims = (int)json_array_size(shape);
	*count = 1;
	for (int i = 0; i < e->dims; i++) {
		const json_t *side = json_array_get(shape, (size_t)i);
		if (!json_is_integer(side) || json_integer_value(side) < 0 ||
		    !as_mul(*count, (size_t)json_integer_value(side), count))
			return as_fail(err, AS_EDATA, "tensor %s: a side of the shape is negative or too large", e->name);
		if (i < AS_MAX_DIMS)
			e->tensor.shape[i] = json_integer_value(side);
	}
	return 0;
}

/* Reads one entry {"dtype": .., "shape": [..], "data_offsets": [begin, end]}. */
static int read_entry(const char *name, const json_t *entry, size_t payload, struct entry *e, struct as_error *err)
{
	const json_t *dtype = json_object_get(entry, "dtype"), *ends = json_object_get(entry, "data_offsets");
	size_t count, bytes;
	*e = (struct entry){.name = name, .dtype = json_string_value(dtype)};
	if (!name[0])
		return as_fail(err, AS_EDATA, "a tensor has no name");
	if (!json_is_object(entry) || json_object_size(entry) != 3 || !e->dtype)
		return as_fail(err, AS_EDATA, "tensor %s: not of dtype, shape and data_offsets", name);
	while (e->kind < DTYPES && strcmp(dtypes[e->kind].name, e->dtype))
		e->kind++;
	int rc = read_shape(json_object_get(entry, "shape"), e, &count, err);
	if (rc)
		return rc;
	const json_t *begin = json_array_get(ends, 0), *end = json_array_get(ends, 1);
	if (json_array_size(ends) != 2 || !json_is_integer(begin) || !json_is_integer(end) ||
	    json_integer_value(begin) < 0 || json_integer_value(end) < json_integer_value(begin) ||
	    (uint64_t)json_integer_value(end) > payload)
		return as_fail(err, AS_EDATA, "tensor %s: data_offsets are outside the file", name);
	e->begin = (size_t)json_integer_value(begin);
	e->end = (size_t)json_integer_value(end);
	if (e->kind < DTYPES && (!as_mul(count, dtypes[e->kind].size, &bytes) || bytes != e->end - e->begin))
		return as_fail(err, AS_EDATA, "tensor %s: %zu bytes are not what dtype and shape say", name,
			       e->end - e->begin);
	return 0;
}

static bool can_hold(const struct entry *e)
{
	return e->kind < DTYPES && e->dims <= AS_MAX_DIMS;
}

static enum widen widening(const struct entry *e)
{
	return can_hold(e) ? dtypes[e->kind].widen : AS_IS;
}

static void widen(enum widen how, const char *from, size_t count, float *to)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned char *p = (const unsigned char *)from + 2 * i;
		uint16_t h = (uint16_t)(p[0] | p[1] << 8);
		uint32_t bits = how == FROM_F16 ? as_half_bits(h) : (uint32_t)h << 16;
		memcpy(&to[i], &bits, sizeof bits);
	}
}

/* Points the tensors at their data. */
static int place(struct as_safetensors *s, const char *payload, struct as_error *err)
{
	size_t wide = 0, used = 0;
	for (int i = 0; i < s->count; i++)
		wide += widening(&s->at[i]) ? (s->at[i].end - s->at[i].begin) / 2 : 0;
	if (wide && !(s->wide = malloc(wide * sizeof *s->wide)))
		return as_fail(err, AS_EMEM, "memory: no room to widen %zu half floats", wide);
	for (int i = 0; i < s->count; i++) {
		struct entry *e = &s->at[i];
		if (!can_hold(e))
			continue;
		e->tensor.dtype = dtypes[e->kind].dtype;
		e->tensor.ndim = e->dims;
		e->tensor.data = payload + e->begin;
		size_t n = (e->end - e->begin) / 2;
		if (!widening(e) || !n)
			continue;
		widen(widening(e), payload + e->begin, n, s->wide + used);
		e->tensor.data = s->wide + used;
		used += n;
	}
	return 0;
}

static int by_begin(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x < y ? -1 : 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct entry *const *)a)->name, (*(struct entry *const *)b)->name);
}

/* All entries, sorted. */
static struct entry **sorted(struct as_safetensors *s, int (*compare)(const void *, const void *))
{
	for (int i = 0; i < s->count; i++)
		s->by_name[i] = &s->at[i];
	qsort(s->by_name, (size_t)s->count, sizeof *s->by_name, compare);
	return s->by_name;
}

/* Checks that there is no overlap and no gap, and that all data are used. */
static int check_cover(struct as_safetensors *s, size_t payload, struct as_error *err)
{
	struct entry **e = sorted(s, by_begin);
	size_t at = 0;
	for (int i = 0; i < s->count; i++) {
		if (e[i]->begin != at)
			return as_fail(err, AS_EDATA, "tensor %s: %s before it", e[i]->name,
				       e[i]->begin < at ? "overlaps the one" : "a gap");
		at = e[i]->end;
	}
	return at == payload ? 0 : as_fail(err, AS_EDATA, "%zu bytes of data, %zu of them described", payload, at);
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
	s->by_name = calloc(n + 1, sizeof *s->by_name);
	if (!s->at || !s->by_name)
		return as_fail(err, AS_EMEM, "memory: no room for %zu tensors", n);
	for (void *i = json_object_iter(s->root); i; i = json_object_iter_next(s->root, i)) {
		const char *name = json_object_iter_key(i);
		if (!strcmp(name, "__metadata__"))
			continue;
		int rc = read_entry(name, json_object_iter_value(i), payload, &s->at[s->count], err);
		if (rc)
			return rc;
		s->count++;
	}
	return check_cover(s, payload, err);
}

/* The hash of a file of this many bytes, in which the digits of a seal count as zeros. */
static uint64_t hash_of(char *file, size_t bytes)
{
	char digits[DIGITS];
	if (bytes < SEAL_AT + DIGITS || memcmp(file + 8, seal_head, sizeof seal_head - 1) != 0)
		return XXH64(file, bytes, 0);
	memcpy(digits, file + SEAL_AT, DIGITS);
	memcpy(file + SEAL_AT, no_digits, DIGITS);
	uint64_t hash = XXH64(file, bytes, 0);
	memcpy(file + SEAL_AT, digits, DIGITS);
	return hash;
}

/* A metadata key that makes the file ours, or NULL. "format" counts only with a value of ours, because files
 * of other programs often have this key. */
static const char *our_key(const struct as_safetensors *s)
{
	static const char *const keys[] = {"xxh64", "recipe", "policy", "source", "step", "epoch", "spread", "seq"};
	const char *format = as_safetensors_meta(s, "format");
	if (format && !strncmp(format, "augself-", 8))
		return "format";
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (as_safetensors_meta(s, keys[i]))
			return keys[i];
	return NULL;
}

/* A file of ours must be unchanged since it was written. */
static int check_seal(struct as_safetensors *s, size_t bytes, struct as_error *err)
{
	const char *key = our_key(s), *said = as_safetensors_meta(s, "xxh64"), *format = as_safetensors_meta(s, "format");
	char digits[DIGITS + 1];
	s->hash = hash_of(s->file, bytes);
	if (!key)
		return 0;
	if (!said && format && (!strcmp(format, "augself-model 1") || !strcmp(format, "augself-state 1"))) {
		s->note = "of augself 0.1.0, which gave files no checksum: whether it is damaged cannot be seen";
		return 0;
	}
	if (!said)
		return as_fail(err, AS_EDATA, "damaged, or no file of augself: its metadata has '%s', as ours have, and no xxh64 "
			       "(what another program wrote loads without the '%s')", key, key);
	snprintf(digits, sizeof digits, "%016llx", (unsigned long long)s->hash);
	if (!strcmp(said, digits))
		return 0;
	return as_fail(err, AS_EDATA, "damaged: its checksum is %.16s, its bytes make %s (or another program wrote it anew: "
		       "then it should leave our metadata out)", said, digits);
}

/* Where the header says that the last tensor's data end; wrong values are reported later. */
static uint64_t data_end(const json_t *root)
{
	json_int_t last = 0;
	for (void *i = json_object_iter((json_t *)(uintptr_t)root); i;
	     i = json_object_iter_next((json_t *)(uintptr_t)root, i)) {
		const json_t *end = json_array_get(json_object_get(json_object_iter_value(i), "data_offsets"), 1);
		last = json_integer_value(end) > last ? json_integer_value(end) : last;
	}
	return (uint64_t)last;
}

/* Reads the header, then the rest: from a pipe, which may never end, one byte more than the header
 * announces. A large file of another kind is recognised before it is read. */
static int read_file(struct as_safetensors *s, struct as_file *f, size_t *payload, struct as_error *err)
{
	uint64_t length = 0;
	json_error_t why;
	bool pipe = f->size == UINT64_MAX;
	if (!pipe && f->size > file_max)
		return as_fail(err, AS_EMEM, "%llu bytes, above the limit of %zu", (unsigned long long)f->size, file_max);
	int rc = as_file_fill(f, 9, err);
	if (rc)
		return rc;
	for (int i = 0; i < 8 && f->count == 9; i++)
		length |= (uint64_t)(unsigned char)f->bytes[i] << 8 * i;
	if (length < 2 || f->bytes[8] != '{' || (!pipe && length > f->size - 8))
		return (rc = as_file_fill(f, LOOK, err)) ? rc : as_foreign(f->bytes, f->count, err);
	if (length > HEADER_MAX)
		return as_fail(err, AS_EDATA, "a header of %llu bytes, more than %d", (unsigned long long)length, HEADER_MAX);
	rc = as_file_fill(f, 8 + (size_t)length, err);
	if (!rc && f->count < 8 + (size_t)length)
		rc = as_fail(err, AS_EDATA, "truncated: it ends within its header");
	if (rc)
		return rc;
	s->root = json_loadb(f->bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(s->root))
		return as_fail(err, AS_EDATA, "header: %s", s->root ? "not a map" : why.text);
	if (data_end(s->root) > file_max)
		return as_fail(err, AS_EMEM, "%llu bytes of data, above the limit of %zu",
			       (unsigned long long)data_end(s->root), file_max);
	rc = as_file_fill(f, pipe ? 8 + (size_t)length + (size_t)data_end(s->root) + 1 : (size_t)f->size, err);
	*payload = f->count - 8 - (size_t)length;
	return rc;
}

static int split_file(struct as_safetensors *s, struct as_file *f, struct as_error *err)
{
	size_t payload = 0;
	int rc = read_file(s, f, &payload, err);
	const json_t *meta = json_object_get(s->root, "__metadata__");
	s->file = f->bytes;
	f->bytes = NULL;
	rc = rc || !meta ? rc : check_meta(meta, err);
	rc = rc ? rc : check_seal(s, f->count, err);
	rc = rc ? rc : read_entries(s, payload, err);
	rc = rc ? rc : place(s, s->file + f->count - payload, err);
	if (!rc)
		sorted(s, by_name);
	return rc;
}

int as_safetensors_open(struct as_safetensors **out, const char *path, struct as_error *err)
{
	struct as_file f;
	struct as_safetensors *s = calloc(1, sizeof *s);
	if (!s)
		return as_fail(err, AS_EMEM, "memory: no room to open %s", path);
	int rc = as_file_open(&f, path, AS_PATH_FILE | AS_PATH_PIPE, err);
	if (!rc) {
		rc = split_file(s, &f, err);
		as_file_close(&f);
		if (rc)
			as_fail_within(err, "%s", path);
	}
	if (rc)
		as_safetensors_close(s);
	else
		*out = s;
	return rc;
}

uint64_t as_safetensors_hash(const struct as_safetensors *s)
{
	return s->hash;
}

const char *as_safetensors_note(const struct as_safetensors *s)
{
	return s->note;
}

/* ---- contents ---- */

int as_safetensors_count(const struct as_safetensors *s)
{
	return s->count;
}

const char *as_safetensors_name(const struct as_safetensors *s, int i)
{
	return s->at[i].name;
}

const struct as_tensor *as_safetensors_at(const struct as_safetensors *s, int i)
{
	return s->at[i].tensor.data ? &s->at[i].tensor : NULL;
}

static const struct entry *find(const struct as_safetensors *s, const char *name)
{
	struct entry **list = s->by_name;
	int lo = 0, hi = s->count;
	while (lo < hi) {
		int mid = lo + (hi - lo) / 2, order = strcmp(name, list[mid]->name);
		if (!order)
			return list[mid];
		*(order < 0 ? &hi : &lo) = mid + (order > 0);
	}
	return NULL;
}

const struct as_tensor *as_safetensors_find(const struct as_safetensors *s, const char *name)
{
	const struct entry *e = find(s, name);
	return e && e->tensor.data ? &e->tensor : NULL;
}

int as_safetensors_get(const struct as_safetensors *s, const char *name, const struct as_tensor **out,
		       struct as_error *err)
{
	const struct entry *e = find(s, name);
	if (!e)
		return as_fail(err, AS_EDATA, "tensor %s: not in the file", name);
	if (e->kind == DTYPES)
		return as_fail(err, AS_EDATA, "tensor %s: dtype %.16s is not known here", name, e->dtype);
	if (!e->tensor.data)
		return as_fail(err, AS_EDATA, "tensor %s: %d dimensions, at most %d are known here", name, e->dims, AS_MAX_DIMS);
	*out = &e->tensor;
	return 0;
}

const char *as_safetensors_meta(const struct as_safetensors *s, const char *key)
{
	return json_string_value(json_object_get(json_object_get(s->root, "__metadata__"), key));
}

/* ---- changing names ---- */

void as_safetensors_enter(struct as_safetensors *s, const char *prefix)
{
	size_t n = strlen(prefix);
	int kept = 0;
	for (int i = 0; i < s->count; i++) {
		struct entry e = s->at[i];
		if (strncmp(e.name, prefix, n) != 0 || !e.name[n]) {
			free(e.own);
			continue;
		}
		e.name += n;
		s->at[kept++] = e;
	}
	s->count = kept;
	sorted(s, by_name);
}

int as_safetensors_rename(struct as_safetensors *s, const char *from, const char *to, struct as_error *err)
{
	size_t n = strlen(from);
	for (int i = 0; i < s->count; i++) {
		struct entry *e = &s->at[i];
		if (strncmp(e->name, from, n) != 0)
			continue;
		size_t room = strlen(to) + strlen(e->name + n) + 1;
		char *own = malloc(room);
		if (!own)
			return as_fail(err, AS_EMEM, "tensor %s: no memory for another name", e->name);
		snprintf(own, room, "%s%s", to, e->name + n);
		free(e->own);
		e->name = e->own = own;
	}
	sorted(s, by_name);
	return 0;
}
