/* A feature stream as one matrix with labels. */
#ifndef AS_EVAL_FEATURES_H
#define AS_EVAL_FEATURES_H

#include "stream/stream.h"

AS_BEGIN

/* Owns its arrays: as_features_clear. Zeroed is empty. */
struct as_features {
	int64_t n, d;
	float *x;       /* (n,d) */
	int64_t *label; /* (n), 0 or more */
	uint64_t *seq;  /* (n), the record that the row came from */
	int64_t classes; /* the largest label and 1 */
	uint64_t names;  /* hash of the classes' names; 0: none, or not asked for these */
	char model[32];  /* what the chain says that feat-extract ran, or "" */
};

/* Labels above this are taken for a mistake (weights are classes x d). */
enum { AS_MAX_CLASSES = 100000 };

/* Reads the rest of a stream of kind feature; every view is a row. `key` is
 * where the label lies: "label", or any whole-number key of the records, such as
 * "colour" from img-synth. AS_EDATA, with the record, for a row of another width,
 * a value that is not finite, a label that is missing, negative or absurd; also
 * for a stream without rows. */
AS_NODISCARD int as_features_read(struct as_features *, struct as_reader *, const char *key, struct as_error *);
void as_features_clear(struct as_features *);

/* Whether what was learnt from one can be asked of the other: AS_EDATA when both
 * say what their classes or their model are, and do not say the same. */
AS_NODISCARD int as_features_match(const struct as_features *learnt, const struct as_features *asked, struct as_error *);

/* The rows i of `from` with part[i] == want, copied. */
AS_NODISCARD int as_features_pick(struct as_features *, const struct as_features *from, const unsigned char *part,
				  int want, struct as_error *);

/* Marks part[i] = 1 for `share` of each class of f (rounded, at least one row
 * stays 0), drawn by Philox with key = seed and id = class, and 0 for the rest. */
AS_NODISCARD int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
				      struct as_error *);

AS_END
#endif
