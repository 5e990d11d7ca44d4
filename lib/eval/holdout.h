/* Which rows of a set of features are kept from learning, to choose by. */
#ifndef AS_EVAL_HOLDOUT_H
#define AS_EVAL_HOLDOUT_H

#include "eval/features.h"

AS_BEGIN

/* Marks part[i] = 1 for `share` of each class of f by its y (rounded, at least one row
 * stays 0), drawn by Philox with key = seed and id = class, and 0 for the rest. */
AS_NODISCARD int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
				      struct as_error *);

AS_END
#endif
