#include "eval/objective.h"

#include <stdlib.h>
#include <string.h>

#include "eval/shift.h"

/* ---- rows and memory ---- */

int as_objective_rows(struct as_objective *o, const struct as_features *const *set, int parts, struct as_error *err)
{
	for (int p = 0; p < parts; p++) {
		o->blocks += (set[p]->n + AS_BLOCK - 1) / AS_BLOCK;
		o->n += set[p]->n;
	}
	o->block = calloc((size_t)o->blocks + 1, sizeof *o->block);
	if (!o->block)
		return as_fail(err, AS_EMEM, "logistic regression: no memory for %lld rows", (long long)o->n);
	struct as_block *b = o->block;
	for (int p = 0; p < parts; p++)
		for (int64_t i = 0; i < set[p]->n; i += AS_BLOCK, b++)
			*b = (struct as_block){set[p]->x + i * o->d, set[p]->y + i,
					       set[p]->n - i < AS_BLOCK ? set[p]->n - i : AS_BLOCK};
	o->groups = o->blocks < AS_GROUPS ? o->blocks : AS_GROUPS;
	return 0;
}

void as_objective_clear(struct as_objective *o)
{
	free(o->block);
	o->block = NULL;
}

/* The number of floats in one thread's g32. */
static int64_t g32_floats(const struct as_objective *o)
{
	return (o->k > AS_STRIP ? o->k : AS_STRIP) * o->d;
}

void as_objective_take(struct as_objective *o, struct as_arena *a)
{
	size_t d = (size_t)o->d, k = (size_t)o->k, row = d + 1, groups = (size_t)o->groups;
	int64_t padded = as_logit_padded(o->k), threads = as_pool_threads(o->pool);
	o->z_floats = AS_BLOCK * padded + AS_LOGIT_SLACK;
	o->packed = as_arena_floats(a, padded * (o->d + 1));
	o->z = as_arena_floats(a, threads * o->z_floats);
	o->sums = as_arena_floats(a, threads * 2 * padded);
	o->g32 = as_arena_floats(a, threads * g32_floats(o));
	o->g = as_arena_take(a, groups * k * row * sizeof(double));
	o->loss = as_arena_take(a, groups * sizeof(double));
	o->curve = as_arena_take(a, groups * k * sizeof(double));
	o->shifted = as_arena_take(a, o->centre ? k * row * sizeof(double) : 0);
}

/* ---- value and gradient ---- */

static void add_block(struct as_objective *o, const struct as_block *b, int64_t group, int thread)
{
	int64_t d = o->d, k = o->k, padded = as_logit_padded(k);
	float *sums = o->sums + thread * 2 * padded;
	double *g = o->g + group * k * (d + 1), *curve = o->curve + group * k;
	const struct as_logit_block job = {
		.rows = b->rows, .d = d, .k = k, .x = b->x, .label = b->y, .weights = o->packed,
		.z = o->z + thread * o->z_floats, .g = o->g32 + thread * g32_floats(o), .bias = sums, .curve = sums + padded,
	};
	o->loss[group] += o->kern->block(&job);
	for (int64_t c = 0; c < k; c++) {
		for (int64_t j = 0; j < d; j++)
			g[c * (d + 1) + j] += (double)job.g[c * d + j];
		g[c * (d + 1) + d] += (double)job.bias[c];
		curve[c] += (double)job.curve[c];
	}
}

static void group_task(void *ctx, int64_t group, int thread)
{
	struct as_objective *o = ctx;
	int64_t from = group * o->blocks / o->groups, to = (group + 1) * o->blocks / o->groups;
	o->loss[group] = 0;
	memset(o->curve + group * o->k, 0, (size_t)o->k * sizeof(double));
	memset(o->g + group * o->k * (o->d + 1), 0, (size_t)(o->k * (o->d + 1)) * sizeof(double));
	for (int64_t b = from; b < to; b++)
		add_block(o, &o->block[b], group, thread);
}

/* Adds up one class's gradients of all groups, and the penalty's. */
static void class_task(void *ctx, int64_t c, int thread)
{
	struct as_objective *o = ctx;
	int64_t row = o->d + 1;
	double *g = o->gradient + c * row;
	const double *at = o->at + c * row;
	(void)thread;
	memset(g, 0, (size_t)row * sizeof *g);
	for (int64_t i = 0; i < o->groups; i++) {
		const double *part = o->g + (i * o->k + c) * row;
		for (int64_t j = 0; j < row; j++)
			g[j] += part[j];
	}
	as_shift_gradient(o->centre, o->d, o->gradient, c, c + 1, 1);
	for (int64_t j = 0; j < row; j++)
		g[j] = (g[j] + 2 * o->w * at[j]) / (double)o->n;
}

double as_objective_value(struct as_objective *o, double w, const double *x, double *gradient)
{
	int64_t weights = as_objective_weights(o);
	double sum = 0, norm = 0;
	o->w = w;
	o->at = x;
	o->gradient = gradient;
	if (o->centre) {
		memcpy(o->shifted, x, (size_t)weights * sizeof *x);
		as_shift_bias(o->centre, o->d, o->shifted, 0, o->k, 1);
	}
	o->kern->pack(o->centre ? o->shifted : x, o->k, o->d, o->packed);
	as_each(o->pool, o->groups, group_task, o);
	as_each(o->pool, o->k, class_task, o);
	for (int64_t i = 0; i < o->groups; i++)
		sum += o->loss[i];
	for (int64_t i = 0; i < weights; i++)
		norm += x[i] * x[i];
	return (sum + w * norm) / (double)o->n;
}
