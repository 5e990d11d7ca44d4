#include "nn/place.h"

#include <stdbool.h>

void as_life_touch(struct as_life *s, int time)
{
	s->first = time < s->first ? time : s->first;
	s->last = time > s->last ? time : s->last;
}

static bool clash(const struct as_life *a, const struct as_life *b)
{
	return a->size && b->size && a->first <= b->last && b->first <= a->last;
}

/* The lowest place for s among the lives placed so far: tries 0, then the end of each one that overlaps, or
 * the wall, until nothing overlaps. */
static int64_t lowest(const struct as_life *life, const bool *placed, int n, const struct as_life *s, int64_t wall)
{
	int64_t at = 0;
	for (int i = 0; i < n; i++) {
		const struct as_life *o = &life[i];
		if (at < wall && wall < at + s->size)
			at = wall;
		if (!placed[i] || !clash(s, o) || at + s->size <= o->at || o->at + o->size <= at)
			continue;
		at = o->at + o->size;
		i = -1; /* start again: `at` only grows */
	}
	return at;
}

int64_t as_lives_place(struct as_life *life, int placed, int n, int64_t wall)
{
	bool done[AS_MAX_LIVES] = {false};
	int64_t total = wall;
	for (int i = 0; i < placed; i++)
		done[i] = true;
	for (int round = placed; round < n; round++) {
		int pick = -1;
		for (int i = 0; i < n; i++)
			if (!done[i] && (pick < 0 || life[i].size > life[pick].size))
				pick = i;
		struct as_life *s = &life[pick];
		s->at = lowest(life, done, n, s, wall);
		done[pick] = true;
		total = s->size && s->at + s->size > total ? s->at + s->size : total;
	}
	return total;
}
