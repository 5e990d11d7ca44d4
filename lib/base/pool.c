#include "base/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/trace.h"

struct worker {
	struct as_pool *pool;
	pthread_t thread;
	int index;
};

enum { EVERY = 4 /* of so many threads the second does what is beside */ };

/* Work beside the rounds. */
struct aside {
	void (*task)(void *, int64_t, int);
	_Alignas(16) char ctx[AS_BESIDE_BYTES];
	int64_t tasks;
	_Atomic int64_t next, ended;
	char name[AS_TRACE_NAME];
};

struct as_pool {
	int threads;
	struct worker *worker; /* worker[0] is the calling thread */
	pthread_mutex_t lock;
	pthread_cond_t wake, idle;
	_Atomic uint64_t round; /* one call of as_each is one round; changed only under the lock */
	_Atomic int busy;       /* workers that have not finished this round */
	int asleep;             /* workers that wait for `wake` */
	_Atomic bool quit;
	void (*task)(void *, int64_t, int);
	void *ctx;
	int64_t tasks;
	_Atomic int64_t next;
	struct as_trace *trace;
	struct aside aside[AS_BESIDE]; /* of `asides`; those before `current` have ended. They are added between rounds */
	int asides;
	_Atomic int current;
};

int as_pool_threads(const struct as_pool *p)
{
	return p ? p->threads : 1;
}

void as_pool_record(struct as_pool *p, struct as_trace *trace)
{
	p->trace = trace;
}

struct as_trace *as_pool_trace(const struct as_pool *p)
{
	return p ? p->trace : NULL;
}

static bool is_left(const struct as_pool *p)
{
	return atomic_load_explicit(&p->next, memory_order_relaxed) < p->tasks;
}

/* A task of the current work, if it has one that nobody does; the next work begins when the last of its tasks has ended. */
static bool do_one(struct aside *a, _Atomic int *current, int thread)
{
	int64_t i = atomic_fetch_add_explicit(&a->next, 1, memory_order_relaxed);
	if (i >= a->tasks)
		return false;
	a->task(a->ctx, i, thread);
	if (atomic_fetch_add_explicit(&a->ended, 1, memory_order_acq_rel) + 1 == a->tasks)
		atomic_fetch_add_explicit(current, 1, memory_order_release);
	return true;
}

/* What is beside, for as long as the round has tasks that nobody does. */
static void drain_beside(struct as_pool *p, int thread)
{
	int at;
	while ((at = atomic_load_explicit(&p->current, memory_order_acquire)) < p->asides && is_left(p)) {
		int64_t done = 0, from = as_trace_now(p->trace);
		while (is_left(p) && do_one(&p->aside[at], &p->current, thread))
			done++;
		as_trace_named(p->trace, thread, from, p->aside[at].name, done);
		if (!done)
			return; /* others do its last tasks */
	}
}

static void drain(struct as_pool *p, int thread)
{
	if (thread % EVERY == 1)
		drain_beside(p, thread);
	int64_t i, done = 0, from = as_trace_now(p->trace);
	while ((i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed)) < p->tasks) {
		p->task(p->ctx, i, thread);
		done++;
	}
	as_trace_tasks(p->trace, thread, from, done);
}

/* A training step is some thousand rounds, often microseconds apart, and waking a thread takes longer than
 * that. So a waiting thread looks this many times before it sleeps. Not more often: where there are more
 * threads than cores, or other programs in the pipe, looking takes their time. */
enum { LOOKS = 500 };

static bool is_over(const struct as_pool *p)
{
	return !atomic_load_explicit(&p->busy, memory_order_acquire);
}

static bool has_news(const struct as_pool *p, uint64_t seen)
{
	return atomic_load_explicit(&p->round, memory_order_acquire) != seen || atomic_load(&p->quit);
}

static void await_news(struct as_pool *p, uint64_t seen)
{
	for (int i = 0; i < LOOKS; i++) {
		if (has_news(p, seen))
			return;
		AS_PAUSE();
	}
	pthread_mutex_lock(&p->lock);
	p->asleep++;
	while (!has_news(p, seen))
		pthread_cond_wait(&p->wake, &p->lock);
	p->asleep--;
	pthread_mutex_unlock(&p->lock);
}

static void await_end(struct as_pool *p)
{
	for (int i = 0; i < LOOKS; i++) {
		if (is_over(p))
			return;
		AS_PAUSE();
	}
	pthread_mutex_lock(&p->lock);
	while (!is_over(p))
		pthread_cond_wait(&p->idle, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct as_pool *p = w->pool;
	for (uint64_t seen = 0;; seen++) { /* no round begins before the last one has ended */
		await_news(p, seen);
		if (atomic_load(&p->quit))
			return NULL;
		drain(p, w->index);
		if (atomic_fetch_sub_explicit(&p->busy, 1, memory_order_acq_rel) == 1) {
			pthread_mutex_lock(&p->lock);
			pthread_cond_signal(&p->idle);
			pthread_mutex_unlock(&p->lock);
		}
	}
}

int as_pool_new(struct as_pool **out, int threads, struct as_error *err)
{
	struct as_pool *p = calloc(1, sizeof *p);
	if (!p || !(p->worker = calloc((size_t)threads, sizeof *p->worker))) {
		free(p);
		return as_fail(err, AS_EMEM, "threads: no memory for %d", threads);
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	pthread_cond_init(&p->idle, NULL);
	p->threads = 1;
	for (int i = 1; i < threads; i++) {
		p->worker[i] = (struct worker){.pool = p, .index = i};
		if (pthread_create(&p->worker[i].thread, NULL, work, &p->worker[i])) {
			as_pool_free(p);
			return as_fail(err, AS_EMEM, "threads: the system gave %d of %d (-j takes fewer)", i, threads);
		}
		p->threads++;
	}
	*out = p;
	return 0;
}

void as_pool_free(struct as_pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (int i = 1; i < p->threads; i++)
		pthread_join(p->worker[i].thread, NULL);
	pthread_cond_destroy(&p->idle);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p->worker);
	free(p);
}

void as_each(struct as_pool *p, int64_t tasks, void (*task)(void *, int64_t, int), void *ctx)
{
	if (!p || p->threads == 1 || tasks <= 1) {
		int64_t from = as_trace_now(as_pool_trace(p));
		for (int64_t i = 0; i < tasks; i++)
			task(ctx, i, 0);
		as_trace_tasks(as_pool_trace(p), 0, from, tasks);
		return;
	}
	p->task = task;
	p->ctx = ctx;
	p->tasks = tasks;
	atomic_store_explicit(&p->next, 0, memory_order_relaxed);
	atomic_store_explicit(&p->busy, p->threads - 1, memory_order_relaxed);
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add_explicit(&p->round, 1, memory_order_release);
	if (p->asleep)
		pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	drain(p, 0);
	await_end(p);
}

void as_beside(struct as_pool *p, int64_t tasks, void (*task)(void *, int64_t, int), const void *ctx, size_t bytes)
{
	bool now = !p || p->threads == 1 || bytes > AS_BESIDE_BYTES;
	if (p && (now || p->asides == AS_BESIDE))
		as_beside_end(p);
	if (now || !tasks) {
		as_each(p, tasks, task, (void *)(uintptr_t)ctx);
		return;
	}
	struct aside *a = &p->aside[p->asides++];
	a->task = task;
	memcpy(a->ctx, ctx, bytes);
	a->tasks = tasks;
	atomic_store(&a->next, 0);
	atomic_store(&a->ended, 0);
	as_trace_top(p->trace, a->name);
}

/* The rest of a work, of which no task is under way: as_each numbers its tasks from 0. */
struct rest {
	struct aside *aside;
	int64_t first;
};

static void do_rest(void *ctx, int64_t i, int thread)
{
	const struct rest *r = ctx;
	r->aside->task(r->aside->ctx, r->first + i, thread);
}

void as_beside_end(struct as_pool *p)
{
	if (!p)
		return;
	int i = atomic_exchange(&p->current, 0), n = p->asides;
	p->asides = 0; /* they are rounds of their own now */
	for (; i < n; i++) {
		struct rest r = {&p->aside[i], atomic_load(&p->aside[i].next)};
		as_trace_begin(p->trace, "beside", p->aside[i].name, -1);
		as_each(p, p->aside[i].tasks - r.first, do_rest, &r);
		as_trace_end(p->trace);
	}
}
