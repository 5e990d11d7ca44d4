/* Datasets as they lie on disk: each one a constant descriptor in a reader file
 * of its own, one line in dataset.c's table. They give random access and nothing
 * else: order, epochs, shards and resuming stand above them, in data/order.h. */
#ifndef AS_DATA_DATASET_H
#define AS_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "image/image.h"

AS_BEGIN

/* What to open. The texts are borrowed until the items are closed. */
struct as_source {
	const char *const *path;
	int paths;         /* at least 1; more only where the descriptor says `many` */
	const char *split; /* NULL: the dataset's usual one */
	bool exif;         /* images are turned as their EXIF orientation says */
};

struct as_dataset;

/* A split of a dataset, opened. Loading does not change it. */
struct as_items {
	const struct as_dataset *kind;
	int64_t count;           /* at least 1 */
	struct as_names classes; /* names of the classes in order; empty when they have none */
	const char *split;       /* the split that was opened, NULL when the dataset has none */
	bool exif;
	bool sorted;            /* the images of a class come one after the other */
	struct as_names notes;  /* what the user should know, a line each */
	void *self;             /* the reader's own */
};

/* One image, loaded. Zeroed is ready; the same one serves many images, and what
 * it points to lasts until the next load. */
struct as_item {
	uint64_t id;
	int64_t label;        /* -1: none */
	struct as_text name;  /* path inside the dataset; empty in binary sets */
	struct as_image image;
	struct as_image_notes notes; /* of decoding, where that was done here; added to */
	char *bytes;                 /* memory behind it */
	size_t room;
};

struct as_dataset {
	const char *name, *doc;
	bool own;  /* people's own files: EXIF turns are applied unless they say otherwise */
	bool many; /* takes more than one path */
	/* Fills everything but kind and exif; notes also where it fails. An error names the file. */
	int (*open)(const struct as_source *, struct as_items *, struct as_error *);
	/* Image i of 0..count-1. An error names the file. */
	int (*load)(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
	void (*close)(struct as_items *);
};

/* All datasets, in a fixed order, NULL at the end. */
extern const struct as_dataset *const as_datasets[];
/* NULL: no such dataset; AS_EARG in *err, which may be NULL, names those there are. */
const struct as_dataset *as_dataset_find(const char *name, struct as_error *err);

/* Where it fails, *out has nothing but notes, and is to be closed all the same. */
AS_NODISCARD int as_items_open(const struct as_dataset *, const struct as_source *, struct as_items *,
			       struct as_error *);
AS_NODISCARD int as_items_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_items_close(struct as_items *);
void as_item_clear(struct as_item *);

AS_END
#endif
