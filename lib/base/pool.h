/* A pool of worker threads and one way to use it: run a task for each index.
 * Tasks are cut by shapes alone and may write only what their index owns, so
 * the number of threads cannot change a byte. Idle workers sleep. */
#ifndef AS_BASE_POOL_H
#define AS_BASE_POOL_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

struct as_pool;

/* CPUs this process may run on (its affinity, not what is installed); at least 1. */
int as_cpus(void);

/* A pool of `threads` lanes, the caller's among them (1: no thread is started).
 * Free with as_pool_free. */
AS_NODISCARD int as_pool_new(struct as_pool **, int threads, struct as_error *);
void as_pool_free(struct as_pool *);

/* Lanes; 1 for NULL. */
int as_pool_lanes(const struct as_pool *);

/* Runs task(ctx, i, lane) for every i in 0..tasks-1 and returns when all are
 * done. `lane` is in 0..lanes-1 and picks scratch, never data. NULL pool: here
 * and now. Not to be called from inside a task. */
void as_each(struct as_pool *, int64_t tasks, void (*task)(void *ctx, int64_t i, int lane), void *ctx);

AS_END
#endif
