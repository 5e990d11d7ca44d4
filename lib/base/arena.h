/* Memory taken once, in order, and given back all at once. The same code runs
 * twice: on an arena whose `at` is NULL it only counts, then it takes. Since 0.2. */
#ifndef AS_BASE_ARENA_H
#define AS_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* Where memory comes from. What a device computes on it must have given: its table names such a source
 * (kern/kern.h). A program may read and write there, too, while no entry of the table runs. */
struct as_memory {
	/* `bytes` bytes, zero, aligned to 64, to *at; or AS_EMEM. */
	int (*get)(size_t bytes, void **at, struct as_error *);
	/* Gives back what `get` gave for so many bytes. */
	void (*release)(void *at, size_t bytes);
};

/* The machine's own, in huge pages where the system gives them. */
extern const struct as_memory as_host_memory;

struct as_arena {
	char *at;    /* NULL: as_arena_take only counts and returns NULL */
	size_t used; /* bytes taken so far, a multiple of 64, and under an address sanitizer gaps between */
	size_t cap;
	const struct as_memory *memory; /* that `at` came from; NULL: it is somebody else's */
};

/* The next `bytes` bytes, aligned to 64; NULL when only counting. The contents
 * are zero the first time. Taking more than was counted is a programming error. */
void *as_arena_take(struct as_arena *, size_t bytes);

/* Count floats, as above. */
float *as_arena_floats(struct as_arena *, int64_t count);

/* Backs an arena that has counted `used` bytes with memory and rewinds it, ready to take the same again.
 * AS_EMEM: there is not so much. */
AS_NODISCARD int as_arena_open(struct as_arena *, const struct as_memory *, struct as_error *);
/* Gives the memory back; the arena is as one that was zeroed. */
void as_arena_close(struct as_arena *);

/* Backs an arena with `cap` bytes at `at` that the caller owns, aligned to 64; nothing to close. Under
 * an address sanitizer they may be touched from here on only where they have been taken. */
void as_arena_over(struct as_arena *, void *at, size_t cap);

/* A buffer of malloc that only grows: makes the one that the pointer at `at` points to (NULL
 * at first) hold `need` bytes; *have is what it holds. What was in it is lost when it grows.
 * Nothing beyond `need` is the caller's, though *have be larger. */
AS_NODISCARD int as_room(void *at, size_t *have, size_t need, struct as_error *);

/* Bytes of memory that the machine has. */
size_t as_machine_bytes(void);

/* a * b without overflow into *out; false, and *out untouched, when it does not fit. */
AS_NODISCARD bool as_mul(size_t a, size_t b, size_t *out);

AS_END
#endif
