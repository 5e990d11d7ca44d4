/* Where a set of features comes from, as the chain of its stream says: who made them, and what of. */
#ifndef AS_EVAL_ORIGIN_H
#define AS_EVAL_ORIGIN_H

#include "stream/record.h"

AS_BEGIN

/* Owns its list and texts: as_origin_clear. Zeroed is not known. */
struct as_origin {
	struct as_names chain;
	char *by;       /* feat-extract's line: the model that it ran, and how */
	char *of;       /* the other lines, with " | " between: the images, and what was done to them */
	char model[32]; /* the model's seal, which that line names, or "" */
};

/* Copies a header's chain. AS_EDATA when it names two models: their features, which rec-cat has
 * joined, are of no one space. AS_EMEM. */
AS_NODISCARD int as_origin_read(struct as_origin *, const struct as_names *chain, struct as_error *);
void as_origin_clear(struct as_origin *);

AS_END
#endif
