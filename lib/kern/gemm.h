/* Public since 0.2. Matrix products by OpenBLAS, which is loaded when it is first needed and used only
 * here. It always runs one thread. The work is divided here, by shapes alone, so the number of threads (-j)
 * changes no bit. */
#ifndef AS_KERN_GEMM_H
#define AS_KERN_GEMM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"

AS_BEGIN

/* Loads OpenBLAS and makes a buffer for each thread of the pool. Call this before the functions below,
 * because they cannot report a failure; a second call costs nothing. AS_EMEM: no memory, or the library is
 * not installed. While it loads, OPENBLAS_NUM_THREADS is set to 1 in the environment, so no other thread
 * may read the environment then. */
AS_NODISCARD int as_blas_ready(const struct as_pool *, struct as_error *);

/* c = alpha op(a) op(b) + beta c, row-major: op(a) is (m,k), op(b) is (k,n), c is (m,n); ta, tb: a is
 * stored as (k,m), b as (n,k). ld* is the number of floats from one stored row to the next. All sizes and
 * strides are below 2^31. With beta 0, c is overwritten whatever it holds. c must not overlap a or b. May
 * be called from any thread. */
void as_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
	     const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/* As as_gemm, on the pool: tiles of c are tasks and depend on the shape alone. */
void as_gemm_each(struct as_pool *, bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a,
		  int64_t lda, const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/* As as_gemm, in double. */
void as_gemm64(bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double *a, int64_t lda,
	       const double *b, int64_t ldb, double beta, double *c, int64_t ldc);

/* As as_gemm_each, in double. */
void as_gemm64_each(struct as_pool *, bool ta, bool tb, int64_t m, int64_t n, int64_t k, double alpha, const double *a,
		    int64_t lda, const double *b, int64_t ldb, double beta, double *c, int64_t ldc);

/* The eigenvectors of a symmetric a (n,n), a = Q diag(values) Q': values ascending; the eigenvectors
 * replace the rows of a. AS_EMEM; AS_EDATA: it does not converge (a holds nan or inf). */
AS_NODISCARD int as_eigen64(int64_t n, double *a, double *values, struct as_error *);

/* The eigenvalues alone, ascending: a is overwritten; work: AS_EIGEN_WORK(n) doubles. n is at most 16384. AS_EDATA as above. */
#define AS_EIGEN_WORK(n) (34 * (n) + 1)
enum { AS_EIGEN_MOST = 16384 };
AS_NODISCARD int as_eigenvalues64(int64_t n, double *a, double *values, double *work, struct as_error *);

/* The library that multiplies, for --version: OpenBLAS's build and the core that it chose, "OpenBLAS 0.3.21
 * NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64"; or why there is none. */
const char *as_blas_core(void);

/* A sentence that says what is wrong with OpenBLAS: its core is below the instruction set in use
 * (OPENBLAS_CORETYPE, or a CPU that this version does not know), or it does not go down to one thread.
 * NULL: nothing is wrong, or it cannot be loaded. */
const char *as_blas_complaint(void);

AS_END
#endif
