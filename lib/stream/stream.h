/* Public since 0.2. Streams: a header, records, a trailer. Each is a msgpack map with string keys, after
 * its length as a msgpack integer. The trailer holds the count, the number of skipped records and, in its
 * last eight bytes, the XXH64 of every byte before; a stream without it is truncated. augself-stream(5)
 * defines the format. */
#ifndef AS_STREAM_STREAM_H
#define AS_STREAM_STREAM_H

#include "stream/record.h"

AS_BEGIN

/* The version of the format that this library writes, and the oldest that it reads. In version 1 the hash
 * covers only what stands before the trailer, so the trailer's own counts are not protected. */
enum { AS_STREAM_VERSION = 2, AS_STREAM_OLDEST = 1 };

/* In place of a length, as the last byte on a pipe: the writer has failed and said why. */
#define AS_STREAM_FAILED '\xc0'

struct as_reader;
struct as_writer;

/* What a trailer says, or would say if the stream ended now. */
struct as_seal {
	uint64_t count, skipped, hash;
};

/* Starts reading from fd (which the caller still owns) and reads the header. `kinds` lists the accepted
 * kinds, "image,view"; NULL: any. `name` is for messages and must outlive the reader. An empty input is
 * AS_ESHORT, that of a writer which failed AS_ESAID. */
AS_NODISCARD int as_reader_open(struct as_reader **, int fd, const char *name, const char *kinds, struct as_error *);
void as_reader_close(struct as_reader *);

/* The stream's header, and its name for messages. They belong to the reader. */
const struct as_header *as_reader_header(const struct as_reader *);
const char *as_reader_name(const struct as_reader *);
/* The stream's version of the format. */
int as_reader_version(const struct as_reader *);

/* The next record. 1: a record, 0: a good trailer, <0: an error with err->record set. What *rec points to
 * is borrowed until the next call. Missing fields are zero (label: -1; interval and chance of a score:
 * NAN). AS_EDATA: not what the format says; AS_ESHORT: the input ends before the trailer; AS_ESAID: its
 * writer has failed; AS_EIO, AS_EMEM. */
AS_NODISCARD int as_reader_next(struct as_reader *, struct as_record *rec, struct as_error *);

/* From now on waiting for input ends when fd (which the caller still owns) has something to read or its other
 * end is closed: as_reader_next is AS_EIO from then on. So another thread can end it. -1: it waits for ever, as at first. */
void as_reader_until(struct as_reader *, int fd);

/* The number of records read so far and the hash of their bytes; after as_reader_next returned 0, what the
 * trailer said. */
struct as_seal as_reader_seal(const struct as_reader *);

/* Starts writing a stream of header->kind to fd (which the caller still owns). The header is copied.
 * AS_EARG: no such kind; AS_EDATA: the header breaks a limit of the format; AS_EMEM. */
AS_NODISCARD int as_writer_open(struct as_writer **, int fd, const struct as_header *, struct as_error *);
/* Writes rec: the fields that the kind's table names, and rec->extra. Output is buffered. AS_EPIPE: the
 * reader has closed the stream. */
AS_NODISCARD int as_writer_put(struct as_writer *, const struct as_record *rec, struct as_error *);
/* Writes what is buffered. AS_EIO, AS_EPIPE. */
AS_NODISCARD int as_writer_flush(struct as_writer *, struct as_error *);
/* Counts records that were left out, up to AS_MAX_SEQ. */
void as_writer_skip(struct as_writer *, uint64_t skipped);
/* Writes the trailer, flushes and frees; errors of earlier writes are reported here at the latest. *seal
 * may be NULL. */
AS_NODISCARD int as_writer_close(struct as_writer *, struct as_seal *, struct as_error *);
/* Frees without a trailer, so that readers see a truncated stream. */
void as_writer_abandon(struct as_writer *);

AS_END
#endif
