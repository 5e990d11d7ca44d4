/* Private to lib/stream: a column of what is imported, wherever it comes from. */
#ifndef AS_STREAM_IMPORT_INSIDE_H
#define AS_STREAM_IMPORT_INSIDE_H

#include "base/tsv.h"
#include "stream/array.h"
#include "stream/schema.h"

AS_BEGIN

/* One value a row: of an array, or of a table's column. All zero: there is none. */
struct as_column {
	const char *key;              /* of the record */
	const struct as_field *field; /* NULL: a further key */
	struct as_array_in *in;
	const struct as_tsv *table;
	int64_t at;                   /* the table's column */
	bool text;                    /* the values are texts */
	bool by_class;                /* labels, given as names of classes */
	struct as_names held;         /* the text of this row of an array; of by_class all of them */
};

/* Whether there is one, and how many rows it has. */
bool as_column_there(const struct as_column *);
int64_t as_column_rows(const struct as_column *);
/* The value of a row; rows of arrays must be asked in order, each once. 1: a value, 0: an empty cell. AS_EDATA. */
AS_NODISCARD int as_column_i64(struct as_column *, int64_t row, int64_t *, struct as_error *);
AS_NODISCARD int as_column_u64(struct as_column *, int64_t row, uint64_t *, struct as_error *);
AS_NODISCARD int as_column_f64(struct as_column *, int64_t row, double *, struct as_error *);
AS_NODISCARD int as_column_text(struct as_column *, int64_t row, struct as_text *, struct as_error *);
/* Whether the cells of a table's column are whole numbers, or empty; not all empty. */
bool as_column_whole(const struct as_tsv *, int64_t at);
/* After the last row. */
AS_NODISCARD int as_column_end(struct as_column *, struct as_error *);
void as_column_clear(struct as_column *);

/* Labels that are names of classes: reads all, and adds the names, each once, in the order of their bytes, to
 * `classes`; if there are some already, a label must be among them. */
AS_NODISCARD int as_column_classes(struct as_column *, struct as_names *classes, struct as_error *);
/* The label of a row by its class; an empty text has none, -1. */
int64_t as_column_label(const struct as_column *, const struct as_names *classes, int64_t row);

AS_END
#endif
