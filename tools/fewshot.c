/* fewshot: N-way K-shot episodes on features. */
#include "probe.h"

#include <inttypes.h>
#include <stdio.h>

#include "eval/fewshot.h"

static uint64_t way = 5, shot = 1, queries = 16, episodes = 2000, seed;
static double penalty = 1;

static const struct opt opts[] = {
	OPT_GROUP("Episodes"),
	{'N', "way", OPT_U64, &way, "N", "classes of an episode (default 5)", 2, 2048, true},
	{'K', "shot", OPT_U64, &shot, "N", "support images of a class (default 1)", 1, 1024, true},
	{'Q', "query", OPT_U64, &queries, "N", "query images of a class (default 16)", 1, 1000000, true},
	{0, "episodes", OPT_U64, &episodes, "N", "episodes (default 2000)", 1, 100000000, true},
	{'c', "cost", OPT_F64, &penalty, "C", "weight of the losses beside the penalty (default 1)", 1e-6, 1e6, true},
	OPT_SEED(seed),
	OPT_LABEL,
	PROBE_OPTS,
	OPT_END,
};

static void check(void)
{
	if (way * shot > 2048)
		die(EXIT_USAGE, "-N %" PRIu64 " -K %" PRIu64 ": at most 2048 support images", way, shot);
}

static void run(struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_classes classes = {0};
	struct as_fewshot_score found;
	char setting[64];
	if (as_classes_add(&classes, s->test.label, s->test.n, &err))
		die_error(NULL, &err);
	as_features_number(&s->test, &classes);
	const struct as_fewshot o = {.way = (int64_t)way, .shot = (int64_t)shot, .queries = (int64_t)queries,
				     .episodes = (int64_t)episodes, .c = penalty, .seed = seed, .pool = s->pool};
	if (as_fewshot_run(&s->test, &o, &found, &err))
		die_error(asked.test, &err);
	snprintf(setting, sizeof setting, "%" PRIu64 "-way %" PRIu64 "-shot", way, shot);
	put_score(s, &s->test, (struct as_score){
		.probe = as_text_of("fewshot"), .metric = as_text_of("top1"), .setting = as_text_of(setting),
		.value = found.mean, .interval = found.interval, .chance = 100 / (double)way, .unit = as_text_of("%"),
		.n = o.episodes, .classes = found.classes});
	as_classes_clear(&classes);
}

static const struct probe probe = {
	.tool = {
		.name = "fewshot",
		.synopsis = "[options] [FILE]",
		.doc = "Scores features by few-shot episodes: logistic regression learns each class against the rest from a few images.",
		.opts = opts,
		.max_operands = 1,
		.example = "fewshot --way 5 --shot 5 photos.feat",
	},
	.check = check,
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
