/* What all programs that score features share. A probe is a constant descriptor and
 *
 *     int main(int argc, char **argv) { return probe_main(&probe, argc, argv); }
 *
 * which reads the command line and the sets, checks that they go together, runs the probe,
 * and writes its scores. */
#ifndef AS_TOOLS_PROBE_H
#define AS_TOOLS_PROBE_H

#include "common.h"
#include "eval/accuracy.h"
#include "eval/features.h"

/* The options that probes share. A path is NULL if it was not given. */
extern struct asked {
	const char *train, *val, *test, *label, *scores, *operand;
	uint64_t jobs;
} asked;

/* Their lines in an option table: OPT_TRAIN, OPT_VAL and OPT_TEST for the sets that the probe has (a probe
 * of one set may take it as its operand), OPT_LABEL if it needs labels, PROBE_OPTS always. */
#define OPT_TRAIN(help) {0, "train", OPT_TEXT, &asked.train, "FILE", help, 0, 0, false}
#define OPT_VAL(help) {0, "val", OPT_TEXT, &asked.val, "FILE", help, 0, 0, false}
#define OPT_TEST(help) {0, "test", OPT_TEXT, &asked.test, "FILE", help, 0, 0, false}
#define OPT_LABEL \
	{0, "label", OPT_TEXT, &asked.label, "KEY", "what to predict: a key of the records with whole numbers (default label)", 0, 0, true}
#define PROBE_OPTS \
	OPT_GROUP("Output and running"), \
	{0, "scores", OPT_TEXT, &asked.scores, "FILE", "write the table as a stream of scores too", 0, 0, false}, \
	OPT_JOBS(asked.jobs)

/* The sets of a probe. If it has no --train, or --val was not given, that set is empty. */
struct sets {
	struct as_features train, val, test;
	struct as_reader *stream; /* where more records of --train come from; NULL: train has all of them */
	uint64_t epoch;           /* of the first record of that stream, whose rows train has */
	struct as_pool *pool;
};

struct probe {
	struct tool tool;
	const char *seen; /* what it means that test rows are in --train too; NULL: the probe checks this itself */
	struct {
		const char *option, **path;
		bool read;
	} also[2]; /* options that name files besides those above: to write, or to read */
	/* Returns what is wrong with the options, before anything is read; NULL: nothing. */
	void (*check)(void);
	/* Whether --train may have several epochs, which are left for run to read (sets.stream); NULL: it may not. */
	bool (*streams)(void);
	/* Reads a set itself, which may leave rows out; `option` is the one that names it, "train". It returns whether
	 * it has. NULL: all rows are read. */
	bool (*read)(struct as_features *, struct as_reader *, const char *option);
	/* The operand for the chain, where it is not the features; NULL. */
	const char *(*operand)(void);
	/* Whether records may have no label although there is OPT_LABEL; NULL: they may not. */
	bool (*bare)(void);
	/* Whether this run learns from --train; NULL: each does, if there is the option. */
	bool (*learns)(void);
	/* The work: computes and puts each score. */
	void (*run)(struct sets *);
};

/* The whole program; returns its exit status. */
int probe_main(const struct probe *, int argc, char **argv);

/* Reads a further set, without labels, at the place of its option in `also`; look, which may be NULL, is shown its
 * header first. */
struct as_features read_features(const char *path, void (*look)(const struct as_header *, const char *name));

/* Writes one score of the rows in `of`, which is one of the sets. The probe fills in what it measured and
 * the figures; the label (if there are classes, and it has none) and where the rows come from are added here. */
void put_score(const struct sets *, const struct as_features *of, struct as_score);
/* Writes one figure of a score that is otherwise the same. */
void put_figure(const struct sets *, const struct as_features *of, struct as_score, const char *metric, double value,
		double interval, double chance);
/* Reads an option's list of whole numbers of at most `most`, ascending, with commas between: how many, at most
 * `room`. Ends the program at any other; `what` they are, `like` is an example. */
int read_ascending(const char *option, const char *text, const char *what, const char *like, int64_t most, int64_t *at, int room);
/* Puts top1 and per-class, the two scores of classifiers. */
void put_accuracy(const struct sets *, const struct as_features *of, const char *probe, const char *setting,
		  const struct as_accuracy *);

/* Warns which classes of a set were not learnt, and what that means. */
void warn_unlearnt(const struct as_classes *learnt, const char *path, const struct as_features *, const char *so);

/* How many rows of one set are in another too: by id; by id and values. */
struct shared {
	int64_t ids, rows, of;
};
struct shared shared_rows(const struct as_features *learnt, const struct as_features *asked);
/* Warns how many are the same, if any, and what that means. */
void warn_shared(const struct shared *, const char *learnt_path, const char *path, const char *so);

/* The name of such a file in messages. */
const char *file_name(const char *path);

#endif
