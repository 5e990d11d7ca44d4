/* Pooling; one image is a task. */
#include "kern/cpu.h"
#include "kern/loops.h"

struct pool_job {
	const struct as_kern *kern;
	const struct as_conv *s;
	const void *x, *dy;
	void *y, *dx;
	int64_t hw, c;
	bool add;
};

static void maxpool_image(void *ctx, int64_t n, int thread)
{
	const struct pool_job *j = ctx;
	const struct as_conv *s = j->s;
	int64_t in = n * s->h * s->w * s->c, out = n * s->oh * s->ow * s->c;
	const void *x = as_map_at(j->kern, j->x, in);
	(void)thread;
	if (j->dx)
		j->kern->loops->maxpool_back(s, x, as_map_at(j->kern, j->dy, out), as_map_at(j->kern, j->dx, in));
	else
		j->kern->loops->maxpool(s, x, as_map_at(j->kern, j->y, out));
}

void as_cpu_maxpool_forward(const struct as_engine *e, const struct as_conv *s, const void *x, void *y)
{
	struct pool_job j = {.kern = e->kern, .s = s, .x = x, .y = y};
	as_each(e->pool, s->n, maxpool_image, &j);
}

void as_cpu_maxpool_backward(const struct as_engine *e, const struct as_conv *s, const void *x, const void *dy, void *dx)
{
	struct pool_job j = {.kern = e->kern, .s = s, .x = x, .dy = dy, .dx = dx};
	as_each(e->pool, s->n, maxpool_image, &j);
}

static void avgpool_image(void *ctx, int64_t n, int thread)
{
	const struct pool_job *j = ctx;
	(void)thread;
	j->kern->loops->avgpool(as_map_at(j->kern, j->x, n * j->hw * j->c), j->hw, j->c, (float *)j->y + n * j->c);
}

void as_cpu_avgpool_forward(const struct as_engine *e, const void *x, int64_t n, int64_t hw, int64_t c, float *y)
{
	struct pool_job j = {.kern = e->kern, .x = x, .y = y, .hw = hw, .c = c};
	as_each(e->pool, n, avgpool_image, &j);
}

static void avgpool_back_image(void *ctx, int64_t n, int thread)
{
	const struct pool_job *j = ctx;
	(void)thread;
	j->kern->loops->avgpool_back((const float *)j->dy + n * j->c, j->hw, j->c, as_map_at(j->kern, j->dx, n * j->hw * j->c),
				     j->add);
}

void as_cpu_avgpool_backward(const struct as_engine *e, const float *dy, int64_t n, int64_t hw, int64_t c, void *dx,
			     bool add)
{
	struct pool_job j = {.kern = e->kern, .dy = dy, .dx = dx, .hw = hw, .c = c, .add = add};
	as_each(e->pool, n, avgpool_back_image, &j);
}
