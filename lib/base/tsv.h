/* Public since 0.2. Tables of text, a line for each row, fields with tabs between, the first
 * line the columns' names. */
#ifndef AS_BASE_TSV_H
#define AS_BASE_TSV_H

#include "base/error.h"

AS_BEGIN

/* All zero is an empty table. Free with as_tsv_clear. */
struct as_tsv {
	char *text;   /* the file; the fields are parts of it */
	char **field; /* (rows + 1) x columns; row 0 is the heading */
	int64_t rows, columns;
};

/* Cuts the text, which becomes the table's, also if this fails. Lines with '#' before the heading are left
 * out; a carriage return at the end of a line is no part of it. AS_EDATA: there is no heading, or a line has
 * not as many fields as it. AS_EMEM. */
AS_NODISCARD int as_tsv_cut(struct as_tsv *, char *text, struct as_error *);
/* The same for a file or a pipe; the error names it. Errors of base/file.h too. */
AS_NODISCARD int as_tsv_read(struct as_tsv *, const char *path, struct as_error *);
void as_tsv_clear(struct as_tsv *);

/* The index of a column, or -1. */
int64_t as_tsv_column(const struct as_tsv *, const char *name);
/* A field of row i, from 0; "" if the column is -1. */
const char *as_tsv_at(const struct as_tsv *, int64_t row, int64_t column);

/* Cuts one line into at most `most` fields, in place; returns how many there are, which may be more. */
int as_tsv_fields(char *line, char **field, int most);

AS_END
#endif
