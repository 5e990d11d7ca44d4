/* Public since 0.2. A pool of worker threads and how to use it: run a task for each index. The number
 * of tasks depends on shapes alone, and a task writes only data of its own index. So the number of threads
 * changes no byte. Idle workers sleep. */
#ifndef AS_BASE_POOL_H
#define AS_BASE_POOL_H

#include <stddef.h>
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

/* Work that waits for memory more than it computes, beside the rounds that follow: the second of each four threads (of two
 * or three, the second) does these tasks before those of a round, so that memory and the others are busy at the same time.
 * A work begins when the ones given before it have ended. Rounds in between may neither write what the tasks read nor
 * touch what they write. as_beside_end runs what is left; all have ended when it returns, and it must be called before
 * what they wrote is used, and before the pool is freed. *ctx, `bytes` of it, is copied. as_beside itself runs the tasks
 * where there is one thread, or *ctx is above AS_BESIDE_BYTES; and when AS_BESIDE works wait, these first. Neither may be
 * called from inside a task. */
enum { AS_BESIDE = 32, AS_BESIDE_BYTES = 160 };
void as_beside(struct as_pool *, int64_t tasks, void (*task)(void *ctx, int64_t i, int thread), const void *ctx, size_t bytes);
void as_beside_end(struct as_pool *);

AS_END
#endif
