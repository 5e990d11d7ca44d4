/* Private to lib/kern: adds numbers that come one after the other, one for each grain, in the order in
 * which the entry `tree` adds leaves: (0,1) (2,3) .., then (0,2) (4,6) .., and so on. */
#ifndef AS_KERN_TREE_H
#define AS_KERN_TREE_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* Initialise with zeros. If bit i of n is 1, level[i] is a sum of 2^i neighbours that waits for the next
 * such sum. */
struct as_tree {
	uint64_t n;
	double level[64];
};

static inline void as_tree_add(struct as_tree *t, double leaf)
{
	int i = 0;
	for (uint64_t n = t->n++; n & 1; n >>= 1)
		leaf = t->level[i++] + leaf;
	t->level[i] = leaf;
}

static inline double as_tree_sum(const struct as_tree *t)
{
	double sum = 0;
	uint64_t below = 0;
	for (int i = 0; t->n >> i; i++)
		if (t->n >> i & 1) {
			sum = below ? t->level[i] + sum : t->level[i];
			below = 1;
		}
	return sum;
}

AS_END
#endif
