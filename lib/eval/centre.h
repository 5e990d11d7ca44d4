/* Rows without their mean: what products in single precision need where rows lie far from 0. */
#ifndef AS_EVAL_CENTRE_H
#define AS_EVAL_CENTRE_H

#include "eval/features.h"

AS_BEGIN

/* Where the rows of set[0] lie ten times as far from 0 as from one another, subtracts their mean from
 * the rows of all `sets` sets, which are of one width, and keeps it in their `centre`: products in
 * float would have no bits left for what tells rows apart. Otherwise nothing changes. What is learnt
 * (eval/logreg.h) is the same. AS_EMEM. */
AS_NODISCARD int as_features_centre(struct as_features *const *set, int sets, struct as_error *);

AS_END
#endif
