/* Some rows of a set of features as a set of their own. */
#ifndef AS_EVAL_PICK_H
#define AS_EVAL_PICK_H

#include "eval/features.h"

AS_BEGIN

/* Copies the rows i of `from` with part[i] == want, with all that is known of them but the names of
 * their records; as_features_clear frees the copy. AS_EMEM, and then it is empty. */
AS_NODISCARD int as_features_pick(struct as_features *, const struct as_features *from, const unsigned char *part,
				  int want, struct as_error *);

AS_END
#endif
