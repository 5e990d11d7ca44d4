/* Caltech-101: class folders, no lists. Its published division is the AugSelf authors': indices of the images of
 * all classes but the background, sorted by bytes, which are the split `all`. */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

static const struct as_home home = {"caltech-101|caltech101", "101_ObjectCategories/|accordion/|Faces/|airplanes/",
				    "caltech-101.zip from https://data.caltech.edu/records/mzrjq-6wc02"};

static int open_caltech101(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	static const struct as_each each = {.seed = 0, .train = 25, .val = 5, .rest = true};
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	struct as_paths *p = items->self;
	if (!rc)
		rc = mark ? as_paths_root(p, folder, err) : as_paths_root_in(p, folder, "101_ObjectCategories", err);
	if (!rc)
		rc = as_folders_classes(p, "", "BACKGROUND_Google", &items->classes, err);
	if (!rc)
		rc = as_folders_put(p, "", items, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, "all classes", 8677, err);
	return rc ? rc : as_published_each(items, &each, err);
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
