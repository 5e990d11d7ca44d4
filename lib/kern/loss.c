/* Losses over rows: first the sum over each grain's rows in order, then over grains as a tree. */
#include <math.h>

#include "kern/cpu.h"
#include "kern/ranks.h"
#include "kern/tree.h"

/* A grain's part of a loss. */
struct part {
	int64_t rows, all, n; /* rows of the grain; rows of the batch, by which means are divided */
	const float *p, *t;
	float weight, *dp;
	const float *every; /* the targets of the whole batch */
};

enum { AT_ONCE = 64 }; /* grains */

struct job {
	struct part first; /* of the first grain */
	int64_t across_p, across_t, from;
	double (*grain)(const struct part *);
	double value[AT_ONCE];
};

/* Grain from + i. */
static void one_grain(void *ctx, int64_t i, int thread)
{
	struct job *j = ctx;
	struct part s = j->first;
	int64_t row = (j->from + i) * s.rows;
	(void)thread;
	s.p += row * j->across_p;
	s.dp += row * j->across_p;
	s.t += row * j->across_t;
	j->value[i] = j->grain(&s);
}

/* s.all: the rows of this rank. across: floats in a row of p and dp, and in a row of t. A grain is a task. */
static double over_grains(const struct as_engine *e, struct part s, int64_t across_p, int64_t across_t,
			  double (*grain)(const struct part *))
{
	struct as_tree sum = {0};
	s.rows = s.all / e->grains;
	s.all *= as_ranks(e);
	struct job j = {.first = s, .across_p = across_p, .across_t = across_t, .grain = grain};
	for (; j.from < e->grains; j.from += AT_ONCE) {
		int64_t n = e->grains - j.from < AT_ONCE ? e->grains - j.from : AT_ONCE;
		as_each(e->pool, n, one_grain, &j);
		for (int64_t i = 0; i < n; i++)
			as_tree_add(&sum, j.value[i]);
	}
	return as_sum_ranks_one(e, as_tree_sum(&sum));
}

static double inner(int64_t d, const float *a, const float *b)
{
	double s = 0;
	for (int64_t i = 0; i < d; i++)
		s += (double)a[i] * b[i];
	return s;
}

/* d cos / dp = z / (|p||z|) - cos p / |p|^2; where |p|^2 |z|^2 is below the minimum, the norms count as
 * constants. */
static double cosine(const struct part *s)
{
	double mean = 0, each = (double)s->weight / (double)s->all;
	for (int64_t r = 0; r < s->rows; r++) {
		const float *p = s->p + r * s->n, *z = s->t + r * s->n;
		float *dp = s->dp + r * s->n;
		double pp = inner(s->n, p, p), square = pp * inner(s->n, z, z);
		double norms = sqrt(fmax(square, 1e-16)), c = inner(s->n, p, z) / norms;
		double own = square > 1e-16 ? c / pp : 0;
		for (int64_t i = 0; i < s->n; i++)
			dp[i] = (float)(each * (z[i] / norms - own * p[i]));
		mean += c / (double)s->all;
	}
	return mean;
}

double as_cpu_cosine(const struct as_engine *e, int64_t rows, int64_t d, const float *p, const float *z, float weight,
		     float *dp)
{
	return over_grains(e, (struct part){.all = rows, .n = d, .p = p, .t = z, .weight = weight, .dp = dp}, d, d, cosine);
}

static double mse_tanh(const struct part *s)
{
	double sum = 0, count = (double)(s->all * s->n);
	for (int64_t i = 0; i < s->rows * s->n; i++) {
		double y = tanh(s->p[i]), gap = y - s->t[i];
		sum += gap * gap;
		s->dp[i] = (float)(s->weight * 2 * gap * (1 - y * y) / count);
	}
	return sum / count;
}

double as_cpu_mse_tanh(const struct as_engine *e, int64_t rows, int64_t n, const float *p, const float *t, float weight,
		       float *dp)
{
	return over_grains(e, (struct part){.all = rows, .n = n, .p = p, .t = t, .weight = weight, .dp = dp}, n, n, mse_tanh);
}

/* The mean over j of (y - t_j)^2 is (y - mean t)^2 + var t. */
static double mse_tanh_all(const struct part *s)
{
	double loss = 0, count = (double)(s->all * s->n);
	for (int64_t k = 0; k < s->n; k++) {
		double mean = 0, var = 0;
		for (int64_t j = k; j < s->all * s->n; j += s->n)
			mean += s->every[j] / (double)s->all;
		for (int64_t j = k; j < s->all * s->n; j += s->n)
			var += (s->every[j] - mean) * (s->every[j] - mean) / (double)s->all;
		for (int64_t i = k; i < s->rows * s->n; i += s->n) {
			double y = tanh(s->p[i]), gap = y - mean;
			loss += (gap * gap + var) / count;
			s->dp[i] = (float)(s->weight * 2 * gap * (1 - y * y) / count);
		}
	}
	return loss;
}

double as_cpu_mse_tanh_all(const struct as_engine *e, int64_t rows, int64_t n, const float *p, const float *every,
			   float weight, float *dp)
{
	return over_grains(e, (struct part){.all = rows, .n = n, .p = p, .t = every, .every = every, .weight = weight, .dp = dp}, n, 0,
			   mse_tanh_all);
}

static double bce(const struct part *s)
{
	double sum = 0;
	for (int64_t i = 0; i < s->rows; i++) {
		double x = s->p[i];
		sum += fmax(x, 0) - x * s->t[i] + log1p(exp(-fabs(x)));
		s->dp[i] = (float)(s->weight * (1 / (1 + exp(-x)) - s->t[i]) / (double)s->all);
	}
	return sum / (double)s->all;
}

double as_cpu_bce(const struct as_engine *e, int64_t rows, const float *p, const float *t, float weight, float *dp)
{
	return over_grains(e, (struct part){.all = rows, .n = 1, .p = p, .t = t, .weight = weight, .dp = dp}, 1, 1, bce);
}

static double ce(const struct part *s)
{
	double loss = 0;
	for (int64_t r = 0; r < s->rows; r++) {
		const float *p = s->p + r * s->n;
		float *dp = s->dp + r * s->n;
		double top = p[0], sum = 0;
		int64_t truth = (int64_t)s->t[r];
		for (int64_t i = 1; i < s->n; i++)
			top = fmax(top, p[i]);
		for (int64_t i = 0; i < s->n; i++)
			sum += exp(p[i] - top);
		loss += log(sum) + top - p[truth];
		for (int64_t i = 0; i < s->n; i++)
			dp[i] = (float)(s->weight * (exp(p[i] - top) / sum - (i == truth)) / (double)s->all);
	}
	return loss / (double)s->all;
}

double as_cpu_ce(const struct as_engine *e, int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp)
{
	return over_grains(e, (struct part){.all = rows, .n = n, .p = p, .t = t, .weight = weight, .dp = dp}, n, 1, ce);
}
