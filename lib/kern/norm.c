/* Batch normalisation (Ioffe and Szegedy, 2015) over rows (rows,c), fused with the residual sum and the
 * ReLU that follow it. The rows of each grain are divided into blocks, by the shape alone. The blocks' sums
 * are added in double: first the blocks of a grain in order, then the grains of all ranks in order. */
#include <math.h>

#include "kern/cpu.h"
#include "kern/loops.h"

/* The most blocks, and the fewest rows of one; tasks of norm_apply, which sums nothing, and the least and most floats
 * in one; channels of a grain in a task that adds up blocks, as its doubles fill whole lines of the cache. */
enum { MAX_BLOCKS = 64, MIN_ROWS = 64, APPLIED = 256, APPLIED_LEAST = 1 << 13, APPLIED_MOST = 1 << 17, CHANNELS = 16 };

struct job {
	const struct as_kern *kern;
	const void *x, *dy; /* maps */
	const uint32_t *on; /* where the output was above 0 */
	int64_t grains, rows, c; /* rows: of a grain */
	const struct as_norm *n;
	const float *a, *b, *e;
	void *out, *dadd;
	float *partial;
	double *own, *all; /* (grains,2,c) of this rank, of all */
	bool accumulate;
	/* for what the sums over all grains give */
	const struct as_engine *engine;
	float eps, momentum, *running_mean, *running_var, *dgamma, *dbeta;
	const float *gamma, *beta;
	double count;
};

static int64_t rows_a_block(int64_t rows)
{
	int64_t r = (rows + MAX_BLOCKS - 1) / MAX_BLOCKS;
	return r < MIN_ROWS ? MIN_ROWS : r;
}

/* The number of blocks in a grain's rows. */
static int64_t blocks(int64_t rows)
{
	return (rows + rows_a_block(rows) - 1) / rows_a_block(rows);
}

/* The number of blocks in all grains. */
static int64_t all_blocks(const struct job *j)
{
	return j->grains * blocks(j->rows);
}

/* The block's first row and its number of rows. */
static int64_t rows_of(const struct job *j, int64_t block, int64_t *first)
{
	int64_t each = rows_a_block(j->rows), at = block % blocks(j->rows) * each;
	*first = block / blocks(j->rows) * j->rows + at;
	return j->rows - at < each ? j->rows - at : each;
}

/* The two sums of a block for channel i; the second is c floats further. */
static const float *found(const struct job *j, int64_t grain, int64_t block, int64_t i)
{
	return j->partial + (grain * blocks(j->rows) + block) * 2 * j->c + i;
}

/* Two floats for each block, two doubles for each grain; with other ranks, theirs too. */
int64_t as_cpu_norm_partial(const struct as_engine *e, int64_t rows, int64_t c)
{
	int64_t grains = e->grains + (e->world ? e->grains * as_ranks(e) : 0);
	return 2 * c * (e->grains * blocks(rows / e->grains) + grains * (int64_t)(sizeof(double) / sizeof(float)));
}

static void divide_partial(const struct as_engine *e, struct job *j, float *partial)
{
	j->partial = partial;
	j->own = (double *)(void *)(partial + all_blocks(j) * 2 * j->c);
	j->all = e->world ? j->own + j->grains * 2 * j->c : j->own;
}

/* Tells every rank all grains' doubles. */
static void share_grains(const struct as_engine *e, const struct job *j)
{
	if (e->world)
		e->world->gather(e->world, j->own, (size_t)(j->grains * 2 * j->c) * sizeof(double), j->all);
}

static void stats_block(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t first, rows = rows_of(j, i, &first);
	float *mean = j->partial + i * 2 * j->c;
	(void)thread;
	j->kern->loops->moments(as_map_at(j->kern, j->x, first * j->c), rows, j->c, mean, mean + j->c);
}

/* The number of rows, their mean, and the sum of squared distances from it. */
struct moments {
	double count, mean, m2;
};

/* Joins the moments of two sets of rows (Chan, Golub and LeVeque). */
static struct moments merged(struct moments a, struct moments b)
{
	double total = a.count + b.count, gap = b.mean - a.mean;
	return (struct moments){total, a.mean + gap * b.count / total, a.m2 + (b.m2 + gap * gap * a.count * b.count / total)};
}

static struct moments moments_of_grain(const struct job *j, int64_t grain, int64_t i)
{
	struct moments all = {0, 0, 0};
	for (int64_t block = 0; block < blocks(j->rows); block++) {
		int64_t first;
		const float *p = found(j, grain, block, i);
		all = merged(all, (struct moments){(double)rows_of(j, block, &first), (double)p[0], (double)p[j->c]});
	}
	return all;
}

/* CHANNELS of `c`, which are task number `task`. */
static int64_t channels(int64_t c, int64_t task, int64_t *first)
{
	*first = task * CHANNELS;
	return c - *first < CHANNELS ? c : *first + CHANNELS;
}

static int64_t channel_tasks(int64_t c)
{
	return (c + CHANNELS - 1) / CHANNELS;
}

static void sum_moments(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	int64_t grain = task / channel_tasks(j->c), i, last = channels(j->c, task % channel_tasks(j->c), &i);
	(void)thread;
	for (; i < last; i++) {
		struct moments m = moments_of_grain(j, grain, i);
		j->own[grain * 2 * j->c + i] = m.mean;
		j->own[(grain * 2 + 1) * j->c + i] = m.m2;
	}
}

/* Runs sum for some channels of each grain, then all for some channels, when every rank knows all grains' sums. */
static void sum_channels(const struct job *j, void (*sum)(void *, int64_t, int), void (*all)(void *, int64_t, int))
{
	const struct as_engine *e = j->engine;
	as_each(e->pool, j->grains * channel_tasks(j->c), sum, (void *)(uintptr_t)j);
	share_grains(e, j);
	as_each(e->pool, channel_tasks(j->c), all, (void *)(uintptr_t)j);
}

static struct moments moments_of_all(const struct job *j, int64_t i)
{
	struct moments all = {(double)j->rows, j->all[i], j->all[j->c + i]};
	for (int64_t grain = 1; grain < j->grains * as_ranks(j->engine); grain++) {
		const double *p = j->all + grain * 2 * j->c + i;
		all = merged(all, (struct moments){(double)j->rows, p[0], p[j->c]});
	}
	return all;
}

static void set_affine(const struct as_norm *n, int64_t i, float gamma, float beta, double mean, double var, float eps)
{
	double invstd = 1 / sqrt(var + eps);
	n->mean[i] = (float)mean;
	n->invstd[i] = (float)invstd;
	n->scale[i] = (float)(gamma * invstd);
	n->shift[i] = (float)(beta - mean * gamma * invstd);
}

static void set_stats(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	int64_t i, last = channels(j->c, task, &i);
	(void)thread;
	for (; i < last; i++) {
		struct moments all = moments_of_all(j, i);
		double unbiased = j->count > 1 ? all.m2 / (j->count - 1) : 0;
		set_affine(j->n, i, j->gamma[i], j->beta[i], all.mean, all.m2 / j->count, j->eps);
		j->running_mean[i] += j->momentum * ((float)all.mean - j->running_mean[i]);
		j->running_var[i] += j->momentum * ((float)unbiased - j->running_var[i]);
	}
}

void as_cpu_norm_stats(const struct as_engine *e, const void *x, int64_t rows, int64_t c, const float *gamma,
		       const float *beta, float eps, float momentum, float *running_mean, float *running_var,
		       const struct as_norm *n, float *partial)
{
	struct job j = {.kern = e->kern, .x = x, .grains = e->grains, .rows = rows / e->grains, .c = c, .n = n,
			.engine = e, .eps = eps, .momentum = momentum, .running_mean = running_mean, .running_var = running_var,
			.gamma = gamma, .beta = beta, .count = (double)(rows * as_ranks(e))};
	divide_partial(e, &j, partial);
	as_each(e->pool, all_blocks(&j), stats_block, &j);
	sum_channels(&j, sum_moments, set_stats);
}

void as_cpu_norm_frozen(const struct as_engine *e, int64_t c, const float *gamma, const float *beta, float eps,
			const float *running_mean, const float *running_var, const struct as_norm *n)
{
	(void)e;
	for (int64_t i = 0; i < c; i++)
		set_affine(n, i, gamma[i], beta[i], running_mean[i], running_var[i], eps);
}

/* y = scale (w x - mean) .. + beta */
void as_cpu_norm_fold(const struct as_engine *e, int64_t c, int64_t each, const float *gamma, float eps,
		      const float *running_mean, const float *running_var, float *w, float *beta)
{
	(void)e;
	for (int64_t i = 0; i < c; i++, w += each) {
		float mean, invstd, scale, shift;
		set_affine(&(struct as_norm){&mean, &invstd, &scale, &shift}, 0, gamma[i], beta[i], running_mean[i],
			   running_var[i], eps);
		for (int64_t j = 0; j < each; j++)
			w[j] *= scale;
		beta[i] = shift;
	}
}

static int64_t rows_applied(int64_t rows, int64_t c)
{
	int64_t floats = rows * c / APPLIED;
	floats = floats < APPLIED_LEAST ? APPLIED_LEAST : floats > APPLIED_MOST ? APPLIED_MOST : floats;
	return floats < c ? 1 : floats / c;
}

struct applied {
	const struct as_kern *kern;
	const void *x, *add;
	void *y;
	uint32_t *on;
	int64_t rows, c;
	const float *scale, *shift;
	bool relu;
};

static void apply_block(void *ctx, int64_t i, int thread)
{
	const struct applied *a = ctx;
	int64_t each = rows_applied(a->rows, a->c), first = i * each, at = first * a->c;
	int64_t rows = a->rows - first < each ? a->rows - first : each;
	(void)thread;
	a->kern->loops->affine(as_map_at(a->kern, a->x, at), rows, a->c, a->scale, a->shift, as_map_at(a->kern, a->add, at),
			       a->relu, as_map_at(a->kern, a->y, at), as_on_at(a->on, first, a->c));
}

void as_cpu_norm_apply(const struct as_engine *e, const void *x, int64_t rows, int64_t c, const struct as_norm *n,
		       const void *add, bool relu, void *y, uint32_t *on, bool beside)
{
	struct applied a = {e->kern, x, add, y, on, rows, c, n->scale, n->shift, relu};
	int64_t tasks = (rows + rows_applied(rows, c) - 1) / rows_applied(rows, c);
	if (beside)
		as_beside(e->pool, tasks, apply_block, &a, sizeof a);
	else
		as_each(e->pool, tasks, apply_block, &a);
}

void as_cpu_settle(const struct as_engine *e)
{
	as_beside_end(e->pool);
}

static void sums_block(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t first, rows = rows_of(j, i, &first), at = first * j->c;
	float *sum = j->partial + i * 2 * j->c;
	(void)thread;
	j->kern->loops->norm_sums(as_map_at(j->kern, j->dy, at), as_on_at(j->on, first, j->c), as_map_at(j->kern, j->x, at),
				  rows, j->c, j->n->mean, j->n->invstd, sum, sum + j->c);
}

static void back_block(void *ctx, int64_t i, int thread)
{
	const struct job *j = ctx;
	int64_t first, rows = rows_of(j, i, &first), at = first * j->c;
	(void)thread;
	j->kern->loops->norm_back(as_map_at(j->kern, j->dy, at), as_on_at(j->on, first, j->c), as_map_at(j->kern, j->x, at),
				  rows, j->c, j->a, j->b, j->e, as_map_at(j->kern, j->out, at),
				  as_map_at(j->kern, j->dadd, at), j->accumulate);
}

/* The sums of g and of g xhat, for each grain. */
static void sum_gradients(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	int64_t grain = task / channel_tasks(j->c), i, last = channels(j->c, task % channel_tasks(j->c), &i);
	(void)thread;
	for (; i < last; i++) {
		double g = 0, gx = 0;
		for (int64_t block = 0; block < blocks(j->rows); block++) {
			const float *p = found(j, grain, block, i);
			g += p[0];
			gx += p[j->c];
		}
		j->own[grain * 2 * j->c + i] = g;
		j->own[(grain * 2 + 1) * j->c + i] = gx;
	}
}

/* The same for channel i over the batch. */
static void sums_of_all(const struct job *j, int64_t i, double *g, double *gx)
{
	*g = *gx = 0;
	for (int64_t grain = 0; grain < j->grains * as_ranks(j->engine); grain++) {
		*g += j->all[grain * 2 * j->c + i];
		*gx += j->all[(grain * 2 + 1) * j->c + i];
	}
}

/* dx = gamma invstd (g - mean(g) - xhat mean(g xhat)) = a g + b x + e, with a = gamma invstd, b = -a invstd
 * mean(g xhat), e = -a mean(g) - b mean(x). Once summed, the first block of partial is free for a and b,
 * and n->shift holds e. */
static void set_back(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	const struct as_norm *n = j->n;
	int64_t i, last = channels(j->c, task, &i);
	(void)thread;
	for (; i < last; i++) {
		double g, gx;
		sums_of_all(j, i, &g, &gx);
		double a = (double)j->gamma[i] * n->invstd[i], b = -a * n->invstd[i] * gx / j->count;
		j->dgamma[i] += (float)gx;
		j->dbeta[i] += (float)g;
		j->partial[i] = (float)a;
		j->partial[j->c + i] = (float)b;
		n->shift[i] = (float)(-a * g / j->count - b * n->mean[i]);
	}
}

void as_cpu_norm_backward(const struct as_engine *e, const void *dy, const uint32_t *on, const void *x, int64_t rows, int64_t c,
			  const float *gamma, const struct as_norm *n, float *dgamma, float *dbeta, void *dx, void *dadd,
			  bool add, float *partial)
{
	struct job j = {.kern = e->kern, .x = x, .on = on, .dy = dy, .grains = e->grains, .rows = rows / e->grains,
			.c = c, .n = n, .a = partial, .b = partial + c, .e = n->shift, .out = dx, .dadd = dadd,
			.accumulate = add, .engine = e, .dgamma = dgamma, .dbeta = dbeta, .gamma = gamma,
			.count = (double)(rows * as_ranks(e))};
	divide_partial(e, &j, partial);
	as_each(e->pool, all_blocks(&j), sums_block, &j);
	sum_channels(&j, sum_gradients, set_back);
	as_each(e->pool, all_blocks(&j), back_block, &j);
}
