/* Private to lib/kern and lib/eval: softmax with cross-entropy over rows of logits. */
#ifndef AS_KERN_SOFTMAX_H
#define AS_KERN_SOFTMAX_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* z (rows, k), contiguous: logits become softmax probabilities. label (rows) in 0..k-1. Returns the sum
 * over rows of log(sum_j exp z_j) - z_label in double. exp is a float polynomial (2 ulp); arguments below
 * -87 count as -87. */
double as_softmax_ce(float *z, int64_t rows, int64_t k, const int64_t *label);

AS_END
#endif
