/* Public since 0.2. Memory that is taken once, piece after piece, and given back all at once. The same
 * code runs twice: on an arena whose `at` is NULL it only counts bytes; after as_arena_open it takes them. */
#ifndef AS_BASE_ARENA_H
#define AS_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* Where memory comes from. A device computes only on memory from the source that its table names
 * (kern/kern.h). The program may read and write that memory too, but not while an entry of the table runs. */
struct as_memory {
	/* Sets *at to `bytes` bytes, all zero, aligned to 64; or returns AS_EMEM. */
	int (*get)(size_t bytes, void **at, struct as_error *);
	/* Gives back what `get` gave; `bytes` is the same number. */
	void (*release)(void *at, size_t bytes);
};

/* The machine's main memory, in huge pages where the system has them. */
extern const struct as_memory as_host_memory;

/* Memory in pieces. Initialise with zeros; that one only counts. */
struct as_arena {
	char *at;    /* NULL: as_arena_take only counts and returns NULL */
	/* bytes taken so far, a multiple of 64; an address sanitizer has gaps between pieces, which count
	 * too */
	size_t used;
	size_t cap;
	const struct as_memory *memory; /* where `at` came from; NULL: the arena does not own it */
};

/* The next `bytes` bytes, aligned to 64; NULL when only counting. The contents are zero the first time.
 * Taking more than was counted is a programming error. */
void *as_arena_take(struct as_arena *, size_t bytes);

/* The same for `count` floats. */
float *as_arena_floats(struct as_arena *, int64_t count);

/* Takes the `used` bytes that this arena has counted from `memory` and sets `used` back to 0: the same
 * pieces can now be taken. AS_EMEM: the memory does not exist, or this process
 * may not have so much (base/machine.h). */
AS_NODISCARD int as_arena_open(struct as_arena *, const struct as_memory *, struct as_error *);
/* Gives the memory back; the arena is empty, as if zeroed. */
void as_arena_close(struct as_arena *);

/* Uses `cap` bytes at `at`, aligned to 64, which the caller owns and frees; as_arena_close is not needed.
 * From here on an address sanitizer allows access only to pieces that have been taken. */
void as_arena_over(struct as_arena *, void *at, size_t cap);

/* A buffer of malloc that only grows. `at` is the address of the caller's pointer to it (NULL at first),
 * *have its size. Afterwards it holds `need` bytes. When it grows, its contents are lost. Use only the
 * first `need` bytes, even if *have is larger; free it with free(). AS_EMEM, and the buffer is as it was. */
AS_NODISCARD int as_room(void *at, size_t *have, size_t need, struct as_error *);

/* Sets *out to a * b; if that overflows, returns false and leaves *out unchanged. */
AS_NODISCARD bool as_mul(size_t a, size_t b, size_t *out);

AS_END
#endif
