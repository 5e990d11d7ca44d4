#include "kern/gemm.h"

#include <assert.h>
#include <stdlib.h>

#include "kern/blas.h"

void as_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
	     const float *b, int64_t ldb, float beta, float *c, int64_t ldc)
{
	assert(m <= INT32_MAX && n <= INT32_MAX && k <= INT32_MAX);
	assert(lda <= INT32_MAX && ldb <= INT32_MAX && ldc <= INT32_MAX);
	as_blas()->sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (blasint)m,
			 (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

/* The size of c's tiles. A tile computes whole sums over k, so the division into tiles changes no sum; only
 * OpenBLAS's kernel decides the rounding. */
enum { TILE_ROWS = 64, TILE_COLUMNS = 512 };

struct tiles {
	bool wide, ta, tb; /* wide: of doubles */
	int64_t m, n, k, lda, ldb, ldc, across;
	double alpha, beta;
	const void *a, *b;
	void *c;
};

static void tile(void *ctx, int64_t i, int thread)
{
	const struct tiles *t = ctx;
	int64_t row = i / t->across * TILE_ROWS, col = i % t->across * TILE_COLUMNS;
	int64_t m = t->m - row < TILE_ROWS ? t->m - row : TILE_ROWS;
	int64_t n = t->n - col < TILE_COLUMNS ? t->n - col : TILE_COLUMNS;
	int64_t a = t->ta ? row : row * t->lda, b = t->tb ? col * t->ldb : col, c = row * t->ldc + col;
	(void)thread;
	if (t->wide)
		as_gemm64(t->ta, t->tb, m, n, t->k, t->alpha, (const double *)t->a + a, t->lda, (const double *)t->b + b, t->ldb,
			  t->beta, (double *)t->c + c, t->ldc);
	else
		as_gemm(t->ta, t->tb, m, n, t->k, (float)t->alpha, (const float *)t->a + a, t->lda, (const float *)t->b + b, t->ldb,
			(float)t->beta, (float *)t->c + c, t->ldc);
}

static void each_tile(struct as_pool *pool, struct tiles t)
{
	t.across = (t.n + TILE_COLUMNS - 1) / TILE_COLUMNS;
	as_each(pool, (t.m + TILE_ROWS - 1) / TILE_ROWS * t.across, tile, &t);
}

void as_gemm_each(struct as_pool *pool, bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
		  int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc)
{
	each_tile(pool, (struct tiles){false, ta, tb, m, n, k, lda, ldb, ldc, 0, alpha, beta, a, b, c});
}

void as_gemm64(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t lda,
	       const double *b, int64_t ldb, double beta, double *c, int64_t ldc)
{
	assert(m <= INT32_MAX && n <= INT32_MAX && k <= INT32_MAX);
	assert(lda <= INT32_MAX && ldb <= INT32_MAX && ldc <= INT32_MAX);
	as_blas()->dgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (blasint)m,
			 (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

void as_gemm64_each(struct as_pool *pool, bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double *a,
		    int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc)
{
	each_tile(pool, (struct tiles){true, ta, tb, m, n, k, lda, ldb, ldc, 0, alpha, beta, a, b, c});
}

int as_eigen64(int64_t n, double *a, double *values, struct as_error *err)
{
	if (n > AS_EIGEN_MOST) /* 2 n^2 doubles of scratch must stay below 2^31 */
		return as_fail(err, AS_EARG, "eigenvectors: %lld rows, at most %d", (long long)n, AS_EIGEN_MOST);
	blasint order = (blasint)n, lwork = 1 + 6 * order + 2 * order * order, liwork = 3 + 5 * order, info = 0;
	double *work = malloc((size_t)lwork * sizeof *work);
	blasint *iwork = malloc((size_t)liwork * sizeof *iwork);
	if (work && iwork) /* eigenvectors are columns of a column-major matrix, so they are rows of ours */
		as_blas()->dsyevd("V", "U", &order, a, &order, values, work, &lwork, iwork, &liwork, &info);
	bool memory = work && iwork;
	free(work);
	free(iwork);
	if (!memory)
		return as_fail(err, AS_EMEM, "eigenvectors: no memory for %lld rows", (long long)n);
	return info ? as_fail(err, AS_EDATA, "eigenvectors: the matrix has none (LAPACK says %d)", (int)info) : 0;
}

int as_eigenvalues64(int64_t n, double *a, double *values, double *work, struct as_error *err)
{
	blasint order = (blasint)n, lwork = (blasint)AS_EIGEN_WORK(n), iwork = 0, liwork = 1, info = 0;
	if (n > AS_EIGEN_MOST)
		return as_fail(err, AS_EARG, "eigenvalues: %lld rows, at most %d", (long long)n, AS_EIGEN_MOST);
	as_blas()->dsyevd("N", "U", &order, a, &order, values, work, &lwork, &iwork, &liwork, &info);
	return info ? as_fail(err, AS_EDATA, "eigenvalues: the matrix has none (LAPACK says %d)", (int)info) : 0;
}
