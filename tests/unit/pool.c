/* The pool: every index once, threads in range, rounds close together and far apart, and work beside rounds. */
#include "base/pool.h"

#include <time.h>

#include "../tap.h"

enum { TASKS = 37, ROUNDS = 2000, NAPS = 20, WORKS = 50 /* more than a pool takes at a time */, TRIES = 10 };

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

/* Work number `turn`, whose tasks find all of the work before it done. */
struct work {
	int threads, turn, tasks;
	_Atomic int *done; /* (WORKS): tasks that have ended */
	_Atomic int *wrong, *beside; /* out of order; in a round of others */
	_Atomic bool *round;
};

/* A little while, so that tasks meet. */
static void linger(void)
{
	for (int i = 0; i < 300; i++)
		AS_PAUSE();
}

static void idle(void *ctx, int64_t i, int thread)
{
	count(ctx, i, thread);
	linger();
}

static void follow(void *ctx, int64_t i, int thread)
{
	const struct work *w = ctx;
	bool good = i >= 0 && i < w->tasks && thread >= 0 && thread < w->threads;
	good = good && (!w->turn || w->done[w->turn - 1] == w->tasks) && w->done[w->turn] < w->tasks;
	if (!good)
		(*w->wrong)++;
	if (*w->round)
		(*w->beside)++;
	linger();
	w->done[w->turn]++;
}

/* Works in a row, with so many rounds behind each; `large` ones are copied by no pool. */
static void test_beside(int threads, int tasks, int rounds, bool large)
{
	struct as_pool *p;
	struct job j = {.threads = threads};
	_Atomic int done[WORKS], wrong = 0, beside = 0;
	_Atomic bool round = false;
	int ended = 0;
	struct {
		struct work work;
		char rest[512];
	} each = {.work = {threads, 0, tasks, done, &wrong, &beside, &round}};
	if (as_pool_new(&p, threads, NULL) < 0) {
		ok(false, "%d threads", threads);
		return;
	}
	for (int k = 0; k < TRIES; k++) {
		for (int turn = 0; turn < WORKS; turn++)
			done[turn] = 0;
		for (each.work.turn = 0; each.work.turn < WORKS; each.work.turn++) {
			as_beside(p, tasks, follow, &each, large ? sizeof each : sizeof each.work);
			round = true;
			for (int i = 0; i < rounds; i++)
				as_each(p, TASKS, idle, &j);
			round = false;
		}
		as_beside_end(p);
		for (int turn = 0; turn < WORKS; turn++)
			ended += done[turn] == tasks;
	}
	as_beside_end(p); /* of nothing */
	as_pool_free(p);
	ok(!wrong && ended == TRIES * WORKS && all_are(&j, (int64_t)TRIES * WORKS * rounds),
	   "%d threads: %d works of %d %stasks, one after the other, beside %d rounds each", threads, WORKS, tasks,
	   large ? "large " : "", rounds);
	if (rounds && tasks && !large && threads > 1)
		ok(beside > 0, "... %d of all tasks beside", beside);
}

int main(void)
{
	static const int threads[] = {1, 2, 3, 7};
	for (int i = 0; i < 4; i++)
		test_rounds(threads[i]);
	for (int i = 0; i < 4; i++) {
		test_beside(threads[i], 5, 0, false);
		test_beside(threads[i], 5, 2, false);
		test_beside(threads[i], 200, 1, false);
		test_beside(threads[i], 0, 1, false);
		test_beside(threads[i], 5, 2, true);
	}
	as_beside_end(NULL);
	int ended = 0;
	for (struct as_pool *p; ended < 50 && !as_pool_new(&p, 3, NULL); ended++)
		as_pool_free(p);
	is_int(ended, 50, "pools that never had a round end");
	return done();
}
