/* Public since 0.2. Datasets as they lie on disk. Each is a constant descriptor in a reader file of its
 * own, and one line in table.c. A reader only gives access to its images by number. data/split.h chooses
 * images; data/order.h has orders, epochs, shards and resuming. */
#ifndef AS_DATA_DATASET_H
#define AS_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"
#include "stream/keys.h"

AS_BEGIN

/* What to open. The texts must live until the items are closed. */
struct as_source {
	const char *const *path;
	int paths;         /* at least 1; more than 1 only if the descriptor says `many` */
	const char *split; /* one of the dataset's own splits; NULL: the default */
	bool exif;         /* images are turned as their EXIF orientation says */
	const char *classes; /* a list of classes, for sets that are `listed`; NULL: none */
	const char *index;   /* the file that keeps where the images lie, for sets that are `indexed`; NULL: none */
	struct as_catalog *catalog; /* private: that file, opened */
};

struct as_dataset;

/* The images of an opened dataset. Loading does not change it, so any number of threads may load. */
struct as_items {
	const struct as_dataset *kind;
	int64_t count;           /* at least 1 */
	int64_t *pick;           /* the reader's number of each image; NULL: the same numbers */
	struct as_names classes; /* names of the classes in order; empty if there are none */
	const char *split;       /* the split that was opened, NULL if the dataset has none */
	bool exif;
	bool sorted;            /* the images of a class come one after the other */
	struct as_names notes;  /* messages for the user, a line each */
	struct as_names chain;  /* of a stream that is the source: the programs that made it (stream/record.h) */
	void *self;             /* data of the reader */
};

/* One image. Initialise it with zeros. One item can hold many images, one after the other; its pointers are
 * valid until the next. */
struct as_item {
	/* Known before the image is loaded. */
	uint64_t id;          /* the hash of its name, or its index in a binary set */
	int64_t label;        /* class; -1: none */
	struct as_text name;  /* path inside the dataset; empty for binary sets */
	struct as_keys keys;  /* other known facts; tell or load put them, as_items_* ends the map */

	/* Of the loaded image. */
	struct as_extra extra;       /* the keys, for its record */
	struct as_image image;
	struct as_image_notes notes; /* of decoding, if the image was decoded here; counts are added */

	/* Private to lib/data. */
	char *bytes;               /* of an image file, or pixels */
	size_t count, room;        /* size of the file; size of the memory */
	struct as_image_head head; /* header of the file */
};

/* A dataset: how it looks on disk, and the functions of its reader, which as_items_open and the others call. */
struct as_dataset {
	const char *name, *doc;
	const char *disk;   /* what is expected at PATH, for --list */
	/* the dataset's own splits, separated by blanks, the default first; NULL: none; "*": the name of
	 * any folder, or among others any name; "train2..10": train2 to train10 */
	const char *splits;
	const char *whole;  /* the split whose images a list numbers (data/split.h); NULL: the default split */
	const char *score;  /* of published tables: "top1", or "per-class" (the mean over classes); NULL: top1 */
	const char *parts;  /* how train and val are divided where this is not published with the set; or NULL */
	bool indexed;       /* what opening finds can be kept (as_source's `index`), so that it is fast the next time */
	bool listed;        /* takes a list of classes (as_source's `classes`) */
	bool own;           /* images are people's own files: EXIF turns are applied by default */
	bool many;          /* accepts more than one path */
	/* Fills count, classes, split, sorted and self; also notes, even if it fails. Errors name the file.
	 * A split that is asked for is one of `splits`. */
	int (*open)(const struct as_source *, struct as_items *, struct as_error *);
	/* Fills id, label and name of image i, 0..count-1 as open counted, and puts keys. Must be fast: it
	 * is called for every image when some are to be chosen. */
	int (*tell)(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
	/* Fills item->image with pixels in item->bytes (as_room); or item->bytes and item->count with an
	 * image file of any kind that image/image.h reads. Errors name the file. */
	int (*load)(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
	/* Puts the name of image i's file before an error that was found in its bytes. NULL for readers
	 * whose load gives pixels. */
	void (*blame)(const struct as_items *, int64_t i, struct as_error *);
	void (*close)(struct as_items *); /* frees self, which may be NULL */
};

/* All datasets, in a fixed order; NULL marks the end. */
extern const struct as_dataset *const as_datasets[];
/* The dataset of this name. NULL: AS_EARG, and the error lists the names; err may be NULL. */
const struct as_dataset *as_dataset_find(const char *name, struct as_error *err);

/* Opens one of a dataset's splits. AS_EARG: no such split, too many paths; AS_EIO, AS_EDATA, AS_EMEM from
 * the reader. If it fails, *out has only notes, and must be closed nevertheless. */
AS_NODISCARD int as_items_open(const struct as_dataset *, const struct as_source *, struct as_items *out,
			       struct as_error *);
void as_items_close(struct as_items *);

/* Keeps the items which[0..n-1], in this order. `which` must come from malloc and now belongs to the items,
 * also on failure. n may be 0. */
void as_items_pick(struct as_items *, int64_t *which, int64_t n);

/* Finds what is known of image i of 0..count-1 without loading it: id, label, name, keys. Errors name the
 * file: AS_EDATA, AS_EIO, AS_EMEM. */
AS_NODISCARD int as_items_tell(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
/* The same, and loads the image. A JPEG stays compressed, with the size and turn from its header; other
 * kinds are decoded. Errors as above. */
AS_NODISCARD int as_items_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_item_clear(struct as_item *);

AS_END
#endif
