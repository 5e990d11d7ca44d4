#include "base/text.h"
#include "stream/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/scan.h"

static const struct {
	const char *name;
	size_t size;
} dtypes[] = {
	[AS_U1] = {"|u1", 1}, [AS_F4] = {"<f4", 4}, [AS_I4] = {"<i4", 4}, [AS_I8] = {"<i8", 8}, [AS_F8] = {"<f8", 8},
};

size_t as_dtype_size(enum as_dtype d)
{
	return dtypes[d].size;
}

const char *as_dtype_name(enum as_dtype d)
{
	return dtypes[d].name;
}

struct as_text as_text_of(const char *string)
{
	return (struct as_text){string, string ? strlen(string) : 0};
}

int64_t as_tensor_count(const struct as_tensor *t)
{
	int64_t n = t->data ? 1 : 0;
	for (int i = 0; i < t->ndim; i++)
		n *= t->shape[i];
	return n;
}

#define WIDEN(type)                                                           \
	do {                                                                  \
		type v;                                                       \
		for (int64_t i = 0; i < n; i++) {                             \
			memcpy(&v, p + (size_t)i * sizeof v, sizeof v);       \
			out[i] = (float)v;                                    \
		}                                                             \
	} while (0)

void as_tensor_floats(const struct as_tensor *t, int64_t from, int64_t n, float *out)
{
	const char *p = (const char *)t->data + (size_t)from * as_dtype_size(t->dtype);
	switch (t->dtype) {
	case AS_U1: WIDEN(uint8_t); break;
	case AS_F4: memcpy(out, p, (size_t)n * sizeof *out); break;
	case AS_I4: WIDEN(int32_t); break;
	case AS_I8: WIDEN(int64_t); break;
	case AS_F8: WIDEN(double); break;
	}
}

/* Makes room for one more text of this length. Both arrays double, so that adding n texts takes a time
 * proportional to n. */
static int names_room(struct as_names *names, size_t length, struct as_error *err)
{
	size_t need = names->bytes + length + 1, count = (size_t)names->count;
	if (!(count & (count - 1))) { /* 0, 1, 2, 4, ...: the array is full */
		size_t *from = realloc(names->from, (count ? 2 * count : 1) * sizeof *from);
		if (!from)
			return as_fail(err, AS_EMEM, "memory: no room for a list of %zu texts", count + 1);
		names->from = from;
	}
	if (need > names->room) {
		char *at = realloc(names->at, 2 * need);
		if (!at)
			return as_fail(err, AS_EMEM, "memory: no room for a list of %zu bytes", need);
		names->at = at;
		names->room = 2 * need;
	}
	return 0;
}

int as_names_put(struct as_names *names, struct as_text text, struct as_error *err)
{
	int rc = names_room(names, text.length, err);
	if (rc)
		return rc;
	names->from[names->count++] = names->bytes;
	if (text.length)
		memcpy(names->at + names->bytes, text.at, text.length);
	names->at[names->bytes + text.length] = 0;
	names->bytes += text.length + 1;
	return 0;
}

int as_names_add(struct as_names *names, const char *text, struct as_error *err)
{
	return as_names_put(names, as_text_of(text), err);
}

const char *as_names_at(const struct as_names *names, int64_t i)
{
	return i >= 0 && i < names->count ? names->at + names->from[i] : NULL;
}

void as_names_clear(struct as_names *names)
{
	free(names->at);
	free(names->from);
	*names = (struct as_names){0};
}

static int names_copy(struct as_names *to, const struct as_names *from, struct as_error *err)
{
	int rc = 0;
	*to = (struct as_names){0};
	for (int64_t i = 0; i < from->count && !rc; i++)
		rc = as_names_add(to, as_names_at(from, i), err);
	return rc;
}

static int copy_bytes(void *to, const void *from, size_t n, struct as_error *err)
{
	char *p = NULL;
	if (n) {
		p = malloc(n);
		if (!p)
			return as_fail(err, AS_EMEM, "memory: no room for %zu bytes of a header", n);
		memcpy(p, from, n);
	}
	memcpy(to, &p, sizeof p);
	return 0;
}

bool as_role_list_same(const struct as_role_list *a, const struct as_role_list *b)
{
	bool same = a->n == b->n;
	for (int i = 0; i < a->n && same; i++)
		same = !strcmp(a->at[i].name, b->at[i].name) && a->at[i].count == b->at[i].count && a->at[i].size == b->at[i].size;
	return same;
}

int as_header_copy(struct as_header *to, const struct as_header *from, struct as_error *err)
{
	struct as_header h = *from;
	h.chain = (struct as_names){0};
	h.policy = NULL;
	h.extra.at = NULL;
	int rc = names_copy(&h.classes, &from->classes, err);
	if (!rc)
		rc = names_copy(&h.chain, &from->chain, err);
	if (!rc)
		rc = copy_bytes(&h.policy, from->policy, from->policy ? strlen(from->policy) + 1 : 0, err);
	if (!rc)
		rc = copy_bytes(&h.extra.at, from->extra.at, from->extra.bytes, err);
	if (rc)
		as_header_clear(&h);
	else
		*to = h;
	return rc;
}

void as_header_clear(struct as_header *h)
{
	as_names_clear(&h->classes);
	as_names_clear(&h->chain);
	free(h->policy);
	free((void *)(uintptr_t)h->extra.at); /* const for readers, but owned by us */
	*h = (struct as_header){0};
}

static uint64_t block_of(struct as_shard s)
{
	return s.block ? s.block : 1;
}

uint64_t as_shard_first(struct as_shard s)
{
	return s.count < 2 ? 0 : (s.index - 1) * block_of(s);
}

uint64_t as_shard_of(struct as_shard s, uint64_t n)
{
	if (s.count < 2)
		return n;
	uint64_t each = block_of(s), round = s.count * each, rest = n % round, before = as_shard_first(s);
	uint64_t last = rest < before ? 0 : rest - before < each ? rest - before : each;
	return n / round * each + last;
}

uint64_t as_header_per_epoch(const struct as_header *h)
{
	return as_shard_of(h->shard, h->records);
}

uint64_t as_header_before(const struct as_header *h, uint64_t seq)
{
	if (!h->records)
		return 0;
	return seq / h->records * as_header_per_epoch(h) + as_shard_of(h->shard, seq % h->records);
}

uint64_t as_header_total(const struct as_header *h)
{
	uint64_t n = as_header_per_epoch(h);
	return h->epochs && n <= UINT64_MAX / h->epochs ? n * h->epochs : 0;
}

static int64_t signed_at(const char *at, size_t bytes, int64_t *out)
{
	uint64_t u;
	const unsigned char *p = (const unsigned char *)at;
	if (as_scan_uint(at, bytes, &u) > 0) {
		*out = (int64_t)u;
		return u <= INT64_MAX;
	}
	if (bytes && p[0] >= 0xe0) {
		*out = (int64_t)p[0] - 256;
		return 1;
	}
	if (!bytes || p[0] < 0xd0 || p[0] > 0xd3)
		return 0;
	int n = 1 << (p[0] & 3);
	u = UINT64_MAX; /* negative, otherwise as_scan_uint would have accepted it */
	for (int i = 0; i < n; i++)
		u = u << 8 | p[1 + i];
	*out = -(int64_t)(~u) - 1;
	return 1;
}

int as_extra_int(const struct as_extra *extra, const char *key, int64_t *out, struct as_error *err)
{
	const char *at;
	size_t bytes;
	int found = as_scan_find(extra->at, extra->bytes, extra->pairs, key, &at, &bytes, err);
	if (found <= 0)
		return found;
	return signed_at(at, bytes, out) ? 1 : as_fail(err, AS_EDATA, "%s: not a whole number", key);
}

void as_extra_names(const struct as_extra *extra, char *list, size_t room)
{
	const char *at = extra->at, *end = at + extra->bytes;
	*list = '\0';
	for (int i = 0; i < extra->pairs; i++) {
		int64_t k = as_scan(at, (size_t)(end - at), NULL), v = k < 0 ? k : as_scan(at + k, (size_t)(end - at - k), NULL), whole;
		struct as_text key;
		char name[48];
		if (v < 0)
			return;
		if (as_scan_text(at, (size_t)k, &key) && signed_at(at + k, (size_t)v, &whole)) {
			snprintf(name, sizeof name, "%.*s", key.length < sizeof name ? (int)key.length : 0, key.at);
			as_enlist(list, room, name);
		}
		at += k + v;
	}
}
