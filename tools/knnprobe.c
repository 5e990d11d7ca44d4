/* knnprobe: nearest neighbours of test features among training features. */
#include "probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "base/text.h"
#include "eval/knn.h"
#include "eval/retrieval.h"
#include "eval/score.h"
#include "kern/gemm.h"

static const char *neighbours, *sheet, *images, *precision;
static uint64_t k = 1, queries = 5;
static bool exclude_self;

/* From --precision, ascending; and the neighbours that are looked for, of which k vote. */
enum { PRECISIONS = 16 };
static int64_t among[PRECISIONS];
static uint64_t most;
static int precisions;

static const struct opt opts[] = {
	OPT_GROUP("Features"),
	OPT_TRAIN("features to search"),
	OPT_TEST("features to look up (default: standard input)"),
	OPT_GROUP("Neighbours"),
	{'k', "vote", OPT_U64, &k, "N", "neighbours that vote (default 1)", 1, 10000, true},
	{0, "precision", OPT_TEXT, &precision, "K,...", "also the precision among the nearest K, for each K", 0, 0, true},
	{0, "sheet", OPT_TEXT, &sheet, "FILE", "draw queries and their neighbours into a PNG, from --images", 0, 0, false},
	{0, "images", OPT_TEXT, &images, "TEST,TRAIN", "streams of the images that the features were made of", 0, 0, false},
	{0, "queries", OPT_U64, &queries, "N", "how many queries the sheet has (default 5)", 1, AS_RETRIEVAL_QUERIES, false},
	{0, "neighbours", OPT_TEXT, &neighbours, "FILE", "who they are, TSV; labels need not be there", 0, 0, false},
	{0, "exclude-self", OPT_FLAG, &exclude_self, NULL, "no row of a query's own id is its neighbour", 0, 0, true},
	OPT_GROUP("Features"),
	OPT_LABEL,
	PROBE_OPTS,
	OPT_END,
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
		int64_t query = i / (int64_t)k, rank = i % (int64_t)k, found = query * (int64_t)most + rank, at = row[found];
		fprintf(out.f, "%" PRIu64 "\t%" PRId64 "\t%" PRIu64 "\t%.9f\t", test->seq[query], rank + 1, train->seq[at],
			similarity[found]);
		put_class(out.f, test->label[query]);
		fputc('\t', out.f);
		put_class(out.f, train->label[at]);
		const char *const text[] = {
			as_features_class(test, test->label[query]), as_features_class(train, train->label[at]),
			as_features_name(test, query), as_features_name(train, at)};
		for (int t = 0; t < 4; t++) {
			fputc('\t', out.f);
			as_put_field(out.f, as_text_of(text[t]));
		}
		fputc('\n', out.f);
	}
	if (as_newfile_commit(&out, &err))
		die_error(NULL, &err);
}

/* ---- the sheet ---- */

/* The images of the queries, or of the neighbours, from a stream that --images names. */
static void read_images(struct as_retrieval *r, const char *path, bool of_queries)
{
	struct as_error err = {.record = -1};
	struct as_reader *reader = open_input_file(path, "image");
	if (as_retrieval_images(r, reader, of_queries, &err))
		die_error(as_reader_name(reader), &err);
	as_reader_close(reader);
}

static void draw_sheet(const struct as_features *train, const struct as_features *test, const int64_t *row,
		       const double *similarity)
{
	struct as_error err = {.record = -1};
	struct as_retrieval *r;
	int rc = as_retrieval_new(&r, (int)queries, &err);
	if (!rc)
		rc = as_retrieval_begin(r, "", &err);
	for (int64_t i = 0; !rc && i < test->n * (int64_t)most; i++) {
		int64_t query = i / (int64_t)most, at = row[i];
		const struct as_neighbour n = {test->seq[query], train->seq[at], (uint64_t)(i % (int64_t)most) + 1, similarity[i],
					       test->label[query], train->label[at]};
		rc = as_retrieval_add(r, &n, &err);
	}
	if (rc < 0 || as_retrieval_end(r, &err))
		die_error(NULL, &err);
	char *paths = strdup(images), *comma = paths ? strchr(paths, ',') : NULL;
	if (!comma)
		die(EXIT_DATA, "no memory");
	*comma = '\0';
	read_images(r, paths, true);
	read_images(r, comma + 1, false);
	if (as_retrieval_write(r, sheet, &err))
		die_error(NULL, &err);
	as_retrieval_free(r);
	free(paths);
}

/* ---- scores ---- */

static void put_precision(const struct sets *s, const char *metric, const char *setting, const struct as_precision *p,
			  const struct as_accuracy *a)
{
	put_score(s, &s->test, (struct as_score){
		.probe = as_text_of("knn"), .metric = as_text_of(metric), .setting = as_text_of(setting),
		.value = p->mean, .interval = p->interval, .chance = p->chance, .unit = as_text_of("%"),
		.n = a->n, .classes = a->classes});
}

/* The scores when the rows found vote, k for each query. */
static void score(struct sets *s, const int64_t *row)
{
	struct as_error err = {.record = -1};
	struct as_classes learnt = {0};
	struct as_accuracy accuracy;
	char setting[48];
	if (as_classes_add(&learnt, s->train.label, s->train.n, &err))
		die_error(NULL, &err);
	as_features_number(&s->train, &learnt);
	warn_unlearnt(&learnt, asked.test, &s->test, "count as wrong");
	int64_t *predicted = malloc((size_t)s->test.n * sizeof *predicted);
	int64_t *count = calloc((size_t)learnt.count, sizeof *count);
	if (!predicted || !count)
		die(EXIT_DATA, "no memory for %lld rows", (long long)s->test.n);
	for (int64_t i = 0; i < s->test.n; i++)
		predicted[i] = as_knn_vote(&s->train, row + i * (int64_t)most, (int64_t)k, count);
	if (as_accuracy(predicted, s->test.label, s->test.n, &learnt, &accuracy, &err))
		die_error(NULL, &err);
	snprintf(setting, sizeof setting, "k=%" PRIu64 "%s", k, exclude_self ? " exclude-self" : "");
	put_accuracy(s, &s->test, "knn", setting, &accuracy);
	struct as_precision p = as_knn_precision(&s->train, &s->test, &learnt, row, (int64_t)most, (int64_t)k, count);
	put_precision(s, "precision", setting, &p, &accuracy);
	for (int i = 0; i < precisions; i++) {
		char metric[40];
		snprintf(metric, sizeof metric, "precision@%" PRId64, among[i]);
		p = as_knn_precision(&s->train, &s->test, &learnt, row, (int64_t)most, among[i], count);
		put_precision(s, metric, exclude_self ? "exclude-self" : "", &p, &accuracy);
	}
	free(predicted);
	free(count);
	as_classes_clear(&learnt);
}

/* Warns about doubts on the two sets before the search. */
static void compare(const struct sets *s)
{
	struct shared both = shared_rows(&s->train, &s->test);
	bool precise = precisions && (uint64_t)among[precisions - 1] == most;
	if ((int64_t)most > s->train.n)
		die(EXIT_USAGE, "%s %" PRIu64 ": %s has %lld rows, so at most that many",
		    most == k ? "-k" : precise ? "--precision" : "--sheet", most, asked.train, (long long)s->train.n);
	if (!exclude_self)
		warn_shared(&both, asked.train, asked.test, "each finds itself (--exclude-self leaves it out)");
	else if (!both.ids)
		warn("--exclude-self: no row of %s has the id of a row of %s", file_name(asked.test), asked.train);
	else if (!both.rows)
		warn("--exclude-self: ids of %s are in %s too, but not one row is the same: are they two sets that number "
		     "their images alike?", file_name(asked.test), asked.train);
}

static void run(struct sets *s)
{
	struct as_error err = {.record = -1};
	const struct as_features *train = &s->train, *test = &s->test;
	compare(s);
	int64_t *row = malloc((size_t)test->n * most * sizeof *row);
	double *similarity = malloc((size_t)test->n * most * sizeof *similarity);
	if (!row || !similarity)
		die(EXIT_DATA, "no memory for %" PRIu64 " neighbours of %lld rows", most, (long long)test->n);
	if (as_knn(train, test, (int64_t)most, exclude_self, row, similarity, s->pool, &err))
		die_error(NULL, &err);
	if (neighbours)
		write_neighbours(train, test, row, similarity);
	if (sheet)
		draw_sheet(train, test, row, similarity);
	const struct as_features *bare = train->unlabelled ? train : test->unlabelled ? test : NULL;
	if (bare)
		inform("no score: %lld of %lld rows of %s have no label", (long long)bare->unlabelled, (long long)bare->n,
		       bare == train ? asked.train : file_name(asked.test));
	else
		score(s, row);
	free(row);
	free(similarity);
}

/* Neighbours need no labels unless --label is given. */
static bool bare(void)
{
	return (neighbours || sheet) && !tool_given("label");
}

/* A sheet shows this many neighbours where fewer are looked for. */
enum { SHOWN = 5 };

static void check(void)
{
	precisions = read_ascending("--precision", precision, "numbers of neighbours", "1,5,10", 10000, among, PRECISIONS);
	most = precisions && (uint64_t)among[precisions - 1] > k ? (uint64_t)among[precisions - 1] : k;
	most = sheet && most < SHOWN ? SHOWN : most;
	if (!sheet != !images)
		die(EXIT_USAGE, sheet ? "--sheet shows images: add --images TEST,TRAIN, the streams that the features were made of" :
		    "--images is for --sheet: add --sheet near.png");
	if (images && (!strchr(images, ',') || strchr(images, ',') != strrchr(images, ',')))
		die(EXIT_USAGE, "--images '%s': two streams with a comma between, those of --test and of --train", images);
	if (!sheet && tool_given("queries"))
		die(EXIT_USAGE, "--queries is for --sheet: add --sheet near.png and --images");
}

static const struct probe probe = {
	.tool = {
		.name = "knnprobe",
		.synopsis = "--train FILE [--test FILE] [options]",
		.doc = "Scores features by the classes of their nearest neighbours (cosine), and says who they are.",
		.opts = opts,
		.engine = as_blas_core,
		.example = "knnprobe --train train.feat --test test.feat -k 5 --neighbours near.tsv",
	},
	.also = {{"--neighbours", &neighbours, false}, {"--sheet", &sheet, false}},
	.check = check,
	.bare = bare,
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
