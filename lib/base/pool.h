/* A pool of worker threads and one way to use it: run a task for each index.
 * Which tasks there are hangs on shapes alone, and a task writes only what belongs to its index, so
 * the number of threads changes no byte. Idle workers sleep. Since 0.2. */
#ifndef AS_BASE_POOL_H
#define AS_BASE_POOL_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

struct as_pool;

/* CPUs this process may run on (its affinity, not what is installed); at least 1. */
int as_cpus(void);

/* A pool of `threads` threads, the caller among them (1: none is started).
 * Free with as_pool_free. */
AS_NODISCARD int as_pool_new(struct as_pool **, int threads, struct as_error *);
void as_pool_free(struct as_pool *);

/* How many; 1 for NULL. */
int as_pool_threads(const struct as_pool *);

/* Runs task(ctx, i, thread) for every i in 0..tasks-1 and returns when all are
 * done. `thread` is in 0..threads-1 and picks scratch, never data. NULL pool: here
 * and now. Not to be called from inside a task. */
void as_each(struct as_pool *, int64_t tasks, void (*task)(void *ctx, int64_t i, int thread), void *ctx);

AS_END
#endif
