/* Cross-entropy of rows of logits; the gradient replaces the logits. */
#include "kern/cpu.h"
#include "kern/ranks.h"
#include "kern/softmax.h"
#include "kern/tree.h"

enum { ROWS = 8 }; /* in a task */

struct job {
	int64_t rows, n;
	float *logits, scale;
	const int64_t *right;
	double *each;
};

static void softmax_rows(void *ctx, int64_t task, int thread)
{
	const struct job *j = ctx;
	(void)thread;
	for (int64_t r = task * ROWS; r < j->rows && r < (task + 1) * ROWS; r++) {
		float *z = j->logits + r * j->n;
		j->each[r] = as_softmax_ce(z, 1, j->n, &j->right[r]);
		z[j->right[r]] -= 1;
		for (int64_t i = 0; i < j->n; i++)
			z[i] *= j->scale;
	}
}

double as_cpu_cross_entropy(const struct as_engine *e, int64_t rows, int64_t n, float *logits, const int64_t *right,
			    float weight, double *each)
{
	int64_t batch = rows * as_ranks(e);
	struct job j = {rows, n, logits, weight / (float)batch, right, each};
	struct as_tree all = {0};
	as_each(e->pool, (rows + ROWS - 1) / ROWS, softmax_rows, &j);
	for (int64_t g = 0; g < e->grains; g++) {
		double sum = 0;
		for (int64_t r = g * (rows / e->grains); r < (g + 1) * (rows / e->grains); r++)
			sum += each[r];
		as_tree_add(&all, sum / (double)batch);
	}
	return as_sum_ranks_one(e, as_tree_sum(&all));
}

void as_cpu_diagonal(const struct as_engine *e, int64_t n, float *x, float value)
{
	(void)e;
	for (int64_t i = 0; i < n; i++)
		x[i * n + i] = value;
}
