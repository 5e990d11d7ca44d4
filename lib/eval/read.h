/* Public since 0.2. Reads a stream of kind feature into a set of features. */
#ifndef AS_EVAL_READ_H
#define AS_EVAL_READ_H

#include "eval/features.h"
#include "stream/stream.h"

AS_BEGIN

/* Reads the rest of the stream. Every view of a record becomes a row with the record's label. `key` says
 * where the label is: "label", or any whole-number key of the records, such as "colour" from img-synth.
 * AS_EDATA, with the record: a row has another width, a value is not finite, a label is negative, or
 * missing although `needed`; also if there are no rows, or features of two models. AS_EMEM. On an error *f
 * is empty. */
AS_NODISCARD int as_features_read(struct as_features *, struct as_reader *, const char *key, bool needed,
				  struct as_error *);

AS_END
#endif
