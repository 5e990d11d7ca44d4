/* Ranks as threads of one program, for tests: base/world.h's table without any messages. */
#ifndef AS_TESTS_RANKS_H
#define AS_TESTS_RANKS_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/world.h"

enum { RANKS_MOST = 8 };
enum { RANKS_EXCHANGE, RANKS_COLLECT, RANKS_KINDS };

/* What a rank has begun. */
struct ranks_op {
	const float *x;
	float *in;
	int64_t n;
};

/* The messages that a rank has sent, and their bytes. */
struct ranks_sent {
	int64_t messages, bytes;
};

struct ranks {
	int size;
	pthread_barrier_t barrier;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	const void *shown[RANKS_MOST];
	/* by kind and rank: what is under way, and how many it has begun, and how many it has copied */
	struct ranks_op op[RANKS_KINDS][RANKS_MOST][AS_MAX_AFLOAT];
	int begun[RANKS_KINDS][RANKS_MOST], copied[RANKS_KINDS][RANKS_MOST];
	int arrived[RANKS_MOST];
	struct ranks_sent sent[RANKS_MOST];
	int early; /* what had arrived before anybody waited for it */
	int meanwhile[RANKS_MOST]; /* gathers that a rank called while something that it had begun was under way */
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

/* A message to each other rank, of these bytes in all. */
static void ranks_count(const struct as_world *w, int64_t bytes)
{
	struct ranks_sent *s = &ranks_of(w)->sent[w->rank];
	s->messages += w->size - 1;
	s->bytes += bytes;
}

static int64_t ranks_mine(const struct as_world *w, int rank, int64_t n)
{
	return as_share(n, rank + 1, w->size) - as_share(n, rank, w->size);
}

static void ranks_gather(const struct as_world *w, const void *own, size_t bytes, void *all)
{
	struct ranks *r = ranks_of(w);
	ranks_count(w, (w->size - 1) * (int64_t)bytes);
	r->meanwhile[w->rank] += r->begun[RANKS_EXCHANGE][w->rank] + r->begun[RANKS_COLLECT][w->rank] > r->arrived[w->rank];
	r->shown[w->rank] = own; /* may be read until the next meeting */
	ranks_meet(w);
	for (int i = 0; i < r->size; i++)
		memcpy((char *)all + (size_t)i * bytes, r->shown[i], bytes);
	ranks_meet(w);
}

/* Returns kind and number as one. */
static int ranks_begin(const struct as_world *w, int kind, struct ranks_op op)
{
	struct ranks *r = ranks_of(w);
	pthread_mutex_lock(&r->lock);
	int number = r->begun[kind][w->rank]++;
	r->op[kind][w->rank][number % AS_MAX_AFLOAT] = op;
	pthread_cond_broadcast(&r->moved);
	pthread_mutex_unlock(&r->lock);
	return number * RANKS_KINDS + kind;
}

static int ranks_exchange(const struct as_world *w, const float *x, int64_t n, float *in)
{
	ranks_count(w, (n - ranks_mine(w, w->rank, n)) * (int64_t)sizeof *x);
	return ranks_begin(w, RANKS_EXCHANGE, (struct ranks_op){x, in, n});
}

static int ranks_collect(const struct as_world *w, float *x, int64_t n)
{
	ranks_count(w, (w->size - 1) * ranks_mine(w, w->rank, n) * (int64_t)sizeof *x);
	return ranks_begin(w, RANKS_COLLECT, (struct ranks_op){x, x, n});
}

static void ranks_copy(const struct ranks *r, const struct as_world *w, int kind, int at)
{
	const struct ranks_op *own = &r->op[kind][w->rank][at];
	int64_t mine = ranks_mine(w, w->rank, own->n);
	for (int i = 0; i < r->size; i++) {
		const float *x = r->op[kind][i][at].x;
		int64_t from = as_share(own->n, i, w->size);
		if (kind == RANKS_EXCHANGE)
			memcpy(own->in + i * mine, x + as_share(own->n, w->rank, w->size), (size_t)mine * sizeof *x);
		else if (i != w->rank)
			memcpy(own->in + from, x + from, (size_t)ranks_mine(w, i, own->n) * sizeof *x);
	}
}

static int ranks_least(const struct ranks *r, const int *of)
{
	int least = of[0];
	for (int i = 1; i < r->size; i++)
		least = of[i] < least ? of[i] : least;
	return least;
}

/* Copies what all have begun. It has arrived when all have copied it, since then nobody reads the array. */
static bool ranks_arrived(const struct as_world *w, int ticket, bool wait)
{
	struct ranks *r = ranks_of(w);
	int kind = ticket % RANKS_KINDS, number = ticket / RANKS_KINDS;
	bool done;
	pthread_mutex_lock(&r->lock);
	for (;;) {
		for (int k = 0; k < RANKS_KINDS; k++)
			while (r->copied[k][w->rank] < ranks_least(r, r->begun[k])) {
				ranks_copy(r, w, k, r->copied[k][w->rank]++ % AS_MAX_AFLOAT);
				pthread_cond_broadcast(&r->moved);
			}
		done = ranks_least(r, r->copied[kind]) > number;
		if (done || !wait)
			break;
		pthread_cond_wait(&r->moved, &r->lock);
	}
	r->arrived[w->rank] += done;
	r->early += !wait && done;
	pthread_mutex_unlock(&r->lock);
	return done;
}

/* Runs one(ctx, world) as `size` ranks at once, and returns what they counted. */
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

static inline struct ranks ranks_run(int size, void (*one)(void *, const struct as_world *), void *ctx)
{
	struct ranks r = {.size = size, .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};
	struct ranks_start start[RANKS_MOST];
	pthread_t thread[RANKS_MOST];
	pthread_barrier_init(&r.barrier, NULL, (unsigned)size);
	for (int i = 0; i < size; i++) {
		r.world[i] = (struct as_world){size, i, ranks_gather, ranks_exchange, ranks_collect, ranks_arrived};
		start[i] = (struct ranks_start){one, ctx, &r.world[i]};
		if (pthread_create(&thread[i], NULL, ranks_thread, &start[i]))
			abort();
	}
	for (int i = 0; i < size; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&r.barrier);
	return r; /* what was counted */
}

#endif
