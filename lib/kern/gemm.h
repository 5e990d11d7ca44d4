/* Matrix products: the only door to OpenBLAS. It runs one thread, always: we cut
 * the work ourselves, by shapes alone, so that -j cannot change a byte. */
#ifndef AS_KERN_GEMM_H
#define AS_KERN_GEMM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* c = alpha op(a) op(b) + beta c, row-major: op(a) is (m,k), op(b) is (k,n), c is
 * (m,n); ta, tb: a is stored as (k,m), b as (n,k). ld* are the floats from one
 * stored row to the next. Every size and stride is below 2^31. beta 0 overwrites
 * c, whatever is in it; c aliases neither a nor b. May be called from any thread. */
void as_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float *a, int64_t lda,
	     const float *b, int64_t ldb, float beta, float *c, int64_t ldc);

/* What multiplies, for --version: OpenBLAS's build with the core that it chose,
 * "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Cooperlake MAX_THREADS=64". */
const char *as_blas_core(void);

/* What is wrong with it as a sentence: a core below the instruction set in use
 * (OPENBLAS_CORETYPE, or a CPU that this OpenBLAS does not know), or a library
 * that would not go down to one thread; NULL when nothing is. */
const char *as_blas_complaint(void);

AS_END
#endif
