/* Layer normalisation (Ba, Kiros and Hinton, 2016) over each row of (rows,c), fused with the ReLU that may
 * follow it. Rows are independent; the gradients of gamma and beta are sums over rows, with a leaf for each
 * grain. Sums are in double. */
#include <math.h>

#include "kern/cpu.h"

enum { ROWS = 16, COLUMNS = 64 }; /* in a task */

struct job {
	const float *x, *y, *dy, *gamma, *beta;
	const float *mean, *invstd; /* backward: of each row */
	float *out, *to_mean, *to_invstd;
	int64_t rows, c, leaf; /* rows: of the batch or of a grain */
	float eps, *dgamma, *dbeta;
	bool relu, add;
};

static void forward_row(const struct job *j, int64_t r)
{
	const float *x = j->x + r * j->c;
	float *y = j->out + r * j->c;
	double mean = 0, var = 0;
	for (int64_t i = 0; i < j->c; i++)
		mean += x[i];
	mean /= (double)j->c;
	for (int64_t i = 0; i < j->c; i++)
		var += (x[i] - mean) * (x[i] - mean);
	double invstd = 1 / sqrt(var / (double)j->c + j->eps);
	j->to_mean[r] = (float)mean;
	j->to_invstd[r] = (float)invstd;
	for (int64_t i = 0; i < j->c; i++) {
		float v = (float)((x[i] - mean) * invstd) * j->gamma[i] + j->beta[i];
		y[i] = j->relu && v < 0 ? 0 : v; /* this order of the comparison keeps not-a-number */
	}
}

static void forward_rows(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	(void)thread;
	for (int64_t r = task * ROWS; r < j->rows && r < (task + 1) * ROWS; r++)
		forward_row(j, r);
}

void as_cpu_layernorm_forward(const struct as_engine *e, const float *x, int64_t rows, int64_t c, const float *gamma,
			      const float *beta, float eps, bool relu, float *mean, float *invstd, float *y)
{
	struct job j = {.x = x, .gamma = gamma, .beta = beta, .to_mean = mean, .to_invstd = invstd, .out = y, .rows = rows, .c = c,
			.eps = eps, .relu = relu};
	as_each(e->pool, (rows + ROWS - 1) / ROWS, forward_rows, &j);
}

/* The gradient that reaches the affine map of gamma and beta. */
static double slope(const struct job *j, int64_t at)
{
	return !j->y || j->y[at] > 0 ? (double)j->dy[at] : 0;
}

static double xhat(const struct job *j, int64_t r, int64_t i)
{
	return ((double)j->x[r * j->c + i] - j->mean[r]) * j->invstd[r];
}

/* With g = gamma dy: dx = invstd (g - mean(g) - xhat mean(g xhat)). */
static void backward_row(const struct job *j, int64_t r)
{
	float *dx = j->out + r * j->c;
	double g = 0, gx = 0;
	for (int64_t i = 0; i < j->c; i++) {
		double one = slope(j, r * j->c + i) * j->gamma[i];
		g += one;
		gx += one * xhat(j, r, i);
	}
	g /= (double)j->c;
	gx /= (double)j->c;
	for (int64_t i = 0; i < j->c; i++) {
		float d = (float)(j->invstd[r] * (slope(j, r * j->c + i) * j->gamma[i] - g - xhat(j, r, i) * gx));
		dx[i] = j->add ? dx[i] + d : d;
	}
}

static void backward_rows(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	(void)thread;
	for (int64_t r = task * ROWS; r < j->rows && r < (task + 1) * ROWS; r++)
		backward_row(j, r);
}

/* A grain's part of dgamma and dbeta, COLUMNS columns of them. */
static void sum_columns(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	int64_t across = (j->c + COLUMNS - 1) / COLUMNS, grain = task / across, from = task % across * COLUMNS;
	int64_t wide = j->c - from < COLUMNS ? j->c - from : COLUMNS;
	double dgamma[COLUMNS] = {0}, dbeta[COLUMNS] = {0};
	(void)thread;
	for (int64_t r = grain * j->rows; r < (grain + 1) * j->rows; r++)
		for (int64_t i = 0; i < wide; i++) {
			double g = slope(j, r * j->c + from + i);
			dgamma[i] += g * xhat(j, r, from + i);
			dbeta[i] += g;
		}
	for (int64_t i = 0; i < wide; i++) {
		j->dgamma[grain * j->leaf + from + i] += (float)dgamma[i];
		j->dbeta[grain * j->leaf + from + i] += (float)dbeta[i];
	}
}

void as_cpu_layernorm_backward(const struct as_engine *e, const float *dy, const float *y, const float *x, int64_t rows,
			       int64_t c, const float *gamma, const float *mean, const float *invstd, float *dgamma,
			       float *dbeta, int64_t leaf, float *dx, bool add)
{
	struct job j = {.x = x, .y = y, .dy = dy, .gamma = gamma, .mean = mean, .invstd = invstd, .out = dx,
			.rows = rows / e->grains, .c = c, .leaf = leaf,
			.dgamma = dgamma, .dbeta = dbeta, .add = add};
	as_each(e->pool, e->grains * ((c + COLUMNS - 1) / COLUMNS), sum_columns, &j);
	j.rows = rows;
	as_each(e->pool, (rows + ROWS - 1) / ROWS, backward_rows, &j);
}
