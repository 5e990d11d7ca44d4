/* Two sets of features: whether they go together, and what is in both. */
#ifndef AS_EVAL_MATCH_H
#define AS_EVAL_MATCH_H

#include "eval/features.h"

AS_BEGIN

/* Makes the two speak of the same classes, so that what was learnt from one can be asked of the other.
 * Classes are the same where their names are: where the lists of names differ, the labels of `asked`
 * become those that `learnt` has for the same names; a name that is new gets a label above all others,
 * in both. AS_EDATA when the two say that they are of different models, or when both name their
 * classes and have not one name in common; AS_EMEM. */
AS_NODISCARD int as_features_match(struct as_features *learnt, struct as_features *asked, struct as_error *);

/* How many rows of `b` are in `a` too: by their id (*ids), and by their id and all values (*rows).
 * Datasets that are no folders number the images of each part from 0, so that equal ids alone do not
 * mean equal images. AS_EMEM. */
AS_NODISCARD int as_features_shared(const struct as_features *a, const struct as_features *b, int64_t *ids,
				    int64_t *rows, struct as_error *);

AS_END
#endif
