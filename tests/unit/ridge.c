/* Linear regression with a penalty against the normal equations, solved by elimination in long double. */
#include "eval/ridge.h"

#include <stdlib.h>

#include "base/rng.h"

#include "../tap.h"

enum { MOST = 96, TARGETS = 2 };

static struct as_error err;

/* n rows x (n,d) whose j-th feature has a scale of its own and an offset, and targets that lean on them. */
static struct as_features rows_of(int64_t n, int64_t d, double offset, uint64_t seed, double **t)
{
	struct as_features f = {.n = n, .d = d, .x = malloc((size_t)(n * d) * sizeof(float))};
	struct as_rng r = as_rng_at(seed, 0, 0, 0, 1);
	*t = calloc((size_t)(n * TARGETS), sizeof **t);
	if (!f.x || !*t)
		abort();
	for (int64_t i = 0; i < n; i++) {
		r = as_rng_at(seed, (uint64_t)i, 0, 0, 1);
		for (int64_t j = 0; j < d; j++) {
			double v = as_rng_between(&r, -1, 1) * (1 + (double)(j % 5));
			f.x[i * d + j] = (float)(offset + v);
			for (int k = 0; k < TARGETS; k++)
				(*t)[i * TARGETS + k] += v * (double)((j + k) % 3) / (double)d;
		}
		for (int k = 0; k < TARGETS; k++)
			(*t)[i * TARGETS + k] += 5 + as_rng_between(&r, -.2, .2);
	}
	return f;
}

/* (C + w v 1) a = s for each target: elimination with pivots; the bias last. */
static void naive(const struct as_targets *set, int parts, double w, double *weights)
{
	static long double a[MOST][MOST + TARGETS], xm[MOST], tm[TARGETS];
	int64_t d = set[0].f->d, n = 0;
	long double variance = 0;
	memset(a, 0, sizeof a);
	memset(xm, 0, sizeof xm);
	memset(tm, 0, sizeof tm);
	for (int p = 0; p < parts; p++)
		n += set[p].f->n;
	for (int pass = 0; pass < 2; pass++)
		for (int p = 0; p < parts; p++)
			for (int64_t i = 0; i < set[p].f->n; i++) {
				const float *x = set[p].f->x + i * d;
				const double *t = set[p].t + i * TARGETS;
				for (int64_t j = 0; j < d; j++) {
					if (!pass)
						xm[j] += (long double)x[j] / n;
					for (int64_t l = 0; pass && l < d; l++)
						a[j][l] += ((long double)x[j] - xm[j]) * ((long double)x[l] - xm[l]) / n;
					for (int k = 0; pass && k < TARGETS; k++)
						a[j][d + k] += ((long double)x[j] - xm[j]) * ((long double)t[k] - tm[k]) / n;
				}
				for (int k = 0; !pass && k < TARGETS; k++)
					tm[k] += (long double)t[k] / n;
			}
	for (int64_t j = 0; j < d; j++)
		variance += a[j][j] / d;
	for (int64_t j = 0; j < d; j++)
		a[j][j] += (long double)w * variance;
	for (int64_t j = 0; j < d; j++)
		for (int64_t i = 0; i < d; i++) {
			long double by = i == j ? 0 : a[i][j] / a[j][j];
			for (int64_t l = j; l < d + TARGETS && i != j; l++)
				a[i][l] -= by * a[j][l];
		}
	for (int k = 0; k < TARGETS; k++) {
		double *row = weights + k * (d + 1);
		long double b = tm[k];
		for (int64_t j = 0; j < d; j++) {
			row[j] = (double)(a[j][d + k] / a[j][j]);
			b -= (a[j][d + k] / a[j][j]) * xm[j];
		}
		row[d] = (double)b;
	}
}

static double farthest(const double *a, const double *b, int64_t n)
{
	double off = 0, size = 0;
	for (int64_t i = 0; i < n; i++) {
		off = fmax(off, fabs(a[i] - b[i]));
		size = fmax(size, fabs(b[i]));
	}
	return off / size;
}

static void solves(int64_t n, int64_t d, double offset, double w, double allowed)
{
	double *t[2], got[TARGETS * (MOST + 1)], same[TARGETS * (MOST + 1)], want[TARGETS * (MOST + 1)];
	struct as_features f[2] = {rows_of(n, d, offset, 1, &t[0]), rows_of(n / 3, d, offset, 2, &t[1])};
	struct as_targets set[2] = {{&f[0], t[0]}, {&f[1], t[1]}};
	struct as_ridge *r;
	struct as_pool *pool;
	if (as_ridge_new(&r, set, 2, TARGETS, NULL, &err)) {
		ok(false, "a regression: %s", err.text);
		return;
	}
	as_ridge_solve(r, w, got);
	naive(set, 2, w, want);
	double off = farthest(got, want, TARGETS * (d + 1));
	ok(off <= allowed, "%lld rows of %lld at %g, w %g: as by elimination, off by %.2g of %.2g", (long long)n, (long long)d, offset,
	   w, off, allowed);
	double mean = 0;
	for (int64_t i = 0; i < n + n / 3; i++)
		mean += (i < n ? t[0][i * TARGETS] : t[1][(i - n) * TARGETS]) / (double)(n + n / 3);
	is_close(as_ridge_mean(r)[0], mean, 1e-12, "... and the mean target");
	as_ridge_free(r);
	if (as_pool_new(&pool, 3, &err) || as_ridge_new(&r, set, 2, TARGETS, pool, &err))
		abort();
	as_ridge_solve(r, w, same);
	ok(!memcmp(got, same, (size_t)(TARGETS * (d + 1)) * sizeof *got), "... the same bytes on three threads");
	as_ridge_free(r);
	as_pool_free(pool);
	for (int p = 0; p < 2; p++) {
		as_features_clear(&f[p]);
		free(t[p]);
	}
}

/* A penalty means the same for features a thousand times as large: W is a thousandth, predictions are the same. */
static void scales(void)
{
	double *t, *u, near[TARGETS * 9], far[TARGETS * 9], a[TARGETS * 50], b[TARGETS * 50];
	struct as_features f = rows_of(50, 8, 0, 3, &t), g = rows_of(50, 8, 0, 3, &u);
	for (int i = 0; i < 50 * 8; i++)
		g.x[i] *= 1024;
	struct as_ridge *r, *s;
	if (as_ridge_new(&r, &(struct as_targets){&f, t}, 1, TARGETS, NULL, &err) ||
	    as_ridge_new(&s, &(struct as_targets){&g, u}, 1, TARGETS, NULL, &err))
		abort();
	as_ridge_solve(r, .1, near);
	as_ridge_solve(s, .1, far);
	as_ridge_predict(near, TARGETS, &f, a);
	as_ridge_predict(far, TARGETS, &g, b);
	ok(farthest(a, b, TARGETS * 50) < 1e-12, "features of another scale: the same predictions");
	double sum = near[TARGETS * 9 - 1];
	for (int j = 0; j < 8; j++)
		sum += near[9 + j] * (double)f.x[3 * 8 + j];
	is_close(a[3 * TARGETS + 1], sum, 1e-12, "which are W x + b");
	as_ridge_free(r);
	as_ridge_free(s);
	as_features_clear(&f);
	as_features_clear(&g);
	free(t);
	free(u);
}

/* Rows that are all the same, and what cannot be learnt from. */
static void edges(void)
{
	float x[6] = {2, 3, 2, 3, 2, 3};
	double t[3] = {1, 2, 6}, w[3];
	struct as_features f = {.n = 3, .d = 2, .x = x}, g = {.n = 2, .d = 3, .x = x}, none = {.n = 0, .d = 2, .x = x};
	struct as_targets set[] = {{&f, t}, {&g, t}, {&none, t}};
	struct as_ridge *r;
	if (!as_ridge_new(&r, set, 1, 1, NULL, &err)) {
		as_ridge_solve(r, 1, w);
		as_ridge_free(r);
		ok(w[0] == 0 && w[1] == 0 && w[2] == 3, "features without differences: the mean");
	}
	is_int(as_ridge_new(&r, set, 2, 1, NULL, &err), AS_EARG, "other widths are refused");
	is_int(as_ridge_new(&r, set + 2, 1, 1, NULL, &err), AS_EARG, "nothing to learn from");
	f.centre = t;
	is_int(as_ridge_new(&r, set, 1, 1, NULL, &err), AS_EARG, "rows without their centre");
	struct as_features wide = {.n = 1, .d = (int64_t)1 << 26, .x = x};
	is_int(as_ridge_new(&r, &(struct as_targets){&wide, t}, 1, 1, NULL, &err), AS_EMEM, "wider than any memory");
}

int main(void)
{
	/* doubles: their products have a relative error of some d 1e-16 over the smallest eigenvalue's share */
	solves(60, 7, 0, .01, 1e-12);
	solves(60, 7, 0, 1e-8, 1e-12);
	solves(1100, 90, 3, .1, 1e-11); /* several blocks and strips */
	solves(30, 90, 0, 1e-3, 1e-9);  /* fewer rows than features */
	solves(60, 7, 1e5, .01, 1e-9);  /* far from 0: the bias is a difference of large numbers */
	scales();
	edges();
	return done();
}
