/* fewshot: N-way K-shot episodes on features. */
#include "common.h"

#include <inttypes.h>
#include <stdio.h>

#include "eval/fewshot.h"
#include "features.h"

static uint64_t way = 5, shot = 1, queries = 16, episodes = 2000, seed, jobs;
static double penalty = 1;
static const char *label = "label";

static const struct opt opts[] = {
	{'N', "way", OPT_U64, &way, "N", "classes of an episode (default 5)", 2, 2048, true},
	{'K', "shot", OPT_U64, &shot, "N", "support images of a class (default 1)", 1, 1024, true},
	{'Q', "query", OPT_U64, &queries, "N", "query images of a class (default 16)", 1, 1000000, true},
	{0, "episodes", OPT_U64, &episodes, "N", "episodes (default 2000)", 1, 100000000, true},
	{'c', "cost", OPT_F64, &penalty, "C", "weight of the losses beside the penalty (default 1)", 1e-6, 1e6, true},
	{0, "label", OPT_TEXT, &label, "KEY", "whole-number key of the records to predict (default label)", 0, 0, true},
	OPT_SEED(seed),
	OPT_JOBS(jobs),
	OPT_END,
};

static const struct tool tool = {
	.name = "fewshot",
	.synopsis = "[options] [FILE]",
	.doc = "Scores features by few-shot episodes: one-vs-rest logistic regression on a handful of images.",
	.opts = opts,
	.max_operands = 1,
};

int main(int argc, char **argv)
{
	int count;
	struct as_error err = {.record = -1};
	struct as_fewshot_score score;
	char **operand = tool_begin(&tool, argc, argv, &count);
	if (way * shot > 2048)
		die(EXIT_USAGE, "-N %" PRIu64 " -K %" PRIu64 ": at most 2048 support images", way, shot);
	struct as_features f = load_features(count ? operand[0] : NULL, label, true);
	struct as_classes classes = {0};
	if (as_classes_add(&classes, f.label, f.n, &err))
		die_error(NULL, &err);
	as_features_number(&f, &classes);
	struct as_fewshot o = {.way = (int64_t)way, .shot = (int64_t)shot, .queries = (int64_t)queries,
			       .episodes = (int64_t)episodes, .c = penalty, .seed = seed};
	if (as_pool_new(&o.pool, threads_or_default(jobs), &err) || as_fewshot_run(&f, &o, &score, &err))
		die_error(count ? operand[0] : NULL, &err);
	printf("metric\tvalue\tinterval\tn\tclasses\tlabel\tprobe\tsetting\n");
	printf("top1\t%.2f\t%.2f\t%" PRIu64 "\t%" PRId64 "\t%s\tfewshot\t%" PRIu64 "-way %" PRIu64 "-shot\n", score.mean,
	       score.interval, episodes, score.classes, label, way, shot);
	as_pool_free(o.pool);
	as_classes_clear(&classes);
	as_features_clear(&f);
	return finish_text();
}
