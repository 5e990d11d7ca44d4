/* What ranks add up and put together (base/world.h). A rank's number of grains is a power of two, so the sum
 * of its grains is a branch of the batch's tree (kern/tree.h), and a tree over ranks is the rest of it. */
#include <string.h>

#include "kern/cpu.h"
#include "kern/ranks.h"
#include "kern/tree.h"

void as_sum_ranks(const struct as_engine *e, int64_t n, double *x, double *scratch)
{
	const struct as_world *w = e->world;
	if (!w)
		return;
	w->gather(w, x, (size_t)n * sizeof *x, scratch);
	for (int64_t i = 0; i < n; i++) {
		struct as_tree sum = {0};
		for (int r = 0; r < w->size; r++)
			as_tree_add(&sum, scratch[r * n + i]);
		x[i] = as_tree_sum(&sum);
	}
}

double as_sum_ranks_one(const struct as_engine *e, double own)
{
	double all[AS_MAX_RANKS];
	as_sum_ranks(e, 1, &own, all);
	return own;
}

/* Each rank adds up its share of everybody's x, and tells the others: half the bytes that passing whole arrays
 * to and fro takes, and the same sums. */
void as_cpu_sum_begin(const struct as_engine *e, struct as_sum *s)
{
	const struct as_world *w = e->world;
	s->stage = w ? AS_SUM_OUT : AS_SUM_MADE;
	if (w)
		s->ticket = w->exchange(w, s->x, s->n, s->scratch);
}

static void add_share(const struct as_engine *e, struct as_sum *s)
{
	const struct as_world *w = e->world;
	int64_t from = as_share(s->n, w->rank, w->size), mine = as_share(s->n, w->rank + 1, w->size) - from;
	struct as_engine local = {.kern = e->kern, .pool = e->pool, .grains = w->size};
	as_cpu_tree(&local, mine, s->scratch, mine);
	memcpy(s->x + from, s->scratch, (size_t)mine * sizeof *s->x);
}

bool as_cpu_sum_go_on(const struct as_engine *e, struct as_sum *s, bool wait)
{
	const struct as_world *w = e->world;
	if (s->stage == AS_SUM_MADE)
		return true;
	if (!w->arrived(w, s->ticket, wait))
		return false;
	if (s->stage == AS_SUM_OUT) {
		add_share(e, s);
		s->ticket = w->collect(w, s->x, s->n);
		s->stage = AS_SUM_BACK;
	} else {
		s->stage = AS_SUM_MADE;
	}
	return true;
}

void as_cpu_gather(const struct as_engine *e, int64_t n, const float *own, float *all)
{
	size_t bytes = (size_t)n * sizeof *own;
	if (e->world)
		e->world->gather(e->world, own, bytes, all);
	else
		memcpy(all, own, bytes);
}
