/* Private to lib/kern: the functions of OpenBLAS, once loaded. */
#ifndef AS_KERN_BLAS_H
#define AS_KERN_BLAS_H

#include <cblas.h>

struct as_blas {
	void (*sgemm)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, enum CBLAS_TRANSPOSE, blasint m, blasint n, blasint k,
		      float alpha, const float *a, blasint lda, const float *b, blasint ldb, float beta, float *c,
		      blasint ldc);
	void (*dgemm)(enum CBLAS_ORDER, enum CBLAS_TRANSPOSE, enum CBLAS_TRANSPOSE, blasint m, blasint n, blasint k,
		      double alpha, const double *a, blasint lda, const double *b, blasint ldb, double beta, double *c,
		      blasint ldc);
	/* LAPACK, with the arguments of its Fortran. */
	void (*dsyevd)(const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda, double *w,
		       double *work, const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info);
	char *(*config)(void), *(*corename)(void);
	int (*get_threads)(void);
	void (*set_threads)(int);
	/* Take the buffer that a call works in, and give it back for the next call. */
	void *(*take)(int), (*give)(void *);
};

/* The functions. Loads OpenBLAS the first time and asserts that this succeeds: call as_blas_ready before. */
const struct as_blas *as_blas(void);

#endif
