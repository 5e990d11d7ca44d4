/* Public since 0.2. A set of features: a matrix with labels, and what is known of its rows. */
#ifndef AS_EVAL_FEATURES_H
#define AS_EVAL_FEATURES_H

#include "eval/classes.h"
#include "eval/origin.h"

AS_BEGIN

struct as_drawn;

/* A class as the header of a stream names it. The name is borrowed. */
struct as_class_name {
	int64_t label;
	const char *name;
};

/* Owns its arrays. Initialise with zeros; free with as_features_clear. */
struct as_features {
	int64_t n, d;        /* number of rows; their width */
	float *x;            /* (n,d), finite */
	double *centre;      /* (d), what was subtracted from every row (eval/centre.h); NULL: nothing */
	int64_t *label;      /* (n), as in the records; -1: none */
	int64_t *y;          /* (n), the class of the label; -1: no class (as_features_number) */
	int64_t classes;     /* all y are below this */
	uint64_t *seq, *id;  /* (n), of the record that the row came from */
	int64_t *name;       /* (n), the place in `text` where the row's name begins; -1: no name */
	char *text;
	size_t text_bytes;
	int64_t room;        /* rows, and bytes of text, that the arrays hold when they are read (eval/read.h) */
	size_t text_room;
	int64_t unlabelled;  /* rows without a label */
	struct as_class_name *class_name; /* (named), the names of classes from the header, ascending by label */
	int64_t named;
	char *class_text;    /* the memory of those names */
	size_t class_bytes;
	struct as_origin origin; /* what the header's chain says about all rows */
	struct as_drawn *drawn;  /* how the views of each record, so many rows, were drawn (eval/drawn.h); NULL: not read */
};

void as_features_clear(struct as_features *);

/* Sets y of each row to the class of its label, and `classes` to their number. */
void as_features_number(struct as_features *, const struct as_classes *);

/* Compares labels, for qsort and bsearch. */
int as_class_by_label(const void *a, const void *b);

/* A row, or what it stands for, by the id of its image. */
struct as_row_id {
	uint64_t id;
	int64_t row;
};
/* Sorts n of them by id, those of one id by row. */
void as_row_ids_sort(struct as_row_id *, int64_t n);

/* The name of a row's record, and of a label's class; NULL when it has none. Borrowed. */
const char *as_features_name(const struct as_features *, int64_t row);
const char *as_features_class(const struct as_features *, int64_t label);

AS_END
#endif
