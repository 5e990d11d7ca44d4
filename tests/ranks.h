/* Ranks as threads of one program, for tests: base/world.h's table without any messages. */
#ifndef AS_TESTS_RANKS_H
#define AS_TESTS_RANKS_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/world.h"

enum { RANKS_MOST = 8 };

struct ranks {
	int size;
	pthread_barrier_t barrier;
	const void *shown[RANKS_MOST];
	struct as_world world[RANKS_MOST];
};

/* A table is the first thing in its ranks, so they are found from it. */
static struct ranks *ranks_of(const struct as_world *w)
{
	return (struct ranks *)(void *)((char *)(uintptr_t)(w - w->rank) - offsetof(struct ranks, world));
}

static void ranks_meet(const struct as_world *w)
{
	pthread_barrier_wait(&ranks_of(w)->barrier);
}

/* Shows an array to all; it may be read until the next meeting. */
static struct ranks *ranks_show(const struct as_world *w, const void *x)
{
	struct ranks *r = ranks_of(w);
	r->shown[w->rank] = x;
	ranks_meet(w);
	return r;
}

static void ranks_gather(const struct as_world *w, const void *own, size_t bytes, void *all)
{
	struct ranks *r = ranks_show(w, own);
	for (int i = 0; i < r->size; i++)
		memcpy((char *)all + (size_t)i * bytes, r->shown[i], bytes);
	ranks_meet(w);
}

static void ranks_exchange(const struct as_world *w, const float *x, int64_t n, float *in)
{
	struct ranks *r = ranks_show(w, x);
	int64_t from = as_share(n, w->rank, w->size), mine = as_share(n, w->rank + 1, w->size) - from;
	for (int i = 0; i < r->size; i++)
		memcpy(in + i * mine, (const float *)r->shown[i] + from, (size_t)mine * sizeof *in);
	ranks_meet(w);
}

static void ranks_collect(const struct as_world *w, float *x, int64_t n)
{
	struct ranks *r = ranks_show(w, x);
	for (int i = 0; i < r->size; i++) {
		int64_t from = as_share(n, i, w->size), count = as_share(n, i + 1, w->size) - from;
		if (i != w->rank)
			memcpy(x + from, (const float *)r->shown[i] + from, (size_t)count * sizeof *x);
	}
	ranks_meet(w);
}

/* Runs one(ctx, world) as `size` ranks at once. */
struct ranks_start {
	void (*one)(void *ctx, const struct as_world *);
	void *ctx;
	const struct as_world *world;
};

static void *ranks_thread(void *arg)
{
	struct ranks_start *s = arg;
	s->one(s->ctx, s->world);
	return NULL;
}

static inline void ranks_run(int size, void (*one)(void *, const struct as_world *), void *ctx)
{
	struct ranks r = {.size = size};
	struct ranks_start start[RANKS_MOST];
	pthread_t thread[RANKS_MOST];
	pthread_barrier_init(&r.barrier, NULL, (unsigned)size);
	for (int i = 0; i < size; i++) {
		r.world[i] = (struct as_world){size, i, ranks_gather, ranks_exchange, ranks_collect};
		start[i] = (struct ranks_start){one, ctx, &r.world[i]};
		if (pthread_create(&thread[i], NULL, ranks_thread, &start[i]))
			abort();
	}
	for (int i = 0; i < size; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&r.barrier);
}

#endif
