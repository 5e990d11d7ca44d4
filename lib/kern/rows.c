/* Moves rows: joins the views of a batch into one matrix, the rows of a grain together, and back; copies
 * rows. */
#include <string.h>

#include "kern/cpu.h"

static void copy_rows(float *to, const float *from, int64_t floats)
{
	memcpy(to, from, (size_t)floats * sizeof *to);
}

/* Where a grain's rows of matrix `which`, of k, begin in the joined matrix. */
static int64_t begins(const struct as_engine *e, int k, int64_t n, int64_t grain, int which)
{
	return (grain * k + which) * (n / e->grains);
}

void as_cpu_rows_join(const struct as_engine *e, int k, int64_t n, int64_t width, const float *const *in, float *out)
{
	int64_t each = n / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		for (int i = 0; i < k; i++)
			copy_rows(out + begins(e, k, n, g, i) * width, in[i] + g * each * width, each * width);
}

void as_cpu_rows_part(const struct as_engine *e, int k, int64_t n, int64_t width, const float *in, float *const *out)
{
	int64_t each = n / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		for (int i = 0; i < k; i++)
			copy_rows(out[i] + g * each * width, in + begins(e, k, n, g, i) * width, each * width);
}

void as_cpu_pair_rows(const struct as_engine *e, int64_t n, int64_t d, const float *const y[2], float *pairs)
{
	for (int order = 0; order < 2; order++)
		for (int64_t i = 0; i < n; i++) {
			float *to = pairs + as_pair_row(e, n, order, i) * 2 * d;
			copy_rows(to, y[order] + i * d, d);
			copy_rows(to + d, y[1 - order] + i * d, d);
		}
}

void as_cpu_unpair_rows(const struct as_engine *e, int64_t n, int64_t d, const float *dpairs, float *const dy[2])
{
	for (int order = 0; order < 2; order++)
		for (int64_t i = 0; i < n; i++) {
			const float *from = dpairs + as_pair_row(e, n, order, i) * 2 * d;
			float *first = dy[order] + i * d, *second = dy[1 - order] + i * d;
			for (int64_t j = 0; j < d; j++) {
				first[j] += from[j];
				second[j] += from[d + j];
			}
		}
}

void as_cpu_copy(const struct as_engine *e, int64_t n, const float *from, float *to)
{
	(void)e;
	copy_rows(to, from, n);
}

void as_cpu_enqueue(const struct as_engine *e, int64_t rows, int64_t d, const float *x, int64_t places, int64_t at,
		    float *queue)
{
	(void)e;
	for (int64_t i = 0; i < rows; i++, at = (at + 1) % places)
		copy_rows(queue + at * d, x + i * d, d);
}
