/* Two sets of features: whether they go together, and what is in both. */
#ifndef AS_EVAL_MATCH_H
#define AS_EVAL_MATCH_H

#include "eval/features.h"

AS_BEGIN

/* Whether what was learnt from one can be asked of the other: AS_EDATA when both say
 * what their model is, and do not say the same, or when both name their classes and
 * not one name is in both. Where the lists of names differ the labels that are asked
 * become those of the classes of the same name; names that are new are added to those
 * learnt, with labels behind all others. */
AS_NODISCARD int as_features_match(struct as_features *learnt, struct as_features *asked, struct as_error *);

/* Rows of `b` that are in `a` too: whose id is (*ids), and whose values are as well
 * (*rows). Binary sets number the images of each split from 0: an id alone does not
 * make two images one. */
AS_NODISCARD int as_features_shared(const struct as_features *a, const struct as_features *b, int64_t *ids,
				    int64_t *rows, struct as_error *);

AS_END
#endif
