/* A stream of kind feature becomes a set of features. */
#ifndef AS_EVAL_READ_H
#define AS_EVAL_READ_H

#include "eval/features.h"
#include "stream/stream.h"

AS_BEGIN

/* Reads the rest of a stream of kind feature; every view of a record is a row, with the record's label.
 * `key` is where the label lies: "label", or any whole-number key of the records, such as "colour"
 * from img-synth. AS_EDATA, with the record, for a row of another width, a value that is not finite,
 * a label that is negative or, where labels are `needed`, missing; also for a stream without rows, and
 * for features of two models. AS_EMEM. On an error *f is empty. */
AS_NODISCARD int as_features_read(struct as_features *, struct as_reader *, const char *key, bool needed,
				  struct as_error *);

AS_END
#endif
