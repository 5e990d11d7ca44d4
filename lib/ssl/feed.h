/* Public since 0.2. Batches from a stream of views, fetched by a thread of its own so that the next
 * one is there when a step ends. The incomplete last batch of an epoch is dropped. */
#ifndef AS_SSL_FEED_H
#define AS_SSL_FEED_H

#include <signal.h>

#include "base/arena.h"
#include "ssl/layout.h"
#include "stream/stream.h"

AS_BEGIN

struct as_batch {
	int64_t n;
	uint64_t epoch, first_seq, next_seq; /* seq of its first record; the last one's plus 1 */
	float *x[AS_MAX_VIEWS];     /* by group of the layout: its rows (S,S,3), normalised by the role's mean and std */
	float *param[AS_MAX_VIEWS]; /* by view: (n,nparam) of its role */
	float *omega[AS_MAX_VIEWS]; /* (n,nomega) */
	int64_t *label;             /* (n) */
};

struct as_feed;

/* Starts fetching batches of the layout from the reader, both of which stay the caller's; the reader is not
 * to be touched until the feed is closed. Roles that the layout does not use are not looked at. `from`: the
 * lowest seq that may come, that of the progress of a run that goes on. Batches lie in the memory given: that of
 * the device that trains (struct as_kern's). */
AS_NODISCARD int as_feed_open(struct as_feed **, const struct as_memory *, struct as_reader *, const struct as_layout *,
			      uint64_t from, struct as_error *);
/* The next batch: 1, borrowed until the next call; 0 the stream's good end; <0 an
 * error - AS_EDATA for a record whose views or parameters are not as the policy has them,
 * whose omega is not what they make, or that does not come after the one before it: seq
 * rises, and no epoch comes back. Also 0 when *stop becomes nonzero while waiting. */
AS_NODISCARD int as_feed_next(struct as_feed *, const volatile sig_atomic_t *stop, const struct as_batch **,
			      struct as_error *);
void as_feed_close(struct as_feed *);

AS_END
#endif
