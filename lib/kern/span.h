/* Private to lib/kern and lib/eval: the inner loops of few-shot problems (eval/fewshot.h): small products
 * in double, and eight logistic regressions at once on the same rows. */
#ifndef AS_KERN_SPAN_H
#define AS_KERN_SPAN_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* Problems side by side, one in each lane of a vector; the most rows, so that their Gram matrix fits into a
 * cache. */
enum { AS_SPAN_LANES = 8, AS_SPAN_ROWS = 96 };

struct as_span {
	/* out[i * ld + j] = sum_k a[i][k] b[j * ldb + k] for i < m, j < n, k < d, in double. */
	void (*dots)(const float *const *a, int64_t m, const double *b, int64_t ldb, int64_t n, int64_t d,
		     double *out, int64_t ld);

	/* w[l * ld + k] = sum_i beta[i * 8 + l] x[i * ld + k] for l < 8, i < n, k < ld; ld is
	 * a multiple of 8. */
	void (*combine)(const double *beta, const double *x, int64_t n, int64_t ld, double *w);

	/* as_span_logistic (eval/fewshot.h) for eight problems: y and beta are (n, 8), n at most
	 * AS_SPAN_ROWS, scratch 8 n (n + 7) doubles; beta starts at 0. In an unused lane y is 0. Returns
	 * the number of steps of the slowest problem. */
	int (*logistic)(const double *gram, const double *y, int64_t n, double c, double *beta, double *scratch);
};

/* The functions of the instruction set in use. */
const struct as_span *as_span(void);

AS_END
#endif
