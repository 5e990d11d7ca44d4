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
enum { SUMS = sizeof(struct sums) / sizeof(double) };

static struct sums sums_of(const struct as_engine *e, int64_t batch, int64_t d, const float *u1, const float *u2)
{
	struct as_tree one = {0}, two = {0}, square = {0};
	for (int64_t g = 0; g < e->grains; g++) {
		struct sums s = {0, 0, 0};
		for (int64_t i = g * (batch / e->grains); i < (g + 1) * (batch / e->grains); i++) {
			double a = u1[i * d], b = u2[i * d];
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

/* The sum of u1_i . u2_i, feature by feature. */
static double pairs_together(const struct as_engine *e, int64_t batch, int64_t d, const float *u1, const float *u2)
{
	struct as_tree all = {0};
	for (int64_t g = 0; g < e->grains; g++) {
		double together = 0;
		for (int64_t j = 0; j < d; j++)
			for (int64_t i = g * (batch / e->grains); i < (g + 1) * (batch / e->grains); i++)
				together += (double)u1[i * d + j] * u2[i * d + j];
		as_tree_add(&all, together);
	}
	return as_tree_sum(&all);
}

/* The unit rows of both views in whole lines of 16 floats; the sums, of this rank and then of all. */
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
	int64_t doubles = sum_doubles(d) * (1 + (e->world ? as_ranks(e) : 0));
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
	double *sum = (double *)feature, *together = sum + SUMS * d;
	as_cpu_unit_rows(e, batch, d, y1, u1, NULL);
	as_cpu_unit_rows(e, batch, d, y2, u2, NULL);
	for (int64_t j = 0; j < d; j++)
		feature[j] = sums_of(e, batch, d, u1 + j, u2 + j);
	*together = pairs_together(e, batch, d, u1, u2);
	as_sum_ranks(e, sum_doubles(d), sum, sum + sum_doubles(d));
	return figures_of((double)(batch * as_ranks(e)), d, feature, *together);
}
