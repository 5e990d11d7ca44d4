/* Public since 0.2. Streams: a header, records, a trailer, each a msgpack map with string keys
 * behind its length as a msgpack integer. The trailer holds the count, the
 * number skipped and, as its last eight bytes, the XXH64 of every byte before
 * them; without it a stream is truncated. augself-stream(5) is the normative
 * page. */
#ifndef AS_STREAM_STREAM_H
#define AS_STREAM_STREAM_H

#include "stream/record.h"

AS_BEGIN

/* The number of the format that this library writes, and the oldest that it reads. Version 1
 * hashed what stands before the trailer alone, so that nothing guarded the trailer's own counts. */
enum { AS_STREAM_VERSION = 2, AS_STREAM_OLDEST = 1 };

struct as_reader;
struct as_writer;

/* What a trailer says, or what a writer would put in one. */
struct as_seal {
	uint64_t count, skipped, hash;
};

/* Starts reading from fd (which stays the caller's) and reads the header. `kinds`
 * lists the kinds that are welcome, "image,view"; NULL: any. `name` is for
 * messages and outlives the reader. An empty input is AS_ECUT. */
AS_NODISCARD int as_reader_open(struct as_reader **, int fd, const char *name, const char *kinds, struct as_error *);
void as_reader_close(struct as_reader *);

const struct as_header *as_reader_header(const struct as_reader *);
const char *as_reader_name(const struct as_reader *);
/* The version of the format that the stream has. */
int as_reader_version(const struct as_reader *);

/* The next record: 1 a record, 0 a good trailer, <0 an error with err->record
 * set. What *rec points to is borrowed until the next call. Fields that the
 * record lacks are zero (label: -1; a score's interval and chance: NAN). */
AS_NODISCARD int as_reader_next(struct as_reader *, struct as_record *rec, struct as_error *);

/* Records read so far and the hash of their bytes; after as_reader_next returned 0, what the
 * trailer said. */
struct as_seal as_reader_seal(const struct as_reader *);

/* Starts writing a stream of header->kind to fd (which stays the caller's). The
 * header is copied. */
AS_NODISCARD int as_writer_open(struct as_writer **, int fd, const struct as_header *, struct as_error *);
/* Packs the fields of rec that the kind's table names, and rec->extra. Buffered.
 * A reader that left is AS_EPIPE. */
AS_NODISCARD int as_writer_put(struct as_writer *, const struct as_record *rec, struct as_error *);
/* Sends what is buffered onward now. */
AS_NODISCARD int as_writer_flush(struct as_writer *, struct as_error *);
/* Counts records that were left out; beyond AS_MAX_SEQ no more. */
void as_writer_skip(struct as_writer *, uint64_t skipped);
/* Writes the trailer, flushes and frees: late errors surface here. *seal may be NULL. */
AS_NODISCARD int as_writer_close(struct as_writer *, struct as_seal *, struct as_error *);
/* Frees without a trailer: the stream stays truncated, as it should. */
void as_writer_abandon(struct as_writer *);

AS_END
#endif
