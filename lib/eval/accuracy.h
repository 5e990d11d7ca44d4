/* Public since 0.2. How often predictions are right, how certain that figure is, and what guessing gives. */
#ifndef AS_EVAL_ACCURACY_H
#define AS_EVAL_ACCURACY_H

#include "eval/classes.h"

AS_BEGIN

/* All in percent. top1 is the share of rows whose prediction is right. per_class is that share within each
 * class, then the mean over the classes that occur, so a class with few rows counts as much as one with
 * many. interval: the true value lies within +- interval with 95 % probability (1.96 standard errors of a
 * binomial; for per_class, of a mean of binomials). chance is what guessing gives when each learnt class is
 * equally likely: 100 / (classes learnt), less if some rows are of other classes. */
struct as_accuracy {
	double top1, top1_interval, top1_chance;
	double per_class, per_class_interval, per_class_chance;
	int64_t n, classes; /* rows scored; classes that occur among them */
};

/* predicted, label: (n), with any numbers for the classes; rows without a label (-1) are left out.
 * `learnt`: the classes that can be predicted (NULL: those that occur). AS_EMEM. */
AS_NODISCARD int as_accuracy(const int64_t *predicted, const int64_t *label, int64_t n, const struct as_classes *learnt,
			     struct as_accuracy *, struct as_error *);

/* The means of n scores of the same rows, by predictors that were learnt from n draws of images. interval: the mean
 * over all draws lies within +- interval with 95 % probability (Student's t over the n); NAN for one draw. */
void as_accuracy_mean(const struct as_accuracy *, int64_t n, struct as_accuracy *);

AS_END
#endif
