/* Public since 0.2. Keeps a record after the reader has gone on: copies it and everything that it borrows.
 * For programs that work on many records at once. */
#ifndef AS_STREAM_KEEP_H
#define AS_STREAM_KEEP_H

#include "stream/record.h"

AS_BEGIN

/* Initialise with zeros; the memory is used again for the next record. */
struct as_kept {
	struct as_record rec;
	char *at;
	size_t bytes;
};

/* Copies the record and all that it points to; the last copy is freed. AS_EMEM. */
AS_NODISCARD int as_record_keep(struct as_kept *, const struct as_record *, struct as_error *);
void as_kept_clear(struct as_kept *);

/* The bytes that keeping a record needs. */
size_t as_record_bytes(const struct as_record *);

AS_END
#endif
