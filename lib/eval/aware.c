#include "eval/aware.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/ratio.h"

enum { ORDERS = 2 };

/* ---- what is best said of every pair alike ---- */

static void most_frequent(const struct as_pairs *p, const struct as_aug *aug, float *constant)
{
	int64_t count[AS_MAX_TARGET + 1] = {0};
	float d[AS_MAX_TARGET];
	int best = 0;
	for (int64_t i = 0; i < p->n; i++)
		for (int order = 0; order < ORDERS; order++) {
			as_pairs_target(p, aug, i, order, d);
			count[(int)d[0]]++;
		}
	for (int c = 1; c <= AS_MAX_TARGET; c++)
		best = count[c] > count[best] ? c : best;
	constant[0] = (float)best;
}

static void mean_of(const struct as_pairs *p, const struct as_aug *aug, double mean[AS_MAX_TARGET])
{
	float d[AS_MAX_TARGET];
	memset(mean, 0, AS_MAX_TARGET * sizeof *mean);
	for (int64_t i = 0; i < p->n; i++)
		for (int order = 0; order < ORDERS; order++) {
			as_pairs_target(p, aug, i, order, d);
			for (int k = 0; k < aug->ntarget; k++)
				mean[k] += (double)d[k] / (double)(ORDERS * p->n);
		}
}

void as_aware_constant(const struct as_pairs *p, const struct as_aug *aug, float constant[AS_MAX_TARGET])
{
	double mean[AS_MAX_TARGET];
	if (!as_aware_squared(aug)) {
		most_frequent(p, aug, constant);
		return;
	}
	mean_of(p, aug, mean);
	for (int k = 0; k < aug->ntarget; k++)
		constant[k] = (float)mean[k];
}

/* ---- scores ---- */

/* Sums over the rows of each image, (images) each. */
struct sums {
	double *right, *rows;               /* of classes */
	double *error[AS_MAX_TARGET], *variance[AS_MAX_TARGET]; /* of each component: squared errors; of target - mean */
	double *above, *below;              /* of a figure */
};
enum { SUMS = 4 + 2 * AS_MAX_TARGET };

static bool take(struct sums *s, double **memory, int64_t images)
{
	double *at = *memory = calloc((size_t)images, SUMS * sizeof *at);
	if (!at)
		return false;
	*s = (struct sums){.right = at, .rows = at + images, .above = at + 2 * images, .below = at + 3 * images};
	for (int k = 0; k < AS_MAX_TARGET; k++) {
		s->error[k] = at + (4 + 2 * k) * images;
		s->variance[k] = at + (5 + 2 * k) * images;
	}
	return true;
}

static void add_up(const struct as_pairs *p, const struct as_aug *aug, const float *predicted, int64_t stride, struct sums *s)
{
	double mean[AS_MAX_TARGET];
	float d[AS_MAX_TARGET];
	bool squared = as_aware_squared(aug);
	if (squared)
		mean_of(p, aug, mean);
	for (int64_t row = 0; row < ORDERS * p->n; row++) {
		int64_t i = p->image[row / ORDERS];
		const float *said = predicted + row * stride;
		as_pairs_target(p, aug, row / ORDERS, (int)(row % ORDERS), d);
		s->rows[i]++;
		s->right[i] += !squared && said[0] == d[0] ? 100 : 0;
		for (int k = 0; squared && k < aug->ntarget; k++) {
			double error = (double)said[k] - (double)d[k], off = (double)d[k] - mean[k];
			s->error[k][i] += error * error;
			s->variance[k][i] += off * off;
		}
	}
}

static double sum_of(const double *x, int64_t n)
{
	double sum = 0;
	for (int64_t i = 0; i < n; i++)
		sum += x[i];
	return sum;
}

/* The mean of 1 - error / variance over the components that vary. Its error, linearised, is that of the mean over images
 * of sum_k (error_k - ratio_k variance_k) / (K mean variance_k). */
static struct as_ratio r2_of(struct sums *s, int64_t images, int width)
{
	double value = 0, vary = 0;
	memset(s->above, 0, (size_t)images * sizeof *s->above);
	for (int k = 0; k < width; k++)
		vary += sum_of(s->variance[k], images) > 0;
	for (int k = 0; k < width; k++) {
		struct as_ratio r = as_ratio_of(images, s->error[k], s->variance[k]);
		double all = sum_of(s->variance[k], images);
		if (!(all > 0))
			continue;
		value += (1 - r.value) / vary;
		for (int64_t i = 0; i < images; i++)
			s->above[i] += (s->error[k][i] - r.value * s->variance[k][i]) * (double)images / (all * vary);
	}
	for (int64_t i = 0; i < images; i++)
		s->below[i] = 1;
	return (struct as_ratio){vary > 0 ? value : (double)NAN, as_ratio_of(images, s->above, s->below).interval};
}

/* The sums over components, into above and below. */
static void sum_components(struct sums *s, int64_t images, int width)
{
	for (int64_t i = 0; i < images; i++) {
		s->above[i] = s->below[i] = 0;
		for (int k = 0; k < width; k++) {
			s->above[i] += s->error[k][i];
			s->below[i] += s->variance[k][i];
		}
	}
}

static void set(struct as_aware_score *s, enum as_aware_figure which, struct as_ratio r)
{
	s->value[which] = r.value;
	s->interval[which] = r.interval;
}

int as_aware_score(const struct as_pairs *p, const struct as_aug *aug, const float *predicted, int64_t stride,
		   struct as_aware_score *out, struct as_error *err)
{
	struct sums s;
	double *memory;
	int64_t images = p->images;
	*out = (struct as_aware_score){.images = images};
	for (int f = 0; f < AS_AWARE_FIGURES; f++)
		out->value[f] = out->interval[f] = (double)NAN;
	if (!take(&s, &memory, images))
		return as_fail(err, AS_EMEM, "scores: no memory for %lld images", (long long)images);
	add_up(p, aug, predicted, stride, &s);
	if (as_aware_squared(aug)) {
		set(out, AS_AWARE_R2, r2_of(&s, images, aug->ntarget));
		sum_components(&s, images, aug->ntarget);
		set(out, AS_AWARE_RELATIVE, as_ratio_of(images, s.above, s.below));
		for (int64_t i = 0; i < images; i++)
			s.rows[i] *= aug->ntarget;
		set(out, AS_AWARE_MSE, as_ratio_of(images, s.above, s.rows));
	} else {
		set(out, AS_AWARE_ACCURACY, as_ratio_of(images, s.right, s.rows));
	}
	free(memory);
	return 0;
}
