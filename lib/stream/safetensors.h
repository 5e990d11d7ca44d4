/* Public since 0.2. safetensors files: u64 little-endian header size, JSON header, data. State and model
 * files have this form, with PyTorch's names and layouts, so that safetensors' load_file reads ours and we
 * read others'. Ours are sealed: the first metadata key, "xxh64", is the XXH64 of the whole file with zeros
 * in place of its own 16 digits. */
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

/* Writes n tensors, in order, and m metadata strings; data are aligned to 64 bytes. The seal, which comes
 * first in the file, is computed from the data in memory, so f may be a pipe. *seal may be NULL. The caller
 * owns, flushes and commits f. AS_EMEM; AS_EIO when f cannot be written. */
AS_NODISCARD int as_safetensors_write(FILE *f, const struct as_named *, int n, const struct as_meta *, int m,
				      uint64_t *seal, struct as_error *);

struct as_safetensors;

/* Opens a file, or what comes through a pipe, and checks everything: header size, that shape x dtype is the
 * size of the data, no overlap, no gap, no name twice, the file's size. A file with any metadata key of
 * ours (in check_seal) must have a correct seal, unless 0.1.0 wrote it. F16 and BF16 are converted to F32.
 * The tensors are borrowed from the object. Another format is AS_EDATA, with help that converts it. */
AS_NODISCARD int as_safetensors_open(struct as_safetensors **, const char *path, struct as_error *);
void as_safetensors_close(struct as_safetensors *);

/* The XXH64 of the loaded bytes, with zeros for the digits of a seal. It names the contents, and is the
 * seal that as_safetensors_write gave. */
uint64_t as_safetensors_hash(const struct as_safetensors *);
/* A message about the file, or NULL. */
const char *as_safetensors_note(const struct as_safetensors *);

/* Tensors by index and by name. If a struct as_tensor cannot hold one (another dtype, more dimensions), it
 * is listed with a NULL tensor. Names may have any length. */
int as_safetensors_count(const struct as_safetensors *);
const char *as_safetensors_name(const struct as_safetensors *, int i);
const struct as_tensor *as_safetensors_at(const struct as_safetensors *, int i);
const struct as_tensor *as_safetensors_find(const struct as_safetensors *, const char *name); /* NULL: there is none */
/* Like find, or AS_EDATA with the reason. */
AS_NODISCARD int as_safetensors_get(const struct as_safetensors *, const char *name, const struct as_tensor **,
				    struct as_error *);
const char *as_safetensors_meta(const struct as_safetensors *, const char *key); /* NULL: there is none */

/* Keeps only the tensors whose names begin with `prefix`, and removes it from them. */
void as_safetensors_enter(struct as_safetensors *, const char *prefix);
/* In names that begin with `from`, replaces this by `to`. AS_EMEM. */
AS_NODISCARD int as_safetensors_rename(struct as_safetensors *, const char *from, const char *to, struct as_error *);

AS_END
#endif
