/* Works in rounds: while all threads load one batch of images, one of them gives the batch before. The
 * memory that an image needs is known once its header has been read. An image that needs too much beside
 * the others waits for a later round, and so do all behind it. */
#include "data/ahead.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "data/inside.h"

enum { THREAD_BATCH = 16, BATCH = 64, KEPT = 1 << 20 };
#define THREAD_BYTES ((int64_t)128 << 20)

struct slot {
	struct as_visit visit;
	struct as_item item;
	int64_t held; /* bytes counted in `used` */
	int rc;
	struct as_error err;
	bool waits; /* not loaded in this round: not enough memory */
};

struct batch {
	struct slot slot[BATCH];
	int count;
};

struct work {
	const struct as_ahead *ahead;
	struct batch batch[2], *coming, *leaving;
	struct as_visit back[BATCH]; /* images that had to wait; they come before the order's next */
	int backs;
	int most, limit; /* images in the next batch; the most that there ever may be */
	int64_t room;
	_Atomic int64_t used;
	int end; /* what give returned */
};

static void release(struct work *w, struct slot *s)
{
	atomic_fetch_sub(&w->used, s->held);
	s->held = 0;
	if (s->item.room > KEPT) /* do not keep many large buffers */
		as_item_drop(&s->item);
}

/* Counts the bytes of an image; false if they do not fit. */
static bool hold(struct work *w, struct slot *s, int64_t bytes)
{
	int64_t more = bytes - s->held;
	s->held = bytes;
	return atomic_fetch_add(&w->used, more) + more <= w->room;
}

/* Loads an image. Unless it is `alone`, it waits if its memory does not fit. */
static void load(struct work *w, struct slot *s, bool alone)
{
	const struct as_items *items = w->ahead->items;
	int64_t i = (int64_t)s->visit.image;
	s->waits = !alone && atomic_load(&w->used) > w->room;
	s->item.notes = (struct as_image_notes){0};
	if (s->waits)
		return;
	s->rc = as_items_fetch(items, i, &s->item, &s->err);
	if (s->rc)
		return;
	s->waits = !hold(w, s, (int64_t)as_item_peak(&s->item)) && !alone;
	if (s->waits) {
		release(w, s);
		return;
	}
	s->rc = as_items_unpack(items, i, &s->item, &s->err);
	hold(w, s, (int64_t)s->item.room);
}

static void give(struct work *w, struct batch *b)
{
	const struct as_ahead *a = w->ahead;
	for (int i = 0; i < b->count; i++) {
		struct slot *s = &b->slot[i];
		if (!w->end)
			w->end = a->give(a->ctx, &s->visit, &s->item, s->rc ? &s->err : NULL);
		release(w, s);
	}
	b->count = 0;
}

static void task(void *ctx, int64_t i, int thread)
{
	struct work *w = ctx;
	(void)thread;
	if (i)
		load(w, &w->coming->slot[i - 1], false);
	else
		give(w, w->leaving);
}

/* Chooses the images of the next batch: those that had to wait, then the order's. */
static void plan(struct work *w, struct batch *b)
{
	int backs = w->backs < w->most ? w->backs : w->most;
	for (b->count = 0; b->count < backs; b->count++)
		b->slot[b->count].visit = w->back[b->count];
	w->backs -= backs;
	memmove(w->back, w->back + backs, (size_t)w->backs * sizeof *w->back);
	while (b->count < w->most && !w->backs && as_order_next(w->ahead->order, &b->slot[b->count].visit))
		b->count++;
}

/* Ends the batch at the first image that waits. If that is the first of all, it is loaded alone, when
 * nothing else is held. The next batch has as many images as this one, or twice as many. */
static void settle(struct work *w, struct batch *b)
{
	int n = 0;
	while (n < b->count && !b->slot[n].waits)
		n++;
	if (!n && b->count) {
		for (int i = 1; i < b->count; i++)
			release(w, &b->slot[i]);
		load(w, &b->slot[n++], true);
	}
	int waiting = b->count - n;
	w->most = !waiting ? 2 * w->most : n;
	w->most = w->most < w->limit ? w->most : w->limit;
	memmove(w->back + waiting, w->back, (size_t)w->backs * sizeof *w->back);
	for (int i = 0; i < waiting; i++) {
		w->back[i] = b->slot[n + i].visit;
		release(w, &b->slot[n + i]);
	}
	w->backs += waiting;
	b->count = n;
}

static void run_threads(struct work *w)
{
	int threads = as_pool_threads(w->ahead->pool);
	w->limit = THREAD_BATCH * threads < BATCH ? THREAD_BATCH * threads : BATCH;
	w->most = threads;
	w->room = w->ahead->room ? w->ahead->room : THREAD_BYTES * threads;
	w->coming = &w->batch[0];
	w->leaving = &w->batch[1];
	for (;;) {
		plan(w, w->coming);
		if (w->end || !(w->coming->count + w->leaving->count))
			return;
		as_each(w->ahead->pool, 1 + w->coming->count, task, w);
		settle(w, w->coming);
		struct batch *gone = w->leaving;
		w->leaving = w->coming;
		w->coming = gone;
	}
}

/* With one thread nothing can be loaded ahead, and no image waits for another. */
static void run_alone(struct work *w)
{
	struct batch *b = &w->batch[0];
	w->most = 1;
	for (plan(w, b); b->count && !w->end; plan(w, b)) {
		load(w, &b->slot[0], true);
		give(w, b);
	}
}

int as_ahead_run(const struct as_ahead *a, struct as_error *err)
{
	struct work *w = calloc(1, sizeof *w);
	if (!w)
		return as_fail(err, AS_EMEM, "memory: no room for a batch of images");
	w->ahead = a;
	if (as_pool_threads(a->pool) > 1)
		run_threads(w);
	else
		run_alone(w);
	int end = w->end;
	for (int i = 0; i < 2 * BATCH; i++)
		as_item_clear(&w->batch[i / BATCH].slot[i % BATCH].item);
	free(w);
	return end;
}
