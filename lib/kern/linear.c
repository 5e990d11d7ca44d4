/* Linear layers. A task is one grain's rows and some columns. */
#include <string.h>

#include "kern/cpu.h"
#include "kern/gemm.h"

enum { COLUMNS = 64 };

struct job {
	const float *x, *dy, *w, *bias;
	float *y, *dx, *dw, *dbias;
	int64_t rows, in, out; /* rows of a grain */
	int64_t leaf;
	bool add;
};

/* A task's part of a matrix: its grain, and the n columns from `from` on. */
struct piece {
	int64_t grain, from, n;
};

static int64_t pieces(int64_t columns)
{
	return (columns + COLUMNS - 1) / COLUMNS;
}

static struct piece piece_of(int64_t columns, int64_t task)
{
	int64_t from = task % pieces(columns) * COLUMNS, rest = columns - from;
	return (struct piece){task / pieces(columns), from, rest < COLUMNS ? rest : COLUMNS};
}

static void forward_columns(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	struct piece p = piece_of(j->out, task);
	const float *x = j->x + p.grain * j->rows * j->in;
	float *y = j->y + p.grain * j->rows * j->out + p.from;
	(void)thread;
	if (j->bias)
		for (int64_t i = 0; i < j->rows; i++)
			memcpy(y + i * j->out, j->bias + p.from, (size_t)p.n * sizeof(float));
	as_gemm(false, true, j->rows, p.n, j->in, 1, x, j->in, j->w + p.from * j->in, j->in, j->bias ? 1 : 0, y, j->out);
}

void as_cpu_linear_forward(const struct as_engine *e, const float *x, int64_t rows, int64_t in, int64_t out, const float *w,
			   const float *bias, float *y)
{
	struct job j = {.x = x, .rows = rows / e->grains, .in = in, .out = out, .w = w, .bias = bias, .y = y};
	as_each(e->pool, e->grains * pieces(out), forward_columns, &j);
}

static void data_columns(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	struct piece p = piece_of(j->in, task);
	int64_t first = p.grain * j->rows;
	(void)thread;
	as_gemm(false, false, j->rows, p.n, j->out, 1, j->dy + first * j->out, j->out, j->w + p.from, j->in, j->add ? 1 : 0,
		j->dx + first * j->in + p.from, j->in);
}

static void weight_rows(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	struct piece p = piece_of(j->out, task);
	int64_t first = p.grain * j->rows, leaf = p.grain * j->leaf;
	const float *dy = j->dy + first * j->out;
	(void)thread;
	as_gemm(true, false, p.n, j->in, j->rows, 1, dy + p.from, j->out, j->x + first * j->in, j->in, 1,
		j->dw + leaf + p.from * j->in, j->in);
	if (j->dbias)
		for (int64_t i = 0; i < j->rows; i++)
			for (int64_t o = p.from; o < p.from + p.n; o++)
				j->dbias[leaf + o] += dy[i * j->out + o];
}

void as_cpu_linear_backward(const struct as_engine *e, const float *x, const float *dy, int64_t rows, int64_t in, int64_t out,
			    const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add)
{
	struct job j = {.x = x, .dy = dy, .rows = rows / e->grains, .in = in, .out = out, .w = w, .dw = dw,
			.dbias = dbias, .leaf = leaf, .dx = dx, .add = add};
	as_each(e->pool, e->grains * pieces(out), weight_rows, &j);
	if (dx)
		as_each(e->pool, e->grains * pieces(in), data_columns, &j);
}
