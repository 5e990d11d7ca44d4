/* Private to lib/data: variables of MATLAB files of version 5 (what MATLAB's save writes, but for its option
 * -v7.3), read by libmatio. */
#ifndef AS_DATA_MAT_H
#define AS_DATA_MAT_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/record.h"

AS_BEGIN

/* AS_MAT_BYTES: the most bytes of a file, and of a variable when it is unpacked. AS_MAT_VALUES: elements of a
 * variable. AS_MAT_DEPTH: how deep variables may lie in one another. AS_MAT_HEAD: bytes before the first. */
enum { AS_MAT_BYTES = 64 << 20, AS_MAT_VALUES = 1 << 24, AS_MAT_DEPTH = 4, AS_MAT_HEAD = 128 };

struct as_mat;

/* Opens a file. Its first bytes, and all sizes in it, are checked before libmatio sees it. AS_ENONE: no such
 * file; AS_EDATA: it is no MATLAB file of version 5, damaged, or has more than numbers, texts, cells and structs;
 * AS_EIO, also if augself was built without libmatio. Errors of all functions name
 * the file and what was expected. The caller closes the file, if this succeeds. */
AS_NODISCARD int as_mat_open(struct as_mat **, const char *path, struct as_error *);
void as_mat_close(struct as_mat *);

/* Whether all sizes in the bytes of a file of version 5, at least AS_MAT_HEAD, fit into one another. AS_EDATA,
 * AS_EMEM; the error does not name the file. */
AS_NODISCARD int as_mat_check(const char *bytes, size_t count, struct as_error *);

/* Which part of a file: a variable, a vector; or the field of every element of a variable, a vector of
 * structs. */
struct as_mat_part {
	const char *variable, *field; /* field: NULL for the variable itself */
};

/* Whether there is such a part. */
bool as_mat_has(struct as_mat *, struct as_mat_part);
/* A part of whole numbers lo..hi. The caller frees *value. */
AS_NODISCARD int as_mat_ints(struct as_mat *, struct as_mat_part, int64_t lo, int64_t hi, int64_t **value, int64_t *count,
			     struct as_error *);
/* A part of texts: of a variable, its cells. They are added to the names. */
AS_NODISCARD int as_mat_texts(struct as_mat *, struct as_mat_part, struct as_names *, struct as_error *);

AS_END
#endif
