/* Public since 0.2. A record that outlives the reader's next step: a copy of it and of all that it
 * borrows. For programs that work on many records at once. */
#ifndef AS_STREAM_KEEP_H
#define AS_STREAM_KEEP_H

#include "stream/record.h"

AS_BEGIN

/* Zeroed at first; its memory is reused from record to record. */
struct as_kept {
	struct as_record rec;
	char *at;
	size_t bytes;
};

AS_NODISCARD int as_record_keep(struct as_kept *, const struct as_record *, struct as_error *);
void as_kept_clear(struct as_kept *);

/* Bytes that keeping a record takes. */
size_t as_record_bytes(const struct as_record *);

AS_END
#endif
