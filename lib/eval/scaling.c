#include "eval/scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/shift.h"
#include "kern/gemm.h"

/* The moments are computed from about this many blocks. */
enum { SAMPLE_BLOCKS = 64 };

void as_scaling_take(struct as_scaling *s, struct as_arena *a)
{
	size_t row = (size_t)s->of->d + 1, weights = (size_t)as_objective_weights(s->of);
	s->q = as_arena_take(a, row * row * sizeof(double));
	s->lambda = as_arena_take(a, row * sizeof(double));
	s->mu = as_arena_take(a, row * sizeof(double));
	s->root = as_arena_take(a, weights * sizeof(double));
	s->turned = as_arena_take(a, weights * sizeof(double));
}

/* ---- moments ---- */

/* Computes the rows j.. of M into q, from the diagonal on: every stride-th block, in float. */
static void moment_task(void *ctx, int64_t strip, int thread)
{
	const struct as_scaling *s = ctx;
	const struct as_objective *o = s->of;
	int64_t d = o->d, j = strip * AS_STRIP, rows = d - j < AS_STRIP ? d - j : AS_STRIP;
	int64_t stride = (o->blocks + SAMPLE_BLOCKS - 1) / SAMPLE_BLOCKS, seen = 0;
	float *m = o->g32 + thread * (o->k > AS_STRIP ? o->k : AS_STRIP) * d;
	double *q = s->q + j * (d + 1);
	memset(m, 0, (size_t)(rows * d) * sizeof *m);
	for (int64_t b = 0; b < o->blocks; b += stride) {
		const struct as_block *at = &o->block[b];
		o->kern->moments(at->x, at->rows, d, j, rows, m);
		for (int64_t i = 0; i < at->rows; i++)
			for (int64_t r = 0; r < rows; r++)
				q[r * (d + 1) + d] += (double)at->x[i * d + j + r];
		seen += at->rows;
	}
	for (int64_t r = 0; r < rows; r++) {
		for (int64_t c = j + r; c < d; c++)
			q[r * (d + 1) + c] = (double)m[r * d + c] / (double)seen;
		q[r * (d + 1) + d] /= (double)seen;
	}
}

/* If the rows are centred: the rows s_i = q_i / sqrt(lambda_i) make M the identity. The penalty P = 1 - e
 * e' + p p', with e the bias's axis and p = (-m, 1), becomes S P S' = 1/lambda - t t' + u u' with t = S e,
 * u = S p; its eigenvectors turn S into rows in which the penalty is diagonal too. */
static int turn_to_penalty(struct as_scaling *sc, struct as_error *err)
{
	int64_t d = sc->of->d, row = d + 1;
	double *penalty = malloc((size_t)(2 * row * row + row) * sizeof *penalty);
	if (!penalty)
		return as_fail(err, AS_EMEM, "logistic regression: no memory for %lld moments", (long long)row);
	double *s = penalty + row * row, *u = s + row * row;
	for (int64_t i = 0; i < row; i++) {
		for (int64_t j = 0; j < row; j++)
			s[i * row + j] = sc->q[i * row + j] / sqrt(sc->lambda[i]);
		u[i] = s[i * row + d] - as_shift_along(s + i * row, sc->of->centre, d);
	}
	for (int64_t i = 0; i < row; i++)
		for (int64_t j = 0; j < row; j++)
			penalty[i * row + j] = (i == j) / sc->lambda[i] - s[i * row + d] * s[j * row + d] + u[i] * u[j];
	int rc = as_eigen64(row, penalty, sc->mu, err);
	if (!rc)
		as_gemm64(false, false, row, row, row, 1, penalty, row, s, row, 0, sc->q, row);
	for (int64_t i = 0; i < row; i++) {
		sc->lambda[i] = 1;
		sc->mu[i] = fmax(sc->mu[i], 0);
	}
	free(penalty);
	return rc;
}

int as_scaling_find(struct as_scaling *s, struct as_error *err)
{
	int64_t d = s->of->d;
	as_each(s->of->pool, (d + AS_STRIP - 1) / AS_STRIP, moment_task, s);
	for (int64_t i = 0; i < d; i++) {
		s->q[d * (d + 1) + i] = s->q[i * (d + 1) + d];
		for (int64_t j = 0; j < i; j++)
			s->q[i * (d + 1) + j] = s->q[j * (d + 1) + i];
	}
	s->q[d * (d + 1) + d] = 1;
	int rc = as_eigen64(d + 1, s->q, s->lambda, err);
	for (int64_t j = 0; !rc && j <= d; j++) { /* values below float's precision are only rounding */
		s->lambda[j] = fmax(s->lambda[j], 1e-7 * s->lambda[d]);
		s->mu[j] = 1;
	}
	return rc || !s->of->centre ? rc : turn_to_penalty(s, err);
}

/* ---- to the walk's variables and back ---- */

struct spread {
	const struct as_scaling *s;
	const double *start, *v;
	double *weights;
};

static void spread_task(void *ctx, int64_t strip, int thread)
{
	const struct spread *p = ctx;
	const struct as_objective *o = p->s->of;
	int64_t row = o->d + 1, c = strip * AS_STRIP, rows = as_objective_strip(o, strip), at = c * row;
	(void)thread;
	for (int64_t i = at; i < at + rows * row; i++) {
		p->s->turned[i] = p->s->root[i] * p->v[i];
		p->weights[i] = p->start[i];
	}
	as_gemm64(false, false, rows, row, row, 1, p->s->turned + at, row, p->s->q, row, 1, p->weights + at, row);
	as_shift_bias(o->centre, o->d, p->weights, c, c + rows, -1);
}

void as_scaling_spread(struct as_scaling *s, const double *start, const double *v, double *weights)
{
	struct spread p = {s, start, v, weights};
	as_each(s->of->pool, as_objective_strips(s->of), spread_task, &p);
}

void as_scaling_start(const struct as_scaling *s, const double *weights, double *start)
{
	memcpy(start, weights, (size_t)as_objective_weights(s->of) * sizeof *start);
	as_shift_bias(s->of->centre, s->of->d, start, 0, s->of->k, 1);
}

struct gather {
	const struct as_scaling *s;
	const double *gradient;
};

static void gather_task(void *ctx, int64_t strip, int thread)
{
	const struct gather *p = ctx;
	const struct as_objective *o = p->s->of;
	int64_t row = o->d + 1, rows = as_objective_strip(o, strip), at = strip * AS_STRIP * row;
	double *turned = p->s->turned;
	(void)thread;
	as_gemm64(false, true, rows, row, row, 1, p->gradient + at, row, p->s->q, row, 0, turned + at, row);
	for (int64_t i = at; i < at + rows * row; i++)
		turned[i] *= p->s->root[i];
}

void as_scaling_gather(struct as_scaling *s, const double *gradient, double *g)
{
	struct gather p = {s, gradient};
	as_each(s->of->pool, as_objective_strips(s->of), gather_task, &p);
	memcpy(g, s->turned, (size_t)as_objective_weights(s->of) * sizeof *g);
}

void as_scaling_set(struct as_scaling *s, const double *gradient, double *g)
{
	const struct as_objective *o = s->of;
	int64_t row = o->d + 1, n = as_objective_weights(o);
	double squares = 0;
	for (int64_t c = 0; c < o->k; c++) {
		double sum = 0;
		for (int64_t i = 0; i < o->groups; i++)
			sum += o->curve[i * o->k + c];
		double bend = fmax(sum / (double)o->n, 1e-6);
		for (int64_t j = 0; j < row; j++)
			s->root[c * row + j] = 1 / sqrt(bend * s->lambda[j] + 2 * o->w / (double)o->n * s->mu[j]);
	}
	as_scaling_gather(s, gradient, g);
	for (int64_t i = 0; i < n; i++)
		squares += g[i] * g[i];
	for (int64_t i = 0; i < n; i++) {
		s->root[i] *= sqrt(squares);
		g[i] *= sqrt(squares);
	}
}
