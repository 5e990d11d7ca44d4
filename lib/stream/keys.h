/* Public since 0.2. Further keys of a record, besides those of its kind: what a dataset knows of an image,
 * or what was drawn in it. Filters copy them. */
#ifndef AS_STREAM_KEYS_H
#define AS_STREAM_KEYS_H

#include <stdbool.h>

#include "stream/record.h"

AS_BEGIN

/* The most bytes of all keys together, so that they fit into a record of any kind. */
enum { AS_MAX_KEYS = 64 << 10 };

/* Initialise with zeros. May be used again after as_keys_end; as_keys_clear frees it. */
struct as_keys {
	char *at;
	size_t bytes, room;
	int pairs;
	bool full, ended; /* memory ran out; the next put starts again */
};

/* Adds a pair: a whole number, a number, a text (UTF-8, or the bytes of a file name), a list of n numbers
 * (a box: y, x, height, width). as_keys_end reports errors. */
void as_keys_int(struct as_keys *, const char *key, int64_t value);
void as_keys_float(struct as_keys *, const char *key, double value);
void as_keys_text(struct as_keys *, const char *key, struct as_text value);
void as_keys_floats(struct as_keys *, const char *key, const double *value, int n);
/* Adds a map, which the next n pairs belong to. */
void as_keys_map(struct as_keys *, const char *key, int n);

/* Adds the further keys of another record, but not the one called `but` (which may be NULL). AS_EDATA, AS_EMEM. */
AS_NODISCARD int as_keys_copy(struct as_keys *, const struct as_extra *, const char *but, struct as_error *);

/* All pairs as a record needs them, borrowed until the next put; empty if nothing was put since the last
 * end. AS_EMEM: no memory, or more than AS_MAX_KEYS; AS_EARG: a key occurs twice, or is a field of some
 * kind of record, where it would be lost; or a map has fewer pairs than announced. */
AS_NODISCARD int as_keys_end(struct as_keys *, struct as_extra *out, struct as_error *);
void as_keys_clear(struct as_keys *);

AS_END
#endif
