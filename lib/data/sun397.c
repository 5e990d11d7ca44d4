/* SUN397: SUN397/a/abbey/FILE, some classes one folder deeper; the lists, ClassName.txt, Training_01.txt and
 * Testing_01.txt with a '/' before each line, come in an archive of their own. The label is the line of
 * ClassName.txt. */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"
#include "data/split.h"

static const struct as_home home = {"SUN397|sun397", "a/",
				    "SUN397.tar.gz and Partitions.zip from https://vision.princeton.edu/projects/2010/SUN"};

/* Reads a list from the images' folder, from Partitions, or from where these lie. */
static int read_list(struct as_lines *l, const char *folder, const char *name, struct as_error *err)
{
	static const char *const places[] = {"", "/Partitions", "/..", "/../Partitions"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char *place = as_format(err, "%s%s", folder, places[i]);
		if (!place)
			return AS_EMEM;
		bool has = as_home_has(place, name);
		int rc = has ? as_lines_read(l, place, name, err) : 0;
		free(place);
		if (has)
			return rc;
	}
	return as_fail(err, AS_EIO, "%.100s: no %s there, in its Partitions or beside it; it is in Partitions.zip from "
		       "https://vision.princeton.edu/projects/2010/SUN", folder, name);
}

/* Names the classes as the list does, and indexes them without the '/' before each, which *plain keeps. */
static int name_classes(const struct as_lines *l, struct as_names *classes, struct as_names *plain, struct as_index *index,
			struct as_error *err)
{
	int rc = as_lines_classes(l, classes, err);
	for (int64_t i = 0; i < l->count && !rc; i++)
		rc = as_names_add(plain, l->line[i].text + (*l->line[i].text == '/'), err);
	return rc ? rc : as_index_new(index, plain, err);
}

static int read_lists(struct as_paths *p, struct as_items *items, const char *folder, bool test, struct as_error *err)
{
	struct as_lines classes = {0}, images = {0};
	struct as_names plain = {0};
	struct as_index index = {0};
	int rc = read_list(&classes, folder, "ClassName.txt", err);
	if (!rc)
		rc = name_classes(&classes, &items->classes, &plain, &index, err);
	if (!rc)
		rc = read_list(&images, folder, test ? "Testing_01.txt" : "Training_01.txt", err);
	if (!rc)
		rc = as_lines_put(&images, &index, "", p, err);
	as_index_clear(&index);
	as_names_clear(&plain);
	as_lines_clear(&images);
	as_lines_clear(&classes);
	return rc;
}

static int open_sun397(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	static const struct as_each each = {.seed = 0, .train = 40, .val = 10, .rest = false};
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	bool test = !strcmp(items->split, "test");
	if (!rc)
		rc = as_paths_root(items->self, folder, err);
	if (!rc)
		rc = read_lists(items->self, items, folder, test, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_published_count(items, test ? "test" : "train", 19850, err);
	return rc ? rc : as_published_each(items, &each, err);
}

const struct as_dataset as_data_sun397 = {
	.name = "sun397",
	.doc = "SUN397, 397 scenes, the first of its ten divisions",
	.disk = "the folder SUN397 of a/abbey/*, with ClassName.txt, Training_01.txt and Testing_01.txt in it or beside it",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "top1",
	.parts = "ours: val is 10 of each class's 50; the AugSelf authors' list by --split-from counts the split trainval",
	.open = open_sun397,
	AS_PATHS_READER,
};
