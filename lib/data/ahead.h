/* Images loaded ahead of whoever takes them: read, and decoded where they do not stay compressed, on
 * the threads of a pool, and given one by one in their order. */
#ifndef AS_DATA_AHEAD_H
#define AS_DATA_AHEAD_H

#include "base/pool.h"
#include "data/dataset.h"
#include "data/order.h"

AS_BEGIN

/* Borrowed throughout. */
struct as_ahead {
	const struct as_items *items;
	struct as_order *order; /* opened */
	struct as_pool *pool;   /* NULL: no threads */
	int64_t room;           /* bytes that images loaded and not yet given may take; 0: 128 MiB a thread */
	/* The next image, its own until give returns; or `why` it could not be loaded (NULL: it was).
	 * Called for one image after the other, from any thread. Not 0: the end. */
	int (*give)(void *ctx, const struct as_visit *, struct as_item *, const struct as_error *why);
	void *ctx;
};

/* Gives all images of the order; what is given is the same for any number of threads. Returns 0, what
 * give returned, or AS_EMEM. Memory: an image that does not fit into the room beside others is loaded
 * alone; and each thread may be reading a file, of at most AS_MAX_IMAGE bytes, whose size it does not know yet. */
AS_NODISCARD int as_ahead_run(const struct as_ahead *, struct as_error *);

AS_END
#endif
