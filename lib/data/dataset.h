/* Datasets as they lie on disk: each one a constant descriptor in a reader file of its own, and one
 * line in table.c. A reader gives random access and nothing else: which of its images are wanted
 * stands above it in data/split.h, their order, epochs, shards and resuming in data/order.h. */
#ifndef AS_DATA_DATASET_H
#define AS_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"
#include "stream/keys.h"

AS_BEGIN

/* What to open. The texts are borrowed until the items are closed. */
struct as_source {
	const char *const *path;
	int paths;         /* at least 1; more only where the descriptor says `many` */
	const char *split; /* one of the dataset's own splits; NULL: the usual one */
	bool exif;         /* images are turned as their EXIF orientation says */
};

struct as_dataset;

/* Images of a dataset, opened. Loading does not change it: any number of threads may load. */
struct as_items {
	const struct as_dataset *kind;
	int64_t count;           /* at least 1 */
	int64_t *pick;           /* which image of the reader's each of them is; NULL: the same */
	struct as_names classes; /* names of the classes in order; empty when they have none */
	const char *split;       /* the split that was opened, NULL when the dataset has none */
	bool exif;
	bool sorted;            /* the images of a class come one after the other */
	struct as_names notes;  /* what the user should know, a line each */
	void *self;             /* the reader's own */
};

/* One image. Zeroed is ready; the same one serves many images, and what it points to lasts until
 * the next of them. */
struct as_item {
	/* Known before the image is loaded. */
	uint64_t id;          /* the hash of its name, or its index in a binary set */
	int64_t label;        /* class; -1: none */
	struct as_text name;  /* path inside the dataset; empty in binary sets */
	struct as_keys keys;  /* what else is known: put, by tell or load, and ended above them */

	/* Of the loaded image. */
	struct as_extra extra;       /* the keys, for its record */
	struct as_image image;
	struct as_image_notes notes; /* of decoding, where that was done here; added to */

	/* Private to lib/data. */
	char *bytes;               /* an image file's, or pixels */
	size_t count, room;        /* of the file; of the memory */
	struct as_image_head head; /* of the file */
};

struct as_dataset {
	const char *name, *doc;
	const char *disk;   /* what lies at PATH */
	const char *splits; /* its own, divided by blanks, the usual one first; NULL: none; "*": any folder's name */
	const char *whole;  /* the split that a list of images picks from (data/split.h); NULL: the usual one */
	bool own;           /* people's own files: EXIF turns are applied unless they say otherwise */
	bool many;          /* takes more than one path */
	/* Fills count, classes, split, sorted and self; notes also where it fails. An error names the
	 * file. A split that is asked for is one of `splits`. */
	int (*open)(const struct as_source *, struct as_items *, struct as_error *);
	/* Fills id, label and name of image i, 0..count-1 of what open counted, and puts keys: quick, for
	 * it is asked of every image when some are to be chosen. */
	int (*tell)(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
	/* Fills item->image with pixels that lie in item->bytes (as_room), or item->bytes and
	 * item->count with an image file, of any kind that image/image.h reads. An error names the file. */
	int (*load)(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
	/* Puts the name of image i's file before an error that was found in its bytes. NULL: load
	 * gives pixels. */
	void (*blame)(const struct as_items *, int64_t i, struct as_error *);
	void (*close)(struct as_items *); /* frees self, which may be NULL */
};

/* All datasets, in a fixed order, NULL at the end. */
extern const struct as_dataset *const as_datasets[];
/* By name. NULL: AS_EARG, which says what names there are; err may be NULL. */
const struct as_dataset *as_dataset_find(const char *name, struct as_error *err);

/* Opens one of a dataset's splits. AS_EARG: no such split, too many paths; AS_EIO, AS_EDATA, AS_EMEM
 * as the reader says. Where it fails, *out has nothing but notes, and is to be closed all the same. */
AS_NODISCARD int as_items_open(const struct as_dataset *, const struct as_source *, struct as_items *out,
			       struct as_error *);
void as_items_close(struct as_items *);

/* Keeps which[0..n-1] of the items, in this order; `which` is memory of malloc, and theirs from now
 * on, whether it succeeds or not. n may be 0. */
void as_items_pick(struct as_items *, int64_t *which, int64_t n);

/* What is known of image i of 0..count-1 without loading it: id, label, name. Errors name the file. */
AS_NODISCARD int as_items_tell(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
/* The same, and the image: a JPEG stays compressed, with the size and turn that its header says;
 * others are decoded. */
AS_NODISCARD int as_items_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_item_clear(struct as_item *);

AS_END
#endif
