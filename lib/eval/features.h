/* A set of features: one matrix with labels, and what is known of its rows. */
#ifndef AS_EVAL_FEATURES_H
#define AS_EVAL_FEATURES_H

#include "eval/classes.h"
#include "eval/origin.h"

AS_BEGIN

/* A class as the header of a stream names it. The name is borrowed. */
struct as_class_name {
	int64_t label;
	const char *name;
};

/* Owns its arrays: as_features_clear. Zeroed is empty. */
struct as_features {
	int64_t n, d;        /* rows, and how wide they are */
	float *x;            /* (n,d), finite */
	double *centre;      /* (d), what was subtracted from every row (eval/centre.h); NULL: nothing */
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
	struct as_origin origin; /* what the header's chain says of all rows */
};

void as_features_clear(struct as_features *);

/* Sets y of each row to its label's place among the classes, and `classes` to how many these are. */
void as_features_number(struct as_features *, const struct as_classes *);

/* By label, for qsort and bsearch. */
int as_class_by_label(const void *a, const void *b);

/* The name of a row's record, and of a label's class; NULL when it has none. Borrowed. */
const char *as_features_name(const struct as_features *, int64_t row);
const char *as_features_class(const struct as_features *, int64_t label);

AS_END
#endif
