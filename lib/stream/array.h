/* Public since 0.2. Reading NumPy's arrays, row by row: .npy files, versions 1 to 3, and the members of .npz files.
 * A header is believed only as far as the bytes are there, and no memory is taken for what it claims. */
#ifndef AS_STREAM_ARRAY_H
#define AS_STREAM_ARRAY_H

#include "stream/record.h"

AS_BEGIN

enum { AS_ARRAY_DIMS = 8, AS_ARRAY_LEAD = 12, AS_ARRAY_HEAD = 64 << 10 };

/* What the header of an array says. kind as in NumPy: f float, i and u whole numbers, b truth, U and S texts. */
struct as_array {
	char kind;
	bool big;      /* the most significant byte comes first */
	int64_t width; /* bytes of an element */
	int ndim;
	int64_t shape[AS_ARRAY_DIMS];
};

/* The number of bytes of a header, at most AS_ARRAY_HEAD, from the first AS_ARRAY_LEAD of them. AS_EDATA: no .npy. */
AS_NODISCARD int as_array_measure(const char *lead, size_t *bytes, struct as_error *);
/* Reads a header of so many bytes. AS_EDATA: it is damaged, or of an array that is not read here (of Python's objects, of
 * records, in Fortran's order), with help that converts it. */
AS_NODISCARD int as_array_head(const char *at, size_t bytes, struct as_array *, struct as_error *);
/* "<f4 (100, 512)", for messages. */
const char *as_array_text(const struct as_array *, char *to, size_t room);

struct as_array_in;

/* What a file is, by its first bytes; AS_ARRAY_NONE: something else. AS_EIO, AS_ENONE: no file of that path. */
enum as_array_file { AS_ARRAY_NONE, AS_ARRAY_NPY, AS_ARRAY_NPZ };
AS_NODISCARD int as_array_ask(const char *path, enum as_array_file *, struct as_error *);
/* Adds the names of the arrays of a .npz, without ".npy". AS_EDATA: damaged, or a member is no array. */
AS_NODISCARD int as_array_names(const char *path, struct as_names *, struct as_error *);

/* Opens a .npy (name is NULL), or an array of a .npz. AS_ENONE: no such file or array. Errors name the path. */
AS_NODISCARD int as_array_open(struct as_array_in **, const char *path, const char *name, struct as_error *);
const struct as_array *as_array_said(const struct as_array_in *);
/* The elements of a row, which is all that stands behind one index of the first side; and how many rows. */
int64_t as_array_row(const struct as_array_in *);
int64_t as_array_rows(const struct as_array_in *);

/* The next n elements, in C's order: numbers as floats; whole numbers; bytes of kind u, as they are; a text, added
 * to a list as UTF-8. AS_EDATA: the kind is another, the bytes end, or a value does not fit. */
AS_NODISCARD int as_array_floats(struct as_array_in *, int64_t n, float *out, struct as_error *);
AS_NODISCARD int as_array_doubles(struct as_array_in *, int64_t n, double *out, struct as_error *);
AS_NODISCARD int as_array_i64(struct as_array_in *, int64_t n, int64_t *out, struct as_error *);
AS_NODISCARD int as_array_u64(struct as_array_in *, int64_t n, uint64_t *out, struct as_error *);
AS_NODISCARD int as_array_u8(struct as_array_in *, int64_t n, uint8_t *out, struct as_error *);
AS_NODISCARD int as_array_texts(struct as_array_in *, int64_t n, struct as_names *, struct as_error *);
/* After the last element. AS_EDATA: something follows, or an archive's sum over the bytes is another. */
AS_NODISCARD int as_array_end(struct as_array_in *, struct as_error *);
void as_array_close(struct as_array_in *);

AS_END
#endif
