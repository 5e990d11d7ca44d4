/* augprobe: what frozen features know of how views were altered (awareness), how little they change (invariance), and in how
 * many directions they spread (effective rank). */
#include "probe.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/aware.h"
#include "eval/invariance.h"
#include "eval/match.h"
#include "eval/rank.h"
#include "eval/read.h"
#include "kern/gemm.h"

static const char *original, *ops;
static bool rank;
static uint64_t epochs = 20, hidden = 512, seed;
static double hold_out = 0.2;

static const struct opt opts[] = {
	OPT_GROUP("What is measured"),
	OPT_TRAIN("awareness: features of pairs of views to learn from"),
	OPT_TEST("what is scored: features of pairs of other images, or of views (default: standard input)"),
	{0, "original", OPT_TEXT, &original, "FILE", "invariance: features of the images whose views are scored", 0, 0, false},
	{0, "rank", OPT_FLAG, &rank, NULL, "rank: how many dimensions the features use", 0, 0, true},
	OPT_GROUP("Learning"),
	{0, "ops", OPT_TEXT, &ops, "NAME,...", "which operations (default: all that can be told)", 0, 0, true},
	{0, "epochs", OPT_U64, &epochs, "N", "of the head's training (default 20; 0: no head)", 0, 100000, true},
	{0, "hidden", OPT_U64, &hidden, "N", "width of the head's hidden layers (default 512)", 1, 65536, true},
	{0, "hold-out", OPT_F64, &hold_out, "SHARE", "of --train's images, to choose by (default 0.2)", 0.001, 0.9, true},
	OPT_SEED(seed),
	PROBE_OPTS,
	OPT_END,
};

/* ---- awareness ---- */

static const struct {
	const char *metric, *unit;
} figures[AS_AWARE_FIGURES] = {
	[AS_AWARE_MSE] = {"mse", ""},
	[AS_AWARE_R2] = {"r2", ""},
	[AS_AWARE_RELATIVE] = {"relative", ""},
	[AS_AWARE_ACCURACY] = {"accuracy", "%"},
};

struct awareness {
	struct sets *s;
	struct as_pairs train, test;
	struct as_pairs_ops ops;
	unsigned char *part;
	float *predicted[AS_MAX_OPS]; /* by the probe that ran last */
};

/* The lines of one probe and operation, each beside what the constant predictor has. */
static void put_awareness(const struct awareness *a, int op, const char *probe, const char *setting)
{
	const struct as_aug *aug = a->ops.op[op];
	struct as_aware_score score, chance;
	struct as_error err = {.record = -1};
	float constant[AS_MAX_TARGET];
	as_aware_constant(&a->train, aug, constant);
	if (as_aware_score(&a->test, aug, a->predicted[op], as_pairs_width(aug), &score, &err) ||
	    as_aware_score(&a->test, aug, constant, 0, &chance, &err))
		die_error(NULL, &err);
	for (int f = 0; f < AS_AWARE_FIGURES; f++) {
		if (!isfinite(score.value[f]))
			continue;
		put_score(a->s, &a->s->test, (struct as_score){
			.probe = as_text_of(probe), .metric = as_text_of(figures[f].metric), .label = as_text_of(aug->name),
			.setting = as_text_of(setting), .unit = as_text_of(figures[f].unit), .value = score.value[f],
			.interval = score.interval[f], .chance = chance.value[f], .n = score.images});
	}
}

/* The operations whose targets are vectors, with their places among all. */
static struct as_pairs_ops squared(const struct as_pairs_ops *all, int place[AS_MAX_OPS])
{
	struct as_pairs_ops some = {0};
	for (int i = 0; i < all->n; i++)
		if (as_aware_squared(all->op[i])) {
			place[some.n] = i;
			some.op[some.n++] = all->op[i];
		}
	return some;
}

static void run_linear(struct awareness *a)
{
	struct as_error err = {.record = -1};
	int place[AS_MAX_OPS];
	double penalty[AS_MAX_OPS] = {0}, chosen[AS_MAX_OPS];
	float *predicted[AS_MAX_OPS];
	struct as_pairs_ops some = squared(&a->ops, place);
	for (int i = 0; i < some.n; i++)
		predicted[i] = a->predicted[place[i]];
	if (some.n && as_aware_ridge(&a->train, a->part, &a->test, &some, a->s->pool, predicted, chosen, &err))
		die_error(NULL, &err);
	for (int i = 0; i < some.n; i++)
		penalty[place[i]] = chosen[i];
	for (int i = 0; i < a->ops.n; i++) {
		char setting[48];
		const struct as_aug *aug = a->ops.op[i];
		if (!as_aware_squared(aug) && as_aware_logistic(&a->train, a->part, &a->test, aug, a->s->pool, a->predicted[i],
								&penalty[i], &err))
			die_error(aug->name, &err);
		snprintf(setting, sizeof setting, "penalty=%.3g", penalty[i]);
		put_awareness(a, i, "aware-linear", setting);
	}
}

/* How far the heads have come: epochs of all, one after the other. */
static void said(void *ctx, const struct as_aug *aug, int64_t epoch, double loss, double held)
{
	const struct awareness *a = ctx;
	char more[96];
	uint64_t before = 0;
	while (a->ops.op[before] != aug)
		before++;
	snprintf(more, sizeof more, "%s: loss %.4f, held out %.4f", aug->name, loss, held);
	progress(before * epochs + (uint64_t)epoch + 1, (uint64_t)a->ops.n * epochs, "epochs", more);
}

static void run_heads(struct awareness *a)
{
	struct as_error err = {.record = -1};
	const struct as_aware_mlp how = {(int64_t)hidden, (int64_t)epochs, seed, a->s->pool, said, a};
	char setting[64];
	snprintf(setting, sizeof setting, "epochs=%" PRIu64 " hidden=%" PRIu64, epochs, hidden);
	for (int i = 0; i < a->ops.n; i++) {
		int64_t best = 0;
		if (as_aware_mlp(&how, &a->train, a->part, &a->test, a->ops.op[i], a->predicted[i], &best, &err))
			die_error(asked.train, &err);
		put_awareness(a, i, "aware-mlp", setting);
	}
	progress_end((uint64_t)a->ops.n * epochs, "epochs");
}

/* Ends the program unless the two sets are of pairs that were drawn alike. */
static void open_pairs(struct awareness *a)
{
	struct as_error err = {.record = -1};
	char left[512] = "";
	const struct as_features *train = &a->s->train, *test = &a->s->test;
	if (as_pairs_new(&a->train, train, &err))
		die_error(file_name(asked.train), &err);
	if (as_pairs_new(&a->test, test, &err) || as_drawn_same(train->drawn, test->drawn, &err))
		die_error(file_name(asked.test), &err);
	if (as_pairs_choose(&train->drawn->policy, ops, &a->ops, left, sizeof left, &err)) {
		if (err.code == AS_EARG)
			die(EXIT_USAGE, "--%s", err.text);
		die_error(file_name(asked.train), &err);
	}
	if (*left)
		inform("left out: %s", left);
	if (train->drawn->policy.count % 2)
		inform("view %d of each image is in no pair", train->drawn->policy.count);
}

static void run_awareness(struct sets *s)
{
	struct awareness a = {.s = s};
	struct as_error err = {.record = -1};
	open_pairs(&a);
	a.part = malloc((size_t)a.train.n);
	if (!a.part || as_pairs_hold_out(&a.train, hold_out, seed, a.part, &err))
		die(EXIT_DATA, "no memory for %lld pairs", (long long)a.train.n);
	for (int i = 0; i < a.ops.n; i++) {
		a.predicted[i] = malloc((size_t)(2 * a.test.n * as_pairs_width(a.ops.op[i])) * sizeof(float));
		if (!a.predicted[i])
			die(EXIT_DATA, "no memory for %lld pairs", (long long)a.test.n);
	}
	run_linear(&a);
	if (epochs)
		run_heads(&a);
	for (int i = 0; i < a.ops.n; i++)
		free(a.predicted[i]);
	free(a.part);
	as_pairs_clear(&a.train);
	as_pairs_clear(&a.test);
}

/* ---- invariance ---- */

/* The operations that change the views, for the column label: "crop,flip,color". */
static void name_ops(const struct as_policy *p, char *list, size_t room)
{
	for (int i = 0; i < p->nop; i++) {
		bool fixed = p->op[i].aug->box && as_policy_alike(p, i); /* eval, which draws nothing */
		size_t used = strlen(list);
		if (!fixed && !as_policy_idle(p, i))
			snprintf(list + used, room - used, "%s%s", used ? "," : "", p->op[i].aug->name);
	}
}

static void put_likeness(const struct sets *s, const char *metric, const char *label, struct as_likeness l, int64_t images)
{
	if (isfinite(l.value))
		put_score(s, &s->test, (struct as_score){
			.probe = as_text_of("invariance"), .metric = as_text_of(metric), .label = as_text_of(label),
			.value = l.value, .interval = l.interval, .chance = l.chance, .n = images});
}

/* Originals are images as they are, cut alike each time; views that were drawn are not. */
static void doubt_originals(const struct as_header *h, const char *name)
{
	static struct as_roles roles;
	struct as_error err;
	char list[256] = "";
	if (!h->policy || as_roles_of_header(h, &roles, &err))
		return;
	name_ops(&roles.role[0], list, sizeof list);
	if (*list)
		warn("%s: features of views that were drawn at random (%s), not of the images as they are: put the images "
		     "themselves through feat-extract", name, list);
}

static void run_invariance(struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_features images = read_features(original, doubt_originals);
	struct as_invariance found;
	char label[256] = "";
	if (images.d != s->test.d)
		die(EXIT_DATA, "%s: features %lld wide, those of %s are %lld", file_name(asked.test), (long long)s->test.d,
		    file_name(original), (long long)images.d);
	if (as_features_match(&images, &s->test, &err) || as_invariance(&s->test, &images, &found, &err))
		die_error(file_name(asked.test), &err);
	name_ops(&s->test.drawn->policy, label, sizeof label);
	put_likeness(s, "cosine", label, found.original, found.images);
	put_likeness(s, "cosine-views", label, found.views, found.images);
	as_features_clear(&images);
}

/* ---- the effective rank ---- */

static void run_rank(struct sets *s)
{
	struct as_error err = {.record = -1};
	double value;
	char setting[32];
	if (as_features_rank(&s->test, s->pool, &value, &err))
		die_error(file_name(asked.test), &err);
	snprintf(setting, sizeof setting, "d=%lld", (long long)s->test.d);
	put_score(s, &s->test, (struct as_score){.probe = as_text_of("rank"), .metric = as_text_of("rank"),
		.setting = as_text_of(setting), .value = value, .interval = (double)NAN, .chance = (double)NAN, .n = s->test.n});
}

/* ---- the program ---- */

static void check(void)
{
	static const char *const aware[] = {"ops", "epochs", "hidden", "hold-out", "seed"};
	if ((asked.train != NULL) + (original != NULL) + rank != 1)
		die(EXIT_USAGE, "one of --train FILE (awareness), --original FILE (invariance) and --rank is needed; see augprobe --help");
	for (size_t i = 0; i < sizeof aware / sizeof *aware; i++)
		if (!asked.train && tool_given(aware[i]))
			die(EXIT_USAGE, "--%s is for awareness, with --train", aware[i]);
}

static bool learns(void)
{
	return asked.train != NULL;
}

/* All sets are of views, of which it must be known how they were drawn, except for --rank. */
static bool read_views(struct as_features *f, struct as_reader *r, const char *option)
{
	struct as_error err = {.record = -1};
	(void)option;
	if (!rank && as_features_read_views(f, r, &err))
		die_error(as_reader_name(r), &err);
	return !rank;
}

static void run(struct sets *s)
{
	if (rank)
		run_rank(s);
	else if (original)
		run_invariance(s);
	else
		run_awareness(s);
}

static const struct probe probe = {
	.tool = {
		.name = "augprobe",
		.synopsis = "--train FILE [options] FEATURES\n"
			    "       augprobe --original FILE [options] FEATURES\n       augprobe --rank [options] FEATURES",
		.doc = "Scores what features know of the augmentation of views, how little they change, and their effective rank.",
		.opts = opts,
		.max_operands = 1,
		.engine = as_blas_core,
		.example = "augprobe --train pairs-train.feat --test pairs-test.feat",
	},
	.seen = "the score is of rows learnt from",
	.also = {{"--original", &original, true}},
	.check = check,
	.learns = learns,
	.read = read_views,
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
