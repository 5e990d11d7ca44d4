/* Private to lib/data: the readers, and what they share. */
#ifndef AS_DATA_INSIDE_H
#define AS_DATA_INSIDE_H

#include "data/dataset.h"

AS_BEGIN

extern const struct as_dataset as_data_cifar10, as_data_cifar100, as_data_cifar100_coarse, as_data_folder, as_data_list,
	as_data_files;

/* Image files: names in a few large blocks, so that a million of them cost little. */
struct as_path {
	const char *name; /* relative to the root */
	int32_t label;
	uint32_t line; /* of the list file, 0: there is none */
};

struct as_block;

/* Zeroed is empty. */
struct as_paths {
	const char *root; /* in front of the names: "" or with a final '/'; kept in a block */
	const char *list; /* the list file, for messages; NULL: none */
	struct as_path *path;
	int64_t count, room;
	struct as_block *block;
};

/* A copy of the text that lives as long as the paths; NULL without memory. */
const char *as_paths_keep(struct as_paths *, const char *text, size_t length);
AS_NODISCARD int as_paths_add(struct as_paths *, const char *name, int32_t label, uint32_t line, struct as_error *);
/* Sorts from..count-1 by the names' bytes. */
void as_paths_sort(struct as_paths *, int64_t from);
void as_paths_clear(struct as_paths *);

/* load and close of the datasets whose self is a struct as_paths. A JPEG stays
 * compressed, with the size and turn of its header; others are decoded. */
int as_paths_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_paths_close(struct as_items *);

AS_END
#endif
