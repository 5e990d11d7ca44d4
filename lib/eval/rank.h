/* Public since 0.2. The effective rank (kern/rank.h) of a set of features. */
#ifndef AS_EVAL_RANK_H
#define AS_EVAL_RANK_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* All rows, not centred: at most the smaller of n and d. Takes one matrix of doubles of that side. AS_EMEM; AS_EARG: both
 * n and d are above 16384. */
AS_NODISCARD int as_features_rank(const struct as_features *, struct as_pool *, double *rank, struct as_error *);

AS_END
#endif
