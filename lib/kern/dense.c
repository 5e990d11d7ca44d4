/* Linear layers and pooling. */
#include <string.h>

#include "kern/gemm.h"
#include "kern/kern.h"

enum { COLUMNS = 128 };

struct job {
	const float *x, *dy, *w, *bias;
	float *y, *dx, *dw, *dbias;
	int64_t rows, in, out;
	bool add;
};

/* Columns from..from+n-1 of a matrix cut into tasks of COLUMNS. */
static int64_t cut(int64_t columns, int64_t task, int64_t *from)
{
	*from = task * COLUMNS;
	return columns - *from < COLUMNS ? columns - *from : COLUMNS;
}

static int64_t tasks(int64_t columns)
{
	return (columns + COLUMNS - 1) / COLUMNS;
}

static void forward_columns(void *ctx, int64_t task, int lane)
{
	const struct job *j = ctx;
	int64_t from, n = cut(j->out, task, &from);
	(void)lane;
	if (j->bias)
		for (int64_t i = 0; i < j->rows; i++)
			memcpy(j->y + i * j->out + from, j->bias + from, (size_t)n * sizeof(float));
	as_gemm(false, true, j->rows, n, j->in, 1, j->x, j->in, j->w + from * j->in, j->in, j->bias ? 1 : 0,
		j->y + from, j->out);
}

void as_linear_forward(struct as_pool *pool, const float *x, int64_t rows, int64_t in, int64_t out, const float *w,
		       const float *bias, float *y)
{
	struct job j = {.x = x, .rows = rows, .in = in, .out = out, .w = w, .bias = bias, .y = y};
	as_each(pool, tasks(out), forward_columns, &j);
}

static void data_columns(void *ctx, int64_t task, int lane)
{
	const struct job *j = ctx;
	int64_t from, n = cut(j->in, task, &from);
	(void)lane;
	as_gemm(false, false, j->rows, n, j->out, 1, j->dy, j->out, j->w + from, j->in, j->add ? 1 : 0, j->dx + from,
		j->in);
}

static void weight_rows(void *ctx, int64_t task, int lane)
{
	const struct job *j = ctx;
	int64_t from, n = cut(j->out, task, &from);
	(void)lane;
	as_gemm(true, false, n, j->in, j->rows, 1, j->dy + from, j->out, j->x, j->in, 1, j->dw + from * j->in, j->in);
	if (j->dbias)
		for (int64_t i = 0; i < j->rows; i++)
			for (int64_t o = from; o < from + n; o++)
				j->dbias[o] += j->dy[i * j->out + o];
}

void as_linear_backward(struct as_pool *pool, const float *x, const float *dy, int64_t rows, int64_t in, int64_t out,
			const float *w, float *dw, float *dbias, float *dx, bool add)
{
	struct job j = {.x = x, .dy = dy, .rows = rows, .in = in, .out = out, .w = w, .dw = dw, .dbias = dbias,
			.dx = dx, .add = add};
	as_each(pool, tasks(out), weight_rows, &j);
	if (dx)
		as_each(pool, tasks(in), data_columns, &j);
}

struct pool_job {
	const struct as_kern *kern;
	const struct as_conv *s;
	const float *x, *dy;
	float *y, *dx;
	int64_t hw, c;
	bool add;
};

static void maxpool_image(void *ctx, int64_t n, int lane)
{
	const struct pool_job *j = ctx;
	const struct as_conv *s = j->s;
	int64_t in = n * s->h * s->w * s->c, out = n * s->oh * s->ow * s->c;
	(void)lane;
	if (j->dx)
		j->kern->maxpool_back(s, j->x + in, j->dy + out, j->dx + in);
	else
		j->kern->maxpool(s, j->x + in, j->y + out);
}

void as_maxpool_forward(const struct as_kern *kern, struct as_pool *pool, const struct as_conv *s, const float *x, float *y)
{
	struct pool_job j = {.kern = kern, .s = s, .x = x, .y = y};
	as_each(pool, s->n, maxpool_image, &j);
}

void as_maxpool_backward(const struct as_kern *kern, struct as_pool *pool, const struct as_conv *s, const float *x,
			 const float *dy, float *dx)
{
	struct pool_job j = {.kern = kern, .s = s, .x = x, .dy = dy, .dx = dx};
	as_each(pool, s->n, maxpool_image, &j);
}

static void avgpool_image(void *ctx, int64_t n, int lane)
{
	const struct pool_job *j = ctx;
	const float *x = j->x + n * j->hw * j->c;
	float *y = j->y + n * j->c;
	(void)lane;
	memset(y, 0, (size_t)j->c * sizeof *y);
	for (int64_t p = 0; p < j->hw; p++)
		for (int64_t c = 0; c < j->c; c++)
			y[c] += x[p * j->c + c];
	for (int64_t c = 0; c < j->c; c++)
		y[c] /= (float)j->hw;
}

void as_avgpool_forward(struct as_pool *pool, const float *x, int64_t n, int64_t hw, int64_t c, float *y)
{
	struct pool_job j = {.x = x, .y = y, .hw = hw, .c = c};
	as_each(pool, n, avgpool_image, &j);
}

static void avgpool_back_image(void *ctx, int64_t n, int lane)
{
	const struct pool_job *j = ctx;
	const float *dy = j->dy + n * j->c;
	float *dx = j->dx + n * j->hw * j->c;
	(void)lane;
	for (int64_t p = 0; p < j->hw; p++, dx += j->c)
		for (int64_t c = 0; c < j->c; c++)
			dx[c] = (j->add ? dx[c] : 0) + dy[c] / (float)j->hw;
}

void as_avgpool_backward(struct as_pool *pool, const float *dy, int64_t n, int64_t hw, int64_t c, float *dx, bool add)
{
	struct pool_job j = {.dy = dy, .dx = dx, .hw = hw, .c = c, .add = add};
	as_each(pool, n, avgpool_back_image, &j);
}
