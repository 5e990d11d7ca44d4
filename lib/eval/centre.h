/* Public since 0.2. Subtracts the mean from rows that lie far from 0, which products in single precision
 * need. */
#ifndef AS_EVAL_CENTRE_H
#define AS_EVAL_CENTRE_H

#include "eval/features.h"

AS_BEGIN

/* If the rows of set[0] lie ten times as far from 0 as from one another, subtracts their mean from the rows
 * of all `sets` sets, which have one width, and keeps it in their `centre`. Without this, products in float
 * would have no bits left for the differences between rows. Otherwise changes nothing. What is learnt
 * (eval/logreg.h) is the same. AS_EMEM. */
AS_NODISCARD int as_features_centre(struct as_features *const *set, int sets, struct as_error *);

AS_END
#endif
