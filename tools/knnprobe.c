/* knnprobe: nearest neighbours of test features among training features. */
#include "common.h"
#include "features.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/newfile.h"
#include "eval/knn.h"
#include "eval/score.h"
#include "kern/gemm.h"

static const char *train_path, *test_path, *label = "label", *neighbours;
static uint64_t k = 1, jobs;
static bool exclude_self;

static const struct opt opts[] = {
	{0, "train", OPT_TEXT, &train_path, "FILE", "features to search", 0, 0, false},
	{0, "test", OPT_TEXT, &test_path, "FILE", "features to look up (default: standard input)", 0, 0, false},
	{'k', "vote", OPT_U64, &k, "N", "neighbours that vote (default 1)", 1, 10000, true},
	{0, "label", OPT_TEXT, &label, "KEY", "whole-number key of the records to predict (default label)", 0, 0, true},
	{0, "neighbours", OPT_TEXT, &neighbours, "FILE", "who they are, TSV; labels need not be there", 0, 0, false},
	{0, "exclude-self", OPT_FLAG, &exclude_self, NULL, "no row of a query's own id is its neighbour", 0, 0, true},
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

static void put_class(FILE *f, int64_t c)
{
	if (c >= 0)
		fprintf(f, "%" PRId64, c);
}

static void write_neighbours(const struct as_features *train, const struct as_features *test, const int64_t *row,
			     const double *similarity)
{
	struct as_newfile out = {0};
	struct as_error err = {.record = -1};
	if (as_newfile_open(&out, neighbours, &err))
		die_error(NULL, &err);
	fputs("query\trank\tneighbour\tsimilarity\tquery-label\tlabel\tquery-class\tclass\tquery-name\tname\n", out.f);
	for (int64_t i = 0; i < test->n * (int64_t)k; i++) {
		int64_t query = i / (int64_t)k, at = row[i];
		fprintf(out.f, "%" PRIu64 "\t%" PRId64 "\t%" PRIu64 "\t%.9f\t", test->seq[query], i % (int64_t)k + 1,
			train->seq[at], similarity[i]);
		put_class(out.f, test->label[query]);
		fputc('\t', out.f);
		put_class(out.f, train->label[at]);
		const char *const text[] = {as_features_class(test, test->label[query]), as_features_class(train, train->label[at]),
					    as_features_name(test, query), as_features_name(train, at)};
		for (int t = 0; t < 4; t++) {
			fputc('\t', out.f);
			put_text(out.f, text[t]);
		}
		fputc('\n', out.f);
	}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

static void row_out(const char *name, double value, double interval, const struct as_score *s)
{
	printf("%s\t%.2f\t%.2f\t%" PRId64 "\t%" PRId64 "\t%s\tknn\tk=%" PRIu64 "%s\n", name, value, interval, s->n,
	       s->classes, label, k, exclude_self ? " exclude-self" : "");
}

static void report(struct as_features *train, const struct as_features *test, const int64_t *row)
{
	struct as_error err = {.record = -1};
	struct as_classes classes = {0};
	struct as_score score;
	double precision[2];
	if (as_classes_add(&classes, train->label, train->n, &err))
		die_error(NULL, &err);
	as_features_number(train, &classes);
	warn_unlearnt(train_path, &classes, test_path, test, "count as wrong");
	int64_t *predicted = malloc((size_t)test->n * sizeof *predicted);
	int64_t *count = calloc((size_t)classes.count, sizeof *count);
	if (!predicted || !count)
		die(EXIT_DATA, "no memory for %lld rows", (long long)test->n);
	for (int64_t i = 0; i < test->n; i++)
		predicted[i] = as_knn_vote(train, row + i * (int64_t)k, (int64_t)k, count);
	if (as_score(predicted, test->label, test->n, &score, &err))
		die_error(NULL, &err);
	as_knn_precision(train, test, row, (int64_t)k, precision);
	printf("metric\tvalue\tinterval\tn\tclasses\tlabel\tprobe\tsetting\n");
	row_out("top1", score.top1, score.top1_interval, &score);
	row_out("per-class", score.per_class, score.per_class_interval, &score);
	row_out("precision", precision[0], precision[1], &score);
	free(predicted);
	free(count);
	as_classes_clear(&classes);
}

/* What is to be known of two sets before they are searched. */
static void check(struct as_features *train, struct as_features *test)
{
	match_features(train_path, train, test_path, test);
	if ((int64_t)k > train->n)
		die(EXIT_USAGE, "-k %" PRIu64 ": %s has %lld rows", k, train_path, (long long)train->n);
	struct shared in_both = shared_rows(train, test);
	if (exclude_self && !in_both.ids)
		warn("--exclude-self: no row of %s has the id of a row of %s", file_name(test_path), train_path);
	else if (exclude_self && !in_both.rows)
		warn("--exclude-self: ids of %s are in %s too, but not one row is the same: are they two sets that number "
		     "their images alike?", file_name(test_path), train_path);
	else if (!exclude_self)
		warn_shared(&in_both, train_path, test_path, "each finds itself (--exclude-self leaves it out)");
}

int main(int argc, char **argv)
{
	int count;
	struct as_error err = {.record = -1};
	struct as_pool *pool;
	tool_begin(&tool, argc, argv, &count);
	if (!train_path)
		die(EXIT_USAGE, "--train is needed (see --help)");
	const struct place place[] = {
		{"--neighbours", neighbours, true}, {"--train", train_path, false}, {"--test", test_path, false},
		{"standard input,", "/dev/stdin", false}, {"standard output,", "/dev/stdout", false},
	};
	check_places(place, (int)(sizeof place / sizeof *place));
	bool needed = !neighbours || tool_given("label");
	struct as_features train = load_features(train_path, label, needed), test = load_features(test_path, label, needed);
	check(&train, &test);
	if (as_blas_complaint())
		warn("%s", as_blas_complaint());
	if (as_pool_new(&pool, threads_or_default(jobs), &err))
		die_error(NULL, &err);
	int64_t *row = malloc((size_t)test.n * k * sizeof *row);
	double *similarity = malloc((size_t)test.n * k * sizeof *similarity);
	if (!row || !similarity)
		die(EXIT_DATA, "no memory for %" PRIu64 " neighbours of %lld rows", k, (long long)test.n);
	if (as_knn(&train, &test, (int64_t)k, exclude_self, row, similarity, pool, &err))
		die_error(NULL, &err);
	if (neighbours)
		write_neighbours(&train, &test, row, similarity);
	if (train.unlabelled || test.unlabelled)
		inform("no score: %lld of %lld rows of %s have no label",
		       (long long)(train.unlabelled ? train.unlabelled : test.unlabelled),
		       (long long)(train.unlabelled ? train.n : test.n), train.unlabelled ? train_path : file_name(test_path));
	else
		report(&train, &test, row);
	free(row);
	free(similarity);
	as_pool_free(pool);
	as_features_clear(&train);
	as_features_clear(&test);
	return finish_text();
}
