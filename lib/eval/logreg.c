#include "eval/logreg.h"

#include <lbfgs.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kern/gemm.h"
#include "kern/logit.h"

/* Rows are cut in blocks, blocks dealt in order to at most GROUPS groups: one
 * task each, whose sums are added in index order. A cut by shapes alone, so the
 * threads cannot change a byte. */
enum { BLOCK = 240, GROUPS = 16, STRIP = 48, SAMPLE_BLOCKS = 64, MAX_EVALUATIONS = 5000 };

/* Values are good to about 1e-8 of max(1, value): changes beyond this are not rounding. */
static const double TRUSTED = 1e-6;

struct block {
	const float *x;
	const int64_t *y;
	int64_t rows;
};

struct as_logreg {
	int64_t n, d, k, blocks, groups;
	struct block *block;
	struct as_pool *pool;
	const struct as_logit *kern;
	struct as_arena arena;
	double *weights; /* (k, d+1) */
	float *packed;   /* of the point being looked at, for kern/logit.h */
	float *z;        /* (lanes, z_floats) */
	float *g32;      /* (lanes, k or STRIP, d) */
	float *sums;     /* (lanes, 2, k padded): a block's bias and curve */
	int64_t z_floats;
	double *g;       /* (groups, k, d+1) */
	double *loss;    /* (groups) */
	double *curve;   /* (groups, k): sum of p (1 - p), the diagonal of softmax's Hessian */
	double *q, *lambda, *mu; /* rows that make second moments of [x 1] and the penalty diagonal: these */
	const double *centre; /* (d), taken from the rows; NULL: nothing */
	double *shifted;      /* (k, d+1): weights for the rows as they are, with a centre */
	const double *at;     /* the point being looked at */
	double *gradient;   /* of it */
	double w, tolerance;
	/* The walk, all (k, d+1): weights = start + T v, in liblbfgs's variables v. */
	const double *v;
	double *root, *turned; /* T = q' root; scratch */
	double *start, *point, *slope;
	double *last, *last_g; /* v of the weights, the gradient in v there */
	double last_value;
	struct as_descent seen, taken; /* at the last evaluation; at the weights */
	bool moved;
};

/* ---- rows without their centre ----
 * W x + b = W (x - m) + (b + W m): what is in a block are rows x - m, and the bias for them
 * is b + W m. The gradient goes the other way. */

static double along(const double *row, const double *centre, int64_t d)
{
	double sum = 0;
	for (int64_t j = 0; j < d; j++)
		sum += row[j] * centre[j];
	return sum;
}

/* Adds sign W m to the biases of rows from..to-1 of weights (k, d+1). */
static void move_bias(const struct as_logreg *l, double *weights, int64_t from, int64_t to, double sign)
{
	for (int64_t c = from; l->centre && c < to; c++)
		weights[c * (l->d + 1) + l->d] += sign * along(weights + c * (l->d + 1), l->centre, l->d);
}

/* Adds sign g_b m to the gradients of W in rows from..to-1. */
static void move_gradient(const struct as_logreg *l, double *g, int64_t from, int64_t to, double sign)
{
	for (int64_t c = from; l->centre && c < to; c++)
		for (int64_t j = 0; j < l->d; j++)
			g[c * (l->d + 1) + j] += sign * g[c * (l->d + 1) + l->d] * l->centre[j];
}

/* ---- value and gradient ---- */

static void add_block(struct as_logreg *l, const struct block *b, int64_t group, int lane)
{
	int64_t d = l->d, k = l->k, padded = as_logit_padded(k);
	float *sums = l->sums + lane * 2 * padded;
	double *g = l->g + group * k * (d + 1), *curve = l->curve + group * k;
	const struct as_logit_block job = {
		.rows = b->rows, .d = d, .k = k, .x = b->x, .label = b->y, .weights = l->packed,
		.z = l->z + lane * l->z_floats, .g = l->g32 + lane * (k > STRIP ? k : STRIP) * d, .bias = sums,
		.curve = sums + padded,
	};
	l->loss[group] += l->kern->block(&job);
	for (int64_t c = 0; c < k; c++) {
		for (int64_t j = 0; j < d; j++)
			g[c * (d + 1) + j] += (double)job.g[c * d + j];
		g[c * (d + 1) + d] += (double)job.bias[c];
		curve[c] += (double)job.curve[c];
	}
}

static void group_task(void *ctx, int64_t group, int lane)
{
	struct as_logreg *l = ctx;
	int64_t from = group * l->blocks / l->groups, to = (group + 1) * l->blocks / l->groups;
	l->loss[group] = 0;
	memset(l->curve + group * l->k, 0, (size_t)l->k * sizeof(double));
	memset(l->g + group * l->k * (l->d + 1), 0, (size_t)(l->k * (l->d + 1)) * sizeof(double));
	for (int64_t b = from; b < to; b++)
		add_block(l, &l->block[b], group, lane);
}

/* One class: the groups' gradients together, the penalty's with them. */
static void class_task(void *ctx, int64_t c, int lane)
{
	struct as_logreg *l = ctx;
	int64_t row = l->d + 1;
	double *g = l->gradient + c * row;
	const double *at = l->at + c * row;
	(void)lane;
	memset(g, 0, (size_t)row * sizeof *g);
	for (int64_t i = 0; i < l->groups; i++) {
		const double *part = l->g + (i * l->k + c) * row;
		for (int64_t j = 0; j < row; j++)
			g[j] += part[j];
	}
	move_gradient(l, l->gradient, c, c + 1, 1);
	for (int64_t j = 0; j < row; j++)
		g[j] = (g[j] + 2 * l->w * at[j]) / (double)l->n;
}

static double value(void *ctx, const double *x, double *g)
{
	struct as_logreg *l = ctx;
	int64_t row = l->d + 1;
	double sum = 0, norm = 0;
	l->at = x;
	l->gradient = g;
	if (l->centre) {
		memcpy(l->shifted, x, (size_t)(l->k * row) * sizeof *x);
		move_bias(l, l->shifted, 0, l->k, 1);
	}
	l->kern->pack(l->centre ? l->shifted : x, l->k, l->d, l->packed);
	as_each(l->pool, l->groups, group_task, l);
	as_each(l->pool, l->k, class_task, l);
	for (int64_t i = 0; i < l->groups; i++)
		sum += l->loss[i];
	for (int64_t i = 0; i < l->k * row; i++)
		norm += x[i] * x[i];
	return (sum + l->w * norm) / (double)l->n;
}

double as_logreg_value(struct as_logreg *l, double w, const double *at, double *gradient)
{
	l->w = w;
	return value(l, at, gradient);
}

/* ---- the scaling ----
 * The Hessian is about diag(p (1 - p)) (x) M + 2 w / n with M the second moments of
 * [x 1]: raw features share a large mean and span few directions, and L-BFGS alone
 * would walk hundreds of steps to find that out. So it walks in other variables v,
 * weights = start + T v, where T T' is about the inverse: eigenvectors times roots.
 * With a centre the bias that it walks in is that of the rows without it, where M is as
 * good as rows are apart; the penalty is then |W|^2 + (b' - W m)^2. */

/* Rows j.. of M into q, from the diagonal on: every stride-th block, in float. */
static void moment_task(void *ctx, int64_t strip, int lane)
{
	struct as_logreg *l = ctx;
	int64_t d = l->d, j = strip * STRIP, rows = d - j < STRIP ? d - j : STRIP;
	int64_t stride = (l->blocks + SAMPLE_BLOCKS - 1) / SAMPLE_BLOCKS, seen = 0;
	float *m = l->g32 + lane * (l->k > STRIP ? l->k : STRIP) * d;
	double *q = l->q + j * (d + 1);
	memset(m, 0, (size_t)(rows * d) * sizeof *m);
	for (int64_t b = 0; b < l->blocks; b += stride) {
		const struct block *at = &l->block[b];
		l->kern->moments(at->x, at->rows, d, j, rows, m);
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

/* With a centre: rows s_i = q_i / sqrt(lambda_i) make M one. The penalty P = 1 - e e' + p p', e the
 * bias's axis, p = (-m, 1), becomes S P S' = 1/lambda - t t' + u u' with t = S e, u = S p; its
 * eigenvectors turn S into rows in which it is diagonal too. */
static int turn_to_penalty(struct as_logreg *l, struct as_error *err)
{
	int64_t row = l->d + 1;
	double *penalty = malloc((size_t)(2 * row * row + row) * sizeof *penalty);
	if (!penalty)
		return as_fail(err, AS_EMEM, "logistic regression: no memory for %lld moments", (long long)row);
	double *s = penalty + row * row, *u = s + row * row;
	for (int64_t i = 0; i < row; i++) {
		for (int64_t j = 0; j < row; j++)
			s[i * row + j] = l->q[i * row + j] / sqrt(l->lambda[i]);
		u[i] = s[i * row + l->d] - along(s + i * row, l->centre, l->d);
	}
	for (int64_t i = 0; i < row; i++)
		for (int64_t j = 0; j < row; j++)
			penalty[i * row + j] = (i == j) / l->lambda[i] - s[i * row + l->d] * s[j * row + l->d] + u[i] * u[j];
	int rc = as_eigen64(row, penalty, l->mu, err);
	if (!rc)
		as_gemm64(false, false, row, row, row, 1, penalty, row, s, row, 0, l->q, row);
	for (int64_t i = 0; i < row; i++) {
		l->lambda[i] = 1;
		l->mu[i] = fmax(l->mu[i], 0);
	}
	free(penalty);
	return rc;
}

static int find_moments(struct as_logreg *l, struct as_error *err)
{
	int64_t d = l->d;
	as_each(l->pool, (d + STRIP - 1) / STRIP, moment_task, l);
	for (int64_t i = 0; i < d; i++) {
		l->q[d * (d + 1) + i] = l->q[i * (d + 1) + d];
		for (int64_t j = 0; j < i; j++)
			l->q[i * (d + 1) + j] = l->q[j * (d + 1) + i];
	}
	l->q[d * (d + 1) + d] = 1;
	int rc = as_eigen64(d + 1, l->q, l->lambda, err);
	for (int64_t j = 0; !rc && j <= d; j++) { /* what is below float's rounding is rounding */
		l->lambda[j] = fmax(l->lambda[j], 1e-7 * l->lambda[d]);
		l->mu[j] = 1;
	}
	return rc || !l->centre ? rc : turn_to_penalty(l, err);
}

/* point = start + T v */
static void spread_task(void *ctx, int64_t strip, int lane)
{
	const struct as_logreg *l = ctx;
	int64_t row = l->d + 1, c = strip * STRIP, rows = l->k - c < STRIP ? l->k - c : STRIP, at = c * row;
	(void)lane;
	for (int64_t i = at; i < at + rows * row; i++) {
		l->turned[i] = l->root[i] * l->v[i];
		l->point[i] = l->start[i];
	}
	as_gemm64(false, false, rows, row, row, 1, l->turned + at, row, l->q, row, 1, l->point + at, row);
	move_bias(l, l->point, c, c + rows, -1);
}

/* g = T' slope */
static void gather_task(void *ctx, int64_t strip, int lane)
{
	const struct as_logreg *l = ctx;
	int64_t row = l->d + 1, c = strip * STRIP, rows = l->k - c < STRIP ? l->k - c : STRIP, at = c * row;
	(void)lane;
	as_gemm64(false, true, rows, row, row, 1, l->slope + at, row, l->q, row, 0, l->turned + at, row);
	for (int64_t i = at; i < at + rows * row; i++)
		l->turned[i] *= l->root[i];
}

static void gather(struct as_logreg *l, double *g)
{
	as_each(l->pool, (l->k + STRIP - 1) / STRIP, gather_task, l);
	memcpy(g, l->turned, (size_t)(l->k * (l->d + 1)) * sizeof *g);
}

/* T at the point last looked at, and the gradient in v there. liblbfgs's first step is
 * one long, whatever the gradient: T is multiplied by what makes it Newton's. */
static void set_roots(struct as_logreg *l)
{
	int64_t row = l->d + 1, n = l->k * row;
	double squares = 0;
	for (int64_t c = 0; c < l->k; c++) {
		double sum = 0;
		for (int64_t i = 0; i < l->groups; i++)
			sum += l->curve[i * l->k + c];
		double bend = fmax(sum / (double)l->n, 1e-6);
		for (int64_t j = 0; j < row; j++)
			l->root[c * row + j] = 1 / sqrt(bend * l->lambda[j] + 2 * l->w / (double)l->n * l->mu[j]);
	}
	gather(l, l->last_g);
	for (int64_t i = 0; i < n; i++)
		squares += l->last_g[i] * l->last_g[i];
	for (int64_t i = 0; i < n; i++) {
		l->root[i] *= sqrt(squares);
		l->last_g[i] *= sqrt(squares);
	}
}

/* ---- the walk ---- */

static double look(struct as_logreg *l, const double *x)
{
	double f = value(l, x, l->slope);
	move_gradient(l, l->slope, 0, l->k, -1); /* by the bias that the walk is in */
	l->seen = (struct as_descent){.value = f, .evaluations = l->seen.evaluations + 1};
	for (int64_t i = 0; i < l->k * (l->d + 1); i++)
		l->seen.gradient = fmax(l->seen.gradient, fabs(l->slope[i]));
	l->seen.reached = l->seen.gradient <= l->tolerance;
	return f;
}

static bool ended(const struct as_logreg *l)
{
	return l->seen.reached || l->seen.evaluations >= MAX_EVALUATIONS;
}

/* liblbfgs judges a step by the value's change, of which float logits leave nothing
 * near the minimum, and gives up far from the tolerance. There the change is taken
 * from the slopes at both ends, good to the third order of the step (the approximate
 * Wolfe conditions of Hager and Zhang 2005). */
static double evaluate(void *ctx, const double *v, double *g, const int n, const double step)
{
	struct as_logreg *l = ctx;
	double change = 0;
	(void)step;
	l->v = v;
	as_each(l->pool, (l->k + STRIP - 1) / STRIP, spread_task, l);
	double f = look(l, l->point);
	gather(l, g);
	if (!(fabs(f - l->last_value) < TRUSTED * fmax(1, f)))
		return f;
	for (int i = 0; i < n; i++)
		change += (l->last_g[i] + g[i]) / 2 * (v[i] - l->last[i]);
	return l->last_value + change;
}

/* liblbfgs took the step to what evaluate() saw last. */
static int progress(void *ctx, const double *v, const double *g, const double f, const double vnorm,
		    const double gnorm, const double step, int n, int k, int evaluations)
{
	struct as_logreg *l = ctx;
	size_t bytes = (size_t)n * sizeof *v;
	(void)vnorm, (void)gnorm, (void)step, (void)k, (void)evaluations;
	memcpy(l->weights, l->point, bytes);
	memcpy(l->last, v, bytes);
	memcpy(l->last_g, g, bytes);
	l->last_value = f;
	l->taken = l->seen;
	l->moved = true;
	return ended(l);
}

/* From the weights as far as liblbfgs comes; its memory starts empty. */
static int walk(struct as_logreg *l, double *v)
{
	size_t bytes = (size_t)(l->k * (l->d + 1)) * sizeof *v;
	lbfgs_parameter_t how;
	lbfgs_parameter_init(&how);
	how.m = 16;
	how.epsilon = 0; /* progress() says when */
	set_roots(l);
	memcpy(l->start, l->weights, bytes);
	move_bias(l, l->start, 0, l->k, 1);
	memset(l->last, 0, bytes);
	memset(v, 0, bytes);
	l->last_value = l->seen.value;
	return lbfgs((int)(l->k * (l->d + 1)), v, NULL, evaluate, progress, l, &how);
}

int as_logreg_solve(struct as_logreg *l, double w, double tolerance, struct as_descent *found, struct as_error *err)
{
	double *v = lbfgs_malloc((int)(l->k * (l->d + 1)));
	int status = v ? 0 : LBFGSERR_OUTOFMEMORY;
	l->w = w;
	l->tolerance = tolerance;
	l->seen.evaluations = 0;
	l->moved = v;
	l->taken.reached = 0;
	/* Where rounding ended a walk that came forward, the next sets out from there. */
	while (l->moved && !l->taken.reached && status != LBFGSERR_OUTOFMEMORY) {
		look(l, l->weights);
		l->taken = l->seen;
		l->moved = false;
		if (isfinite(l->seen.value) && !ended(l))
			status = walk(l, v);
	}
	if (v)
		lbfgs_free(v);
	*found = l->taken;
	found->evaluations = l->seen.evaluations;
	if (status == LBFGSERR_OUTOFMEMORY)
		return as_fail(err, AS_EMEM, "logistic regression: no memory for a walk");
	return isfinite(found->value) ? 0 : as_fail(err, AS_EDATA, "logistic regression: the value is %g", found->value);
}

/* ---- making and freeing ---- */

static void take(struct as_logreg *l, int64_t lanes)
{
	struct as_arena *a = &l->arena;
	size_t d = (size_t)l->d, k = (size_t)l->k, row = d + 1, groups = (size_t)l->groups, n = (size_t)lanes;
	size_t rows = k > STRIP ? k : STRIP;
	size_t padded = (size_t)as_logit_padded(l->k);
	l->z_floats = (int64_t)(BLOCK * padded + AS_LOGIT_SLACK);
	l->packed = as_arena_take(a, padded * row * sizeof(float));
	l->z = as_arena_take(a, n * (size_t)l->z_floats * sizeof(float));
	l->sums = as_arena_take(a, n * 2 * padded * sizeof(float));
	l->g32 = as_arena_take(a, n * rows * d * sizeof(float));
	l->weights = as_arena_take(a, k * row * sizeof(double));
	l->g = as_arena_take(a, groups * k * row * sizeof(double));
	l->loss = as_arena_take(a, groups * sizeof(double));
	l->curve = as_arena_take(a, groups * k * sizeof(double));
	l->q = as_arena_take(a, row * row * sizeof(double));
	l->lambda = as_arena_take(a, row * sizeof(double));
	l->mu = as_arena_take(a, row * sizeof(double));
	l->shifted = as_arena_take(a, l->centre ? k * row * sizeof(double) : 0);
	double **const walk[] = {&l->root, &l->turned, &l->start, &l->point, &l->slope, &l->last, &l->last_g};
	for (size_t i = 0; i < sizeof walk / sizeof *walk; i++)
		*walk[i] = as_arena_take(a, k * row * sizeof(double));
}

static int cut(struct as_logreg *l, const struct as_features *const *set, int parts, struct as_error *err)
{
	for (int p = 0; p < parts; p++) {
		l->blocks += (set[p]->n + BLOCK - 1) / BLOCK;
		l->n += set[p]->n;
	}
	l->block = calloc((size_t)l->blocks + 1, sizeof *l->block);
	if (!l->block)
		return as_fail(err, AS_EMEM, "logistic regression: no memory for %lld rows", (long long)l->n);
	struct block *b = l->block;
	for (int p = 0; p < parts; p++)
		for (int64_t i = 0; i < set[p]->n; i += BLOCK, b++)
			*b = (struct block){set[p]->x + i * l->d, set[p]->y + i,
					    set[p]->n - i < BLOCK ? set[p]->n - i : BLOCK};
	l->groups = l->blocks < GROUPS ? l->blocks : GROUPS;
	return 0;
}

static int check(const struct as_features *const *set, int parts, int64_t classes, struct as_error *err)
{
	int64_t n = 0;
	for (int p = 0; p < parts; p++) {
		n += set[p]->n;
		if (set[p]->d != set[0]->d)
			return as_fail(err, AS_EARG, "features: %lld wide beside %lld", (long long)set[p]->d,
				       (long long)set[0]->d);
		if (!set[p]->centre != !set[0]->centre ||
		    (set[p]->centre && memcmp(set[p]->centre, set[0]->centre, (size_t)set[0]->d * sizeof(double)) != 0))
			return as_fail(err, AS_EARG, "features: sets with other centres");
		for (int64_t i = 0; i < set[p]->n; i++)
			if (set[p]->y[i] < 0 || set[p]->y[i] >= classes)
				return as_fail(err, AS_EARG, "features: a row of class %lld of %lld",
					       (long long)set[p]->y[i], (long long)classes);
	}
	if (classes > (INT_MAX - 15) / (set[0]->d + 1)) /* liblbfgs counts in int, up to the next 16 */
		return as_fail(err, AS_EARG, "logistic regression: %lld classes of %lld weights are too many",
			       (long long)classes, (long long)set[0]->d + 1);
	return n && classes > 0 ? 0 : as_fail(err, AS_EARG, "logistic regression: nothing to learn from");
}

/* Weights are classes x width: what would only ever swap is refused. */
static int check_memory(const struct as_logreg *l, struct as_error *err)
{
	if (l->arena.used <= as_memory())
		return 0;
	return as_fail(err, AS_EMEM, "logistic regression: %lld classes of %lld weights take %zu MiB, the machine has %zu",
		       (long long)l->k, (long long)l->d + 1, l->arena.used >> 20, as_memory() >> 20);
}

int as_logreg_new(struct as_logreg **out, const struct as_features *const *set, int parts, int64_t classes,
		  struct as_pool *pool, struct as_error *err)
{
	int rc = check(set, parts, classes, err);
	if (rc || (rc = as_blas_ready(pool, err)))
		return rc;
	struct as_logreg *l = calloc(1, sizeof *l);
	if (!l)
		return as_fail(err, AS_EMEM, "logistic regression: no memory");
	l->d = set[0]->d;
	l->k = classes;
	l->pool = pool;
	l->kern = as_logit();
	l->centre = set[0]->centre;
	if (!(rc = cut(l, set, parts, err))) {
		take(l, as_pool_lanes(pool));
		rc = check_memory(l, err);
	}
	if (!rc)
		rc = as_arena_open(&l->arena, err);
	if (!rc) {
		take(l, as_pool_lanes(pool));
		rc = find_moments(l, err);
	}
	if (rc)
		as_logreg_free(l);
	else
		*out = l;
	return rc;
}

void as_logreg_free(struct as_logreg *l)
{
	if (!l)
		return;
	as_arena_close(&l->arena);
	free(l->block);
	free(l);
}

int64_t as_logreg_rows(const struct as_logreg *l)
{
	return l->n;
}

double *as_logreg_weights(struct as_logreg *l)
{
	return l->weights;
}

/* ---- predicting ---- */

struct prediction {
	const struct as_features *f;
	const float *w32, *bias; /* (k,d), (k) */
	float *z;                /* (lanes, BLOCK, k) */
	const struct as_classes *classes;
	int64_t *predicted;
};

static void predict_task(void *ctx, int64_t block, int lane)
{
	const struct prediction *p = ctx;
	int64_t k = p->classes->count, d = p->f->d, from = block * BLOCK;
	int64_t rows = p->f->n - from < BLOCK ? p->f->n - from : BLOCK;
	float *z = p->z + lane * BLOCK * k;
	for (int64_t i = 0; i < rows; i++)
		memcpy(z + i * k, p->bias, (size_t)k * sizeof *z);
	as_gemm(false, true, rows, k, d, 1, p->f->x + from * d, d, p->w32, d, 1, z, k);
	for (int64_t i = 0; i < rows; i++) {
		int64_t best = 0;
		for (int64_t c = 1; c < k; c++)
			best = z[i * k + c] > z[i * k + best] ? c : best;
		p->predicted[from + i] = p->classes->label[best];
	}
}

int as_logreg_predict(const double *weights, const struct as_classes *classes, const struct as_features *f,
		      int64_t *predicted, struct as_pool *pool, struct as_error *err)
{
	int64_t k = classes->count, d = f->d;
	int rc = as_blas_ready(pool, err);
	if (rc)
		return rc;
	size_t floats = (size_t)(k * d + k + as_pool_lanes(pool) * BLOCK * k);
	float *room = malloc(floats * sizeof *room);
	if (!room)
		return as_fail(err, AS_EMEM, "predicting: no memory for %lld classes", (long long)k);
	float *bias = room + k * d;
	for (int64_t c = 0; c < k; c++) {
		for (int64_t j = 0; j < d; j++)
			room[c * d + j] = (float)weights[c * (d + 1) + j];
		const double *row = weights + c * (d + 1);
		bias[c] = (float)(row[d] + (f->centre ? along(row, f->centre, d) : 0));
	}
	struct prediction p = {f, room, bias, bias + k, classes, predicted};
	as_each(pool, (f->n + BLOCK - 1) / BLOCK, predict_task, &p);
	free(room);
	return 0;
}
