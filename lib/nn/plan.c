#include "nn/plan.h"

#include <stdbool.h>

void as_span_touch(struct as_span *s, int time)
{
	s->first = time < s->first ? time : s->first;
	s->last = time > s->last ? time : s->last;
}

static bool clash(const struct as_span *a, const struct as_span *b)
{
	return a->size && b->size && a->first <= b->last && b->first <= a->last;
}

/* The lowest place for s among the spans placed so far: try 0, then the end of
 * each clashing span until nothing overlaps. */
static int64_t lowest(const struct as_span *span, const bool *placed, int n, const struct as_span *s)
{
	int64_t at = 0;
	for (int i = 0; i < n; i++) {
		const struct as_span *o = &span[i];
		if (!placed[i] || !clash(s, o) || at + s->size <= o->at || o->at + o->size <= at)
			continue;
		at = o->at + o->size;
		i = -1; /* look again from the start: at only grows */
	}
	return at;
}

int64_t as_spans_place(struct as_span *span, int n)
{
	bool placed[AS_MAX_SPANS] = {false};
	int64_t total = 0;
	for (int round = 0; round < n; round++) {
		int pick = -1;
		for (int i = 0; i < n; i++)
			if (!placed[i] && (pick < 0 || span[i].size > span[pick].size))
				pick = i;
		struct as_span *s = &span[pick];
		s->at = lowest(span, placed, n, s);
		placed[pick] = true;
		total = s->size && s->at + s->size > total ? s->at + s->size : total;
	}
	return total;
}
