/* Caltech-101: class folders, no lists. Its published division is the AugSelf authors': indices of the images of
 * all classes but the background, sorted by bytes, which are the split `all`. */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"
#include "data/split.h"

static const struct as_home home = {"caltech-101|caltech101", "101_ObjectCategories/|accordion/|Faces/|airplanes/",
				    "caltech-101.zip from https://data.caltech.edu/records/mzrjq-6wc02"};

static int divide(struct as_items *items, struct as_error *err)
{
	static const struct as_each each = {0, 25, 5, true};
	static const char *const parts[] = {[AS_EACH_TRAIN] = "train", [AS_EACH_VAL] = "val", [AS_EACH_REST] = "test",
					    [AS_EACH_TRAINVAL] = "trainval"};
	for (int i = 0; i < (int)(sizeof parts / sizeof *parts); i++)
		if (!strcmp(items->split, parts[i]))
			return as_items_pick_each(items, &each, (enum as_each_part)i, err);
	return 0;
}

static int open_caltech101(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	items->split = source->split ? source->split : "train";
	char *folder = NULL, *root = NULL;
	int mark = 0, rc = as_home_find(&home, items->kind->name, source->path[0], &folder, &mark, err);
	if (!rc && !(root = as_format(err, "%s%s", folder, mark ? "" : "/101_ObjectCategories")))
		rc = AS_EMEM;
	if (!rc)
		rc = as_paths_root(p, root, err);
	if (!rc)
		rc = as_folders_classes(p, "", "BACKGROUND_Google", &items->classes, err);
	if (!rc)
		rc = as_folders_put(p, "", items, err);
	free(folder);
	free(root);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, "all classes", 8677, err);
	return rc ? rc : divide(items, err);
}

const struct as_dataset as_data_caltech101 = {
	.name = "caltech101",
	.doc = "Caltech-101, 101 classes without the background",
	.disk = "the folder 101_ObjectCategories of CLASS/image_0001.jpg, or the one that holds it",
	.splits = "train val trainval test all",
	.whole = "all",
	.score = "per-class",
	.parts = "ours: 25 + 5 of each class, the rest is test; the AugSelf authors' list by --split-from counts the split all",
	.open = open_caltech101,
	AS_PATHS_READER,
};
