/* The order in which the images of a dataset come: shuffled for each epoch or
 * not, cut into shards, resumed anywhere. One place for all datasets. `seq` is a
 * place in the endless order: epoch e of n images is seq e n to (e+1) n - 1,
 * whatever the shard, so that it means the same in every run. */
#ifndef AS_DATA_ORDER_H
#define AS_DATA_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/record.h"

AS_BEGIN

/* Set the first part, zero the rest. */
struct as_order {
	uint64_t seed;
	bool shuffle;
	uint64_t images;        /* of an epoch; 0: the first epoch never ends */
	uint64_t epochs;        /* 0: endless */
	struct as_shard shard;  /* of each epoch */
	uint64_t next;          /* seq to start from, or after */
	struct as_names notes;  /* by as_order_after: what the user should know of the state, a line each */

	uint32_t *place;    /* image at each place of `placed`'s epoch */
	uint64_t placed;    /* epoch + 1; 0: none yet */
};

/* One image of it. */
struct as_visit {
	uint64_t seq, epoch, image;
};

/* Checks the settings and takes memory for a shuffled epoch (at most 2^32 - 1 images). */
AS_NODISCARD int as_order_open(struct as_order *, struct as_error *);
void as_order_close(struct as_order *);

/* The next image: true, or false at the end. */
bool as_order_next(struct as_order *, struct as_visit *);

/* What a stream in this order says beforehand: records, epochs, shard. */
void as_order_header(const struct as_order *, struct as_header *);

/* "I/N", I from 1 to N. */
AS_NODISCARD int as_order_shard(struct as_order *, const char *text, struct as_error *);

/* Where to go on after a state file: its metadata key "seq", the seq of the next
 * record to take, at most AS_MAX_SEQ + 1. A file that is not there means the start. AS_EDATA: the file is no
 * state. The order is to be closed, also where it fails. */
AS_NODISCARD int as_order_after(struct as_order *, const char *path, struct as_error *);

AS_END
#endif
