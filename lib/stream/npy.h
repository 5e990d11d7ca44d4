/* Public since 0.2. Writing NumPy's arrays: .npy files, version 1.0, that grow by elements or tensors, and .npz
 * files of several. */
#ifndef AS_STREAM_NPY_H
#define AS_STREAM_NPY_H

#include "stream/record.h"

AS_BEGIN

struct as_npy;

/* Starts the file PATH, which appears when as_npy_close succeeds. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_npy_open(struct as_npy **, const char *path, struct as_error *);
/* Adds a tensor, so that the array becomes (tensors, sides of the tensor...); AS_EDATA: its dtype or shape is not that
 * of the first. Or an element, so that it becomes (elements,): a whole number, a number, or a text, which is kept in
 * memory until the end. AS_EIO. */
AS_NODISCARD int as_npy_add(struct as_npy *, const struct as_tensor *, struct as_error *);
AS_NODISCARD int as_npy_add_i64(struct as_npy *, int64_t, struct as_error *);
AS_NODISCARD int as_npy_add_u64(struct as_npy *, uint64_t, struct as_error *);
AS_NODISCARD int as_npy_add_f64(struct as_npy *, double, struct as_error *);
AS_NODISCARD int as_npy_add_text(struct as_npy *, struct as_text, struct as_error *);
/* Writes how many there were, and frees; AS_EDATA, and no file: none. as_npy_abandon frees without a file. */
AS_NODISCARD int as_npy_close(struct as_npy *, struct as_error *);
void as_npy_abandon(struct as_npy *);

struct as_npz;

/* Starts a .npz, by libarchive; AS_EIO also when that is not here. Its arrays grow in files beside it, PATH.NAME.part,
 * that are gone at the end. */
AS_NODISCARD int as_npz_open(struct as_npz **, const char *path, struct as_error *);
/* The array of that name, borrowed; it is started when it is first asked for. AS_EARG: not a name, or too many. */
AS_NODISCARD int as_npz_array(struct as_npz *, const char *name, struct as_npy **, struct as_error *);
/* Writes the arrays that have elements, in the order in which they were started, and frees. AS_EIO, and no file. */
AS_NODISCARD int as_npz_close(struct as_npz *, struct as_error *);
void as_npz_abandon(struct as_npz *);

AS_END
#endif
