/* Pooling; one image is a task. */
#include <string.h>

#include "kern/cpu.h"
#include "kern/loops.h"

struct pool_job {
	const struct as_loops *loops;
	const struct as_conv *s;
	const float *x, *dy;
	float *y, *dx;
	int64_t hw, c;
	bool add;
};

static void maxpool_image(void *ctx, int64_t n, int thread)
{
	const struct pool_job *j = ctx;
	const struct as_conv *s = j->s;
	int64_t in = n * s->h * s->w * s->c, out = n * s->oh * s->ow * s->c;
	(void)thread;
	if (j->dx)
		j->loops->maxpool_back(s, j->x + in, j->dy + out, j->dx + in);
	else
		j->loops->maxpool(s, j->x + in, j->y + out);
}

void as_cpu_maxpool_forward(const struct as_engine *e, const struct as_conv *s, const float *x, float *y)
{
	struct pool_job j = {.loops = e->kern->loops, .s = s, .x = x, .y = y};
	as_each(e->pool, s->n, maxpool_image, &j);
}

void as_cpu_maxpool_backward(const struct as_engine *e, const struct as_conv *s, const float *x, const float *dy, float *dx)
{
	struct pool_job j = {.loops = e->kern->loops, .s = s, .x = x, .dy = dy, .dx = dx};
	as_each(e->pool, s->n, maxpool_image, &j);
}

static void avgpool_image(void *ctx, int64_t n, int thread)
{
	const struct pool_job *j = ctx;
	const float *x = j->x + n * j->hw * j->c;
	float *y = j->y + n * j->c;
	(void)thread;
	memset(y, 0, (size_t)j->c * sizeof *y);
	for (int64_t p = 0; p < j->hw; p++)
		for (int64_t c = 0; c < j->c; c++)
			y[c] += x[p * j->c + c];
	for (int64_t c = 0; c < j->c; c++)
		y[c] /= (float)j->hw;
}

void as_cpu_avgpool_forward(const struct as_engine *e, const float *x, int64_t n, int64_t hw, int64_t c, float *y)
{
	struct pool_job j = {.x = x, .y = y, .hw = hw, .c = c};
	as_each(e->pool, n, avgpool_image, &j);
}

static void avgpool_back_image(void *ctx, int64_t n, int thread)
{
	const struct pool_job *j = ctx;
	const float *dy = j->dy + n * j->c;
	float *dx = j->dx + n * j->hw * j->c;
	(void)thread;
	for (int64_t p = 0; p < j->hw; p++, dx += j->c)
		for (int64_t c = 0; c < j->c; c++)
			dx[c] = (j->add ? dx[c] : 0) + dy[c] / (float)j->hw;
}

void as_cpu_avgpool_backward(const struct as_engine *e, const float *dy, int64_t n, int64_t hw, int64_t c,
			     float *dx, bool add)
{
	struct pool_job j = {.dy = dy, .dx = dx, .hw = hw, .c = c, .add = add};
	as_each(e->pool, n, avgpool_back_image, &j);
}
