/* Public since 0.2. Divides a set of features into rows to learn from and rows to choose by. */
#ifndef AS_EVAL_HOLDOUT_H
#define AS_EVAL_HOLDOUT_H

#include "eval/features.h"

AS_BEGIN

/* Sets part[i] = 1 for `share` of the images in each class y of f, and 0 for the rest. The number is
 * rounded, but at least one image of a class stays at 0, and so do rows without a class. The images of
 * highest rank are held out (as_split_rank of data/split.h, by the rows' ids and the seed): adding an image
 * changes the side of at most one other, and the rows of one image (its views) stay together. AS_EMEM. */
AS_NODISCARD int as_features_hold_out(const struct as_features *f, double share, uint64_t seed, unsigned char *part,
				      struct as_error *);

/* Sets part[i] = 1 for k images of each class y, or all of a class that has fewer, and 0 for the rest and for rows
 * without a class: those of lowest rank for this draw, so that 5 images of a class are among the 10 of the same
 * draw. *least: the images of the smallest class. AS_EMEM. */
AS_NODISCARD int as_features_few(const struct as_features *f, int64_t k, uint64_t draw, unsigned char *part, int64_t *least,
				 struct as_error *);

AS_END
#endif
