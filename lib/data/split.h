/* Which images of a dataset are wanted. Its own splits are the reader's; here are parts that are cut
 * out of a split, K images of each class, torch's random_split, and lists that people publish. */
#ifndef AS_DATA_SPLIT_H
#define AS_DATA_SPLIT_H

#include "data/dataset.h"

AS_BEGIN

/* An image, as far as it matters to which part it belongs. */
struct as_member {
	uint64_t id;
	int64_t label; /* -1: none, a class of its own here */
};

/* rank[i]: the place of image i, from 0, among the images of its class in the order of
 * XXH64(id, draw), both as 8 bytes, the lowest first; size[i]: how many images the class has. So
 * an image more moves each other one by at most one place. An image that is there several times has
 * one place, and where it has several labels the lowest counts. AS_EMEM. */
AS_NODISCARD int as_split_rank(const struct as_member *, int64_t n, uint64_t draw, int64_t *rank, int64_t *size,
			       struct as_error *);

/* The part, 0..parts-1, that rank `rank` of a class of `size` images is in: each class is cut where
 * the ratios' sums say, rounded, with at least one image in the first part unless its ratio is 0. As
 * size grows by one, no boundary moves by more than one place. The ratios add up to 1 to 2^20. */
int as_split_part(int64_t rank, int64_t size, const uint64_t *ratio, int parts);

/* What is asked of a dataset's images, in the order in which it is done. Zeroed: all of them. */
struct as_choice {
	const char *list;   /* a file that names them (as_items_pick_list); NULL: none */
	uint64_t ratio[3];  /* of the parts train, val, test; all 0: no parts */
	int part;           /* 0..2, which of these */
	uint64_t per_class; /* at most so many of each class, those of lowest rank; 0: all */
	uint64_t draw;      /* of as_split_rank, for both */
};

/* "train", "val" or "test" as 0..2, and "8:1:1", whole numbers of at most 100000 that are not all
 * 0: AS_EARG. */
AS_NODISCARD int as_choice_part(struct as_choice *, const char *part, const char *ratio, struct as_error *);

/* Keeps the images that are wanted, in the order in which they stand, or in the list's. AS_EDATA where
 * none is left. A class of fewer than per_class images is noted; images without a label are in no class. */
AS_NODISCARD int as_items_choose(struct as_items *, const struct as_choice *, struct as_error *);

/* Keeps what a text file lists: an index, from 0, or the name of an image a line. Blank lines are passed over,
 * lines may end as on Windows. AS_EDATA, with the line, for what is not among the items or is there
 * twice; also for a file of torch.save, with what makes a text of it. */
AS_NODISCARD int as_items_pick_list(struct as_items *, const char *path, struct as_error *);

/* torch.utils.data.random_split after torch.manual_seed(seed): keeps the first `first` images of
 * randperm(count), or those behind them (`rest`). AS_EMEM. */
AS_NODISCARD int as_items_pick_random(struct as_items *, uint32_t seed, int64_t first, bool rest, struct as_error *);

AS_END
#endif
