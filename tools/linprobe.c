/* linprobe: linear evaluation of features. */
#include "probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "eval/centre.h"
#include "eval/holdout.h"
#include "eval/linear.h"
#include "eval/pick.h"
#include "eval/predict.h"
#include "eval/score.h"
#include "kern/gemm.h"

static const char *metric = "top1", *predictions;
static double w, hold_out = 0.1, tolerance = 1e-5;
static uint64_t seed;
static bool show_path;

static const struct opt opts[] = {
	OPT_TRAIN("features to learn from"),
	OPT_VAL("features to choose w by (default: held out from --train)"),
	OPT_TEST("features to score"),
	{0, "metric", OPT_TEXT, &metric, "NAME", "choose w by top1 or per-class (default top1)", 0, 0, true},
	{'w', "penalty", OPT_F64, &w, "W", "this w alone: nothing is chosen", 1e-12, 1e12, true},
	{0, "hold-out", OPT_F64, &hold_out, "SHARE", "of each class, without --val (default 0.1)", 0.001, 0.9, true},
	OPT_SEED(seed),
	{0, "tolerance", OPT_F64, &tolerance, "G", "largest gradient left of the mean objective (default 1e-5)", 1e-9, 1,
	 true},
	{0, "path", OPT_FLAG, &show_path, NULL, "also the validation score at each w", 0, 0, false},
	{0, "predictions", OPT_TEXT, &predictions, "FILE", "seq, label, prediction of each test row, TSV", 0, 0, false},
	OPT_LABEL,
	PROBE_OPTS,
	OPT_END,
};

static void put(const struct sets *s, const struct as_features *of, const char *probe, double penalty,
		const struct as_accuracy *a)
{
	char setting[32];
	snprintf(setting, sizeof setting, "w=%.6g", penalty);
	put_accuracy(s, of, probe, setting, a);
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

/* Without --val, divides *train, whose classes are numbered, class by class. */
static void split(struct as_features *train, struct as_features *val)
{
	struct as_error err = {.record = -1};
	struct as_features all = *train;
	unsigned char *part = malloc((size_t)all.n);
	if (!part)
		die(EXIT_DATA, "no memory for %lld rows", (long long)all.n);
	if (as_features_hold_out(&all, hold_out, seed, part, &err) || as_features_pick(train, &all, part, 0, &err) ||
	    as_features_pick(val, &all, part, 1, &err))
		die_error(asked.train, &err);
	if (!val->n)
		die(EXIT_DATA, "%s: no class has enough rows to hold out %g of them", asked.train, hold_out);
	free(part);
	as_features_clear(&all);
}

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
			as_put_field(out.f, as_text_of(text[t]));
		}
		fputc('\n', out.f);
	}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

static void score_test(const struct as_linear *o, const struct sets *s, const struct as_classes *learnt,
		       const double *weights)
{
	struct as_error err = {.record = -1};
	struct as_accuracy accuracy;
	int64_t *predicted = malloc((size_t)s->test.n * sizeof *predicted);
	if (!predicted)
		die(EXIT_DATA, "no memory for %lld rows", (long long)s->test.n);
	if (as_logreg_predict(weights, learnt, &s->test, predicted, o->pool, &err) ||
	    as_accuracy(predicted, s->test.label, s->test.n, learnt, &accuracy, &err))
		die_error(asked.test, &err);
	put(s, &s->test, "linear", w, &accuracy);
	if (predictions)
		write_predictions(s, predicted);
	free(predicted);
}

/* Adds a set's classes to those learnt; if there are new ones, the weights start at zero again. */
static void learn_classes(const struct as_features *f, struct as_classes *learnt, double **weights)
{
	struct as_error err = {.record = -1};
	int64_t before = learnt->count;
	if (as_classes_add(learnt, f->label, f->n, &err))
		die_error(NULL, &err);
	if (learnt->count == before)
		return;
	free(*weights);
	*weights = calloc((size_t)learnt->count, (size_t)(f->d + 1) * sizeof **weights);
	if (!*weights)
		die(EXIT_DATA, "no memory for %lld classes", (long long)learnt->count);
}

static void evaluate(const struct as_linear *o, struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_classes learnt = {0};
	struct as_path_point path[AS_PATH];
	struct as_descent found;
	double *weights = NULL;
	int best = 0;
	bool choose = !tool_given("penalty");
	learn_classes(&s->train, &learnt, &weights);
	as_features_number(&s->train, &learnt);
	warn_unlearnt(&learnt, asked.val, &s->val, "are never right while w is chosen");
	if (choose && !asked.val)
		split(&s->train, &s->val);
	if (choose) {
		if (as_linear_path(o, &s->train, &s->val, &learnt, path, &best, weights, &err))
			die_error(NULL, &err);
		progress_end(AS_PATH, "penalties");
		w = path[best].w;
	}
	learn_classes(&s->val, &learnt, &weights);
	as_features_number(&s->train, &learnt);
	as_features_number(&s->val, &learnt);
	warn_unlearnt(&learnt, asked.test, &s->test, "count as wrong");
	if (as_linear_fit(o, &s->train, s->val.n ? &s->val : NULL, learnt.count, w, weights, &found, &err))
		die_error(NULL, &err);
	if (!found.reached)
		warn("w %.3g: rounding ends the descent at a gradient of %.2g", w, found.gradient);
	score_test(o, s, &learnt, weights);
	for (int i = 0; choose && show_path && i < AS_PATH; i++)
		put(s, &s->val, "linear-path", path[i].w, &path[i].score);
	free(weights);
	as_classes_clear(&learnt);
}

/* Warns if validation rows are in another set too: then w is chosen, or a score measured, on data that was
 * seen before. */
static void warn_of_shared(const struct sets *s)
{
	struct shared both = shared_rows(&s->val, &s->test);
	warn_shared(&both, asked.val, asked.test, "the score is of rows learnt from");
	both = shared_rows(&s->train, &s->val);
	warn_shared(&both, asked.train, asked.val, "w is chosen by rows learnt from");
}

static void run(struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_features *const set[] = {&s->train, &s->test, &s->val};
	if (s->val.n)
		warn_of_shared(s);
	if (as_features_centre(set, s->val.n ? 3 : 2, &err))
		die_error(NULL, &err);
	const struct as_linear o = {.per_class = metric[0] == 'p', .tolerance = tolerance, .pool = s->pool,
				    .said = said};
	evaluate(&o, s);
}

static void check(void)
{
	if (!asked.train || !asked.test)
		die(EXIT_USAGE, "--train and --test are needed (see --help)");
	if (strcmp(metric, "top1") && strcmp(metric, "per-class"))
		die(EXIT_USAGE, "--metric '%s': top1 or per-class", metric);
	if (asked.val && tool_given("hold-out"))
		die(EXIT_USAGE, "--hold-out and --val exclude each other");
	if (show_path && tool_given("penalty"))
		die(EXIT_USAGE, "--path and --penalty exclude each other: with --penalty no w is chosen");
}

static const struct probe probe = {
	.tool = {
		.name = "linprobe",
		.synopsis = "--train FILE [--val FILE] --test FILE [options]",
		.doc = "Scores features by logistic regression: the penalty is chosen on validation, the test is scored once.",
		.opts = opts,
		.engine = as_blas_core,
	},
	.seen = "the score is of rows learnt from",
	.also = {"--predictions", &predictions},
	.check = check,
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
