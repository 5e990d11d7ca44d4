/* Figures that show whether features spread out or have collapsed: sums over each grain's images, then over
 * grains, and over ranks, as a tree. */
#include <math.h>

#include "kern/cpu.h"
#include "kern/ranks.h"
#include "kern/tree.h"

/* Sums over images of a feature, of both views; u1 and u2 have length 1. They are doubles alone: ranks add up
 * the sums of all features as one array. */
struct sums {
	double one, two, square;
};
enum { SUMS = sizeof(struct sums) / sizeof(double), FEATURES = 16 }; /* FEATURES: in a task, a line of the cache */

/* The unit rows of both views, and what becomes of them. */
struct job {
	const struct as_engine *e;
	int64_t batch, d;
	const float *u1, *u2;
	struct sums *feature;
	double *together; /* by grain */
};

static struct sums sums_of(const struct job *j, int64_t feature)
{
	struct as_tree one = {0}, two = {0}, square = {0};
	int64_t grains = j->e->grains, each = j->batch / grains;
	for (int64_t g = 0; g < grains; g++) {
		struct sums s = {0, 0, 0};
		for (int64_t i = g * each; i < (g + 1) * each; i++) {
			double a = j->u1[i * j->d + feature], b = j->u2[i * j->d + feature];
			s.one += a;
			s.two += b;
			s.square += a * a + b * b;
		}
		as_tree_add(&one, s.one);
		as_tree_add(&two, s.two);
		as_tree_add(&square, s.square);
	}
	return (struct sums){as_tree_sum(&one), as_tree_sum(&two), as_tree_sum(&square)};
}

static int64_t feature_tasks(const struct job *j)
{
	return (j->d + FEATURES - 1) / FEATURES;
}

/* The sum of u1_i . u2_i of a grain, feature by feature. */
static double pairs_together(const struct job *j, int64_t grain)
{
	double together = 0;
	int64_t each = j->batch / j->e->grains;
	for (int64_t f = 0; f < j->d; f++)
		for (int64_t i = grain * each; i < (grain + 1) * each; i++)
			together += (double)j->u1[i * j->d + f] * j->u2[i * j->d + f];
	return together;
}

/* The grains, which take longest, then FEATURES at a time. */
static void sum_part(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	int64_t from = (task - j->e->grains) * FEATURES;
	(void)thread;
	if (task < j->e->grains)
		j->together[task] = pairs_together(j, task);
	for (int64_t f = from; f >= 0 && f < from + FEATURES && f < j->d; f++)
		j->feature[f] = sums_of(j, f);
}

/* The unit rows of both views in whole lines of 16 floats; the sums, of this rank and then of all; the grains'. */
static int64_t unit_floats(int64_t batch, int64_t d)
{
	return (2 * batch * d + 15) / 16 * 16;
}

static int64_t sum_doubles(int64_t d)
{
	return SUMS * d + 1;
}

int64_t as_cpu_collapse_scratch(const struct as_engine *e, int64_t batch, int64_t d)
{
	int64_t doubles = sum_doubles(d) * (1 + (e->world ? as_ranks(e) : 0)) + e->grains;
	return unit_floats(batch, d) + doubles * (int64_t)(sizeof(double) / sizeof(float));
}

/* The sum over all ordered pairs of rows of a_i . b_j is (sum a) . (sum b), so comparing different images
 * costs no more than comparing two views. */
static struct as_collapse figures_of(double n, int64_t d, const struct sums *feature, double together)
{
	double spread = 0, all = 0;
	for (int64_t j = 0; j < d; j++) {
		const struct sums *s = &feature[j];
		double mean = (s->one + s->two) / (2 * n);
		spread += sqrt(fmax(s->square / (2 * n) - mean * mean, 0));
		all += s->one * s->two;
	}
	return (struct as_collapse){spread / sqrt((double)d), together / n, (all - together) / (n * (n - 1))};
}

struct as_collapse as_cpu_collapse(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2,
				   float *scratch)
{
	float *u1 = scratch, *u2 = scratch + batch * d;
	struct sums *feature = (struct sums *)(void *)(scratch + unit_floats(batch, d));
	double *sum = (double *)feature, *together = sum + SUMS * d, *all = sum + sum_doubles(d);
	struct job j = {e, batch, d, u1, u2, feature, e->world ? all + sum_doubles(d) * as_ranks(e) : all};
	struct as_tree pairs = {0};
	as_cpu_unit_rows(e, batch, d, y1, u1, NULL);
	as_cpu_unit_rows(e, batch, d, y2, u2, NULL);
	as_each(e->pool, e->grains + feature_tasks(&j), sum_part, &j);
	for (int64_t g = 0; g < e->grains; g++)
		as_tree_add(&pairs, j.together[g]);
	*together = as_tree_sum(&pairs);
	as_sum_ranks(e, sum_doubles(d), sum, all);
	return figures_of((double)(batch * as_ranks(e)), d, feature, *together);
}
