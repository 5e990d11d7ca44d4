/* A feature stream as one matrix with labels. */
#ifndef AS_EVAL_FEATURES_H
#define AS_EVAL_FEATURES_H

#include "eval/classes.h"
#include "stream/stream.h"

AS_BEGIN

struct as_class_name {
	int64_t label;
	const char *name;
};

/* Owns its arrays: as_features_clear. Zeroed is empty. */
struct as_features {
	int64_t n, d;
	float *x;            /* (n,d), finite */
	double *centre;      /* (d), what was taken from every row (as_features_centre); NULL: nothing */
	int64_t *label;      /* (n), as the records have it; -1: none */
	int64_t *y;          /* (n), which class that is; -1: none of them (as_features_number) */
	int64_t classes;     /* y is below it */
	uint64_t *seq, *id;  /* (n), of the record that the row came from */
	int64_t *name;       /* (n), where its name begins in `text`; -1: it has none */
	char *text;
	size_t text_bytes;
	int64_t unlabelled;  /* rows without a label */
	struct as_class_name *class_name; /* (named), as the header names them, by label */
	int64_t named;
	char *class_text;    /* where those names lie */
	size_t class_bytes;
	char model[32];      /* what the chain says that feat-extract ran, or "" */
};

/* Reads the rest of a stream of kind feature; every view is a row. `key` is
 * where the label lies: "label", or any whole-number key of the records, such as
 * "colour" from img-synth. AS_EDATA, with the record, for a row of another width,
 * a value that is not finite, a label that is negative or, where they are `needed`,
 * missing; also for a stream without rows. */
AS_NODISCARD int as_features_read(struct as_features *, struct as_reader *, const char *key, bool needed,
				  struct as_error *);
void as_features_clear(struct as_features *);

/* Sets y and classes by the labels. */
void as_features_number(struct as_features *, const struct as_classes *);

/* Where the rows of set[0] lie ten times as far from 0 as from one another, takes their
 * mean from those of all sets: products in float would have no bits left for what tells
 * rows apart. What is learnt (eval/logreg.h) is the same. AS_EMEM. */
AS_NODISCARD int as_features_centre(struct as_features *const *set, int sets, struct as_error *);

/* The name of a row's record, and of a label's class; NULL when it has none. */
const char *as_features_name(const struct as_features *, int64_t row);
const char *as_features_class(const struct as_features *, int64_t label);

/* Whether what was learnt from one can be asked of the other: AS_EDATA when both say
 * what their model is, and do not say the same, or when both name their classes and
 * not one name is in both. Where the lists of names differ the labels that are asked
 * become those of the classes of the same name; names that are new are added to those
 * learnt, with labels behind all others. */
AS_NODISCARD int as_features_match(struct as_features *learnt, struct as_features *asked, struct as_error *);

/* Rows of `b` that are in `a` too: whose id is (*ids), and whose values are as well
 * (*rows). Binary sets number the images of each split from 0: an id alone does not
 * make two images one. */
AS_NODISCARD int as_features_shared(const struct as_features *a, const struct as_features *b, int64_t *ids,
				    int64_t *rows, struct as_error *);

/* The rows i of `from` with part[i] == want, copied, without the names of
 * their records. */
AS_NODISCARD int as_features_pick(struct as_features *, const struct as_features *from, const unsigned char *part,
				  int want, struct as_error *);

/* Marks part[i] = 1 for `share` of each class of f by its y (rounded, at least one row
 * stays 0), drawn by Philox with key = seed and id = class, and 0 for the rest. */
AS_NODISCARD int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
				      struct as_error *);

AS_END
#endif
