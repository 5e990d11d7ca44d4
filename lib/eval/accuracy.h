/* How often predictions are right, how sure that is, and what guessing alone would give. */
#ifndef AS_EVAL_ACCURACY_H
#define AS_EVAL_ACCURACY_H

#include "eval/classes.h"

AS_BEGIN

/* All in percent. top1 is the share of rows whose prediction is right; per_class is that share in
 * each class, and the mean of these over the classes that occur: a class of few rows counts as one
 * of many. An interval is the half width of the one that holds the true value with 95 %: 1.96
 * standard errors of a binomial, for per_class of a mean of binomials. Chance is what a guess gives
 * to which all classes learnt are alike: 100 / (classes learnt), less where rows are of others. */
struct as_accuracy {
	double top1, top1_interval, top1_chance;
	double per_class, per_class_interval, per_class_chance;
	int64_t n, classes; /* rows that were scored; classes that occur among them */
};

/* predicted, label: (n), whatever numbers the classes have; rows without a label (-1) are left
 * out. `learnt` are the classes that can be predicted (NULL: those that occur). AS_EMEM. */
AS_NODISCARD int as_accuracy(const int64_t *predicted, const int64_t *label, int64_t n, const struct as_classes *learnt,
			     struct as_accuracy *, struct as_error *);

AS_END
#endif
