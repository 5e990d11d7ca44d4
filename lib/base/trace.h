/* Public since 0.2. A timeline: what every thread did when, in the JSON of events that the viewers of Chrome
 * (chrome://tracing) and Perfetto open. Spans are lines of the file, written as buffers fill, so memory is
 * bounded. Times are of a clock that only moves forward, in microseconds from as_trace_start on; nothing that
 * determines bytes may read them. A NULL trace records nothing: all functions here accept it. */
#ifndef AS_BASE_TRACE_H
#define AS_BASE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/world.h"

AS_BEGIN

enum { AS_TRACE_NAME = 64 /* bytes of a span's name, the 0 behind it included */ };

struct as_trace;

/* Opens PATH, which appears whole when recording ends. rank: the number of this process, by which the
 * viewers group. Lanes are threads: 0 is the one that trains, 1 .. threads-1 help it (base/pool.h), `threads` reads
 * the stream; those behind it are messages. Free it with as_trace_free. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_trace_open(struct as_trace **, const char *path, int rank, int threads, struct as_error *);
/* Starts recording: this moment is 0. Ranks that start when they have just spoken to each other have one time. */
void as_trace_start(struct as_trace *);
/* The spans recorded so far. */
int64_t as_trace_spans(const struct as_trace *);
/* Ends all open spans and the file. Nothing is recorded from here on. Only between rounds of the pool. AS_EIO: PATH
 * is not written. */
AS_NODISCARD int as_trace_end_file(struct as_trace *, struct as_error *);
/* Frees it; a file that was not ended does not appear. No thread may use it any more. */
void as_trace_free(struct as_trace *);

/* On lane 0, by the thread that trains: a span from begin to end. Spans nest. kind: a constant text, such as
 * "forward"; name: its first `length` bytes, or all with -1. */
void as_trace_begin(struct as_trace *, const char *kind, const char *name, int length);
void as_trace_end(struct as_trace *);

/* On any lane, by its own thread: a span from a moment until now. */
int64_t as_trace_now(const struct as_trace *);
void as_trace_put(struct as_trace *, int lane, const char *kind, const char *name, int64_t from);
/* The same for `tasks` tasks of a round, which has the name of the innermost span of lane 0; or another name. */
void as_trace_tasks(struct as_trace *, int lane, int64_t from, int64_t tasks);
void as_trace_named(struct as_trace *, int lane, int64_t from, const char *name, int64_t tasks);
/* The name of the innermost span of lane 0, or "tasks" outside of all; "" without a timeline. */
void as_trace_top(const struct as_trace *, char name[AS_TRACE_NAME]);

/* A table of ranks that records how long it waits for messages, and how long those take that travel while it computes;
 * these have lanes of their own. */
struct as_traced_world {
	struct as_world world; /* this is to be used */
	const struct as_world *under;
	struct as_trace *trace;
};

/* Puts the trace before a table. All three outlive what is given &t->world. */
void as_trace_world(struct as_traced_world *t, const struct as_world *under, struct as_trace *);

AS_END
#endif
