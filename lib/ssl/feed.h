/* Public since 0.2. Batches from a stream of views. A thread of its own fetches them, so that the next
 * batch is ready when a step ends. The incomplete last batch of an epoch is dropped.
 *
 * With other ranks, and wherever the source dealt blocks (img-read --shard I/N --batch B), an image's place
 * in a batch follows from its seq. An image that was left out on the way (--max-bad) is replaced by the one
 * before it in its grain, so every number of ranks trains on the same batches. */
#ifndef AS_SSL_FEED_H
#define AS_SSL_FEED_H

#include <signal.h>

#include "base/arena.h"
#include "kern/kern.h"
#include "ssl/layout.h"
#include "stream/stream.h"

AS_BEGIN

/* A batch of images as their views, with what was drawn for each. */
struct as_batch {
	int64_t n;
	/* seq of its first record; seq of its last record plus 1: of all ranks together, if places follow from seq */
	uint64_t epoch, first_seq, next_seq;
	/* by group of the layout: its rows (S,S,3), normalised with the role's mean and std */
	float *x[AS_MAX_VIEWS];
	float *param[AS_MAX_VIEWS]; /* by view: (n,nparam) of its role */
	float *omega[AS_MAX_VIEWS]; /* (n,nomega) */
	int64_t *label;             /* (n) */
};

struct as_feed;

/* Starts fetching batches of the layout from the reader. Both still belong to the caller, but only the feed
 * may use the reader until it is closed. Roles that the layout does not use are not read. `from`: the
 * lowest seq that may come (for a resumed run, that of its progress). The engine is what trains on the batches: they
 * are in its device's memory; with a world, this rank has its block of every batch; the pool's timeline records the reading, in
 * the lane behind those of the pool. AS_EDATA: the stream is another rank's. AS_EMEM. */
AS_NODISCARD int as_feed_open(struct as_feed **, const struct as_engine *, struct as_reader *, const struct as_layout *,
			      uint64_t from, struct as_error *);
/* The next batch. 1: a batch, borrowed until the next call; 0: the stream has ended without an error, or
 * *stop became nonzero while waiting; <0: an error. AS_EDATA: a record's views or parameters do not fit the
 * policy, its omega does not fit its parameters, or its seq or epoch is not after that of the record
 * before. */
AS_NODISCARD int as_feed_next(struct as_feed *, const volatile sig_atomic_t *stop, const struct as_batch **,
			      struct as_error *);
void as_feed_close(struct as_feed *);

/* Bytes that the batches of a layout take, two of them: one that is trained on while the next is read. */
size_t as_feed_bytes(const struct as_layout *);

AS_END
#endif
