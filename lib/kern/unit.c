/* Rows of length 1. Each row is computed alone, so grains do not matter. */
#include <math.h>

#include "kern/cpu.h"

static const float FLOOR = 1e-12f;
enum { ROWS = 8 }; /* in a task */

struct job {
	int64_t rows, d;
	const float *x, *du, *unit;
	float *to, *to_length;
	const float *length;
};

static void forward_row(const struct job *j, int64_t r)
{
	const float *x = j->x + r * j->d;
	float *unit = j->to + r * j->d;
	double square = 0;
	for (int64_t i = 0; i < j->d; i++)
		square += (double)x[i] * x[i];
	double norm = fmax(sqrt(square), FLOOR);
	for (int64_t i = 0; i < j->d; i++)
		unit[i] = (float)(x[i] / norm);
	if (j->to_length)
		j->to_length[r] = (float)norm;
}

static void forward_rows(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	(void)thread;
	for (int64_t r = task * ROWS; r < (task + 1) * ROWS && r < j->rows; r++)
		forward_row(j, r);
}

void as_cpu_unit_rows(const struct as_engine *e, int64_t rows, int64_t d, const float *x, float *unit, float *length)
{
	struct job j = {.rows = rows, .d = d, .x = x, .to = unit, .to_length = length};
	as_each(e->pool, (rows + ROWS - 1) / ROWS, forward_rows, &j);
}

static void backward_row(const struct job *j, int64_t r)
{
	const float *unit = j->unit + r * j->d, *du = j->du + r * j->d;
	float *dx = j->to + r * j->d;
	double along = 0;
	for (int64_t i = 0; i < j->d; i++)
		along += (double)unit[i] * du[i];
	if (j->length[r] <= FLOOR)
		along = 0; /* here the divisor is a constant */
	for (int64_t i = 0; i < j->d; i++)
		dx[i] = (float)((du[i] - unit[i] * along) / j->length[r]);
}

static void backward_rows(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	(void)thread;
	for (int64_t r = task * ROWS; r < (task + 1) * ROWS && r < j->rows; r++)
		backward_row(j, r);
}

void as_cpu_unit_rows_backward(const struct as_engine *e, int64_t rows, int64_t d, const float *unit, const float *length,
			       const float *du, float *dx)
{
	struct job j = {.rows = rows, .d = d, .du = du, .unit = unit, .length = length, .to = dx};
	as_each(e->pool, (rows + ROWS - 1) / ROWS, backward_rows, &j);
}
