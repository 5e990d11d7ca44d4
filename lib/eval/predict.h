/* Public since 0.2. Applies a linear classifier to features (eval/logreg.h learns one). */
#ifndef AS_EVAL_PREDICT_H
#define AS_EVAL_PREDICT_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* Sets predicted (f->n) to the label of the largest W x + b of each row of f, of equal ones the lowest.
 * weights: (classes, d + 1). AS_EMEM. */
AS_NODISCARD int as_logreg_predict(const double *weights, const struct as_classes *, const struct as_features *f,
				   int64_t *predicted, struct as_pool *, struct as_error *);

AS_END
#endif
