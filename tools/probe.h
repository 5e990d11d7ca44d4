/* What every program that scores features shares. A probe is a constant descriptor and
 *
 *     int main(int argc, char **argv) { return probe_main(&probe, argc, argv); }
 *
 * which reads the command line and the sets, says what does not go together, runs the probe,
 * and writes what it found. */
#ifndef AS_TOOLS_PROBE_H
#define AS_TOOLS_PROBE_H

#include "common.h"
#include "eval/accuracy.h"
#include "eval/features.h"

/* What the options say that probes share. A path is NULL where it was not given. */
extern struct asked {
	const char *train, *val, *test, *label, *scores;
	uint64_t jobs;
} asked;

/* Their lines in an option table: OPT_TRAIN, OPT_VAL and OPT_TEST where the probe has such sets (a
 * probe of one set may take it as its operand), OPT_LABEL where it asks for a label, PROBE_OPTS always. */
#define OPT_TRAIN(help) {0, "train", OPT_TEXT, &asked.train, "FILE", help, 0, 0, false}
#define OPT_VAL(help) {0, "val", OPT_TEXT, &asked.val, "FILE", help, 0, 0, false}
#define OPT_TEST(help) {0, "test", OPT_TEXT, &asked.test, "FILE", help, 0, 0, false}
#define OPT_LABEL \
	{0, "label", OPT_TEXT, &asked.label, "KEY", "whole-number key of the records to predict (default label)", 0, 0, true}
#define PROBE_OPTS \
	{0, "scores", OPT_TEXT, &asked.scores, "FILE", "the table as a stream of kind score", 0, 0, false}, \
	OPT_JOBS(asked.jobs)

/* What a probe works on. Where it has no --train, or --val was not given, that set is empty. */
struct sets {
	struct as_features train, val, test;
	struct as_pool *pool;
};

struct probe {
	struct tool tool;
	const char *seen; /* what comes of test rows that are in --train too; NULL: the probe looks itself */
	struct {
		const char *option, **path;
	} also; /* an option that names a file to be written, beside --scores */
	/* Refuses options that make no sense, before anything is read; NULL: all do. */
	void (*check)(void);
	/* Whether a record may be without a label although there is OPT_LABEL; NULL: none may. */
	bool (*bare)(void);
	/* The work: puts each score. */
	void (*run)(struct sets *);
};

/* The whole program; its exit status. */
int probe_main(const struct probe *, int argc, char **argv);

/* Writes one score of the rows in `of`, which is one of the sets: what it is and its figures are the
 * probe's to fill in; the label (where there are classes) and where the rows come from are not. */
void put_score(const struct sets *, const struct as_features *of, struct as_score);
/* The two scores, top1 and per-class, that classifiers have. */
void put_accuracy(const struct sets *, const struct as_features *of, const char *probe, const char *setting,
		  const struct as_accuracy *);

/* Says which classes of a set are not among those learnt, and what comes of it. */
void warn_unlearnt(const struct as_classes *learnt, const char *path, const struct as_features *, const char *so);

/* Rows of one set that are in another too: by their id, and by their values as well. */
struct shared {
	int64_t ids, rows, of;
};
struct shared shared_rows(const struct as_features *learnt, const struct as_features *asked);
/* Says how many are the same, where any is, and what comes of it. */
void warn_shared(const struct shared *, const char *learnt_path, const char *path, const char *so);

/* What messages call such a file. */
const char *file_name(const char *path);

#endif
