/* Private to lib/ssl: where the records of a stream that was dealt in blocks (img-read --shard I/N --batch B) belong
 * in the batches of a training on N ranks. A place follows from seq alone, so an image that was left out on the way
 * moves no other. */
#ifndef AS_SSL_DEALT_H
#define AS_SSL_DEALT_H

#include "base/world.h"
#include "stream/record.h"

struct as_dealt {
	uint64_t records;       /* of an epoch, in all shards; 0: it never ends */
	uint64_t batch, block;  /* images of the whole batch; of this rank's part, 0: the stream was not dealt */
	uint64_t rank;
};

struct as_seat {
	uint64_t batch; /* seq of the first image of the whole batch */
	int64_t image;  /* within this rank's block; -1: the batch is an epoch's incomplete last, which is dropped */
};

/* What a stream with this header is to a rank (world NULL: the only one) that takes `block` images of every batch.
 * AS_EDATA: it is another rank's, or there are other ranks and it was not dealt. */
AS_NODISCARD int as_dealt_make(struct as_dealt *, const struct as_header *, const struct as_world *, int64_t block,
			       struct as_error *);

/* Where a record belongs. AS_EDATA: to another rank. */
AS_NODISCARD int as_dealt_find(const struct as_dealt *, uint64_t seq, struct as_seat *, struct as_error *);

#endif
