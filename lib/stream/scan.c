#include "stream/scan.h"

#include <string.h>

static uint64_t big_endian(const unsigned char *p, int n)
{
	uint64_t v = 0;
	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* What follows a type byte: a length in `prefix` bytes, then `fixed` + length bytes of data, or for a
 * container length * `values` values. */
struct shape {
	int prefix, fixed, values;
	bool payload;
};

/* The msgpack specification's table of formats, 0xc0 to 0xdf; 0xc1 is never used. */
static const struct shape shapes[32] = {
	[0x00] = {0, 0, 0, false},                            /* nil */
	[0x02] = {0, 0, 0, false}, [0x03] = {0, 0, 0, false}, /* false, true */
	[0x04] = {1, 0, 0, true},  [0x05] = {2, 0, 0, true},  [0x06] = {4, 0, 0, true}, /* bin */
	[0x07] = {1, 1, 0, true},  [0x08] = {2, 1, 0, true},  [0x09] = {4, 1, 0, true}, /* ext */
	[0x0a] = {0, 4, 0, false}, [0x0b] = {0, 8, 0, false},                           /* float */
	[0x0c] = {0, 1, 0, false}, [0x0d] = {0, 2, 0, false}, [0x0e] = {0, 4, 0, false}, [0x0f] = {0, 8, 0, false},
	[0x10] = {0, 1, 0, false}, [0x11] = {0, 2, 0, false}, [0x12] = {0, 4, 0, false}, [0x13] = {0, 8, 0, false},
	[0x14] = {0, 2, 0, false}, [0x15] = {0, 3, 0, false}, [0x16] = {0, 5, 0, false}, /* fixext 1, 2, 4 */
	[0x17] = {0, 9, 0, false}, [0x18] = {0, 17, 0, false},                           /* fixext 8, 16 */
	[0x19] = {1, 0, 0, true},  [0x1a] = {2, 0, 0, true},  [0x1b] = {4, 0, 0, true},  /* str */
	[0x1c] = {2, 0, 1, false}, [0x1d] = {4, 0, 1, false},                            /* array */
	[0x1e] = {2, 0, 2, false}, [0x1f] = {4, 0, 2, false},                            /* map */
};

/* The bytes of one value itself, and the number of values that it contains; 0: it does not fit, or is not
 * msgpack. */
static size_t head(const unsigned char *p, size_t bytes, uint64_t *holds)
{
	*holds = 0;
	if (!bytes)
		return 0;
	unsigned type = p[0];
	if (type < 0x80 || type >= 0xe0) /* small whole numbers */
		return 1;
	if (type < 0xa0) { /* small map, small array */
		*holds = type < 0x90 ? 2 * (type & 15) : type & 15;
		return 1;
	}
	if (type < 0xc0) { /* short text */
		size_t n = 1 + (type & 31);
		return n <= bytes ? n : 0;
	}
	struct shape s = shapes[type - 0xc0];
	if (type == 0xc1 || bytes < 1 + (size_t)s.prefix)
		return 0;
	uint64_t length = big_endian(p + 1, s.prefix);
	uint64_t n = 1 + (uint64_t)s.prefix + (uint64_t)s.fixed + (s.payload ? length : 0);
	*holds = (uint64_t)s.values * length;
	return n <= bytes ? (size_t)n : 0;
}

int64_t as_scan(const char *at, size_t bytes, struct as_error *err)
{
	const unsigned char *p = (const unsigned char *)at;
	uint64_t left[AS_SCAN_DEPTH + 1] = {1}; /* values still expected on each level */
	uint64_t values = 0;
	size_t used = 0;
	int depth = 0;
	while (depth >= 0) {
		if (!left[depth]) {
			depth--;
			continue;
		}
		left[depth]--;
		uint64_t holds;
		size_t n = head(p + used, bytes - used, &holds);
		if (!n)
			return as_fail(err, AS_EDATA, "not msgpack, or longer than its frame, at byte %zu", used);
		used += n;
		if (++values > AS_SCAN_VALUES || holds > AS_SCAN_VALUES || holds > bytes - used)
			return as_fail(err, AS_EDATA, "more values than can be, at byte %zu", used - n);
		if (!holds)
			continue;
		if (depth == AS_SCAN_DEPTH)
			return as_fail(err, AS_EDATA, "nested deeper than %d, at byte %zu", AS_SCAN_DEPTH, used - n);
		left[++depth] = holds;
	}
	return (int64_t)used;
}

int as_scan_find(const char *at, size_t bytes, int64_t pairs, const char *key, const char **value, size_t *length,
		 struct as_error *err)
{
	const char *end = at + bytes;
	size_t letters = strlen(key);
	for (int64_t i = 0; i < pairs; i++) {
		int64_t k = as_scan(at, (size_t)(end - at), err);
		int64_t v = k < 0 ? k : as_scan(at + k, (size_t)(end - at - k), err);
		struct as_text text;
		if (v < 0)
			return (int)v;
		*value = at + k;
		*length = (size_t)v;
		if (as_scan_text(at, (size_t)k, &text) && text.length == letters && !memcmp(text.at, key, letters))
			return 1;
		at += k + v;
	}
	return 0;
}

size_t as_scan_map(const char *at, size_t bytes, uint32_t *pairs)
{
	const unsigned char *p = (const unsigned char *)at;
	if (!bytes || (p[0] >> 4 != 8 && p[0] != 0xde && p[0] != 0xdf))
		return 0;
	uint64_t holds;
	size_t n = head(p, bytes, &holds);
	*pairs = (uint32_t)(holds / 2);
	return n;
}

int as_scan_uint(const char *at, size_t bytes, uint64_t *out)
{
	const unsigned char *p = (const unsigned char *)at;
	if (!bytes)
		return 0;
	if (p[0] < 0x80) {
		*out = p[0];
		return 1;
	}
	/* 0xcc..0xcf are unsigned; 0xd0..0xd3 are signed, which some packers always write */
	if (p[0] < 0xcc || p[0] > 0xd3)
		return -1;
	int n = 1 << (p[0] & 3);
	if (bytes < 1 + (size_t)n)
		return 0;
	*out = big_endian(p + 1, n);
	if (p[0] >= 0xd0 && *out >> (8 * n - 1))
		return -1;
	return 1 + n;
}

bool as_scan_text(const char *at, size_t bytes, struct as_text *out)
{
	const unsigned char *p = (const unsigned char *)at;
	if (!bytes || (p[0] >> 5 != 5 && (p[0] < 0xd9 || p[0] > 0xdb)))
		return false;
	size_t prefix = p[0] >> 5 == 5 ? 1 : 1 + (size_t)shapes[p[0] - 0xc0].prefix;
	*out = (struct as_text){at + prefix, bytes - prefix};
	return true;
}
