#include "eval/ridge.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/machine.h"
#include "kern/gemm.h"

/* With C = E (x - xm)(x - xm)' = Q diag(lambda) Q' and S = E (t - tm)(x - xm)':
 *   W = S Q diag(1 / (lambda + w v)) Q',  b = tm - W xm,  v = trace C / d.
 * Means are taken first, so that rows far from 0 lose no digits of their differences. */

/* Rows that are converted to double at once; rows of C in one task. */
enum { ROWS = 512, STRIP = 64 };

struct as_ridge {
	int64_t n, d;
	int m;
	struct as_pool *pool;
	struct as_arena arena;
	double *xm, *tm; /* (d), (m): the means */
	double *q;       /* (d,d): C, then its eigenvectors as rows */
	double *lambda;  /* (d) */
	double *along;   /* (m,d): S, then S Q */
	double *block;   /* (ROWS,d): rows without their mean */
	double *s;       /* (m,d): scratch */
	double variance; /* v */
	int64_t rows;    /* in the block */
};

static int check(const struct as_targets *set, int parts, int64_t *n, struct as_error *err)
{
	*n = 0;
	for (int p = 0; p < parts; p++) {
		*n += set[p].f->n;
		if (set[p].f->d != set[0].f->d)
			return as_fail(err, AS_EARG, "features: %lld wide beside %lld", (long long)set[p].f->d,
				       (long long)set[0].f->d);
		if (set[p].f->centre)
			return as_fail(err, AS_EARG, "regression: rows without their centre");
	}
	return *n ? 0 : as_fail(err, AS_EARG, "regression: nothing to learn from");
}

static void take(struct as_ridge *r)
{
	size_t d = (size_t)r->d, m = (size_t)r->m;
	double **const part[] = {&r->xm, &r->tm, &r->q, &r->lambda, &r->along, &r->block, &r->s};
	const size_t size[] = {d, m, d * d, d, m * d, ROWS * d, m * d};
	for (size_t i = 0; i < sizeof size / sizeof *size; i++)
		*part[i] = as_arena_take(&r->arena, size[i] * sizeof(double));
}

static void find_means(struct as_ridge *r, const struct as_targets *set, int parts)
{
	for (int p = 0; p < parts; p++)
		for (int64_t i = 0; i < set[p].f->n; i++) {
			for (int64_t j = 0; j < r->d; j++)
				r->xm[j] += (double)set[p].f->x[i * r->d + j] / (double)r->n;
			for (int k = 0; k < r->m; k++)
				r->tm[k] += set[p].t[i * r->m + k] / (double)r->n;
		}
}

/* Adds the block's products to a strip of C, from the diagonal on. */
static void strip_task(void *ctx, int64_t strip, int thread)
{
	const struct as_ridge *r = ctx;
	int64_t from = strip * STRIP, rows = r->d - from < STRIP ? r->d - from : STRIP;
	(void)thread;
	as_gemm64(true, false, rows, r->d - from, r->rows, 1 / (double)r->n, r->block + from, r->d, r->block + from, r->d, 1,
		  r->q + from * r->d + from, r->d);
}

/* Rows from..from+rows-1 of a set. */
static void add_block(struct as_ridge *r, const struct as_targets *set, int64_t from)
{
	int64_t d = r->d;
	for (int64_t i = 0; i < r->rows; i++)
		for (int64_t j = 0; j < d; j++)
			r->block[i * d + j] = (double)set->f->x[(from + i) * d + j] - r->xm[j];
	as_each(r->pool, (d + STRIP - 1) / STRIP, strip_task, r);
	for (int64_t i = 0; i < r->rows; i++)
		for (int k = 0; k < r->m; k++) {
			double t = (set->t[(from + i) * r->m + k] - r->tm[k]) / (double)r->n;
			for (int64_t j = 0; j < d; j++)
				r->along[k * d + j] += t * r->block[i * d + j];
		}
}

static int decompose(struct as_ridge *r, struct as_error *err)
{
	int64_t d = r->d;
	for (int64_t i = 0; i < d; i++) {
		r->variance += r->q[i * d + i] / (double)d;
		for (int64_t j = 0; j < i; j++)
			r->q[i * d + j] = r->q[j * d + i];
	}
	int rc = as_eigen64(d, r->q, r->lambda, err);
	if (rc)
		return rc;
	as_gemm64(false, true, r->m, d, d, 1, r->along, d, r->q, d, 0, r->s, d);
	memcpy(r->along, r->s, (size_t)(r->m * d) * sizeof(double));
	return 0;
}

static int set_up(struct as_ridge *r, const struct as_targets *set, int parts, struct as_error *err)
{
	take(r);
	int rc = as_memory_fits(r->arena.used, "their products", "", err);
	rc = rc ? rc : as_arena_open(&r->arena, &as_host_memory, err);
	if (rc)
		return as_fail_within(err, "regression: features %lld wide", (long long)r->d);
	take(r);
	find_means(r, set, parts);
	for (int p = 0; p < parts; p++)
		for (int64_t from = 0; from < set[p].f->n; from += ROWS) {
			r->rows = set[p].f->n - from < ROWS ? set[p].f->n - from : ROWS;
			add_block(r, &set[p], from);
		}
	return decompose(r, err);
}

int as_ridge_new(struct as_ridge **out, const struct as_targets *set, int parts, int m, struct as_pool *pool,
		 struct as_error *err)
{
	int64_t n;
	int rc = check(set, parts, &n, err);
	if (rc || (rc = as_blas_ready(pool, err)))
		return rc;
	struct as_ridge *r = calloc(1, sizeof *r);
	if (!r)
		return as_fail(err, AS_EMEM, "regression: no memory");
	r->n = n;
	r->d = set[0].f->d;
	r->m = m;
	r->pool = pool;
	rc = set_up(r, set, parts, err);
	if (rc)
		as_ridge_free(r);
	else
		*out = r;
	return rc;
}

void as_ridge_free(struct as_ridge *r)
{
	if (r)
		as_arena_close(&r->arena);
	free(r);
}

/* A feature that is the same in all rows has no variance; if all are, W is 0. */
void as_ridge_solve(const struct as_ridge *r, double w, double *weights)
{
	int64_t d = r->d;
	for (int k = 0; k < r->m; k++)
		for (int64_t i = 0; i < d; i++) {
			double under = r->lambda[i] + w * r->variance;
			r->s[k * d + i] = under > 0 ? r->along[k * d + i] / under : 0;
		}
	as_gemm64(false, false, r->m, d, d, 1, r->s, d, r->q, d, 0, weights, d + 1);
	for (int k = 0; k < r->m; k++) {
		double *row = weights + k * (d + 1);
		row[d] = r->tm[k];
		for (int64_t j = 0; j < d; j++)
			row[d] -= row[j] * r->xm[j];
	}
}

const double *as_ridge_mean(const struct as_ridge *r)
{
	return r->tm;
}

void as_ridge_predict(const double *weights, int m, const struct as_features *f, double *out)
{
	int64_t d = f->d;
	for (int64_t i = 0; i < f->n; i++)
		for (int k = 0; k < m; k++) {
			const double *row = weights + k * (d + 1);
			double sum = row[d];
			for (int64_t j = 0; j < d; j++)
				sum += row[j] * (double)f->x[i * d + j];
			out[i * m + k] = sum;
		}
}
