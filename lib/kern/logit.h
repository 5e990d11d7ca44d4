/* Private to lib/kern and lib/eval: one block of rows of multinomial logistic regression (eval/logreg.h),
 * read from memory once: logits, softmax, cross-entropy, gradient; and second moments. */
#ifndef AS_KERN_LOGIT_H
#define AS_KERN_LOGIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* A row of logits is padded to whole vectors of any instruction set; tiles may read up to AS_LOGIT_SLACK
 * floats after the last, and ignore them. */
enum { AS_LOGIT_PAD = 16, AS_LOGIT_SLACK = 32 };

struct as_logit_block {
	int64_t rows, d, k;
	const float *x;       /* (rows, d) */
	const int64_t *label; /* (rows), 0..k-1 */
	const float *weights; /* packed */
	float *z;             /* scratch: rows times k padded, plus the slack */
	float *g;             /* (k, d), output: sum_i (p_i - y_i) x_i */
	float *bias;          /* (k padded), output: sum_i (p_i - y_i), padded with zeros */
	float *curve;         /* (k padded), output: sum_i p_i (1 - p_i), padded with zeros */
};

struct as_logit {
	/* Packs weights (k, d + 1), with the bias last, into d + 1 floats for each of the k padded classes. */
	void (*pack)(const double *weights, int64_t k, int64_t d, float *packed);
	/* The sum of the cross-entropies of a block, and its sums. exp is a float
	 * polynomial (2 ulp), its argument not below -87. */
	double (*block)(const struct as_logit_block *);
	/* m[r * d + j] += sum_i x_i[from + r] x_i[j] over rows of x (rows, d), for r < count
	 * and from <= j < d. */
	void (*moments)(const float *x, int64_t rows, int64_t d, int64_t from, int64_t count, float *m);
};

static inline int64_t as_logit_padded(int64_t k)
{
	return (k + AS_LOGIT_PAD - 1) / AS_LOGIT_PAD * AS_LOGIT_PAD;
}

/* The functions of the instruction set in use. */
const struct as_logit *as_logit(void);

AS_END
#endif
