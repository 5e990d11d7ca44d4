/* Products of the rows of a batch with other rows, one grain at a time, because a BLAS may change a row's
 * last bits with the number of rows. */
#include "kern/cpu.h"
#include "kern/gemm.h"

void as_cpu_products(const struct as_engine *e, int64_t rows, int64_t n, int64_t d, const float *a, const float *b,
		     float temperature, float *logits, int64_t ld)
{
	int64_t m = rows / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		as_gemm_each(e->pool, false, true, m, n, d, 1 / temperature, a + g * m * d, d, b, d, 0, logits + g * m * ld, ld);
}

void as_cpu_row_products(const struct as_engine *e, int64_t rows, int64_t d, const float *a, const float *b, float temperature,
			 float *out, int64_t ld)
{
	(void)e;
	for (int64_t i = 0; i < rows; i++)
		as_gemm(false, true, 1, 1, d, 1 / temperature, a + i * d, d, b + i * d, d, 0, out + i * ld, ld);
}

void as_cpu_mixtures(const struct as_engine *e, int64_t rows, int64_t n, int64_t d, const float *w, int64_t ld, bool turned,
		     const float *b, float *out, bool add)
{
	int64_t m = rows / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		as_gemm_each(e->pool, turned, false, m, d, n, 1, w + g * m * (turned ? 1 : ld), ld, b, d, add ? 1 : 0,
			     out + g * m * d, d);
}

void as_cpu_products_weights(const struct as_engine *e, int64_t rows, int64_t n, int64_t d, const float *dlogits,
			     const float *a, float *db, int64_t leaf)
{
	int64_t m = rows / e->grains;
	for (int64_t g = 0; g < e->grains; g++)
		as_gemm_each(e->pool, true, false, n, d, m, 1, dlogits + g * m * n, n, a + g * m * d, d, 1, db + g * leaf, d);
}

void as_cpu_add_scaled_rows(const struct as_engine *e, int64_t rows, int64_t d, const float *by, int64_t ld, const float *y,
			    float *x)
{
	(void)e;
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = 0; j < d; j++)
			x[i * d + j] += by[i * ld] * y[i * d + j];
}
