/* meanprobe: the class whose mean is nearest. */
#include "probe.h"

#include <float.h>
#include <stdlib.h>

static const struct opt opts[] = {
	OPT_TRAIN("features to take the means of"),
	OPT_TEST("features to score"),
	OPT_LABEL,
	PROBE_OPTS,
	OPT_END,
};

/* mean: (classes, d), zeros */
static void find_means(const struct as_features *f, double *mean, double *rows)
{
	for (int64_t i = 0; i < f->n; i++)
		rows[f->y[i]]++;
	for (int64_t i = 0; i < f->n; i++)
		for (int64_t j = 0; j < f->d; j++)
			mean[f->y[i] * f->d + j] += (double)f->x[i * f->d + j] / rows[f->y[i]];
}

static int64_t nearest(const float *x, const double *mean, int64_t classes, int64_t d)
{
	double least = DBL_MAX;
	int64_t best = 0;
	for (int64_t c = 0; c < classes; c++) {
		double sum = 0;
		for (int64_t j = 0; j < d; j++)
			sum += ((double)x[j] - mean[c * d + j]) * ((double)x[j] - mean[c * d + j]);
		best = sum < least ? c : best;
		least = sum < least ? sum : least;
	}
	return best;
}

static void run(struct sets *s)
{
	struct as_error err = {.record = -1};
	struct as_classes learnt = {0};
	struct as_accuracy accuracy;
	int64_t d = s->train.d;
	if (as_classes_add(&learnt, s->train.label, s->train.n, &err))
		die_error(NULL, &err);
	as_features_number(&s->train, &learnt);
	warn_unlearnt(&learnt, asked.test, &s->test, "count as wrong");
	double *mean = calloc((size_t)learnt.count, (size_t)(d + 1) * sizeof *mean);
	int64_t *predicted = malloc((size_t)s->test.n * sizeof *predicted);
	if (!mean || !predicted)
		die(EXIT_DATA, "no memory for the means of %lld classes", (long long)learnt.count);
	find_means(&s->train, mean, mean + learnt.count * d);
	for (int64_t i = 0; i < s->test.n; i++)
		predicted[i] = learnt.label[nearest(s->test.x + i * d, mean, learnt.count, d)];
	if (as_accuracy(predicted, s->test.label, s->test.n, &learnt, &accuracy, &err))
		die_error(NULL, &err);
	put_accuracy(s, &s->test, "mean", "", &accuracy);
	free(mean);
	free(predicted);
	as_classes_clear(&learnt);
}

static const struct probe probe = {
	.tool = {
		.name = "meanprobe",
		.synopsis = "--train FILE [--test FILE] [options]",
		.doc = "Scores features by the class whose mean is nearest.",
		.opts = opts,
	},
	.seen = "they are part of a mean",
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
