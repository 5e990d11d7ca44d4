/* Private to lib/kern: OpenBLAS's functions, as loaded. */
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
	/* LAPACK, as its Fortran has it. */
	void (*dsyevd)(const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda, double *w,
		       double *work, const blasint *lwork, blasint *iwork, const blasint *liwork, blasint *info);
	char *(*config)(void), *(*corename)(void);
	int (*get_threads)(void);
	void (*set_threads)(int);
	/* The buffer that a call works in, and giving it back for the next one. */
	void *(*take)(int), (*give)(void *);
};

/* Loads it, once; asserts that this can be done, which as_blas_ready has said. */
const struct as_blas *as_blas(void);

#endif
