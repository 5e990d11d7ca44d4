/* The effective rank of matrices of known singular values, and the collapse figures against pair-by-pair sums, and at their ends. */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kern/gemm.h"

#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

enum { N = 7, D = 12 };

/* Rotations of the plane of coordinates i and j in rows of width d. */
static void turn(float *x, int64_t n, int64_t d, int64_t i, int64_t j, double angle)
{
	for (int64_t r = 0; r < n; r++) {
		double a = x[r * d + i], b = x[r * d + j];
		x[r * d + i] = (float)(a * cos(angle) - b * sin(angle));
		x[r * d + j] = (float)(a * sin(angle) + b * cos(angle));
	}
}

static double rank_of(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2)
{
	double *scratch = malloc((size_t)e->kern->rank_scratch(e, batch, d) * sizeof *scratch);
	if (!scratch)
		abort();
	double rank = e->kern->rank(e, batch, d, y1, y2, scratch);
	free(scratch);
	return rank;
}

/* What RankMe's formula gives of known singular values. */
static double formula(const double *s, int64_t n)
{
	double sum = 0, entropy = 0;
	for (int64_t i = 0; i < n; i++)
		sum += s[i];
	for (int64_t i = 0; i < n; i++)
		entropy -= (s[i] / sum + 1e-7) * log(s[i] / sum + 1e-7);
	return exp(entropy);
}

/* A matrix whose singular values are known: a diagonal, then turned in many planes of its columns. Rows beyond the diagonal
 * are 0; the views are the even and the odd rows of each grain, which changes no singular value. */
static void test_rank(int64_t batch, int64_t d, int64_t grains, double fall)
{
	struct as_engine e = *engine_of(true);
	int64_t k = d < 2 * batch ? d : 2 * batch;
	float *x = calloc((size_t)(2 * batch * d), sizeof *x), *y = calloc((size_t)(2 * batch * d), sizeof *y);
	double *s = malloc((size_t)k * sizeof *s);
	if (!x || !y || !s)
		abort();
	e.grains = grains;
	for (int64_t i = 0; i < k; i++) {
		s[i] = pow(fall, (double)i);
		x[i * d + i] = (float)s[i];
	}
	for (int64_t i = 0; i < 3 * d; i++)
		turn(x, 2 * batch, d, i % d, (i * 7 + 3) % d == i % d ? (i + 1) % d : (i * 7 + 3) % d, .3 + (double)i);
	for (int64_t r = 0; r < 2 * batch; r++)
		for (int64_t j = 0; j < d; j++)
			y[(r % 2 * batch + r / 2) * d + j] = x[r * d + j];
	double want = formula(s, k);
	/* the matrix is of floats: each singular value is off by up to 1e-7 of the largest */
	is_close(rank_of(&e, batch, d, y, y + batch * d), want, 1e-4 * want, "effective rank of known singular values");
	free(x);
	free(y);
	free(s);
}

static void test_ranks(void)
{
	test_rank(24, 20, 1, 1);
	test_rank(24, 20, 4, .7);
	test_rank(24, 20, 3, .9);
	test_rank(24, 20, 8, .5);
	test_rank(8, 40, 1, 1);
	test_rank(8, 40, 4, .8);
	float y[2 * N * D];
	for (int i = 0; i < 2 * N * D; i++)
		y[i] = 1 + (float)(i % D);
	/* one singular value and 11 of about 0: p = 1 + eps, eps, ... */
	is_close(rank_of(engine_of(true), N, D, y, y + N * D), 1, 1e-4, "features all alike have rank 1");
	memset(y, 0, sizeof y);
	is_close(rank_of(engine_of(true), N, D, y, y + N * D), 0, 0, "features all 0 have none");
	y[5] = INFINITY;
	ok(isnan(rank_of(engine_of(true), N, D, y, y + N * D)), "features that are not finite: nan");
}

int main(void)
{
	if (as_blas_ready(NULL, NULL))
		return 1;
	test_ranks();
	const struct as_engine *e = engine_of(true);
	float y1[N * D], y2[N * D], *scratch = take(e->kern->collapse_scratch(e, N, D), sizeof *scratch);
	struct as_rng r = as_rng_at(1, 2, 3, 4, 5);
	for (int i = 0; i < N * D; i++) {
		y1[i] = (float)as_rng_between(&r, -1, 2);
		y2[i] = (float)as_rng_between(&r, -1, 2);
	}
	double together = 0, apart = 0;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			*(i == j ? &together : &apart) += naive_cosine(y1 + i * D, y2 + j * D, D);
	struct as_collapse f = e->kern->collapse(e, N, D, y1, y2, scratch);
	is_close(f.together, together / N, 1e-6, "mean cosine of pairs that belong together");
	is_close(f.apart, apart / (N * (N - 1)), 1e-6, "mean cosine of pairs that do not");

	for (int i = 0; i < N * D; i++)
		y1[i] = y2[i] = 3 + (float)(i % D);
	f = e->kern->collapse(e, N, D, y1, y2, scratch);
	is_close(f.spread, 0, 1e-3, "features all alike spread 0");
	is_close(f.apart, 1, 1e-6, "and are no further apart than together");

	enum { MANY = 4000 };
	float *wide = take(2 * MANY * D, sizeof *wide), *more = take(e->kern->collapse_scratch(e, MANY, D), sizeof *more);
	for (int i = 0; i < 2 * MANY * D; i++) { /* near enough a normal draw */
		double sum = -6;
		for (int j = 0; j < 12; j++)
			sum += as_rng_uniform(&r);
		wide[i] = (float)sum;
	}
	f = e->kern->collapse(e, MANY, D, wide, wide + MANY * D, more);
	is_close(f.spread, 1, .01, "features in all directions alike spread 1");
	free(more);
	free(wide);
	free(scratch);
	return done();
}
