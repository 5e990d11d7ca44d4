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

/* The same record by record, for streams that do not fit into memory, and for readers that look at more of a
 * record. as_features_begin makes an empty set with what the header says; AS_EDATA, AS_EMEM, and *f is empty.
 * as_features_next adds the next record's rows: 1, 0 at the stream's end, or an error, after which the caller
 * clears *f. *rec is borrowed until the next call. To use memory again set n and text_bytes to 0. */
AS_NODISCARD int as_features_begin(struct as_features *, const struct as_reader *, const char *key, struct as_error *);
AS_NODISCARD int as_features_next(struct as_features *, struct as_reader *, const char *key, bool needed,
				  struct as_record *rec, struct as_error *);

/* The same of views, for probes that ask how these were drawn: also sets f->drawn. Labels are those of the records, and
 * may be missing. AS_EDATA also: there is no policy, or nothing was drawn of these images. */
AS_NODISCARD int as_features_read_views(struct as_features *, struct as_reader *, struct as_error *);

AS_END
#endif
