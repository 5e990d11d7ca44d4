/* knnprobe: nearest neighbours of test features among training features. */
#include "common.h"
#include "features.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/file.h"
#include "eval/knn.h"
#include "eval/score.h"
#include "kern/gemm.h"

static const char *train_path, *test_path, *label = "label", *neighbours;
static uint64_t k = 1, jobs;

static const struct opt opts[] = {
	{0, "train", OPT_TEXT, &train_path, "FILE", "features to search", 0, 0, false},
	{0, "test", OPT_TEXT, &test_path, "FILE", "features to look up (default: standard input)", 0, 0, false},
	{'k', "vote", OPT_U64, &k, "N", "neighbours that vote (default 1)", 1, 10000, true},
	{0, "label", OPT_TEXT, &label, "KEY", "whole-number key of the records to predict (default label)", 0, 0, true},
	{0, "neighbours", OPT_TEXT, &neighbours, "FILE", "who they are, TSV", 0, 0, false},
	OPT_JOBS(jobs),
	OPT_END,
};

static const struct tool tool = {
	.name = "knnprobe",
	.synopsis = "--train FILE [--test FILE] [options]",
	.doc = "Scores features by the classes of their nearest neighbours (cosine), and says who they are.",
	.opts = opts,
	.engine = as_blas_core,
};

static void write_neighbours(const struct as_features *train, const struct as_features *test, const int64_t *row,
			     const float *similarity)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	if (as_newfile_open(&out, neighbours, &err))
		die_error(NULL, &err);
	fprintf(out.f, "query\trank\tneighbour\tsimilarity\tquery-label\tlabel\n");
	for (int64_t i = 0; i < test->n; i++)
		for (int64_t r = 0; r < (int64_t)k; r++) {
			int64_t at = row[i * (int64_t)k + r];
			fprintf(out.f, "%" PRIu64 "\t%" PRId64 "\t%" PRIu64 "\t%.6f\t%" PRId64 "\t%" PRId64 "\n",
				test->seq[i], r + 1, train->seq[at], (double)similarity[i * (int64_t)k + r],
				test->label[i], train->label[at]);
		}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

static void row_out(const char *name, double value, double interval, const struct as_score *s)
{
	printf("%s\t%.2f\t%.2f\t%" PRId64 "\t%" PRId64 "\t%s\tknn\tk=%" PRIu64 "\n", name, value, interval, s->n,
	       s->classes, label, k);
}

static void report(const struct as_features *train, const struct as_features *test, const int64_t *row,
		   const double *precision)
{
	struct as_error err = {.record = -1};
	struct as_score score;
	int64_t classes = train->classes > test->classes ? train->classes : test->classes;
	int64_t *predicted = malloc((size_t)test->n * sizeof *predicted);
	int64_t *count = calloc((size_t)classes, sizeof *count);
	if (!predicted || !count)
		die(EXIT_DATA, "no memory for %lld rows", (long long)test->n);
	for (int64_t i = 0; i < test->n; i++)
		predicted[i] = as_knn_vote(train, row + i * (int64_t)k, (int64_t)k, count);
	if (as_score(predicted, test->label, test->n, classes, &score, &err))
		die_error(NULL, &err);
	printf("metric\tvalue\tinterval\tn\tclasses\tlabel\tprobe\tsetting\n");
	row_out("top1", score.top1, score.top1_interval, &score);
	row_out("per-class", score.per_class, score.per_class_interval, &score);
	row_out("precision", precision[0], precision[1], &score);
	free(predicted);
	free(count);
}

int main(int argc, char **argv)
{
	int count;
	struct as_error err = {.record = -1};
	struct as_pool *pool;
	tool_begin(&tool, argc, argv, &count);
	if (!train_path)
		die(EXIT_USAGE, "--train is needed (see --help)");
	struct as_features train = load_features(train_path, label), test = load_features(test_path, label);
	if (test.d != train.d)
		die(EXIT_DATA, "%s: features %lld wide, those of %s are %lld", test_path ? test_path : "standard input",
		    (long long)test.d, train_path, (long long)train.d);
	if (as_features_match(&train, &test, &err))
		die_error(test_path ? test_path : "(stdin)", &err);
	if ((int64_t)k > train.n)
		die(EXIT_USAGE, "-k %" PRIu64 ": %s has %lld rows", k, train_path, (long long)train.n);
	if (as_blas_complaint())
		warn("%s", as_blas_complaint());
	if (as_pool_new(&pool, threads_or_default(jobs), &err))
		die_error(NULL, &err);
	int64_t *row = malloc((size_t)test.n * k * sizeof *row);
	float *similarity = malloc((size_t)test.n * k * sizeof *similarity);
	if (!row || !similarity)
		die(EXIT_DATA, "no memory for %" PRIu64 " neighbours of %lld rows", k, (long long)test.n);
	if (as_knn(&train, &test, (int64_t)k, row, similarity, pool, &err))
		die_error(NULL, &err);
	double precision[2];
	as_knn_precision(&train, &test, row, (int64_t)k, precision);
	if (neighbours)
		write_neighbours(&train, &test, row, similarity);
	report(&train, &test, row, precision);
	free(row);
	free(similarity);
	as_pool_free(pool);
	as_features_clear(&train);
	as_features_clear(&test);
	return finish_text();
}
