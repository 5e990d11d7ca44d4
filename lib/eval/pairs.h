/* Public since 0.2. The pairs of views in a set of features, in both orders, as AugSelf's heads see them
 * (ssl/augself.h): views 0 and 1 of each record, 2 and 3, and so on; an odd last view is in no pair. */
#ifndef AS_EVAL_PAIRS_H
#define AS_EVAL_PAIRS_H

#include "eval/drawn.h"

AS_BEGIN

/* Initialise with as_pairs_new; free with as_pairs_clear. */
struct as_pairs {
	const struct as_features *f; /* with f->drawn; borrowed */
	int64_t n, each;             /* number of pairs; of those of a record */
	int64_t *image;              /* (n), the number of the pair's image, from 0: pairs of one id have one */
	int64_t images;
};

/* AS_EDATA: one view of each image; AS_EMEM. */
AS_NODISCARD int as_pairs_new(struct as_pairs *, const struct as_features *, struct as_error *);
void as_pairs_clear(struct as_pairs *);

/* The row of a pair's view 0 or 1. */
static inline int64_t as_pairs_row(const struct as_pairs *p, int64_t pair, int view)
{
	return pair / p->each * p->f->drawn->policy.count + pair % p->each * 2 + view;
}

/* Floats of an operation's target; a class is one number. */
int as_pairs_width(const struct as_aug *);
/* What a head learns of a pair: d(a,b) with view `order` as a and the other as b. */
void as_pairs_target(const struct as_pairs *, const struct as_aug *, int64_t pair, int order, float *d);

/* Sets part[i] = 1 for the pairs of `share` of the images, and 0 for the rest: at least one image each, if there are two.
 * The images of highest rank are held out (as_split_rank of data/split.h, by their ids and the seed). AS_EMEM. */
AS_NODISCARD int as_pairs_hold_out(const struct as_pairs *, double share, uint64_t seed, unsigned char *part,
				   struct as_error *);

/* The operations of a policy whose differences can be told, in its order. */
struct as_pairs_ops {
	int n;
	const struct as_aug *op[AS_MAX_OPS];
};
/* Those of `list`, such as "crop,color"; NULL: all that have a target and change views differently; those that have
 * one and do not are added to *left with a word, "flip (p is 1)". AS_EARG: the list names what cannot be told; AS_EDATA: nothing
 * can be. */
AS_NODISCARD int as_pairs_choose(const struct as_policy *, const char *list, struct as_pairs_ops *, char *left, size_t room,
				 struct as_error *);

AS_END
#endif
