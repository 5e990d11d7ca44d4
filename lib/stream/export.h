/* Public since 0.2. Streams for other programs: tables with tabs, and the tensors of all records as NumPy's arrays. */
#ifndef AS_STREAM_EXPORT_H
#define AS_STREAM_EXPORT_H

#include <stdio.h>

#include "stream/record.h"

AS_BEGIN

/* A table of a stream's records: a column for each field that is a number or a text, "class" behind "label", then the
 * further keys `more`, whole numbers. The library writes to f, which is the caller's; errors of f are his to ask. */
void as_table_heading(FILE *, const struct as_header *, const struct as_names *more);
/* AS_EDATA: a further key is not there or no whole number. */
AS_NODISCARD int as_table_row(FILE *, const struct as_header *, const struct as_names *more, const struct as_record *,
			      struct as_error *);

struct as_export;

/* What goes into a file: which tensors (a list of keys; empty: see below) and further keys. Borrowed. */
struct as_export_ask {
	const struct as_header *header;
	const struct as_names *keys, *more;
};

/* Starts the file PATH, of the format that its name ends with. ".npy": one tensor, without a key the feature, the views
 * or the image. ".npz": arrays of all fields, and of all tensors unless keys choose; with them class_names, policy, chain,
 * records and epochs, as the header has them: as_import_open makes the stream of it again. ".tsv": the table, and of
 * features their numbers, in columns feature.0, feature.1, ... AS_EARG: another ending, or a key that is no tensor of the
 * kind. */
AS_NODISCARD int as_export_open(struct as_export **, const char *path, const struct as_export_ask *, struct as_error *);
AS_NODISCARD int as_export_add(struct as_export *, const struct as_record *, struct as_error *);
/* Frees, and the file appears; AS_EIO, AS_EDATA: it does not. as_export_abandon frees without a file. */
AS_NODISCARD int as_export_close(struct as_export *, struct as_error *);
void as_export_abandon(struct as_export *);

AS_END
#endif
