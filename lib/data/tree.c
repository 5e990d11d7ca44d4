/* All images in a folder and in the folders below it, without labels. */
#include <stdlib.h>

#include "data/inside.h"

static int open_tree(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	struct as_scan scan = {.images = p, .catalog = source->catalog};
	int rc = as_paths_root(p, source->path[0], err);
	if (!rc)
		rc = as_scan_below(&scan, p->root, "", -1, err);
	if (!rc)
		rc = as_left_say(&scan.left, &items->notes, err);
	as_left_clear(&scan.left);
	if (rc)
		return rc;
	as_paths_sort(p, 0);
	items->count = p->count;
	return 0;
}

const struct as_dataset as_data_tree = {
	.name = "tree",
	.doc = "all images in a folder and in the folders below it, without labels",
	.disk = "a folder of image files and folders",
	.own = true,
	.indexed = true,
	.open = open_tree,
	AS_PATHS_READER,
};
