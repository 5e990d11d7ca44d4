/* Linear evaluation (linprobe(1)): the penalty by the validation score along a path of
 * 45 values, then once more on train and validation together. */
#ifndef AS_EVAL_LINEAR_H
#define AS_EVAL_LINEAR_H

#include "eval/accuracy.h"
#include "eval/logreg.h"

AS_BEGIN

enum { AS_PATH = 45 };

struct as_path_point {
	double w;
	struct as_accuracy score; /* on validation */
	struct as_descent found;
};

struct as_linear {
	bool per_class;   /* choose by the mean per class instead of top-1 */
	double tolerance; /* |g|_inf of the mean-scaled objective; usually 1e-5 */
	struct as_pool *pool;
	/* Called after each point of the path, from the largest w down; may be NULL. */
	void (*said)(void *ctx, const struct as_path_point *, int done);
	void *ctx;
};

/* w of the i-th point: 10^(-6 + i/4), i = 0..44. */
double as_path_w(int i);

/* Walks the path on `train`, whose y are of `classes`, from the largest w down with warm
 * starts, scores each point on `val` (a class that is not among them is never right), and
 * puts the first best in ascending w into *best. weights (classes, d + 1) are the best
 * point's. */
AS_NODISCARD int as_linear_path(const struct as_linear *, const struct as_features *train,
				const struct as_features *val, const struct as_classes *,
				struct as_path_point path[AS_PATH], int *best, double *weights, struct as_error *);

/* Fits train and val (NULL: none) together at w, starting from `weights`
 * (classes, d + 1; zeros will do), which become the solution. */
AS_NODISCARD int as_linear_fit(const struct as_linear *, const struct as_features *train,
			       const struct as_features *val, int64_t classes, double w, double *weights,
			       struct as_descent *, struct as_error *);

AS_END
#endif
