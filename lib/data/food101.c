/* Food-101: lists of CLASS/ID, images/CLASS/ID.jpg. The order of classes.txt is the rule for labels and for the
 * seeded split; it is not that of the bytes (cheesecake stands before cheese_plate). */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

static const struct as_home home = {"food-101|food101", "meta/classes.txt",
				    "food-101.tar.gz from https://data.vision.ee.ethz.ch/cvl/food-101.tar.gz"};

/* Some copies of the lists were saved from tables and begin with the column's name. */
static void skip_title(struct as_lines *l)
{
	if (strcmp(l->line[0].text, "path") != 0)
		return;
	l->count--;
	memmove(l->line, l->line + 1, (size_t)l->count * sizeof *l->line);
}

static int read_lists(struct as_paths *p, struct as_items *items, const char *folder, bool test, struct as_error *err)
{
	struct as_lines classes = {0}, images = {0};
	struct as_index index = {0};
	int rc = as_lines_read(&classes, folder, "meta/classes.txt", err);
	if (!rc)
		rc = as_lines_classes(&classes, &items->classes, err);
	if (!rc)
		rc = as_index_new(&index, &items->classes, err);
	if (!rc)
		rc = as_lines_read(&images, folder, test ? "meta/test.txt" : "meta/train.txt", err);
	if (!rc) {
		skip_title(&images);
		rc = as_lines_put(&images, &index, ".jpg", p, err);
	}
	as_index_clear(&index);
	as_lines_clear(&images);
	as_lines_clear(&classes);
	return rc ? rc : as_paths_group(p, false, err);
}

static int open_food101(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	bool test = !strcmp(items->split, "test");
	if (!rc)
		rc = as_paths_root_in(items->self, folder, "images", err);
	if (!rc)
		rc = read_lists(items->self, items, folder, test, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, test ? "test" : "train", test ? 25250 : 75750, err);
	return rc ? rc : as_published_divide(items, 42, 7575, 75750, err);
}

const struct as_dataset as_data_food101 = {
	.name = "food101",
	.doc = "Food-101, 101 dishes",
	.disk = "meta/{classes,train,test}.txt and images/CLASS/ID.jpg, or the folder food-101 with them",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "top1",
	.parts = "val is a tenth of the training images, by torch's random_split with seed 42",
	.open = open_food101,
	AS_PATHS_READER,
};
