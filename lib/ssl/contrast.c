#include "ssl/contrast.h"

#include <math.h>

#include "kern/gemm.h"
#include "kern/softmax.h"

enum { ROWS = 8 }; /* of a task */
static const float FLOOR = 1e-12f;

void as_unit_rows(int64_t rows, int64_t d, const float *x, float *unit, float *length)
{
	for (int64_t r = 0; r < rows; r++, x += d, unit += d) {
		double square = 0;
		for (int64_t i = 0; i < d; i++)
			square += (double)x[i] * x[i];
		double norm = fmax(sqrt(square), FLOOR);
		for (int64_t i = 0; i < d; i++)
			unit[i] = (float)(x[i] / norm);
		if (length)
			length[r] = (float)norm;
	}
}

void as_unit_rows_backward(int64_t rows, int64_t d, const float *unit, const float *length, const float *du, float *dx)
{
	for (int64_t r = 0; r < rows; r++, unit += d, du += d, dx += d) {
		double along = 0;
		for (int64_t i = 0; i < d; i++)
			along += (double)unit[i] * du[i];
		if (length[r] <= FLOOR)
			along = 0; /* the divisor is a constant */
		for (int64_t i = 0; i < d; i++)
			dx[i] = (float)((du[i] - unit[i] * along) / length[r]);
	}
}

void as_products(struct as_pool *pool, int64_t m, int64_t n, int64_t d, const float *a, const float *b, float temperature,
		 float *logits, int64_t ld)
{
	as_gemm_each(pool, false, true, m, n, d, 1 / temperature, a, d, b, d, 0, logits, ld);
}

struct job {
	int64_t rows, n;
	float *logits, scale;
	const int64_t *right;
	double *each;
};

static void softmax_rows(void *ctx, int64_t task, int lane)
{
	const struct job *j = ctx;
	(void)lane;
	for (int64_t r = task * ROWS; r < j->rows && r < (task + 1) * ROWS; r++) {
		float *z = j->logits + r * j->n;
		j->each[r] = as_softmax_ce(z, 1, j->n, &j->right[r]);
		z[j->right[r]] -= 1;
		for (int64_t i = 0; i < j->n; i++)
			z[i] *= j->scale;
	}
}

double as_cross_entropy(struct as_pool *pool, int64_t rows, int64_t n, float *logits, const int64_t *right, float weight,
			double *each)
{
	struct job j = {rows, n, logits, weight / (float)rows, right, each};
	double sum = 0;
	as_each(pool, (rows + ROWS - 1) / ROWS, softmax_rows, &j);
	for (int64_t r = 0; r < rows; r++)
		sum += each[r];
	return sum / (double)rows;
}
