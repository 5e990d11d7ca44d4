/* Private to lib/stream: goes through the type and length bytes of packed values. Every claim is checked
 * against the bytes that are there before a decoder sees them, without recursion and without taking memory. */
#ifndef AS_STREAM_SCAN_H
#define AS_STREAM_SCAN_H

#include "stream/record.h"

AS_BEGIN

/* The deepest nesting of maps and arrays; the most values in one record or header. */
enum { AS_SCAN_DEPTH = 8, AS_SCAN_VALUES = 1 << 16 };

/* The bytes of the value that starts at `at` (with all that it contains), at most `bytes`; <0: it does not
 * end there, nests too deep, or is not msgpack. */
AS_NODISCARD int64_t as_scan(const char *at, size_t bytes, struct as_error *);

/* The value of `key` among the pairs from `at` on, in *value and *length. 1: found, 0: no such key, <0: they are
 * not msgpack. */
AS_NODISCARD int as_scan_find(const char *at, size_t bytes, int64_t pairs, const char *key, const char **value,
			      size_t *length, struct as_error *);

/* Sets *pairs to the number of pairs of the map at `at`; returns the bytes before the first pair, 0 if it
 * is not a map or is truncated. */
size_t as_scan_map(const char *at, size_t bytes, uint32_t *pairs);

/* Reads a whole number >= 0 at `at`: returns its bytes, 0 if more than `bytes` are needed, <0 if it is
 * something else. */
int as_scan_uint(const char *at, size_t bytes, uint64_t *out);

/* Reads a text that as_scan has checked; false: the value is something else. */
bool as_scan_text(const char *at, size_t bytes, struct as_text *out);

AS_END
#endif
