/* Public since 0.2. Awareness: how well features tell how two views differ. It is the difference d(a,b) of their
 * parameters, which AugSelf's heads learn, told from frozen features of both, [y_a ; y_b], of images that were not learnt from.
 * augprobe(1) has the formulas.
 *
 * A prediction is (2 n, width) floats for n pairs, width as_pairs_width: row 2 i + order is what is said of pair i in this
 * order; of a class, its number. */
#ifndef AS_EVAL_AWARE_H
#define AS_EVAL_AWARE_H

#include "base/pool.h"
#include "eval/pairs.h"

AS_BEGIN

/* --- how good a prediction is --- */

/* The figures of a score, and how many there are. */
enum as_aware_figure {
	AS_AWARE_MSE,      /* mean squared error over rows and components */
	AS_AWARE_R2,       /* mean over the components that vary of 1 - error / variance */
	AS_AWARE_RELATIVE, /* the sum over components of the errors, over the sum of the variances */
	AS_AWARE_ACCURACY, /* of classes: the share of rows that are right, in percent; the others are NAN */
	AS_AWARE_FIGURES
};

/* Variances are those of the target in the scored pairs. interval: the true value lies within +- interval with 95 %
 * probability, 1.96 standard errors over images (ratios are linearised), since all pairs of an image, in both orders, stand
 * or fall together. NAN: not known - of targets that do not vary, of fewer than two images. */
struct as_aware_score {
	double value[AS_AWARE_FIGURES], interval[AS_AWARE_FIGURES];
	int64_t images;
};

/* Scores a prediction. `stride` floats lie from one row to the next; 0: the same is said of every pair. AS_EMEM. */
AS_NODISCARD int as_aware_score(const struct as_pairs *, const struct as_aug *, const float *predicted, int64_t stride,
				struct as_aware_score *, struct as_error *);

/* What is best said of every pair alike, learnt from these: the mean of each component, or the most frequent class, of
 * equally frequent ones the lowest. */
void as_aware_constant(const struct as_pairs *, const struct as_aug *, float constant[AS_MAX_TARGET]);

/* --- what predicts: each learns from `train`, where part (train->n) is 1 for pairs by which it chooses --- */

/* Ridge regression for ops of squared error (as_aware_squared): minimises
 *     mean over rows of |W [y_a ; y_b] + b - d|^2 + penalty v |W|^2
 * exactly, v being the mean variance of the features. For each op the penalty is chosen among AS_AWARE_PENALTIES, 10^2 down
 * to 10^-8 by half decades, by the least error on the held-out pairs, of equal ones the largest, and then learnt once more
 * from all. predicted[i] is set for test's pairs, penalty[i] to what was chosen; without held-out pairs that is 10^-2.
 * Works in blocks of pairs and 8 (d, d) matrices of doubles. AS_EMEM; AS_EDATA: the widths differ. */
enum { AS_AWARE_PENALTIES = 21 };
AS_NODISCARD int as_aware_ridge(const struct as_pairs *train, const unsigned char *part, const struct as_pairs *test,
				const struct as_pairs_ops *, struct as_pool *, float *const *predicted, double *penalty,
				struct as_error *);

/* Multinomial logistic regression (eval/logreg.h) for an op of classes, on rows [y_a ; y_b] in both orders, with the
 * penalty n v penalty |W|^2, chosen by accuracy among 1, 10^-1, .. 10^-5. Takes 16 d bytes a pair; 4 d where the class is
 * the same in both orders. AS_EMEM, AS_EDATA. */
AS_NODISCARD int as_aware_logistic(const struct as_pairs *train, const unsigned char *part, const struct as_pairs *test,
				   const struct as_aug *, struct as_pool *, float *predicted, double *penalty, struct as_error *);

/* An AugSelf head, 2 d-hidden-hidden-ntarget with batch norm, and its loss (ssl/augself.h), trained by AdamW on features
 * that do not change. Its last layer starts at 0. Before the first epoch and after each it is tried on the held-out pairs;
 * what it was at its best is what predicts. */
struct as_aware_mlp {
	int64_t hidden, epochs;
	uint64_t seed; /* of start values and of the order of pairs */
	struct as_pool *pool;
	/* called after each epoch: mean loss of its batches, and of the held-out pairs (NAN: there are none); may be NULL */
	void (*said)(void *ctx, const struct as_aug *, int64_t epoch, double loss, double held);
	void *ctx;
};
/* *best_epoch: -1 is before the first. AS_EMEM; AS_EDATA: fewer than two pairs to learn from, widths that differ, or a loss
 * that is not finite. */
AS_NODISCARD int as_aware_mlp(const struct as_aware_mlp *, const struct as_pairs *train, const unsigned char *part,
			      const struct as_pairs *test, const struct as_aug *, float *predicted, int64_t *best_epoch,
			      struct as_error *);

/* Whether an op's target is a vector with a squared error, and not a class. */
static inline bool as_aware_squared(const struct as_aug *aug)
{
	return aug->loss == AS_LOSS_MSE_TANH || aug->loss == AS_LOSS_MSE_TANH_ALL;
}

AS_END
#endif
