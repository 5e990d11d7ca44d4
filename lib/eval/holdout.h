/* Which rows of a set of features are kept from learning, to choose by. */
#ifndef AS_EVAL_HOLDOUT_H
#define AS_EVAL_HOLDOUT_H

#include "eval/features.h"

AS_BEGIN

/* Marks part[i] = 1 for `share` of the images of each class of f by its y, 0 for the rest: rounded, at
 * least one image of a class stays, and rows without a class do. Those of highest rank are held out
 * (as_split_rank of data/split.h, by the rows' ids and the seed), so that an image more changes the
 * side of at most one other, and the rows of one image - its views - stay together. AS_EMEM. */
AS_NODISCARD int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
				      struct as_error *);

AS_END
#endif
