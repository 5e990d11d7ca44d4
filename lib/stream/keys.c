#include "stream/keys.h"

#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

#include "stream/scan.h"
#include "stream/schema.h"

/* msgpack_packer's callback. */
static int append(void *data, const char *at, size_t n)
{
	struct as_keys *k = data;
	if (n > k->room - k->bytes) {
		size_t room = 2 * k->room + n + 256;
		char *more = k->full ? NULL : realloc(k->at, room);
		if (!more) {
			k->full = true;
			return -1;
		}
		k->at = more;
		k->room = room;
	}
	memcpy(k->at + k->bytes, at, n);
	k->bytes += n;
	return 0;
}

static void put_text(msgpack_packer *p, const char *at, size_t n)
{
	msgpack_pack_str(p, n);
	if (n)
		msgpack_pack_str_body(p, at, n);
}

/* After an end, the keys of another record begin. */
static void reopen(struct as_keys *k)
{
	if (!k->ended)
		return;
	k->bytes = 0;
	k->pairs = 0;
	k->full = k->ended = false;
}

/* A packer that has written the key. */
static msgpack_packer begin(struct as_keys *k, const char *key)
{
	msgpack_packer p;
	reopen(k);
	k->pairs++;
	msgpack_packer_init(&p, k, append);
	put_text(&p, key, strlen(key));
	return p;
}

void as_keys_int(struct as_keys *k, const char *key, int64_t value)
{
	msgpack_packer p = begin(k, key);
	msgpack_pack_int64(&p, value);
}

void as_keys_float(struct as_keys *k, const char *key, double value)
{
	msgpack_packer p = begin(k, key);
	msgpack_pack_double(&p, value);
}

void as_keys_text(struct as_keys *k, const char *key, struct as_text value)
{
	msgpack_packer p = begin(k, key);
	put_text(&p, value.at, value.length);
}

void as_keys_floats(struct as_keys *k, const char *key, const double *value, int n)
{
	msgpack_packer p = begin(k, key);
	msgpack_pack_array(&p, (size_t)n);
	for (int i = 0; i < n; i++)
		msgpack_pack_double(&p, value[i]);
}

void as_keys_map(struct as_keys *k, const char *key, int n)
{
	msgpack_packer p = begin(k, key);
	msgpack_pack_map(&p, (size_t)n);
	k->pairs -= n; /* pairs inside a map do not count as pairs of the record */
}

/* Whether records of some kind have a field of this name. */
static bool is_used(struct as_text key)
{
	for (int i = 0; as_schema_at(i); i++)
		for (int f = 0; f < as_schema_at(i)->fields; f++) {
			const char *name = as_schema_at(i)->field[f].key;
			if (strlen(name) == key.length && !memcmp(name, key.at, key.length))
				return true;
		}
	return false;
}

/* The key at byte `at`; its pair ends before byte *next. */
static int key_at(const struct as_keys *k, size_t at, struct as_text *key, size_t *next, struct as_error *err)
{
	int64_t n = as_scan(k->at + at, k->bytes - at, err);
	int64_t m = n < 0 ? n : as_scan(k->at + at + n, k->bytes - at - (size_t)n, err);
	if (m < 0)
		return (int)m;
	as_scan_text(k->at + at, (size_t)n, key);
	*next = at + (size_t)(n + m);
	return 0;
}

/* Whether the key occurs among the pairs from byte `at` on. */
static bool comes_again(const struct as_keys *k, struct as_text key, size_t at)
{
	struct as_text other;
	while (at < k->bytes && !key_at(k, at, &other, &at, NULL))
		if (other.length == key.length && !memcmp(other.at, key.at, key.length))
			return true;
	return false;
}

int as_keys_copy(struct as_keys *k, const struct as_extra *from, const char *but, struct as_error *err)
{
	const struct as_keys pairs = {.at = (char *)(uintptr_t)from->at, .bytes = from->bytes}; /* only read */
	struct as_text key;
	int rc = 0;
	reopen(k);
	for (size_t at = 0, next = 0; at < from->bytes && !rc; at = next) {
		rc = key_at(&pairs, at, &key, &next, err);
		if (rc || (but && key.length == strlen(but) && !memcmp(key.at, but, key.length)))
			continue;
		if (append(k, from->at + at, next - at))
			return as_fail(err, AS_EMEM, "memory: no room for the keys of a record");
		k->pairs++;
	}
	return rc;
}

static int check(const struct as_keys *k, struct as_error *err)
{
	struct as_text key;
	int rc = 0, pairs = 0;
	for (size_t at = 0; at < k->bytes && !rc; pairs++) {
		rc = key_at(k, at, &key, &at, err);
		if (!rc && is_used(key))
			rc = as_fail(err, AS_EARG, "'%.*s' as a key of one's own: records have it", (int)key.length, key.at);
		else if (!rc && comes_again(k, key, at))
			rc = as_fail(err, AS_EARG, "'%.*s' as a key of one's own: twice", (int)key.length, key.at);
	}
	return rc || pairs == k->pairs ? rc : as_fail(err, AS_EARG, "keys of one's own: a map lacks pairs");
}

int as_keys_end(struct as_keys *k, struct as_extra *out, struct as_error *err)
{
	bool empty = k->ended || !k->bytes;
	*out = (struct as_extra){0};
	k->ended = true;
	if (k->full)
		return as_fail(err, AS_EMEM, "memory: no room for the keys of a record");
	if (empty)
		return 0;
	if (k->bytes > AS_MAX_KEYS)
		return as_fail(err, AS_EMEM, "keys of one's own: %zu bytes, at most %d", k->bytes, (int)AS_MAX_KEYS);
	int rc = check(k, err);
	if (!rc)
		*out = (struct as_extra){k->at, k->bytes, k->pairs};
	return rc;
}

void as_keys_clear(struct as_keys *k)
{
	free(k->at);
	*k = (struct as_keys){0};
}
