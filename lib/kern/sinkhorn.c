/* SwAV's codes (Caron et al., NeurIPS 2020). Sinkhorn and Knopp's balancing needs the scores of all images,
 * so it runs over the whole batch in order, whatever the number of grains. Its caller gathers them. */
#include <math.h>

#include "kern/cpu.h"
#include "kern/ranks.h"
#include "kern/tree.h"

/* Scales every column of q (n,k) to the sum `to`. */
static void scale_columns(int64_t n, int64_t k, double to, double *q)
{
	for (int64_t j = 0; j < k; j++) {
		double sum = 0;
		for (int64_t i = 0; i < n; i++)
			sum += q[i * k + j];
		for (int64_t i = 0; i < n; i++)
			q[i * k + j] *= to / sum;
	}
}

static void scale_rows(int64_t n, int64_t k, double to, double *q)
{
	for (int64_t i = 0; i < n; i++, q += k) {
		double sum = 0;
		for (int64_t j = 0; j < k; j++)
			sum += q[j];
		for (int64_t j = 0; j < k; j++)
			q[j] *= to / sum;
	}
}

void as_cpu_sinkhorn(const struct as_engine *e, int64_t rows, int64_t k, const float *scores, double epsilon, int rounds,
		     double *q)
{
	(void)e;
	for (int64_t i = 0; i < rows * k; i++)
		q[i] = exp((double)scores[i] / epsilon);
	for (int round = 0; round < rounds; round++) {
		scale_columns(rows, k, 1 / (double)k, q);
		scale_rows(rows, k, 1 / (double)rows, q);
	}
	scale_rows(rows, k, 1, q);
}

/* Adds one row's -q.log softmax(scores / T) to `loss` and returns it; the gradient goes to ds. */
static double swapped_row(double loss, int64_t k, const double *q, const float *scores, double temperature, double all,
			  bool two_steps, float *ds)
{
	double top = scores[0], sum = 0, mass = 0;
	for (int64_t j = 1; j < k; j++)
		top = fmax(top, scores[j]);
	for (int64_t j = 0; j < k; j++)
		sum += exp((scores[j] - top) / temperature);
	for (int64_t j = 0; j < k; j++) {
		double log_p = (scores[j] - top) / temperature - log(sum);
		loss -= q[j] * (two_steps ? (double)logf((float)exp(log_p)) : log_p);
		mass += q[j];
	}
	for (int64_t j = 0; j < k; j++) {
		double p = exp((scores[j] - top) / temperature) / sum;
		ds[j] = (float)((p * mass - q[j]) / (temperature * all));
	}
	return loss;
}

double as_cpu_swapped(const struct as_engine *e, int64_t rows, int64_t k, const double *q, const float *scores,
		      double temperature, bool two_steps, float *ds)
{
	struct as_tree all = {0};
	double batch = (double)(rows * as_ranks(e));
	for (int64_t g = 0; g < e->grains; g++) {
		double loss = 0;
		for (int64_t i = 0; i < rows / e->grains; i++, q += k, scores += k, ds += k)
			loss = swapped_row(loss, k, q, scores, temperature, batch, two_steps, ds);
		as_tree_add(&all, loss / batch);
	}
	return as_sum_ranks_one(e, as_tree_sum(&all));
}
