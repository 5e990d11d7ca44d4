/* Public since 0.2. Loads images ahead of their use, on the threads of a pool: reads each file, and
 * decodes it unless it stays compressed. Gives them one by one, in their order. */
#ifndef AS_DATA_AHEAD_H
#define AS_DATA_AHEAD_H

#include "base/pool.h"
#include "data/dataset.h"
#include "data/order.h"

AS_BEGIN

/* All pointers are borrowed. */
struct as_ahead {
	const struct as_items *items;
	struct as_order *order; /* opened */
	struct as_pool *pool;   /* NULL: no other threads */
	/* most bytes for images that are loaded and not yet given; 0: 128 MiB for each thread */
	int64_t room;
	/* Receives the next image, which it may change until it returns; or `why` the image could not be
	 * loaded (NULL: it was). Called for one image after the other, from any thread. A return value
	 * other than 0 ends the run. */
	int (*give)(void *ctx, const struct as_visit *, struct as_item *, const struct as_error *why);
	void *ctx;
};

/* Gives all images of the order; they are the same for any number of threads. Returns 0, what give
 * returned, or AS_EMEM. An image that does not fit beside others is loaded alone. Besides `room`, each
 * thread may hold one file of at most AS_MAX_IMAGE bytes whose size is not known yet. */
AS_NODISCARD int as_ahead_run(const struct as_ahead *, struct as_error *);

AS_END
#endif
