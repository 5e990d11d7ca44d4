/* MIT Indoor 67: Images/CLASS/FILE and two lists of CLASS/FILE, or folders train and test, as the AugSelf authors
 * used it. The lists are shuffled; they are read in the order of the folders, so that both layouts have one
 * order, one seeded split, and the same names. */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

static const struct as_home home = {"indoorCVPR_09|indoorCVPR|mit67", "TrainImages.txt|train/|../TrainImages.txt",
				    "indoorCVPR_09.tar, TrainImages.txt, TestImages.txt from https://web.mit.edu/torralba/www/indoor.html"};

/* The lists lie in the folder or, if it is that of the images, above it. */
static int read_lists(struct as_paths *p, struct as_items *items, const char *folder, bool above, bool test,
		      struct as_error *err)
{
	struct as_lines list[2] = {{0}};
	struct as_index index = {0};
	int rc = as_lines_read(&list[0], folder, above ? "../TrainImages.txt" : "TrainImages.txt", err);
	if (!rc)
		rc = as_lines_read(&list[1], folder, above ? "../TestImages.txt" : "TestImages.txt", err);
	if (!rc)
		rc = as_lines_folders(list, 2, &items->classes, err);
	if (!rc)
		rc = as_index_new(&index, &items->classes, err);
	if (!rc)
		rc = as_lines_put(&list[test], &index, "", p, err);
	as_index_clear(&index);
	as_lines_clear(&list[0]);
	as_lines_clear(&list[1]);
	return rc ? rc : as_paths_group(p, true, err);
}

static int read_folders(struct as_paths *p, struct as_items *items, struct as_error *err)
{
	int rc = as_folders_classes(p, "", NULL, &items->classes, err);
	return rc ? rc : as_folders_put(p, "", items, err);
}

/* The folder of the images: that of the split, or Images, which may be PATH itself. */
static int find_root(struct as_paths *p, const char *folder, bool lists, bool test, struct as_error *err)
{
	if (!lists)
		return as_paths_root_in(p, folder, test ? "test" : "train", err);
	return as_home_has(folder, "Images/") ? as_paths_root_in(p, folder, "Images", err) : as_paths_root(p, folder, err);
}

static int open_mit67(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	bool test = !strcmp(items->split, "test"), lists = mark != 1;
	if (!rc)
		rc = find_root(items->self, folder, lists, test, err);
	if (!rc)
		rc = lists ? read_lists(items->self, items, folder, mark == 2, test, err) : read_folders(items->self, items, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, test ? "test" : "train", test ? 1340 : 5360, err);
	return rc ? rc : as_published_divide(items, 51, 670, 5360, err);
}

const struct as_dataset as_data_mit67 = {
	.name = "mit67",
	.doc = "MIT Indoor, 67 scenes",
	.disk = "Images/CLASS/* with TrainImages.txt and TestImages.txt beside Images, or {train,test}/CLASS/*",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "top1",
	.parts = "val is an eighth of the training images, by torch's random_split with seed 51",
	.open = open_mit67,
	AS_PATHS_READER,
};
