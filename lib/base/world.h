/* Public since 0.2. The processes that train one network together, called ranks, and what they tell each
 * other. Each has its block of every batch and a copy of the network. How messages travel is the table's
 * business: a table of MPI stands in tools/, one of threads in tests/. Nothing above knows which.
 *
 * Each rank calls from one thread. The calls of `gather` are the same on all ranks, in one order; so are those of
 * `exchange`, and those of `collect`. But an exchange may begin before a gather on one rank and after it on another.
 * Entries only move bytes; sums over ranks are made by lib/kern in an order that depends on the grains alone, so any
 * number of ranks gives the same bits. An entry does not fail: a table whose messages do not arrive ends the program. */
#ifndef AS_BASE_WORLD_H
#define AS_BASE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum { AS_MAX_RANKS = 256, AS_MAX_AFLOAT = 16 };

/* This rank among all, and how it tells the others. The caller's; it outlives what is given it. */
struct as_world {
	int size, rank; /* rank: 0 .. size - 1 */
	/* all = the blocks of all ranks, `bytes` each, in order of rank; own: this rank's, not within all. */
	void (*gather)(const struct as_world *, const void *own, size_t bytes, void *all);
	/* The next two only begin: messages travel while this rank computes, and until `arrived` has said true
	 * the arrays are the table's. They return what to ask `arrived` for. At most AS_MAX_AFLOAT are under way.
	 * exchange: each rank has an array x of n floats, divided into shares (as_share); in = this rank's share
	 * of every rank's array, in order of rank. collect, the reverse for one array: each rank gives its share
	 * of x, and gets all others'. */
	int (*exchange)(const struct as_world *, const float *x, int64_t n, float *in);
	int (*collect)(const struct as_world *, float *x, int64_t n);
	/* Whether it has arrived; with `wait` returns when it has. Messages may need such calls to get on. */
	bool (*arrived)(const struct as_world *, int ticket, bool wait);
};

/* Where the share of a rank begins, of n floats; the share of rank r ends where that of r + 1 begins. */
static inline int64_t as_share(int64_t n, int rank, int size)
{
	return n / size * rank + n % size * rank / size;
}

AS_END
#endif
