/* Divides each class by a permutation of its own. */
#include <stdlib.h>
#include <string.h>

#include "data/inside.h"
#include "data/randperm.h"
#include "data/split.h"

/* One image, in the order of its class. */
struct member {
	int64_t label, image;
};

static int by_label(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	if (x->label != y->label)
		return x->label < y->label ? -1 : 1;
	return (x->image > y->image) - (x->image < y->image);
}

/* Where val begins and ends in the permutation of a class of n images. False: n is too small for the
 * numbers, and is divided in their proportion. */
static bool cut(const struct as_each *e, int64_t n, int64_t *from, int64_t *to)
{
	int64_t parts = e->rest ? 2 : 1; /* val, and as many for the rest if n is small */
	bool enough = e->rest ? n > e->train + e->val : n >= 2 * e->val;
	int64_t val = enough ? e->val : n * e->val / (e->train + parts * e->val);
	if (!enough && !val && n > parts)
		val = 1;
	*from = enough && e->rest ? e->train : n - (enough ? 1 : parts) * val;
	*to = *from + val;
	return enough;
}

static int note_small(struct as_items *items, const struct as_each *e, int64_t small, int64_t classes, struct as_error *err)
{
	return as_say(&items->notes, err, "classes with too few images for %lld + %lld: %lld of %lld; these are divided in proportion",
		      (long long)e->train, (long long)e->val, (long long)small, (long long)classes);
}

/* Writes the images of one class that are in the part to pick[]; returns how many. */
static int64_t take(const struct as_each *e, enum as_each_part part, const struct member *m, int64_t n, int64_t *permuted,
		    int64_t *pick, int64_t *small)
{
	int64_t from, to, count = 0;
	*small += !cut(e, n, &from, &to);
	as_randperm(e->seed + (uint32_t)m->label, n, permuted);
	int64_t first = part == AS_EACH_VAL ? from : part == AS_EACH_REST ? to : 0;
	int64_t end = part == AS_EACH_TRAIN ? from : part == AS_EACH_REST ? n : to;
	for (int64_t i = first; i < end; i++)
		pick[count++] = m[permuted[i]].image;
	return count;
}

static int read_members(const struct as_items *items, struct member *m, int64_t *members, struct as_error *err)
{
	struct as_item item = {0};
	int rc = 0;
	for (int64_t i = 0; i < items->count && !rc; i++) {
		rc = as_items_tell(items, i, &item, err);
		if (!rc && item.label >= 0)
			m[(*members)++] = (struct member){item.label, i};
	}
	as_item_clear(&item);
	qsort(m, (size_t)*members, sizeof *m, by_label);
	return rc;
}

int as_items_pick_each(struct as_items *items, const struct as_each *e, enum as_each_part part, struct as_error *err)
{
	size_t room = (size_t)items->count + 1;
	struct member *m = malloc(room * sizeof *m);
	int64_t *pick = malloc(room * sizeof *pick), *permuted = malloc(room * sizeof *permuted);
	int64_t members = 0, n = 0, small = 0, classes = 0;
	int rc = m && pick && permuted ? read_members(items, m, &members, err)
				       : as_fail(err, AS_EMEM, "memory: no room for a split of %lld", (long long)items->count);
	for (int64_t from = 0, to; from < members && !rc; from = to, classes++) {
		for (to = from; to < members && m[to].label == m[from].label;)
			to++;
		n += take(e, part, m + from, to - from, permuted, pick + n, &small);
	}
	if (!rc && small)
		rc = note_small(items, e, small, classes, err);
	if (!rc) {
		as_items_pick(items, pick, n);
		items->sorted = classes > 1;
		pick = NULL;
	}
	free(m);
	free(pick);
	free(permuted);
	return rc;
}
