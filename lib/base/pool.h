/* Public since 0.2. A pool of worker threads and one way to use it: run a task for each index. The number
 * of tasks depends on shapes alone, and a task writes only data of its own index. So the number of threads
 * changes no byte. Idle workers sleep. */
#ifndef AS_BASE_POOL_H
#define AS_BASE_POOL_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

struct as_pool;
struct as_trace;

/* A pool of `threads` threads, counting the caller (1: no thread is started). Free it with as_pool_free.
 * AS_EMEM, also when the system starts no more threads. */
AS_NODISCARD int as_pool_new(struct as_pool **, int threads, struct as_error *);
void as_pool_free(struct as_pool *);

/* Gives it a timeline (base/trace.h; NULL: none), which records what every thread does in a round, and who uses the pool
 * what the rounds are for. Only between rounds. It is the caller's. */
void as_pool_record(struct as_pool *, struct as_trace *);
/* That timeline; NULL: there is none, or no pool. */
struct as_trace *as_pool_trace(const struct as_pool *);

/* The number of threads; 1 for NULL. */
int as_pool_threads(const struct as_pool *);

/* Runs task(ctx, i, thread) for every i in 0..tasks-1 and returns when all have ended. `thread`, in
 * 0..threads-1, may only choose scratch memory, never data. Without a pool (NULL) the caller runs all
 * tasks. Must not be called from inside a task. */
void as_each(struct as_pool *, int64_t tasks, void (*task)(void *ctx, int64_t i, int thread), void *ctx);

AS_END
#endif
