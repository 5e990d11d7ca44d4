/* predict [WHAT]: the step of training as it would be on more cores and more ranks (predict.c): what is fitted, what it says of
 * runs that it has not seen, beside those runs, and what it says of machines that are not here. */
#define _DEFAULT_SOURCE
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "bench.h"
#include "predict.h"

/* ---- this machine ---- */

void __real_as_each(struct as_pool *, int64_t, void (*)(void *, int64_t, int), void *);

enum { COPY = 64 << 20, COPIES = 200, ROUNDS = 2000, LOOKS = 500 /* of base/pool.c */ };

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void copy_task(void *ctx, int64_t i, int thread)
{
	char **block = ctx;
	(void)thread;
	memcpy(block[2 * i], block[2 * i + 1], COPY);
}

static void empty_task(void *ctx, int64_t i, int thread)
{
	(void)ctx, (void)i, (void)thread;
}

/* Bytes a second that as many threads read and write: the most of some tries. */
static double copy_rate(struct as_pool *pool, int threads, char **block)
{
	double most = 0;
	for (int i = 0; i < COPIES; i++) {
		double began = seconds();
		__real_as_each(pool, threads, copy_task, block);
		most = fmax(most, 2. * threads * COPY / (seconds() - began));
	}
	return most;
}

/* Seconds of an empty round after so long a pause, at the least. */
static double round_time(struct as_pool *pool, long pause_ns, int rounds)
{
	double least = HUGE_VAL;
	for (int i = 0; i < rounds; i++) {
		if (pause_ns)
			nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
		double began = seconds();
		__real_as_each(pool, 2, empty_task, NULL);
		least = fmin(least, seconds() - began);
	}
	return least;
}

/* Bytes of a core's own cache; 1 MiB where the system does not say. */
static double near_cache(void)
{
	long bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
	return bytes > 0 ? (double)bytes : 1 << 20;
}

static struct machine here(void)
{
	struct machine m = {.cores = 1, .cache = 32e6, .near = near_cache(), .ranks = 1};
	struct as_pool *pool;
	struct as_error err;
	char *block[4];
	if (as_pool_new(&pool, 2, &err))
		die("%s", err.text);
	for (int i = 0; i < 4; i++) {
		block[i] = malloc(COPY);
		if (!block[i])
			die("no memory");
		memset(block[i], i, COPY);
	}
	m.copy = copy_rate(pool, 1, block);
	m.bandwidth = fmax(m.copy, copy_rate(pool, 2, block));
	m.meet = round_time(pool, 0, ROUNDS);
	m.wake = round_time(pool, 1000000, 200);
	double began = seconds();
	for (int i = 0; i < 100 * LOOKS; i++)
		AS_PAUSE();
	m.patience = (seconds() - began) / 100;
	for (int i = 0; i < 4; i++)
		free(block[i]);
	as_pool_free(pool);
	return m;
}

/* This machine with more cores, each of which brings its part of the memory's bandwidth, or `times` that. */
static struct machine with(const struct machine *m, int cores, double times)
{
	struct machine big = *m;
	big.cores = cores;
	big.bandwidth = fmax(m->copy, m->bandwidth / 2 * cores * times); /* one core alone has more than its part */
	return big;
}

/* ---- fitted, and held against runs ---- */

/* Steps; of two threads, as rounds in which nobody disturbs both are rare; how often these are started anew, as they may have
 * met on one core. */
enum { TIMES = 6, TIMES_OF_TWO = 60, GOES = 2 };

static void learn(const struct machine *m)
{
	static const struct step seen[] = {{"resnet18", 1, 32, 16, 1}, {"resnet18", 1, 32, 32, 1}, {"resnet18", 1, 32, 64, 1},
					   {"resnet18", .25, 32, 8, 1}, {"resnet18", .25, 32, 64, 1}, {"resnet18", .25, 32, 32, 2},
					   {"resnet18", .75, 32, 192, 1}};
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
		predict_measure(&seen[i], m, 1, TIMES);
		predict_learn();
	}
	predict_fit();
}

static struct took predicted(const struct step *s, const struct machine *m)
{
	predict_open(s, m->ranks);
	struct took t = predict_run(m);
	predict_close();
	return t;
}

static void hold(const struct machine *m)
{
	static const struct {
		struct step s;
		int threads;
	} run[] = {
		{{"resnet18", 1, 32, 64, 1}, 1},  {{"resnet18", .5, 32, 64, 1}, 1}, {{"resnet18", .25, 32, 128, 2}, 1},
		{{"resnet18", 1, 64, 32, 1}, 1},  {{"resnet18", 1, 96, 16, 1}, 1},  {{"resnet18", 1, 224, 8, 1}, 1},
		{{"resnet50", 1, 32, 16, 1}, 1},  {{"resnet50", 1, 96, 8, 1}, 1},   {{"resnet50", 1, 224, 4, 1}, 1},
		{{"resnet18", .25, 32, 32, 1}, 2}, {{"resnet18", .5, 32, 16, 1}, 2}, {{"resnet18", .25, 96, 16, 1}, 2},
		{{"resnet50", .25, 32, 16, 1}, 2},
	};
	printf("\nnetwork   width  px batch grains threads  measured ms  predicted ms  error\n");
	for (size_t i = 0; i < sizeof run / sizeof *run; i++) {
		const struct step *s = &run[i].s;
		struct machine at = with(m, run[i].threads, 1);
		int times = run[i].threads > 1 ? TIMES_OF_TWO : TIMES;
		double is = HUGE_VAL, say = predicted(s, &at).step;
		for (int go = 0; go < (run[i].threads > 1 ? GOES : 1); go++)
			is = fmin(is, predict_measure(s, m, run[i].threads, times).step);
		printf("%-9s %5g %3d %5d %6d %7d %12.1f %13.1f %+5.1f %%%s\n", s->arch, s->width, s->size, s->batch, s->grains,
		       run[i].threads, 1e3 * is, 1e3 * say, 100 * (say / is - 1), i ? "" : "  (fitted on it)");
		fflush(stdout);
	}
}

/* Of ranks on this machine, of a core each, which share its memory and its last cache: for tests/bench/ranks, which runs them. */
static void ranks_here(const struct machine *m)
{
	static const struct step run[] = {{"resnet18", .5, 32, 256, 4}, {"resnet18", .25, 32, 128, 2}, {"resnet18", 1, 32, 128, 2},
					  {"resnet50", .25, 32, 128, 2}};
	for (size_t i = 0; i < sizeof run / sizeof *run; i++)
		for (int ranks = 1; ranks <= 2; ranks++) {
			struct machine at = *m;
			at.bandwidth = ranks > 1 ? m->bandwidth / 2 : m->copy;
			at.copy = fmin(at.copy, at.bandwidth);
			at.cache = m->cache / ranks;
			at.ranks = ranks;
			at.latency = 2 * m->wake; /* there and back, of processes that sleep */
			at.rate = m->copy / 4;    /* two copies, each of which reads and writes */
			printf("%s %g %d %d %d %d %.6f\n", run[i].arch, run[i].width, run[i].size, run[i].batch, run[i].grains, ranks,
			       predicted(&run[i], &at).step);
		}
}

/* ---- machines that are not here ---- */

static const double factor[] = {.5, 1, 2};
/* Bytes a second of each core where 64 share twelve channels of DDR5-4800, 460 GB/s: what no core of this machine tells. */
static const double socket = 460e9 / 64;

/* Speed-up over one core, at half the bandwidth, at what was measured, at twice, and on such a socket. */
static void cores_table(const struct machine *m)
{
	static const int cores[] = {2, 4, 8, 16, 32, 64, 128}, size[] = {32, 96, 224};
	static const char *const arch[] = {"resnet18", "resnet50"};
	printf("\nSpeed-up over one core, batch 256 in 4 grains, one rank; beneath, of half and of twice the bandwidth; of a "
	       "socket\n");
	printf("network   px   1 core s");
	for (int c = 0; c < 7; c++)
		printf(" %9d", cores[c]);
	for (int a = 0; a < 2; a++)
		for (int s = 0; s < 3; s++) {
			struct step step = {arch[a], 1, size[s], 256, 4};
			struct machine one = with(m, 1, 1);
			predict_open(&step, 1);
			double base = predict_run(&one).step, up[4][7];
			for (int c = 0; c < 7; c++)
				for (int b = 0; b < 4; b++) {
					struct machine big = with(m, cores[c], b < 3 ? factor[b] : 2 * socket / m->bandwidth);
					up[b][c] = base / predict_run(&big).step;
				}
			predict_close();
			printf("\n%-9s %3d %9.2f", arch[a], size[s], base);
			for (int c = 0; c < 7; c++)
				printf(" %9.1f", up[1][c]);
			printf("\n                       ");
			for (int c = 0; c < 7; c++)
				printf("%4.1f-%-5.1f", up[0][c], up[2][c]);
			printf("\n                       ");
			for (int c = 0; c < 7; c++)
				printf(" %9.1f", up[3][c]);
			fflush(stdout);
		}
	printf("\n");
}

/* Speed-up over one rank of `cores` cores. */
static void ranks_table(const struct machine *m, int cores)
{
	static const struct {
		const char *name;
		double latency, rate;
	} link[] = {{"1 Gb/s, 60 us", 60e-6, .117e9}, {"10 Gb/s, 30 us", 30e-6, 1.17e9}, {"100 Gb/s, 2 us", 2e-6, 12e9}};
	static const struct step steps[] = {{"resnet18", 1, 32, 4096, 64}, {"resnet18", 1, 96, 4096, 64}, {"resnet50", 1, 224, 4096, 64}};
	printf("\nSpeed-up over one rank of %d cores, batch 4096 in 64 grains; beneath, of half and of twice the bandwidth\n", cores);
	printf("network   px  link             1 rank s         2         4         8        16        32        64");
	for (int s = 0; s < 3; s++) {
		double up[3][3][7];
		struct took t = {0};
		for (int r = 0; r < 7; r++) {
			predict_open(&steps[s], 1 << r);
			for (int l = 0; l < 3; l++)
				for (int b = 0; b < 3; b++) {
					struct machine big = with(m, cores, factor[b]);
					big.latency = link[l].latency;
					big.rate = link[l].rate;
					t = predict_run(&big);
					up[l][b][r] = t.step;
				}
			printf("\n# %s, %d px, %d ranks: %d messages are waited for, %d with gradients travel, a rank sends %.1f MB",
			       steps[s].arch, steps[s].size, 1 << r, t.gathers, t.pieces, t.bytes / 1e6);
			predict_close();
		}
		for (int l = 0; l < 3; l++) {
			printf("\n%-9s %3d  %-15s %9.2f", steps[s].arch, steps[s].size, link[l].name, up[l][1][0]);
			for (int r = 1; r < 7; r++)
				printf(" %9.1f", up[l][1][0] / up[l][1][r]);
			printf("\n                                        ");
			for (int r = 1; r < 7; r++)
				printf("%4.1f-%-5.1f", up[l][0][0] / up[l][0][r], up[l][2][0] / up[l][2][r]);
			fflush(stdout);
		}
	}
	printf("\n");
}

/* Rounds in which cores have nothing to do, or wait for memory: the layers that lose most, against cores that share evenly. */
static void few_table(const struct machine *m, const char *arch, int size, int batch, int cores, double share)
{
	struct step s = {arch, 1, size, batch, 0};
	struct machine one = with(m, 1, 1), big = with(m, cores, share);
	int n;
	predict_open(&s, 1);
	double base = predict_run(&one).step;
	struct took t = predict_run(&big);
	const struct few *f = predict_rounds(&n);
	printf("\n# %s, %d px, batch %d: %.2f s on one core, %.3f s on %d of %.0f GB/s, %.0f %%; in no round of tasks %.3f s\n", arch,
	       size, batch, base, t.step, cores, big.bandwidth / 1e9, 100 * base / t.step / cores, t.unshared);
	printf("layer\tcall\ttasks\tone core s\ttook s\tlost s\n");
	for (int i = 0; i < n; i++)
		printf("%s\t%s\t%lld\t%.6f\t%.6f\t%.6f\n", f[i].layer, f[i].what, (long long)f[i].tasks, f[i].one, f[i].took,
		       f[i].took - f[i].one / cores);
	predict_close();
}

/* Whether a step on the other clock is the step that really runs: as many calls, as many tasks. */
static int check(void)
{
	static const struct step s = {"resnet18", .0625, 32, 16, 2};
	const struct machine m = {.cores = 2, .bandwidth = 1e9, .copy = 1e9, .near = 1e6, .ranks = 1};
	int calls[2];
	int64_t tasks[2];
	predict_measure(&s, &m, 1, 1);
	predict_count(&calls[0], &tasks[0]);
	predict_learn();
	predict_fit();
	double took = predicted(&s, &m).step;
	predict_count(&calls[1], &tasks[1]);
	printf("a step has %d calls and %lld tasks, predicted %d and %lld, %s\n", calls[0], (long long)tasks[0], calls[1],
	       (long long)tasks[1], took > 0 && took < 60 ? "in some time" : "in no time");
	return calls[0] != calls[1] || tasks[0] != tasks[1] || !(took > 0 && took < 60);
}

int main(int argc, char **argv)
{
	bool few = (argc == 6 || argc == 7) && !strcmp(argv[1], "few");
	bool ranks = argc == 2 && !strcmp(argv[1], "ranks");
	bool held = argc == 2 && !strcmp(argv[1], "held"), tables = argc == 2 && !strcmp(argv[1], "tables");
	if (argc == 2 && !strcmp(argv[1], "check"))
		return check();
	if (argc > 1 && !few && !held && !tables && !ranks) {
		fprintf(stderr, "usage: predict [check|held|ranks|tables|few ARCH SIZE BATCH CORES [GB/s]]\n");
		return 2;
	}
	struct machine m = here();
	printf("# memory: %.1f GB/s one thread, %.1f two; a round of two threads %.1f us, %.1f when they sleep, after %.0f us\n",
	       m.copy / 1e9, m.bandwidth / 1e9, 1e6 * m.meet, 1e6 * m.wake, 1e6 * m.patience);
	learn(&m);
	if (ranks) {
		ranks_here(&m);
		return 0;
	}
	if (few) {
		int cores = whole(argv[5]);
		double share = argc == 7 ? 1e9 * whole(argv[6]) / (m.bandwidth / 2 * cores) : .5;
		few_table(&m, argv[2], whole(argv[3]), whole(argv[4]), cores, share);
		return 0;
	}
	if (!tables) {
		predict_show(false);
		hold(&m);
	}
	if (!held) {
		cores_table(&m);
		ranks_table(&m, 16);
	}
	return 0;
}
