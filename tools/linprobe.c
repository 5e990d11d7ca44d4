/* linprobe: linear evaluation of features. */
#include "common.h"
#include "features.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "eval/centre.h"
#include "eval/holdout.h"
#include "eval/linear.h"
#include "eval/pick.h"
#include "kern/gemm.h"

static const char *train_path, *val_path, *test_path, *label = "label", *metric = "top1", *predictions;
static double w, hold_out = 0.1, tolerance = 1e-5;
static uint64_t jobs, seed;
static bool show_path;

static const struct opt opts[] = {
	{0, "train", OPT_TEXT, &train_path, "FILE", "features to learn from", 0, 0, false},
	{0, "val", OPT_TEXT, &val_path, "FILE", "features to choose w by (default: held out from --train)", 0, 0, false},
	{0, "test", OPT_TEXT, &test_path, "FILE", "features to score", 0, 0, false},
	{0, "label", OPT_TEXT, &label, "KEY", "whole-number key of the records to predict (default label)", 0, 0, true},
	{0, "metric", OPT_TEXT, &metric, "NAME", "choose w by top1 or per-class (default top1)", 0, 0, true},
	{'w', "penalty", OPT_F64, &w, "W", "this w alone: nothing is chosen", 1e-12, 1e12, true},
	{0, "hold-out", OPT_F64, &hold_out, "SHARE", "of each class, without --val (default 0.1)", 0.001, 0.9, true},
	OPT_SEED(seed),
	{0, "tolerance", OPT_F64, &tolerance, "G", "largest gradient left of the mean objective (default 1e-5)", 1e-9, 1,
	 true},
	{0, "path", OPT_FLAG, &show_path, NULL, "also the validation score at each w", 0, 0, false},
	{0, "predictions", OPT_TEXT, &predictions, "FILE", "seq, label, prediction of each test row, TSV", 0, 0, false},
	OPT_JOBS(jobs),
	OPT_END,
};

static const struct tool tool = {
	.name = "linprobe",
	.synopsis = "--train FILE [--val FILE] --test FILE [options]",
	.doc = "Scores features by logistic regression: the penalty is chosen on validation, the test is scored once.",
	.opts = opts,
	.engine = as_blas_core,
};

static void row(const char *probe, const char *name, double value, double interval, const struct as_score *s,
		double penalty)
{
	printf("%s\t%.2f\t%.2f\t%" PRId64 "\t%" PRId64 "\t%s\t%s\tw=%.6g\n", name, value, interval, s->n, s->classes,
	       label, probe, penalty);
}

static void rows(const char *probe, const struct as_score *s, double penalty)
{
	row(probe, "top1", s->top1, s->top1_interval, s, penalty);
	row(probe, "per-class", s->per_class, s->per_class_interval, s, penalty);
}

static void said(void *ctx, const struct as_path_point *p, int done)
{
	char more[96];
	(void)ctx;
	snprintf(more, sizeof more, "w %.3g: %.2f, %d evaluations", p->w, p->score.top1, p->found.evaluations);
	progress((uint64_t)done, AS_PATH, "penalties", more);
	if (!p->found.reached)
		warn("w %.3g: rounding ends the descent at a gradient of %.2g", p->w, p->found.gradient);
}

/* Splits *train, whose classes are numbered, by class when there is no --val. */
static void split(struct as_features *train, struct as_features *val)
{
	struct as_error err = {.record = -1};
	struct as_features all = *train;
	unsigned char *part = malloc((size_t)all.n);
	if (!part)
		die(EXIT_DATA, "no memory for %lld rows", (long long)all.n);
	if (as_features_hold_out(&all, hold_out, seed, part, &err) || as_features_pick(train, &all, part, 0, &err) ||
	    as_features_pick(val, &all, part, 1, &err))
		die_error(train_path, &err);
	if (!val->n)
		die(EXIT_DATA, "%s: no class has enough rows to hold out %g of them", train_path, hold_out);
	free(part);
	as_features_clear(&all);
}

struct sets {
	struct as_features train, val, test;
	struct as_classes classes; /* learnt */
};

static void write_predictions(const struct sets *s, const int64_t *predicted)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	const struct as_features *test = &s->test;
	if (as_newfile_open(&out, predictions, &err))
		die_error(NULL, &err);
	fputs("seq\tlabel\tpredicted\tclass\tpredicted-class\tname\n", out.f);
	for (int64_t i = 0; i < test->n; i++) {
		const char *const text[] = {as_features_class(test, test->label[i]),
					    as_features_class(&s->train, predicted[i]), as_features_name(test, i)};
		fprintf(out.f, "%" PRIu64 "\t%" PRId64 "\t%" PRId64, test->seq[i], test->label[i], predicted[i]);
		for (int t = 0; t < 3; t++) {
			fputc('\t', out.f);
			put_text(out.f, text[t]);
		}
		fputc('\n', out.f);
	}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

static void score_test(const struct as_linear *o, const struct sets *s, const double *weights)
{
	struct as_error err = {.record = -1};
	struct as_score score;
	int64_t *predicted = malloc((size_t)s->test.n * sizeof *predicted);
	if (!predicted)
		die(EXIT_DATA, "no memory for %lld rows", (long long)s->test.n);
	if (as_logreg_predict(weights, &s->classes, &s->test, predicted, o->pool, &err) ||
	    as_score(predicted, s->test.label, s->test.n, &score, &err))
		die_error(test_path, &err);
	rows("linear", &score, w);
	if (predictions)
		write_predictions(s, predicted);
	free(predicted);
}

/* Adds a set's classes to those learnt; zeros in the place of weights that are for fewer. */
static void learn_classes(struct sets *s, const struct as_features *more, double **weights)
{
	struct as_error err = {.record = -1};
	int64_t before = s->classes.count;
	if (as_classes_add(&s->classes, more->label, more->n, &err))
		die_error(NULL, &err);
	if (s->classes.count == before)
		return;
	free(*weights);
	*weights = calloc((size_t)s->classes.count, (size_t)(s->train.d + 1) * sizeof **weights);
	if (!*weights)
		die(EXIT_DATA, "no memory for %lld classes", (long long)s->classes.count);
}

static void evaluate(const struct as_linear *o, struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_path_point path[AS_PATH];
	struct as_descent found;
	double *weights = NULL;
	int best = 0;
	bool choose = !tool_given("penalty");
	learn_classes(s, &s->train, &weights);
	as_features_number(&s->train, &s->classes);
	warn_unlearnt(train_path, &s->classes, val_path, &s->val, "are never right while w is chosen");
	if (choose && !val_path)
		split(&s->train, &s->val);
	if (choose) {
		if (as_linear_path(o, &s->train, &s->val, &s->classes, path, &best, weights, &err))
			die_error(NULL, &err);
		progress_end(AS_PATH, "penalties");
		w = path[best].w;
	}
	learn_classes(s, &s->val, &weights);
	as_features_number(&s->train, &s->classes);
	as_features_number(&s->val, &s->classes);
	warn_unlearnt(train_path, &s->classes, test_path, &s->test, "count as wrong");
	if (as_linear_fit(o, &s->train, s->val.n ? &s->val : NULL, s->classes.count, w, weights, &found, &err))
		die_error(NULL, &err);
	if (!found.reached)
		warn("w %.3g: rounding ends the descent at a gradient of %.2g", w, found.gradient);
	printf("metric\tvalue\tinterval\tn\tclasses\tlabel\tprobe\tsetting\n");
	score_test(o, s, weights);
	for (int i = 0; choose && show_path && i < AS_PATH; i++)
		rows("linear-path", &path[i].score, path[i].w);
	free(weights);
}

/* Rows that are in two sets make a score that is no score of what was not seen. */
static void warn_of_shared(const struct sets *s)
{
	struct shared both = shared_rows(&s->train, &s->test);
	warn_shared(&both, train_path, test_path, "the score is of rows learnt from");
	if (!s->val.n)
		return;
	both = shared_rows(&s->val, &s->test);
	warn_shared(&both, val_path, test_path, "the score is of rows learnt from");
	both = shared_rows(&s->train, &s->val);
	warn_shared(&both, train_path, val_path, "w is chosen by rows learnt from");
}

static void check(void)
{
	const struct place place[] = {
		{"--predictions", predictions, true}, {"--train", train_path, false}, {"--val", val_path, false},
		{"--test", test_path, false}, {"standard input,", "/dev/stdin", false},
		{"standard output,", "/dev/stdout", false},
	};
	check_places(place, (int)(sizeof place / sizeof *place));
	if (!train_path || !test_path)
		die(EXIT_USAGE, "--train and --test are needed (see --help)");
	if (strcmp(metric, "top1") && strcmp(metric, "per-class"))
		die(EXIT_USAGE, "--metric '%s': top1 or per-class", metric);
	if (val_path && tool_given("hold-out"))
		die(EXIT_USAGE, "--hold-out is for when there is no --val");
	if (show_path && tool_given("penalty"))
		die(EXIT_USAGE, "--path is for when w is chosen, not given");
}

int main(int argc, char **argv)
{
	int count;
	struct as_error err = {.record = -1};
	tool_begin(&tool, argc, argv, &count);
	check();
	struct sets s = {.train = load_features(train_path, label, true), .test = load_features(test_path, label, true)};
	if (val_path)
		s.val = load_features(val_path, label, true);
	match_features(train_path, &s.train, test_path, &s.test);
	if (val_path)
		match_features(train_path, &s.train, val_path, &s.val);
	warn_of_shared(&s);
	struct as_features *const set[] = {&s.train, &s.test, &s.val};
	if (as_features_centre(set, val_path ? 3 : 2, &err))
		die_error(NULL, &err);
	if (as_blas_complaint())
		warn("%s", as_blas_complaint());
	struct as_linear o = {.per_class = metric[0] == 'p', .tolerance = tolerance, .said = said};
	if (as_pool_new(&o.pool, threads_or_default(jobs), &err))
		die_error(NULL, &err);
	evaluate(&o, &s);
	as_pool_free(o.pool);
	as_features_clear(&s.train);
	as_features_clear(&s.val);
	as_features_clear(&s.test);
	as_classes_clear(&s.classes);
	return finish_text();
}
