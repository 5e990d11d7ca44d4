/* How good predictions are, and how sure that is. */
#ifndef AS_EVAL_SCORE_H
#define AS_EVAL_SCORE_H

#include "base/error.h"

AS_BEGIN

/* In percent; the intervals are half widths at 95 %: 1.96 standard errors of a
 * binomial, for the mean per class of a mean of binomials. */
struct as_score {
	double top1, top1_interval;
	double per_class, per_class_interval; /* mean over the classes that occur */
	int64_t n, classes;                   /* rows; classes that occur */
};

/* predicted, label: (n), whatever numbers the classes have; rows without a label (-1)
 * are left out. AS_EMEM. */
AS_NODISCARD int as_score(const int64_t *predicted, const int64_t *label, int64_t n, struct as_score *,
			  struct as_error *);

AS_END
#endif
