/* Private to lib/stream: an array that is written. */
#ifndef AS_STREAM_NPY_INSIDE_H
#define AS_STREAM_NPY_INSIDE_H

#include "base/newfile.h"
#include "stream/npy.h"

AS_BEGIN

struct as_npy {
	struct as_newfile out;
	char descr[32];
	struct as_tensor first; /* of tensors: dtype and shape of all; its data are not ours */
	struct as_names texts;
	int64_t count;
};

/* Writes what is held back, and the header: the file is then a whole .npy. AS_EDATA: nothing was added. */
AS_NODISCARD int as_npy_finish(struct as_npy *, struct as_error *);

AS_END
#endif
