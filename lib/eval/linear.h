/* Public since 0.2. Linear evaluation (linprobe(1)): learns with each of 45 penalties, keeps the one with
 * the best validation score, then learns once more on train and validation together. The penalties are
 * those of Kornblith et al. 2019, as in Lee et al. 2021. */
#ifndef AS_EVAL_LINEAR_H
#define AS_EVAL_LINEAR_H

#include "eval/accuracy.h"
#include "eval/logreg.h"

AS_BEGIN

enum { AS_PATH = 45 };

/* What one penalty gave. */
struct as_path_point {
	double w;                 /* the penalty */
	struct as_accuracy score; /* on validation */
	struct as_descent found;  /* how the descent ended */
};

/* How to choose and to learn. */
struct as_linear {
	bool per_class;   /* choose by the mean over classes instead of top-1 */
	double tolerance; /* see as_logreg_solve; usually 1e-5 */
	struct as_pool *pool; /* borrowed; NULL: no threads */
	/* called after each penalty, from the largest w on; may be NULL */
	void (*said)(void *ctx, const struct as_path_point *, int done);
	void *ctx;
};

/* Learns from `train`, whose y are classes of `classes`, with each penalty from the largest on, starting
 * from the weights of the one before; scores each on `val` (a class that was not learnt is never right).
 * *best becomes the index of the best score, of equal scores that of the smallest w, and weights (classes,
 * d + 1) its weights. Errors of as_logreg_new and as_logreg_solve; AS_EARG: val has another width. */
AS_NODISCARD int as_linear_path(const struct as_linear *, const struct as_features *train,
				const struct as_features *val, const struct as_classes *,
				struct as_path_point path[AS_PATH], int *best, double *weights, struct as_error *);

/* Learns from train and val (NULL: none) together with penalty w. `weights` (classes, d + 1) is the start,
 * which may be zeros, and becomes the solution. The same errors. */
AS_NODISCARD int as_linear_fit(const struct as_linear *, const struct as_features *train,
			       const struct as_features *val, int64_t classes, double w, double *weights,
			       struct as_descent *, struct as_error *);

AS_END
#endif
