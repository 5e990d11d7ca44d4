#include "base/trace.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/newfile.h"

enum { NAME = AS_TRACE_NAME, DEPTH = 32, KEPT = 128, MESSAGES = AS_MAX_AFLOAT };

struct span {
	const char *kind;
	char name[NAME];
	int64_t from, to; /* ns */
	int64_t tasks;    /* <0: it is no round */
};

/* A thread's spans that are not yet in the file. The lock is the thread's own but for the end of the file. */
struct lane {
	pthread_mutex_t lock;
	int count;
	struct span span[KEPT];
};

struct as_trace {
	_Atomic bool on;
	_Atomic int64_t spans;
	int64_t zero;
	struct as_newfile file;
	int rank, threads, lanes; /* lanes: of the threads, the reader, and messages under way */
	int depth; /* of lane 0; spans below DEPTH are not recorded */
	struct span open[DEPTH];
	struct lane *lane;
	struct span under_way[MESSAGES]; /* by ticket */
};

static int64_t clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the file: an array of objects, one a line ---- */

/* Metadata that viewers show beside a lane; the first line of all begins the array. */
static void name_lane(struct as_trace *t, const char *what, int lane, const char *name, int number)
{
	fprintf(t->file.f, "{\"ph\":\"M\",\"pid\":%d,\"tid\":%d,\"name\":\"%s\",\"args\":{\"name\":\"%s %d\"}},\n", t->rank, lane,
		what, name, number);
}

static void write_spans(struct as_trace *t, struct lane *l)
{
	FILE *f = t->file.f;
	flockfile(f);
	for (int i = 0; i < l->count; i++) {
		const struct span *s = &l->span[i];
		fprintf(f, "{\"ph\":\"X\",\"pid\":%d,\"tid\":%d,\"ts\":%.3f,\"dur\":%.3f,\"cat\":\"%s\",\"name\":\"%s\"", t->rank,
			(int)(l - t->lane), (double)(s->from - t->zero) / 1e3, (double)(s->to - s->from) / 1e3, s->kind, s->name);
		if (s->tasks >= 0)
			fprintf(f, ",\"args\":{\"tasks\":%lld}", (long long)s->tasks);
		fputs("},\n", f);
	}
	funlockfile(f);
	l->count = 0;
}

int as_trace_open(struct as_trace **out, const char *path, int rank, int threads, struct as_error *err)
{
	struct as_trace *t = calloc(1, sizeof *t);
	struct lane *lane = calloc((size_t)threads + 1 + MESSAGES, sizeof *lane);
	int rc = t && lane ? as_newfile_open(&t->file, path, err) : as_fail(err, AS_EMEM, "%s: no memory for spans", path);
	if (rc) {
		free(t);
		free(lane);
		return rc;
	}
	t->lane = lane;
	t->threads = threads;
	t->lanes = threads + 1 + MESSAGES;
	t->rank = rank;
	fputs("[\n", t->file.f);
	name_lane(t, "process_name", 0, "rank", rank);
	for (int i = 0; i < t->lanes; i++) {
		pthread_mutex_init(&lane[i].lock, NULL);
		name_lane(t, "thread_name", i, i < threads ? "thread" : i == threads ? "reader" : "message", i);
	}
	*out = t;
	return 0;
}

void as_trace_start(struct as_trace *t)
{
	if (!t || t->zero)
		return;
	t->zero = clock_ns();
	t->on = true;
}

int64_t as_trace_spans(const struct as_trace *t)
{
	return t ? t->spans : 0;
}

int as_trace_end_file(struct as_trace *t, struct as_error *err)
{
	if (!t || !t->on)
		return 0;
	while (t->depth)
		as_trace_end(t);
	t->on = false;
	for (int i = 0; i < t->lanes; i++) {
		pthread_mutex_lock(&t->lane[i].lock);
		write_spans(t, &t->lane[i]);
		pthread_mutex_unlock(&t->lane[i].lock);
	}
	fprintf(t->file.f, "{\"ph\":\"M\",\"pid\":%d,\"name\":\"process_sort_index\",\"args\":{\"sort_index\":%d}}\n]\n", t->rank,
		t->rank);
	return as_newfile_commit(&t->file, err);
}

void as_trace_free(struct as_trace *t)
{
	if (!t)
		return;
	as_newfile_abandon(&t->file);
	for (int i = 0; i < t->lanes; i++)
		pthread_mutex_destroy(&t->lane[i].lock);
	free(t->lane);
	free(t);
}

/* ---- spans ---- */

/* Keeps what can stand between quotes as it is. */
static void set_name(struct span *s, const char *name, int length)
{
	int n = 0;
	for (; n < NAME - 1 && n != length && name[n]; n++)
		s->name[n] = name[n] < ' ' || name[n] > '~' || name[n] == '"' || name[n] == '\\' ? '?' : name[n];
	s->name[n] = '\0';
}

static void put(struct as_trace *t, int lane, const struct span *s)
{
	struct lane *l = &t->lane[lane];
	pthread_mutex_lock(&l->lock);
	if (t->on) {
		l->span[l->count++] = *s;
		t->spans++;
		if (l->count == KEPT)
			write_spans(t, l);
	}
	pthread_mutex_unlock(&l->lock);
}

void as_trace_begin(struct as_trace *t, const char *kind, const char *name, int length)
{
	if (!t || !t->on || t->depth++ >= DEPTH)
		return;
	struct span *s = &t->open[t->depth - 1];
	*s = (struct span){.kind = kind, .tasks = -1};
	set_name(s, name, length);
	s->from = clock_ns();
}

void as_trace_end(struct as_trace *t)
{
	if (!t || !t->depth || t->depth-- > DEPTH)
		return;
	t->open[t->depth].to = clock_ns();
	put(t, 0, &t->open[t->depth]);
}

int64_t as_trace_now(const struct as_trace *t)
{
	return t && t->on ? clock_ns() : 0;
}

void as_trace_put(struct as_trace *t, int lane, const char *kind, const char *name, int64_t from)
{
	if (!t || !from)
		return;
	struct span s = {.kind = kind, .from = from, .to = clock_ns(), .tasks = -1};
	set_name(&s, name, -1);
	put(t, lane, &s);
}

void as_trace_named(struct as_trace *t, int lane, int64_t from, const char *name, int64_t tasks)
{
	if (!t || !from || !tasks)
		return;
	struct span s = {.kind = "tasks", .from = from, .to = clock_ns(), .tasks = tasks};
	set_name(&s, name, -1);
	put(t, lane, &s);
}

static const char *top(const struct as_trace *t)
{
	int open = t->depth < DEPTH ? t->depth : DEPTH;
	return open ? t->open[open - 1].name : "tasks";
}

void as_trace_tasks(struct as_trace *t, int lane, int64_t from, int64_t tasks)
{
	if (t)
		as_trace_named(t, lane, from, top(t), tasks);
}

void as_trace_top(const struct as_trace *t, char name[AS_TRACE_NAME])
{
	snprintf(name, AS_TRACE_NAME, "%s", t ? top(t) : "");
}

/* ---- messages ---- */

static const struct as_traced_world *of(const struct as_world *w)
{
	return (const struct as_traced_world *)(const void *)w;
}

static void gather(const struct as_world *w, const void *own, size_t bytes, void *all)
{
	as_trace_begin(of(w)->trace, "ranks", "gather", -1);
	of(w)->under->gather(of(w)->under, own, bytes, all);
	as_trace_end(of(w)->trace);
}

/* A message that begins; it ends when it has arrived, and has until then a lane of its own. */
static int begun(const struct as_world *w, const char *name, int64_t from, int ticket)
{
	struct span *s = &of(w)->trace->under_way[ticket];
	s->kind = name;
	s->from = from;
	return ticket;
}

static int exchange(const struct as_world *w, const float *x, int64_t n, float *in)
{
	int64_t from = as_trace_now(of(w)->trace);
	return begun(w, "exchange", from, of(w)->under->exchange(of(w)->under, x, n, in));
}

static int collect(const struct as_world *w, float *x, int64_t n)
{
	int64_t from = as_trace_now(of(w)->trace);
	return begun(w, "collect", from, of(w)->under->collect(of(w)->under, x, n));
}

static bool arrived(const struct as_world *w, int ticket, bool wait)
{
	const struct as_traced_world *t = of(w);
	if (wait)
		as_trace_begin(t->trace, "ranks", "wait for gradients", -1);
	bool there = t->under->arrived(t->under, ticket, wait);
	if (wait)
		as_trace_end(t->trace);
	const struct span *s = &t->trace->under_way[ticket];
	if (there)
		as_trace_put(t->trace, t->trace->threads + 1 + ticket, "ranks", s->kind, s->from);
	return there;
}

void as_trace_world(struct as_traced_world *t, const struct as_world *under, struct as_trace *trace)
{
	*t = (struct as_traced_world){.world = *under, .under = under, .trace = trace};
	t->world.gather = gather;
	t->world.exchange = exchange;
	t->world.collect = collect;
	t->world.arrived = arrived;
}
