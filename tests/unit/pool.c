/* The pool: every index once, threads in range, rounds close together and far apart. */
#include "base/pool.h"

#include <time.h>

#include "../tap.h"

enum { TASKS = 37, ROUNDS = 2000, NAPS = 20 };

struct job {
	int threads;
	int64_t count[TASKS];
};

/* A task writes what its index owns, so no two of a round meet. */
static void count(void *ctx, int64_t i, int thread)
{
	struct job *j = ctx;
	j->count[i] += thread >= 0 && thread < j->threads ? 1 : TASKS;
}

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* longer than a worker looks */
}

static bool all_are(const struct job *j, int64_t want)
{
	for (int i = 0; i < TASKS; i++)
		if (j->count[i] != want)
			return false;
	return true;
}

static void test_rounds(int threads)
{
	struct as_pool *p;
	struct job j = {.threads = threads};
	if (as_pool_new(&p, threads, NULL) < 0) {
		ok(false, "%d threads", threads);
		return;
	}
	for (int i = 0; i < ROUNDS; i++)
		as_each(p, TASKS, count, &j);
	ok(all_are(&j, ROUNDS), "%d threads: each of %d tasks ran once in each of %d rounds", threads, TASKS, ROUNDS);
	for (int i = 0; i < NAPS; i++, nap())
		as_each(p, TASKS, count, &j);
	ok(all_are(&j, ROUNDS + NAPS), "... and in rounds that find the workers asleep");
	as_each(p, 0, count, &j);
	as_each(p, 1, count, &j);
	j.count[0]--;
	ok(all_are(&j, ROUNDS + NAPS), "... and in those of no task and of one");
	as_pool_free(p); /* workers may still be about to sleep */
}

int main(void)
{
	static const int threads[] = {1, 2, 3, 7};
	for (int i = 0; i < 4; i++)
		test_rounds(threads[i]);
	int ended = 0;
	for (struct as_pool *p; ended < 50 && !as_pool_new(&p, 3, NULL); ended++)
		as_pool_free(p);
	is_int(ended, 50, "pools that never had a round end");
	return done();
}
