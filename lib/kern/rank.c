/* The effective rank of a batch's features (kern/rank.h). Its singular values are roots of eigenvalues of X'X, (d,d), or
 * of X X', (rows,rows), whichever is smaller, in double: a root halves the digits, and eps is 1e-7. */
#include "kern/rank.h"

#include <math.h>
#include <string.h>

#include "kern/cpu.h"
#include "kern/gemm.h"

static const double EPS = 1e-7;

double as_rank_of(const double *squares, int64_t n)
{
	double sum = 0, entropy = 0;
	for (int64_t i = 0; i < n; i++)
		sum += sqrt(fmax(squares[i], 0));
	if (!(sum > 0))
		return 0;
	for (int64_t i = 0; i < n; i++) {
		double p = sqrt(fmax(squares[i], 0)) / sum + EPS;
		entropy -= p * log(p);
	}
	return exp(entropy);
}

/* The side of the smaller matrix of products; how many sums of it wait at most (kern/tree.h). */
static int64_t side_of(int64_t batch, int64_t d)
{
	return d < 2 * batch ? d : 2 * batch;
}

static int levels_of(const struct as_engine *e)
{
	int n = 1;
	while (e->grains >> n)
		n++;
	return n;
}

/* The rows of the two views in double; the matrix of products; sums of it that wait; eigenvalues and their scratch. */
static int64_t scratch_of(const struct as_engine *e, int64_t batch, int64_t d)
{
	int64_t m = side_of(batch, d), rows = d < 2 * batch ? 2 * batch / e->grains : 2 * batch;
	return rows * d + (1 + (d < 2 * batch ? levels_of(e) : 0)) * m * m + m + AS_EIGEN_WORK(m);
}

/* A grain's rows of both views, (2 each, d). */
static void widen(const float *y1, const float *y2, int64_t floats, double *x)
{
	for (int64_t i = 0; i < floats; i++) {
		x[i] = (double)y1[i];
		x[floats + i] = (double)y2[i];
	}
}

/* products (d,d) = X'X: a sum over images, so of each grain, and then over grains as a tree. */
static void by_columns(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2, double *x,
		       double *products, double *level)
{
	int64_t each = batch / e->grains, n = d * d;
	for (int64_t g = 0; g < e->grains; g++) {
		widen(y1 + g * each * d, y2 + g * each * d, each * d, x);
		as_gemm64_each(e->pool, true, false, d, d, 2 * each, 1, x, d, x, d, 0, products, d);
		int k = 0;
		for (int64_t before = g; before & 1; before >>= 1, k++)
			for (int64_t i = 0; i < n; i++)
				products[i] = level[k * n + i] + products[i];
		memcpy(level + k * n, products, (size_t)n * sizeof *level);
	}
	bool begun = false;
	for (int k = 0; e->grains >> k; k++) {
		if (!(e->grains >> k & 1))
			continue;
		for (int64_t i = 0; i < n; i++)
			products[i] = begun ? level[k * n + i] + products[i] : level[k * n + i];
		begun = true;
	}
}

/* products (2 batch, 2 batch) = X X', one pair of grains at a time. */
static void by_rows(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2, double *x,
		    double *products)
{
	int64_t each = 2 * batch / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		widen(y1 + g * each / 2 * d, y2 + g * each / 2 * d, each / 2 * d, x + g * each * d);
	for (int64_t g = 0; g < e->grains; g++)
		for (int64_t h = 0; h < e->grains; h++)
			as_gemm64_each(e->pool, false, true, each, each, d, 1, x + g * each * d, d, x + h * each * d, d, 0,
				       products + g * each * 2 * batch + h * each, 2 * batch);
}

/* With other ranks, before these: the views of all, which are floats, two in a double. */
int64_t as_cpu_rank_scratch(const struct as_engine *e, int64_t batch, int64_t d)
{
	struct as_engine whole = as_engine_whole(e);
	int64_t all = batch * as_ranks(e);
	return scratch_of(&whole, all, d) + (e->world ? all * d : 0);
}

static double rank_of(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2, double *scratch)
{
	int64_t m = side_of(batch, d), rows = d < 2 * batch ? 2 * batch / e->grains : 2 * batch;
	double *products = scratch + rows * d, *values = products + m * m, *work = values + m;
	if (d < 2 * batch)
		by_columns(e, batch, d, y1, y2, scratch, products, work + AS_EIGEN_WORK(m));
	else
		by_rows(e, batch, d, y1, y2, scratch, products);
	return as_eigenvalues64(m, products, values, work, NULL) ? (double)NAN : as_rank_of(values, m);
}

/* Every rank finds it from all rows: it is asked for at lines of the log alone. */
double as_cpu_rank(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2, double *scratch)
{
	struct as_engine whole = as_engine_whole(e);
	int64_t all = batch * as_ranks(e);
	float *both = (float *)scratch;
	if (!e->world)
		return rank_of(e, batch, d, y1, y2, scratch);
	as_cpu_gather(e, batch * d, y1, both);
	as_cpu_gather(e, batch * d, y2, both + all * d);
	return rank_of(&whole, all, d, both, both + all * d, scratch + all * d);
}
