/* Private to lib/eval: a mean over images, whose rows are not independent of each other. */
#ifndef AS_EVAL_RATIO_H
#define AS_EVAL_RATIO_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

struct as_ratio {
	double value, interval;
};

/* sum a_i / sum b_i over n images, and 1.96 standard errors of it: those of the mean of a_i - value b_i, over the mean of
 * b_i. NAN: the divisor is 0; the interval also for fewer than two images. */
struct as_ratio as_ratio_of(int64_t n, const double *a, const double *b);

AS_END
#endif
