/* Private to tests/bench/predict*.c: a training step on a clock that is not the real one. */
#ifndef AS_TESTS_PREDICT_H
#define AS_TESTS_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

/* What the seconds of a kind of task are made of: products, tiles that are transformed (or, of a direct convolution,
 * rows of a register tile), floats that are read and written, what these take more if the call's arrays do not fit into
 * the caches of the cores, and again if one of them does not fit into the one that they share, floats of weights, tasks. */
enum term { PRODUCTS, TILES, FLOATS, FAR, OUT, WEIGHTS_, TASKS, TERMS };

/* A machine: what one core does is that of this one. */
struct machine {
	int cores;
	double bandwidth, copy; /* bytes a second: of all cores together, at most of one */
	double cache;           /* bytes that all cores share: arrays of a layer that fit take nothing of the bandwidth */
	double near;            /* bytes of a core's own cache: arrays that fit into those of all cores are not FAR */
	double meet, wake;      /* seconds of a round in which threads meet, and of waking a sleeping one */
	double patience;        /* seconds after which a waiting thread sleeps */
	int ranks;
	double latency, rate;   /* of the link between ranks: seconds of a message, bytes a second */
};

/* A step that is asked for. */
struct step {
	const char *arch;
	double width;
	int size, batch, grains; /* grains 0: as many as ssl-train makes */
};

/* Seconds: as predicted, and of those that are in no round of tasks. What a rank sends: small messages that it waits for
 * (gathers), pieces of gradients, bytes of both. */
struct took {
	double step, unshared;
	int gathers, pieces;
	double bytes;
};

/* Where a round of the last predicted step was, its tasks, what they take on one core, and what it took. What is in no round
 * is one task, of "one thread". */
struct few {
	char layer[64];
	const char *what;
	int64_t tasks;
	double one, took;
};

/* Runs `times` steps really, on 1 or 2 threads of this machine: of each call of a kernel the least of all times, added up.
 * Keeps what was seen for predict_fit. */
struct took predict_measure(const struct step *, const struct machine *here, int threads, int times);
/* Adds the last measurement, on one thread, to what kinds of tasks are fitted on; then fits them. */
void predict_learn(void);
void predict_fit(void);
/* Prints what kinds of tasks cost, and how far that is from what was learnt, or from the last measurement. */
void predict_show(bool measured);

/* Predicts a step of it on this rank of the machine's. A step is opened once for any number of machines with as many ranks. */
void predict_open(const struct step *, int ranks);
struct took predict_run(const struct machine *);
void predict_close(void);
/* The last step, measured or predicted: its calls of kernels, a function of tasks each, and all their tasks. */
void predict_count(int *parts, int64_t *tasks);
/* The rounds of the last one. */
const struct few *predict_rounds(int *n);

#endif
