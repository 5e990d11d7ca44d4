/* Loops over parameters: n floats, one chunk a task. Each float is computed alone, so the size of a chunk changes
 * nothing. */
#include <math.h>
#include <string.h>

#include "kern/cpu.h"
#include "kern/loops.h"

enum { CHUNK = 1 << 13 };

struct job {
	const struct as_loops *loops;
	int64_t n, leaf, leaves;
	float *x, *v, *m;
	const float *y;
	float lr, momentum, decay, by;
	bool first;
	struct as_adamw_step step;
};

static void in_chunks(const struct as_engine *e, struct job *j, void (*chunk)(void *, int64_t, int))
{
	j->loops = e->kern->loops;
	as_each(e->pool, (j->n + CHUNK - 1) / CHUNK, chunk, j);
}

/* The chunk's first float and its number of floats. */
static int64_t floats(const struct job *j, int64_t i, int64_t *at)
{
	*at = i * CHUNK;
	return j->n - *at < CHUNK ? j->n - *at : CHUNK;
}

static void zero_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	memset(j->x + at, 0, (size_t)n * sizeof *j->x);
}

void as_cpu_zero(const struct as_engine *e, int64_t n, float *x)
{
	in_chunks(e, &(struct job){.n = n, .x = x}, zero_chunk);
}

static void tree_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	for (int64_t apart = 1; apart < j->leaves; apart *= 2)
		for (int64_t leaf = 0; leaf + apart < j->leaves; leaf += 2 * apart)
			j->loops->add(n, j->x + leaf * j->leaf + at, j->x + (leaf + apart) * j->leaf + at);
}

void as_cpu_tree(const struct as_engine *e, int64_t n, float *grad, int64_t leaf)
{
	if (e->grains > 1)
		in_chunks(e, &(struct job){.n = n, .x = grad, .leaf = leaf, .leaves = e->grains}, tree_chunk);
}

static void sgd_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	j->loops->sgd(n, j->x + at, j->y + at, j->v + at, j->lr, j->momentum, j->decay, j->first);
}

void as_cpu_sgd(const struct as_engine *e, int64_t n, float *p, const float *g, float *v, float lr, float momentum,
		float decay, bool first)
{
	in_chunks(e, &(struct job){.n = n, .x = p, .y = g, .v = v, .lr = lr, .momentum = momentum, .decay = decay,
				   .first = first}, sgd_chunk);
}

static void adamw_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	j->loops->adamw(n, j->x + at, j->y + at, j->m + at, j->v + at, &j->step);
}

/* In the order of PyTorch's torch.optim.AdamW: the decay comes first, and v's bias correction is applied
 * under the root. */
void as_cpu_adamw(const struct as_engine *e, int64_t n, float *p, const float *g, float *m, float *v,
		  const struct as_adamw *how)
{
	double bias1 = 1 - pow(how->beta1, (double)how->step), bias2 = 1 - pow(how->beta2, (double)how->step);
	struct as_adamw_step s = {.keep = (float)(1 - how->lr * how->decay), .rest1 = (float)(1 - how->beta1),
				  .beta2 = (float)how->beta2, .rest2 = (float)(1 - how->beta2), .root = (float)sqrt(bias2),
				  .eps = (float)how->eps, .size = (float)(how->lr / bias1)};
	in_chunks(e, &(struct job){.n = n, .x = p, .y = g, .m = m, .v = v, .step = s}, adamw_chunk);
}

static void ema_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	j->loops->ema(n, j->x + at, j->y + at, j->by);
}

void as_cpu_ema(const struct as_engine *e, int64_t n, float *slow, const float *p, float rest)
{
	in_chunks(e, &(struct job){.n = n, .x = slow, .y = p, .by = rest}, ema_chunk);
}

static void add_scaled_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	for (int64_t k = at; k < at + n; k++)
		j->x[k] += j->by * j->y[k];
}

void as_cpu_add_scaled(const struct as_engine *e, int64_t n, float *x, const float *y, float by)
{
	in_chunks(e, &(struct job){.n = n, .x = x, .y = y, .by = by}, add_scaled_chunk);
}

static void scale_chunk(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t at, n = floats(j, i, &at);
	(void)thread;
	for (int64_t k = at; k < at + n; k++)
		j->x[k] *= j->by;
}

void as_cpu_scale(const struct as_engine *e, int64_t n, float *x, float by)
{
	in_chunks(e, &(struct job){.n = n, .x = x, .by = by}, scale_chunk);
}

/* Adds in the order of the index, so it uses one thread. */
double as_cpu_dot(const struct as_engine *e, int64_t n, const float *a, const float *b)
{
	return e->kern->loops->dot(n, a, b);
}
