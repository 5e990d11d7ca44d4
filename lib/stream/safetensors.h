/* Public since 0.2. safetensors files: u64 little-endian header size, JSON header, payload. State
 * and model files are these, with PyTorch's names and layouts, so that load_file
 * reads ours and we read theirs. Ours are sealed: the first metadata key, "xxh64",
 * is the XXH64 of the whole file with its own 16 digits as zeros. */
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
 * bytes. The seal, which comes first, is computed over the data where it lies:
 * nothing is held back, and f may be a pipe. *seal may be NULL. The caller owns,
 * flushes and commits f. */
AS_NODISCARD int as_safetensors_write(FILE *f, const struct as_named *, int n, const struct as_meta *, int m,
				      uint64_t *seal, struct as_error *);

struct as_safetensors;

/* Opens a file, or what comes through a pipe, and checks every claim: header size, shape x dtype = range, no
 * overlap, no gap, no duplicate names, the file's size. Any metadata key of ours
 * (in check_seal) makes a file ours: then its seal must be there and right; 0.1.0's
 * had none. F16 and BF16 are widened to F32 on loading. The tensors are borrowed
 * from the object. Another format is AS_EDATA, with what converts it as help. */
AS_NODISCARD int as_safetensors_open(struct as_safetensors **, const char *path, struct as_error *);
void as_safetensors_close(struct as_safetensors *);

/* The XXH64 of the bytes that were loaded, a seal's digits as zeros: the name of what
 * is in the file, and the seal that as_safetensors_write gave. */
uint64_t as_safetensors_hash(const struct as_safetensors *);
/* What is to be said of the file, or NULL. */
const char *as_safetensors_note(const struct as_safetensors *);

/* Tensors by index, and by name. One that no struct as_tensor can hold - of another dtype,
 * or of more dimensions - may be there: its tensor is NULL. Names may be of any length. */
int as_safetensors_count(const struct as_safetensors *);
const char *as_safetensors_name(const struct as_safetensors *, int i);
const struct as_tensor *as_safetensors_at(const struct as_safetensors *, int i);
const struct as_tensor *as_safetensors_find(const struct as_safetensors *, const char *name); /* NULL: not there */
/* As find, or AS_EDATA with why there is none. */
AS_NODISCARD int as_safetensors_get(const struct as_safetensors *, const char *name, const struct as_tensor **,
				    struct as_error *);
const char *as_safetensors_meta(const struct as_safetensors *, const char *key); /* NULL: not there */

/* Leaves the tensors whose names begin with `prefix`, under the rest of their names. */
void as_safetensors_enter(struct as_safetensors *, const char *prefix);
/* Names that begin with `from` begin with `to` instead. */
AS_NODISCARD int as_safetensors_rename(struct as_safetensors *, const char *from, const char *to, struct as_error *);

AS_END
#endif
