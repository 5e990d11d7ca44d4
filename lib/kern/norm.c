/* Batch normalisation (Ioffe and Szegedy, 2015) over rows (rows,c), fused with the
 * residual sum and the ReLU that follow it. Rows are cut into blocks by shape;
 * blocks' sums are merged in order. */
#include <math.h>

#include "kern/kern.h"

enum { MAX_BLOCKS = 64, MIN_ROWS = 64 };

static int64_t rows_a_block(int64_t rows)
{
	int64_t r = (rows + MAX_BLOCKS - 1) / MAX_BLOCKS;
	return r < MIN_ROWS ? MIN_ROWS : r;
}

static int64_t blocks(int64_t rows)
{
	return (rows + rows_a_block(rows) - 1) / rows_a_block(rows);
}

int64_t as_norm_partial(int64_t rows, int64_t c)
{
	return blocks(rows) * 2 * c;
}

struct job {
	const struct as_kern *kern;
	const float *x, *y, *dy, *add;
	int64_t rows, c;
	const struct as_norm *n;
	const float *a, *b, *e;
	float *out, *dadd, *partial;
	bool relu, accumulate;
};

/* The block's first row and its number of rows. */
static int64_t cut(const struct job *j, int64_t block, int64_t *first)
{
	int64_t each = rows_a_block(j->rows);
	*first = block * each;
	return j->rows - *first < each ? j->rows - *first : each;
}

static void stats_block(void *ctx, int64_t i, int lane)
{
	const struct job *j = ctx;
	int64_t first, rows = cut(j, i, &first);
	float *mean = j->partial + i * 2 * j->c;
	(void)lane;
	j->kern->moments(j->x + first * j->c, rows, j->c, mean, mean + j->c);
}

/* Chan, Golub and LeVeque's merge of (count, mean, m2) with the next block's. */
static void merge(const struct job *j, int64_t channel, double *mean, double *m2)
{
	double count = 0;
	*mean = *m2 = 0;
	for (int64_t i = 0; i < blocks(j->rows); i++) {
		int64_t first;
		double rows = (double)cut(j, i, &first), total = count + rows;
		const float *p = j->partial + i * 2 * j->c + channel;
		double gap = (double)p[0] - *mean;
		*mean += gap * rows / total;
		*m2 += p[j->c] + gap * gap * count * rows / total;
		count = total;
	}
}

static void set_affine(const struct as_norm *n, int64_t i, float gamma, float beta, double mean, double var, float eps)
{
	double invstd = 1 / sqrt(var + eps);
	n->mean[i] = (float)mean;
	n->invstd[i] = (float)invstd;
	n->scale[i] = (float)(gamma * invstd);
	n->shift[i] = (float)(beta - mean * gamma * invstd);
}

void as_norm_stats(const struct as_kern *kern, struct as_pool *pool, const float *x, int64_t rows, int64_t c,
		   const float *gamma, const float *beta, float eps, float momentum, float *running_mean,
		   float *running_var, const struct as_norm *n, float *partial)
{
	struct job j = {.kern = kern, .x = x, .rows = rows, .c = c, .partial = partial};
	as_each(pool, blocks(rows), stats_block, &j);
	for (int64_t i = 0; i < c; i++) {
		double mean, m2;
		merge(&j, i, &mean, &m2);
		double unbiased = rows > 1 ? m2 / (double)(rows - 1) : 0;
		set_affine(n, i, gamma[i], beta[i], mean, m2 / (double)rows, eps);
		running_mean[i] += momentum * ((float)mean - running_mean[i]);
		running_var[i] += momentum * ((float)unbiased - running_var[i]);
	}
}

void as_norm_frozen(int64_t c, const float *gamma, const float *beta, float eps, const float *running_mean,
		    const float *running_var, const struct as_norm *n)
{
	for (int64_t i = 0; i < c; i++)
		set_affine(n, i, gamma[i], beta[i], running_mean[i], running_var[i], eps);
}

static void apply_block(void *ctx, int64_t i, int lane)
{
	const struct job *j = ctx;
	int64_t first, rows = cut(j, i, &first), at = first * j->c;
	(void)lane;
	j->kern->affine(j->x + at, rows, j->c, j->n->scale, j->n->shift, j->add ? j->add + at : NULL, j->relu,
			j->out + at);
}

void as_norm_apply(const struct as_kern *kern, struct as_pool *pool, const float *x, int64_t rows, int64_t c,
		   const struct as_norm *n, const float *add, bool relu, float *y)
{
	struct job j = {.kern = kern, .x = x, .add = add, .rows = rows, .c = c, .n = n, .out = y, .relu = relu};
	as_each(pool, blocks(rows), apply_block, &j);
}

static void sums_block(void *ctx, int64_t i, int lane)
{
	const struct job *j = ctx;
	int64_t first, rows = cut(j, i, &first), at = first * j->c;
	float *sum = j->partial + i * 2 * j->c;
	(void)lane;
	j->kern->norm_sums(j->dy + at, j->y ? j->y + at : NULL, j->x + at, rows, j->c, j->n->mean, j->n->invstd, sum,
			   sum + j->c);
}

static void back_block(void *ctx, int64_t i, int lane)
{
	const struct job *j = ctx;
	int64_t first, rows = cut(j, i, &first), at = first * j->c;
	(void)lane;
	j->kern->norm_back(j->dy + at, j->y ? j->y + at : NULL, j->x + at, rows, j->c, j->a, j->b, j->e, j->out + at,
			   j->dadd ? j->dadd + at : NULL, j->accumulate);
}

/* dx = gamma invstd (g - mean(g) - xhat mean(g xhat)) = a g + b x + e, with
 * a = gamma invstd, b = -a invstd mean(g xhat), e = -a mean(g) - b mean(x).
 * partial's first block is free for a and b once summed; n->shift for e: the
 * pass is spent. */
void as_norm_backward(const struct as_kern *kern, struct as_pool *pool, const float *dy, const float *y, const float *x,
		      int64_t rows, int64_t c, const float *gamma, const struct as_norm *n, float *dgamma,
		      float *dbeta, float *dx, float *dadd, bool add, float *partial)
{
	struct job j = {.kern = kern, .x = x, .y = y, .dy = dy, .rows = rows, .c = c, .n = n, .out = dx,
			.dadd = dadd, .partial = partial, .accumulate = add};
	as_each(pool, blocks(rows), sums_block, &j);
	for (int64_t i = 0; i < c; i++) {
		double g = 0, gx = 0;
		for (int64_t block = 0; block < blocks(rows); block++) {
			g += partial[block * 2 * c + i];
			gx += partial[(block * 2 + 1) * c + i];
		}
		double a = (double)gamma[i] * n->invstd[i], b = -a * n->invstd[i] * gx / (double)rows;
		dgamma[i] += (float)gx;
		dbeta[i] += (float)g;
		partial[i] = (float)a;
		partial[c + i] = (float)b;
		n->shift[i] = (float)(-a * g / (double)rows - b * n->mean[i]);
	}
	j.a = partial;
	j.b = partial + c;
	j.e = n->shift;
	as_each(pool, blocks(rows), back_block, &j);
}
