/* Public since 0.2. Chooses images of a dataset. The reader knows the dataset's own splits; here are parts
 * of a split, K images of each class, torch's random_split, and lists that people publish. */
#ifndef AS_DATA_SPLIT_H
#define AS_DATA_SPLIT_H

#include "data/dataset.h"

AS_BEGIN

/* What decides to which part an image belongs. */
struct as_member {
	uint64_t id;
	int64_t label; /* -1: none; these images form a class of their own */
};

/* Ranks images within their class. rank[i] is the place of image i, from 0, when its class is sorted by
 * XXH64(id, draw), both as 8 bytes, lowest first; size[i] is the number of images in the class. So adding
 * an image moves every other by at most one place. An image that occurs several times has one place; if its
 * labels differ, the lowest counts. AS_EMEM. */
AS_NODISCARD int as_split_rank(const struct as_member *, int64_t n, uint64_t draw, int64_t *rank, int64_t *size,
			       struct as_error *);

/* The part, 0..parts-1, of the image with this rank in a class of `size` images. Each class is divided at the
 * sums of the ratios, rounded, with at least one image in the first part unless its ratio is 0. If size
 * grows by one, no boundary moves by more than one place. The ratios add up to 1 to 2^20. */
int as_split_part(int64_t rank, int64_t size, const uint64_t *ratio, int parts);

/* Which images are wanted. The conditions apply in this order. All zero: all images. */
struct as_choice {
	const char *list;   /* a file that lists images (as_items_pick_list); NULL: none */
	uint64_t ratio[3];  /* of the parts train, val, test; all 0: no parts */
	int part;           /* which part: 0..2 */
	uint64_t per_class; /* at most this many of each class, those of lowest rank; 0: all */
	uint64_t draw;      /* for as_split_rank */
};

/* Reads a part, "train", "val" or "test", and a ratio such as "8:1:1": whole numbers of at most 100000, not
 * all 0. AS_EARG. */
AS_NODISCARD int as_choice_part(struct as_choice *, const char *part, const char *ratio, struct as_error *);

/* Keeps the wanted images, in their order or in the order of the list. AS_EDATA if none is left. A class of
 * fewer than per_class images is noted. Images without a label are in no class. */
AS_NODISCARD int as_items_choose(struct as_items *, const struct as_choice *, struct as_error *);

/* Keeps the images that a text file lists, each line an index, from 0, or a name. Empty lines are skipped;
 * lines may end as on Windows. AS_EDATA, with the line, if an image is not among the items or listed twice;
 * also for a file of torch.save, with the Python that converts it to a text. */
AS_NODISCARD int as_items_pick_list(struct as_items *, const char *path, struct as_error *);

/* torch.utils.data.random_split after torch.manual_seed(seed): keeps the first `first` images of
 * randperm(count), or the others (`rest`). AS_EMEM. */
AS_NODISCARD int as_items_pick_random(struct as_items *, uint32_t seed, int64_t first, bool rest, struct as_error *);

/* K of each class for validation. Each class is permuted by torch.randperm(n) after
 * torch.manual_seed(seed + its label), its images in their order: first train, then val, then the rest. */
struct as_each {
	uint32_t seed;
	int64_t train, val;
	bool rest; /* train has just this number, and what is left is test; false: train is all but val */
};
/* Its parts; the last is the first two together. */
enum as_each_part { AS_EACH_TRAIN, AS_EACH_VAL, AS_EACH_REST, AS_EACH_TRAINVAL };
/* Keeps one part, class by class, in the order of the permutations. A class that is too small is divided in
 * proportion, and a note says how many are. Images without a label are in no part. AS_EMEM. */
AS_NODISCARD int as_items_pick_each(struct as_items *, const struct as_each *, enum as_each_part, struct as_error *);

AS_END
#endif
