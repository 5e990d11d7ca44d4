/* Public since 0.2. Compares two sets of features: whether they may be used together, and which rows are
 * in both. */
#ifndef AS_EVAL_MATCH_H
#define AS_EVAL_MATCH_H

#include "eval/features.h"

AS_BEGIN

/* Gives both sets the same classes, so that what was learnt from one can be tested on the other. Classes
 * with equal names are the same: if the lists of names differ, the labels of `asked` become those that
 * `learnt` has for the same names; a new name gets a label above all others, in both. AS_EDATA: the sets
 * come from different models, or both name their classes and share no name; AS_EMEM. */
AS_NODISCARD int as_features_match(struct as_features *learnt, struct as_features *asked, struct as_error *);

/* Counts the rows of `b` that are in `a` too: by id (*ids), and by id and all values (*rows). Datasets that
 * are not folders number the images of each split from 0, so equal ids alone do not mean equal images.
 * AS_EMEM. */
AS_NODISCARD int as_features_shared(const struct as_features *a, const struct as_features *b, int64_t *ids,
				    int64_t *rows, struct as_error *);

AS_END
#endif
