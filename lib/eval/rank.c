#include "eval/rank.h"

#include <stdlib.h>

#include "base/machine.h"
#include "kern/gemm.h"
#include "kern/rank.h"

enum { BLOCK = 512 };

static void widen(const float *x, int64_t n, double *to)
{
	for (int64_t i = 0; i < n; i++)
		to[i] = (double)x[i];
}

/* X'X (d,d), in blocks of rows. */
static void by_columns(const struct as_features *f, struct as_pool *pool, double *block, double *products)
{
	for (int64_t from = 0, n; from < f->n; from += n) {
		n = f->n - from < BLOCK ? f->n - from : BLOCK;
		widen(f->x + from * f->d, n * f->d, block);
		as_gemm64_each(pool, true, false, f->d, f->d, n, 1, block, f->d, block, f->d, from ? 1 : 0, products, f->d);
	}
}

/* X X' (n,n), in pairs of blocks. */
static void by_rows(const struct as_features *f, struct as_pool *pool, double *block, double *products)
{
	double *other = block + BLOCK * f->d;
	for (int64_t i = 0, m; i < f->n; i += m) {
		m = f->n - i < BLOCK ? f->n - i : BLOCK;
		widen(f->x + i * f->d, m * f->d, block);
		for (int64_t j = 0, n; j < f->n; j += n) {
			n = f->n - j < BLOCK ? f->n - j : BLOCK;
			widen(f->x + j * f->d, n * f->d, other);
			as_gemm64_each(pool, false, true, m, n, f->d, 1, block, f->d, other, f->d, 0, products + i * f->n + j, f->n);
		}
	}
}

int as_features_rank(const struct as_features *f, struct as_pool *pool, double *rank, struct as_error *err)
{
	int64_t side = f->d < f->n ? f->d : f->n;
	int rc = as_blas_ready(pool, err);
	if (rc)
		return rc;
	if (side > AS_EIGEN_MOST)
		return as_fail(err, AS_EARG, "rank: %lld features of width %lld: one of the two may be above %d, not both",
			       (long long)f->n, (long long)f->d, AS_EIGEN_MOST);
	size_t bytes = (size_t)(side * side + side + AS_EIGEN_WORK(side) + 2 * BLOCK * f->d) * sizeof(double);
	rc = as_memory_fits(bytes, "rank: products of features", "fewer rows take less", err);
	double *memory = rc ? NULL : malloc(bytes);
	if (rc)
		return rc;
	if (!memory)
		return as_fail(err, AS_EMEM, "rank: no memory for products of %lld features", (long long)side);
	double *values = memory + side * side, *work = values + side, *block = work + AS_EIGEN_WORK(side);
	if (f->d < f->n)
		by_columns(f, pool, block, memory);
	else
		by_rows(f, pool, block, memory);
	rc = as_eigenvalues64(side, memory, values, work, err);
	if (!rc)
		*rank = as_rank_of(values, side);
	free(memory);
	return rc;
}
