/* Public since 0.2. Makes a set of features from some rows of another. */
#ifndef AS_EVAL_PICK_H
#define AS_EVAL_PICK_H

#include "eval/features.h"

AS_BEGIN

/* Copies the rows i of `from` with part[i] == want, with everything except the names of their records; free
 * the copy with as_features_clear. AS_EMEM: the copy is empty. */
AS_NODISCARD int as_features_pick(struct as_features *, const struct as_features *from, const unsigned char *part,
				  int want, struct as_error *);

AS_END
#endif
