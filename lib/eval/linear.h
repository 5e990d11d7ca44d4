/* Linear evaluation (linprobe(1)): of 45 penalties the one with the best validation score, then once
 * more on train and validation together. The values are those of Kornblith et al. 2019, as in
 * Lee et al. 2021. */
#ifndef AS_EVAL_LINEAR_H
#define AS_EVAL_LINEAR_H

#include "eval/accuracy.h"
#include "eval/logreg.h"

AS_BEGIN

enum { AS_PATH = 45 };

struct as_path_point {
	double w;                 /* the penalty */
	struct as_accuracy score; /* on validation */
	struct as_descent found;  /* how the weights were found */
};

struct as_linear {
	bool per_class;   /* choose by the mean per class instead of top-1 */
	double tolerance; /* as as_logreg_solve has it; usually 1e-5 */
	struct as_pool *pool; /* borrowed; NULL: no threads */
	/* Called after each point of the path, from the largest w down; may be NULL. */
	void (*said)(void *ctx, const struct as_path_point *, int done);
	void *ctx;
};

/* w of the i-th point: 10^(-6 + i/4), i = 0..44. */
double as_path_w(int i);

/* Learns from `train`, whose y are of `classes`, with each penalty from the largest w down, each from
 * the weights of the one before, and scores each on `val` (a class that is not among them is never
 * right). The best score's index goes to *best, of equal scores that of the smallest w, and its weights
 * to weights (classes, d + 1). The errors of as_logreg_new and as_logreg_solve; AS_EARG when val does
 * not fit. */
AS_NODISCARD int as_linear_path(const struct as_linear *, const struct as_features *train,
				const struct as_features *val, const struct as_classes *,
				struct as_path_point path[AS_PATH], int *best, double *weights, struct as_error *);

/* Learns from train and val (NULL: none) together with penalty w, from `weights`
 * (classes, d + 1; zeros will do), which become the solution. The same errors. */
AS_NODISCARD int as_linear_fit(const struct as_linear *, const struct as_features *train,
			       const struct as_features *val, int64_t classes, double w, double *weights,
			       struct as_descent *, struct as_error *);

AS_END
#endif
