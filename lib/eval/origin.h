/* Public since 0.2. Where a set of features comes from, as the chain of its stream says: the model and the
 * images. */
#ifndef AS_EVAL_ORIGIN_H
#define AS_EVAL_ORIGIN_H

#include "stream/record.h"

AS_BEGIN

/* Owns its texts: free with as_origin_clear. All zero: not known. */
struct as_origin {
	struct as_names chain;
	char *by;       /* feat-extract's line: the model that it ran, and its options */
	char *of;       /* the other lines, joined with " | ": the images, and what was done to them */
	char model[32]; /* the seal of the model, from that line, or "" */
};

/* Copies a header's chain. AS_EDATA: the chain names two models (rec-cat joined two streams), whose
 * features cannot be compared. AS_EMEM. */
AS_NODISCARD int as_origin_read(struct as_origin *, const struct as_names *chain, struct as_error *);
void as_origin_clear(struct as_origin *);

AS_END
#endif
