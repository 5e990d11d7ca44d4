/* Public since 0.2. Arrays and tables of others as a stream of images, features or scores: .npy, .npz, and tables
 * with tabs. */
#ifndef AS_STREAM_IMPORT_H
#define AS_STREAM_IMPORT_H

#include "stream/record.h"

AS_BEGIN

/* What is read; NULL: not given. Files of labels, names and classes are a .npy, or a text with one on each line. */
struct as_import_ask {
	const char *path;    /* a .npy or .npz of images or features, or a table of features or scores */
	const char *key;     /* which array of the .npz has them */
	const char *label;   /* a file of whole numbers or of names of classes, or an array of the .npz */
	const char *name;    /* a file of the images' names, or an array of the .npz */
	const char *rows;    /* a table with the names of fields and further keys above its columns */
	const char *classes; /* a file of the classes' names, that of label 0 first */
};

struct as_import;

/* Opens all of it, and finds what kind of stream it gives: from bytes of 3 or 4 sides images, from other numbers
 * features, from a table or a .npz with "metric" and "value" scores. A .npz of as_export_open gives all that it was
 * made of. Errors of array.h and base/tsv.h; AS_EDATA: what belongs together has different numbers of rows;
 * AS_ENONE, with the names that there are: the .npz has several arrays and none of a usual name. */
AS_NODISCARD int as_import_open(struct as_import **, const struct as_import_ask *, struct as_error *);
/* The stream's header, without a line of the program that writes it. It belongs to the import, and may be added to. */
struct as_header *as_import_header(struct as_import *);
/* The next record, borrowed until the next call. 1: a record, 0: the end, <0: an error with err->record set. */
AS_NODISCARD int as_import_next(struct as_import *, struct as_record *, struct as_error *);
void as_import_close(struct as_import *);

AS_END
#endif
