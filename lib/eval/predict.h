/* What a linear classifier says of features (eval/logreg.h learns one). */
#ifndef AS_EVAL_PREDICT_H
#define AS_EVAL_PREDICT_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* The label of each row of f into predicted (f->n): that of the argmax of W x + b, ties
 * to the lowest. weights: (classes, d + 1). */
AS_NODISCARD int as_logreg_predict(const double *weights, const struct as_classes *, const struct as_features *f,
				   int64_t *predicted, struct as_pool *, struct as_error *);

AS_END
#endif
