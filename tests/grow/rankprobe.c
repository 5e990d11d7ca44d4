/* rankprobe: in how many directions features spread (the effective rank: exp of the entropy of the
 * shares of the singular values). It asks for no label. */
#include "probe.h"

#include <math.h>
#include <stdlib.h>

#include "kern/gemm.h"

static const struct opt opts[] = {
	PROBE_OPTS,
	OPT_END,
};

/* square: (d, d), zeros */
static void find_squares(const struct as_features *f, double *square)
{
	for (int64_t i = 0; i < f->n; i++)
		for (int64_t j = 0; j < f->d; j++)
			for (int64_t k = 0; k < f->d; k++)
				square[j * f->d + k] += (double)f->x[i * f->d + j] * (double)f->x[i * f->d + k];
}

static double rank_of(const double *square, int64_t d)
{
	double sum = 0, entropy = 0;
	for (int64_t j = 0; j < d; j++)
		sum += sqrt(fmax(square[j], 0));
	for (int64_t j = 0; j < d; j++) {
		double share = sqrt(fmax(square[j], 0)) / sum;
		entropy -= share > 0 ? share * log(share) : 0;
	}
	return exp(entropy);
}

static void run(struct sets *s)
{
	struct as_error err = {.record = -1};
	int64_t d = s->test.d;
	double *square = calloc((size_t)(d * d + d), sizeof *square), *value = square + d * d;
	if (!square)
		die(EXIT_DATA, "no memory for %lld columns", (long long)d);
	find_squares(&s->test, square);
	if (as_blas_ready(s->pool, &err) || as_eigen64(d, square, value, &err))
		die_error(file_name(asked.test), &err);
	put_score(s, &s->test, (struct as_score){
		.probe = as_text_of("rank"), .metric = as_text_of("effective-rank"), .value = rank_of(value, d),
		.interval = NAN, .chance = NAN, .n = s->test.n});
	free(square);
}

static const struct probe probe = {
	.tool = {
		.name = "rankprobe",
		.synopsis = "[options] [FILE]",
		.doc = "Says in how many directions features spread.",
		.opts = opts,
		.max_operands = 1,
		.engine = as_blas_core,
	},
	.run = run,
};

int main(int argc, char **argv)
{
	return probe_main(&probe, argc, argv);
}
