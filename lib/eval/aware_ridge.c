/* Ridge regression of pairs in both orders, exactly and for all penalties at once.
 *
 * Turn [y_a ; y_b] into s = (y_a + y_b) / sqrt 2 and m = (y_a - y_b) / sqrt 2, and the targets of the two orders into
 * e = (d_ab + d_ba) / 2 and o = (d_ab - d_ba) / 2. The other order has s and -m, e and -o, and the penalty |W|^2 is the same,
 * since it is a turn. So sums of s m' over both orders vanish, and one problem of width 2 d falls into two of width d: e from
 * s, with the bias, and o from m, without one. With the eigenvectors of each covariance C = Q' diag(l) Q,
 *     w = Q' diag(1 / (l + penalty)) Q c
 * is the solution for any penalty, c being the covariance with the target. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "eval/aware.h"
#include "kern/gemm.h"

enum { BLOCK = 512, ORDERS = 2 };
static const double USUAL = 1e-2;

/* The penalties, the largest first. */
static double penalty_at(int i)
{
	return pow(10, 2 - i / 2.0);
}

struct ridge {
	const struct as_pairs_ops *ops;
	int64_t d, k;    /* width of features; components of all targets */
	double *centre;  /* (d), about the mean of s, so that sums of products keep their digits */
	struct as_pool *pool;
	/* a block of pairs: (BLOCK,d) and (BLOCK,k) */
	double *s, *m, *e, *o;
};

/* Sums over pairs, in one array. */
struct sums {
	double *n, *s, *ss, *mm, *se, *mo, *e, *ee, *oo; /* 1, d, d d, d d, d k, d k, k, k, k */
};

static int64_t sums_count(const struct ridge *r)
{
	return 1 + r->d + 2 * r->d * r->d + 2 * r->d * r->k + 3 * r->k;
}

static struct sums sums_at(const struct ridge *r, double *at)
{
	int64_t d = r->d, k = r->k;
	struct sums u = {.n = at, .s = at + 1};
	u.ss = u.s + d;
	u.mm = u.ss + d * d;
	u.se = u.mm + d * d;
	u.mo = u.se + d * k;
	u.e = u.mo + d * k;
	u.ee = u.e + k;
	u.oo = u.ee + k;
	return u;
}

/* ---- blocks of pairs ---- */

static void fill_targets(const struct ridge *r, const struct as_pairs *p, int64_t pair, double *e, double *o)
{
	float d[ORDERS][AS_MAX_TARGET];
	for (int i = 0; i < r->ops->n; i++) {
		const struct as_aug *aug = r->ops->op[i];
		as_pairs_target(p, aug, pair, 0, d[0]);
		as_pairs_target(p, aug, pair, 1, d[1]);
		for (int c = 0; c < aug->ntarget; c++) {
			*e++ = ((double)d[0][c] + (double)d[1][c]) / 2;
			*o++ = ((double)d[0][c] - (double)d[1][c]) / 2;
		}
	}
}

static void fill_features(const struct ridge *r, const struct as_pairs *p, int64_t pair, double *s, double *m)
{
	const float *a = p->f->x + as_pairs_row(p, pair, 0) * r->d, *b = p->f->x + as_pairs_row(p, pair, 1) * r->d;
	const double root = sqrt(.5);
	for (int64_t j = 0; j < r->d; j++) {
		s[j] = ((double)a[j] + (double)b[j]) * root - r->centre[j];
		m[j] = ((double)a[j] - (double)b[j]) * root;
	}
}

static void find_centre(struct ridge *r, const struct as_pairs *p)
{
	memset(r->centre, 0, (size_t)r->d * sizeof *r->centre);
	memset(r->s, 0, (size_t)r->d * sizeof *r->s);
	for (int64_t i = 0; i < p->n; i++) {
		fill_features(r, p, i, r->m, r->m + r->d);
		for (int64_t j = 0; j < r->d; j++)
			r->s[j] += r->m[j];
	}
	for (int64_t j = 0; j < r->d; j++)
		r->centre[j] = r->s[j] / (double)p->n;
}

/* Adds the block's n pairs. */
static void add_block(const struct ridge *r, int64_t n, struct sums *u)
{
	int64_t d = r->d, k = r->k;
	as_gemm64_each(r->pool, true, false, d, d, n, 1, r->s, d, r->s, d, 1, u->ss, d);
	as_gemm64_each(r->pool, true, false, d, d, n, 1, r->m, d, r->m, d, 1, u->mm, d);
	as_gemm64_each(r->pool, true, false, d, k, n, 1, r->s, d, r->e, k, 1, u->se, k);
	as_gemm64_each(r->pool, true, false, d, k, n, 1, r->m, d, r->o, k, 1, u->mo, k);
	for (int64_t i = 0; i < n; i++) {
		for (int64_t j = 0; j < d; j++)
			u->s[j] += r->s[i * d + j];
		for (int64_t j = 0; j < k; j++) {
			u->e[j] += r->e[i * k + j];
			u->ee[j] += r->e[i * k + j] * r->e[i * k + j];
			u->oo[j] += r->o[i * k + j] * r->o[i * k + j];
		}
	}
	*u->n += (double)n;
}

/* The sums over the pairs of one part. */
static void add_part(const struct ridge *r, const struct as_pairs *p, const unsigned char *part, int which, double *at)
{
	struct sums u = sums_at(r, at);
	int64_t n = 0;
	memset(at, 0, (size_t)sums_count(r) * sizeof *at);
	for (int64_t i = 0; i < p->n; i++) {
		if (part[i] != which)
			continue;
		fill_features(r, p, i, r->s + n * r->d, r->m + n * r->d);
		fill_targets(r, p, i, r->e + n * r->k, r->o + n * r->k);
		if (++n == BLOCK) {
			add_block(r, n, &u);
			n = 0;
		}
	}
	if (n)
		add_block(r, n, &u);
}

/* ---- solutions ---- */

/* What is needed of some sums to solve for any penalty: half 0 is e from s, half 1 is o from m. */
struct fit {
	double *q[2], *value[2], *along[2]; /* (d,d), rows are eigenvectors; (d); Q c (d,k) */
	double *mean_s, *mean_e, *c;        /* (d), (k); scratch (d,k) */
	double scale;                       /* v, the mean variance of a feature */
};

static int64_t fit_count(const struct ridge *r)
{
	return 2 * r->d * r->d + 3 * r->d + 3 * r->d * r->k + r->k;
}

static struct fit fit_at(const struct ridge *r, double *at)
{
	int64_t d = r->d, k = r->k;
	struct fit f = {.q = {at, at + d * d}};
	at += 2 * d * d;
	f.value[0] = at;
	f.value[1] = at + d;
	f.mean_s = at + 2 * d;
	at += 3 * d;
	f.along[0] = at;
	f.along[1] = at + d * k;
	f.c = at + 2 * d * k;
	f.mean_e = at + 3 * d * k;
	return f;
}

/* The covariances from the sums, into q and c of one half. */
static void covariances(const struct ridge *r, const struct sums *u, const struct fit *f, int half)
{
	int64_t d = r->d, k = r->k;
	const double n = *u->n, *square = half ? u->mm : u->ss, *cross = half ? u->mo : u->se;
	for (int64_t i = 0; i < d; i++) {
		double mean = half ? 0 : f->mean_s[i];
		for (int64_t j = 0; j < d; j++)
			f->q[half][i * d + j] = square[i * d + j] / n - mean * f->mean_s[j];
		for (int64_t c = 0; c < k; c++)
			f->c[i * k + c] = cross[i * k + c] / n - mean * f->mean_e[c];
	}
}

static int solve(const struct ridge *r, const struct sums *u, struct fit *f, struct as_error *err)
{
	int64_t d = r->d, k = r->k;
	int rc = 0;
	double trace = 0;
	for (int64_t j = 0; j < d; j++)
		f->mean_s[j] = u->s[j] / *u->n;
	for (int64_t j = 0; j < k; j++)
		f->mean_e[j] = u->e[j] / *u->n;
	for (int half = 0; half < 2 && !rc; half++) {
		covariances(r, u, f, half);
		for (int64_t j = 0; j < d; j++)
			trace += f->q[half][j * d + j];
		rc = as_eigen64(d, f->q[half], f->value[half], err);
		as_gemm64_each(r->pool, false, false, d, k, d, 1, f->q[half], d, f->c, k, 0, f->along[half], k);
	}
	f->scale = trace / (double)(2 * d);
	return rc;
}

/* The weights w (d,k) of one half, each component with its penalty; f->c is scratch. */
static void weights(const struct ridge *r, const struct fit *f, int half, const double *penalty, double *w)
{
	int64_t d = r->d, k = r->k;
	for (int64_t j = 0; j < d; j++)
		for (int64_t c = 0; c < k; c++) {
			double curve = fmax(f->value[half][j], 0) + penalty[c] * f->scale;
			f->c[j * k + c] = curve > 0 ? f->along[half][j * k + c] / curve : 0;
		}
	as_gemm64_each(r->pool, true, false, d, k, d, 1, f->q[half], d, f->c, k, 0, w, k);
}

/* Adds to error (k) the squared errors of one half of the weights over the pairs that u sums up:
 * sum (t - t0 - w (x - x0))^2, t0 and x0 being the means that the weights were learnt with. turned: scratch (d,k). */
static void add_errors(const struct ridge *r, const struct fit *f, const struct sums *u, int half, const double *w, double *turned,
		       double *error)
{
	int64_t d = r->d, k = r->k;
	double n = *u->n;
	const double *cross = half ? u->mo : u->se;
	as_gemm64_each(r->pool, false, false, d, k, d, 1, half ? u->mm : u->ss, d, w, k, 0, turned, k);
	for (int64_t c = 0; c < k; c++) {
		double square = 0, along = 0, sum = 0, zero = 0;
		for (int64_t j = 0; j < d; j++) {
			square += w[j * k + c] * turned[j * k + c];
			along += w[j * k + c] * cross[j * k + c];
			sum += half ? 0 : w[j * k + c] * u->s[j];
			zero += half ? 0 : w[j * k + c] * f->mean_s[j];
		}
		/* t - w x - off, with off = t0 - w x0 */
		double off = half ? 0 : f->mean_e[c] - zero, t = half ? 0 : u->e[c];
		error[c] += (half ? u->oo[c] : u->ee[c]) - 2 * along + square - 2 * off * (t - sum) + n * off * off;
	}
}

/* ---- the choice of penalties, and predictions ---- */

static void choose(const struct ridge *r, const struct fit *f, const struct sums *held, double *w, double *chosen)
{
	double penalty[AS_MAX_OPS * AS_MAX_TARGET], error[AS_MAX_OPS * AS_MAX_TARGET], least[AS_MAX_OPS] = {0};
	for (int i = 0; i < AS_AWARE_PENALTIES; i++) {
		for (int64_t c = 0; c < r->k; c++) {
			penalty[c] = penalty_at(i);
			error[c] = 0;
		}
		for (int half = 0; half < 2; half++) {
			weights(r, f, half, penalty, w);
			add_errors(r, f, held, half, w, w + r->d * r->k, error);
		}
		for (int op = 0, c = 0; op < r->ops->n; op++) {
			double sum = 0;
			for (int64_t end = c + r->ops->op[op]->ntarget; c < end; c++)
				sum += error[c];
			if (i && sum >= least[op])
				continue;
			least[op] = sum;
			chosen[op] = penalty_at(i);
		}
	}
}

/* d_ab = mean + w_s s + w_m m, d_ba = mean + w_s s - w_m m. w: both halves' weights. */
static void predict(const struct ridge *r, const struct fit *f, const double *w, const struct as_pairs *p, float *const *predicted)
{
	int64_t d = r->d, k = r->k;
	for (int64_t from = 0, n; from < p->n; from += n) {
		n = p->n - from < BLOCK ? p->n - from : BLOCK;
		for (int64_t i = 0; i < n; i++) {
			fill_features(r, p, from + i, r->s + i * d, r->m + i * d);
			for (int64_t j = 0; j < d; j++)
				r->s[i * d + j] -= f->mean_s[j];
		}
		as_gemm64_each(r->pool, false, false, n, k, d, 1, r->s, d, w, k, 0, r->e, k);
		as_gemm64_each(r->pool, false, false, n, k, d, 1, r->m, d, w + d * k, k, 0, r->o, k);
		for (int64_t i = 0; i < n; i++)
			for (int op = 0, c = 0; op < r->ops->n; op++) {
				int width = r->ops->op[op]->ntarget;
				for (int t = 0; t < width; t++, c++) {
					double e = f->mean_e[c] + r->e[i * k + c], o = r->o[i * k + c];
					predicted[op][2 * (from + i) * width + t] = (float)(e + o);
					predicted[op][(2 * (from + i) + 1) * width + t] = (float)(e - o);
				}
			}
	}
}

static int work(struct ridge *r, const struct as_pairs *train, const unsigned char *part, const struct as_pairs *test,
		double *learn, double *held, double *solution, double *w, float *const *predicted, double *penalty,
		struct as_error *err)
{
	struct fit f = fit_at(r, solution);
	struct sums u = sums_at(r, learn), h = sums_at(r, held);
	double each[AS_MAX_OPS * AS_MAX_TARGET];
	int rc = 0;
	find_centre(r, train);
	add_part(r, train, part, 0, learn);
	add_part(r, train, part, 1, held);
	for (int op = 0; op < r->ops->n; op++)
		penalty[op] = USUAL;
	if (*h.n > 0) {
		rc = solve(r, &u, &f, err);
		if (!rc)
			choose(r, &f, &h, w, penalty);
		for (int64_t i = 0; i < sums_count(r); i++)
			learn[i] += held[i];
	}
	rc = rc ? rc : solve(r, &u, &f, err);
	if (rc)
		return rc;
	for (int op = 0, c = 0; op < r->ops->n; op++)
		for (int t = 0; t < r->ops->op[op]->ntarget; t++)
			each[c++] = penalty[op];
	weights(r, &f, 0, each, w);
	weights(r, &f, 1, each, w + r->d * r->k);
	predict(r, &f, w, test, predicted);
	return 0;
}

int as_aware_ridge(const struct as_pairs *train, const unsigned char *part, const struct as_pairs *test,
		   const struct as_pairs_ops *ops, struct as_pool *pool, float *const *predicted, double *penalty,
		   struct as_error *err)
{
	struct ridge r = {.ops = ops, .d = train->f->d, .pool = pool};
	for (int i = 0; i < ops->n; i++)
		r.k += ops->op[i]->ntarget;
	if (test->f->d != r.d)
		return as_fail(err, AS_EDATA, "features: %lld wide beside %lld", (long long)test->f->d, (long long)r.d);
	int rc = as_blas_ready(pool, err);
	if (rc)
		return rc;
	int64_t block = BLOCK * (r.d + r.k), sums = sums_count(&r), fit = fit_count(&r);
	size_t bytes = (size_t)(2 * block + r.d + 2 * sums + fit + 2 * r.d * r.k) * sizeof(double);
	rc = as_memory_fits(bytes, "regression: products of features", "narrower ones take less", err);
	if (rc)
		return rc;
	double *memory = malloc(bytes), *at = memory;
	if (!memory)
		return as_fail(err, AS_EMEM, "regression: no memory for features %lld wide", (long long)r.d);
	r.s = at;
	r.m = r.s + BLOCK * r.d;
	r.e = r.m + BLOCK * r.d;
	r.o = r.e + BLOCK * r.k;
	r.centre = r.o + BLOCK * r.k;
	at = r.centre + r.d;
	rc = work(&r, train, part, test, at, at + sums, at + 2 * sums, at + 2 * sums + fit, predicted, penalty, err);
	free(memory);
	return rc;
}
