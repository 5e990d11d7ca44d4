/* Public since 0.2. The order in which images come: shuffled in each epoch or not, divided into shards,
 * resumed at any place. All datasets use it. `seq` counts the places over all epochs: epoch e of n images
 * is seq e n to (e+1) n - 1. It is the same with and without shards, so it means the same in every run. */
#ifndef AS_DATA_ORDER_H
#define AS_DATA_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "stream/record.h"

AS_BEGIN

/* Set the fields of the first part; the rest must be zero. */
struct as_order {
	uint64_t seed;
	bool shuffle;
	uint64_t images;        /* in an epoch; 0: the first epoch never ends */
	uint64_t epochs;        /* 0: endless */
	struct as_shard shard;  /* of each epoch */
	uint64_t next;          /* where to start: the first image has this seq or a later one */
	struct as_names notes;  /* set by as_order_after: messages for the user about the state, a line each */

	uint32_t *place;    /* the image at each place of epoch `placed` - 1 */
	uint64_t placed;    /* epoch + 1; 0: no epoch yet */
};

/* One image of the order. */
struct as_visit {
	uint64_t seq, epoch, image;
};

/* Checks the settings and takes memory for shuffling (at most 2^32 - 1 images). AS_EARG, AS_EMEM. */
AS_NODISCARD int as_order_open(struct as_order *, struct as_error *);
void as_order_close(struct as_order *);

/* The next image: true, or false at the end. */
bool as_order_next(struct as_order *, struct as_visit *);

/* Fills what the header of a stream in this order says: records, epochs, shard. */
void as_order_header(const struct as_order *, struct as_header *);

/* Reads "I/N", with I from 1 to N. batch: the batch of a training on N ranks, of which each shard gets a
 * block; 0: images are dealt one by one. AS_EARG, also if N does not divide the batch. */
AS_NODISCARD int as_order_shard(struct as_order *, const char *text, uint64_t batch, struct as_error *);

/* Sets where to continue from a state file: its metadata key "seq" is the seq of the next record, at most
 * AS_MAX_SEQ + 1. If the file does not exist, starts at the beginning. AS_EDATA: the file is no state.
 * Close the order even if this fails. */
AS_NODISCARD int as_order_after(struct as_order *, const char *path, struct as_error *);

AS_END
#endif
