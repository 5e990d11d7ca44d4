/* Private to lib/stream and lib/data: records of a stream in a file, one by one and in any order: where each lies is noted when the
 * stream is read once, with its trailer. */
#ifndef AS_STREAM_LOCATE_H
#define AS_STREAM_LOCATE_H

#include "stream/stream.h"

AS_BEGIN

/* Where the record lies that as_reader_next gave last: its bytes, without the length before them, from the beginning of what
 * the reader reads. */
void as_reader_where(const struct as_reader *, uint64_t *at, size_t *bytes);

/* Unpacks a record of a stream with this header from its bytes, from which the record borrows. Other keys would lie elsewhere:
 * they are given to `extra`, before they are gone; it may be NULL. Any number of threads may do this. AS_EDATA, AS_EMEM. */
AS_NODISCARD int as_record_read(const struct as_header *, const char *at, size_t bytes, struct as_record *,
				int (*extra)(void *ctx, const struct as_extra *, struct as_error *), void *ctx, struct as_error *);

AS_END
#endif
