/* Public since 0.2. Keys of one's own for a record, beside those that its kind has: what a dataset knows
 * of an image, or what was drawn in it. Filters carry them onward. */
#ifndef AS_STREAM_KEYS_H
#define AS_STREAM_KEYS_H

#include <stdbool.h>

#include "stream/record.h"

AS_BEGIN

/* The most bytes that they may take together, so that they fit in a record of any kind. */
enum { AS_MAX_KEYS = 64 << 10 };

/* Zeroed is empty. Used again after as_keys_end; as_keys_clear frees it. */
struct as_keys {
	char *at;
	size_t bytes, room;
	int pairs;
	bool full, ended; /* memory ran out; the next put starts anew */
};

/* Adds a pair: a whole number, a number, a text (UTF-8, or bytes of a file's name), a list of n
 * numbers (a box: y, x, height, width). What goes wrong is told by as_keys_end. */
void as_keys_int(struct as_keys *, const char *key, int64_t value);
void as_keys_float(struct as_keys *, const char *key, double value);
void as_keys_text(struct as_keys *, const char *key, struct as_text value);
void as_keys_floats(struct as_keys *, const char *key, const double *value, int n);
/* Adds a map: the next n pairs are in it. */
void as_keys_map(struct as_keys *, const char *key, int n);

/* All pairs as they go into a record, borrowed until the next put; none where nothing was put since
 * the last end. AS_EMEM: no memory, or more than AS_MAX_KEYS; AS_EARG: a key that is there twice, or
 * that a record of some kind has itself, where it would be lost; a map of fewer pairs than it said. */
AS_NODISCARD int as_keys_end(struct as_keys *, struct as_extra *out, struct as_error *);
void as_keys_clear(struct as_keys *);

AS_END
#endif
