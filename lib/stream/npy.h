/* Public since 0.2. The tensors of records as NumPy's .npy files, version 1.0: one file holds the same tensor of
 * all records, (records, sides of the tensor...). */
#ifndef AS_STREAM_NPY_H
#define AS_STREAM_NPY_H

#include "stream/record.h"

AS_BEGIN

struct as_npy;

/* Starts the file PATH, which appears when as_npy_close succeeds. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_npy_open(struct as_npy **, const char *path, struct as_error *);
/* Adds a tensor. AS_EDATA: its dtype or shape is not that of the first. AS_EIO. */
AS_NODISCARD int as_npy_add(struct as_npy *, const struct as_tensor *, struct as_error *);
/* Writes how many there were, and frees; AS_EDATA, and no file: none. as_npy_abandon frees without a file. */
AS_NODISCARD int as_npy_close(struct as_npy *, struct as_error *);
void as_npy_abandon(struct as_npy *);

AS_END
#endif
