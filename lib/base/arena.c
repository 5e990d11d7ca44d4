#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, madvise */
#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/machine.h"
#include "base/poison.h"

/* A gap between pieces, as wide as a row of many channels, so that a loop which runs past an end touches a
 * poisoned byte. */
enum { ASKED = 64 << 20 /* bytes: what is smaller is not worth a look at the limits */ };
enum { ALIGN = 64, GAP = AS_POISONS ? 4096 : 0 };

void *as_arena_take(struct as_arena *a, size_t bytes)
{
	size_t at = a->used;
	a->used += (bytes + ALIGN - 1) / ALIGN * ALIGN + GAP;
	if (!a->at)
		return NULL;
	assert(a->used <= a->cap);
	AS_UNPOISON(a->at + at, bytes);
	return a->at + at;
}

float *as_arena_floats(struct as_arena *a, int64_t count)
{
	return as_arena_take(a, (size_t)count * sizeof(float));
}

void as_arena_over(struct as_arena *a, void *at, size_t cap)
{
	*a = (struct as_arena){.at = at, .cap = cap};
	AS_POISON(at, cap);
}

static int get(size_t bytes, void **at, struct as_error *err)
{
	int rc = bytes > ASKED ? as_memory_fits(bytes, "memory: a piece of it", "", err) : 0;
	if (rc)
		return rc;
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return as_fail(err, AS_EMEM, "memory: the system has no %zu MiB to give", bytes >> 20);
	madvise(p, bytes, MADV_HUGEPAGE); /* only advice: if it is refused, the program is slower */
	*at = p;
	return 0;
}

static void release(void *at, size_t bytes)
{
	munmap(at, bytes);
}

const struct as_memory as_host_memory = {get, release};

int as_arena_open(struct as_arena *a, const struct as_memory *memory, struct as_error *err)
{
	size_t bytes = a->used ? a->used : ALIGN;
	void *p;
	int rc = memory->get(bytes, &p, err);
	if (rc)
		return rc;
	as_arena_over(a, p, bytes);
	a->memory = memory;
	return 0;
}

void as_arena_close(struct as_arena *a)
{
	if (a->at && a->memory) {
		AS_UNPOISON(a->at, a->cap); /* the next owner of these addresses may use them */
		a->memory->release(a->at, a->cap);
	}
	*a = (struct as_arena){0};
}

int as_room(void *at, size_t *have, size_t need, struct as_error *err)
{
	char *p; /* the caller's pointer may have any type */
	memcpy(&p, at, sizeof p);
	if (need > *have) {
		free(p);
		p = malloc(need);
		memcpy(at, &p, sizeof p);
		*have = p ? need : 0;
		return p ? 0 : as_fail(err, AS_EMEM, "memory: no room for %zu bytes", need);
	}
	if (need) { /* bytes that an earlier, larger request left are not in use now */
		AS_UNPOISON(p, need);
		AS_POISON(p + need, *have - need);
	}
	return 0;
}

bool as_mul(size_t a, size_t b, size_t *out)
{
	if (b && a > SIZE_MAX / b)
		return false;
	*out = a * b;
	return true;
}
