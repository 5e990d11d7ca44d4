/* safetensors files: u64 little-endian header size, JSON header, payload. State
 * and model files are these, with PyTorch's names and layouts, so that load_file
 * reads ours and we read theirs. */
#ifndef AS_STREAM_SAFETENSORS_H
#define AS_STREAM_SAFETENSORS_H

#include <stdio.h>

#include "stream/record.h"

AS_BEGIN

/* One tensor to write; data is borrowed. */
struct as_named {
	char name[128];
	struct as_tensor tensor;
};

/* One metadata string. */
struct as_meta {
	const char *key, *value;
};

/* Writes n tensors, in order, and m metadata strings; payload aligned to 64
 * bytes. The caller owns, flushes and commits f. */
AS_NODISCARD int as_safetensors_write(FILE *f, const struct as_named *, int n, const struct as_meta *, int m,
				      struct as_error *);

struct as_safetensors;

/* Opens a file and checks every claim: header size, known dtypes, shape x dtype =
 * range, no overlap, no gap, no duplicate names, the file's size. F16 and BF16 are
 * widened to F32 on loading. The tensors are borrowed from the object. */
AS_NODISCARD int as_safetensors_open(struct as_safetensors **, const char *path, struct as_error *);
void as_safetensors_close(struct as_safetensors *);

int as_safetensors_count(const struct as_safetensors *);
const struct as_named *as_safetensors_at(const struct as_safetensors *, int i);
const struct as_tensor *as_safetensors_find(const struct as_safetensors *, const char *name); /* NULL: not there */
const char *as_safetensors_meta(const struct as_safetensors *, const char *key);              /* NULL: not there */

AS_END
#endif
