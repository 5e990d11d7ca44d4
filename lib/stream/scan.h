/* Private to lib/stream: a walk over the type and length bytes of packed values. Every
 * claim is checked against the bytes that are there before a decoder sees it, without
 * recursion and without memory. */
#ifndef AS_STREAM_SCAN_H
#define AS_STREAM_SCAN_H

#include "stream/record.h"

AS_BEGIN

/* Deepest nesting of maps and arrays; most values in one record or header. */
enum { AS_SCAN_DEPTH = 8, AS_SCAN_VALUES = 1 << 16 };

/* Bytes of the one value that starts at `at` (containers with all they hold), at
 * most `bytes`; <0 when it does not end there, nests too deep, or is no msgpack. */
AS_NODISCARD int64_t as_scan(const char *at, size_t bytes, struct as_error *);

/* The type byte at `at` of a map: its pairs into *pairs; returns the bytes of the
 * map's own prefix, 0 when it is no map or the prefix is cut. */
size_t as_scan_map(const char *at, size_t bytes, uint32_t *pairs);

/* A whole number >= 0 at `at`: returns its bytes, 0 when more than `bytes` are
 * needed to tell, <0 when it is something else. */
int as_scan_uint(const char *at, size_t bytes, uint64_t *out);

/* A text that as_scan has passed: false when the value is something else. */
bool as_scan_text(const char *at, size_t bytes, struct as_text *out);

AS_END
#endif
