/* The Describable Textures Dataset: ten published divisions into train, val and test, of which the first is
 * usual. Lists of CLASS/FILE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

enum { PARTS = 3 };
static const char *const parts[PARTS] = {"train", "val", "test"};

static const struct as_home home = {"dtd", "labels/train1.txt|labels/",
				    "dtd-r1.0.1.tar.gz from https://www.robots.ox.ac.uk/~vgg/data/dtd"};

/* Reads the three lists of a division; all of them name classes, so that labels are the same in all splits. */
static int read_lists(struct as_lines list[PARTS], const char *folder, int division, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < PARTS && !rc; i++) {
		char name[32];
		snprintf(name, sizeof name, "labels/%s%d.txt", parts[i], division);
		rc = as_lines_read(&list[i], folder, name, err);
	}
	return rc;
}

/* The split is TRAIN, VAL, TEST or TRAINVAL, and the number of the division, if not 1. */
static int put_split(struct as_paths *p, const struct as_lines list[PARTS], const struct as_names *classes,
		     const char *split, struct as_error *err)
{
	struct as_index index = {0};
	size_t n = strcspn(split, "0123456789");
	int rc = as_index_new(&index, classes, err);
	for (int i = 0; i < PARTS && !rc; i++)
		if ((n == strlen(parts[i]) && !strncmp(split, parts[i], n)) || (!strncmp(split, "trainval", 8) && i < 2))
			rc = as_lines_put(&list[i], &index, "", p, err);
	as_index_clear(&index);
	return rc;
}

static int open_dtd(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_lines list[PARTS] = {{0}};
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	int division = atoi(items->split + strcspn(items->split, "0123456789"));
	if (!rc)
		rc = as_paths_root_in(items->self, folder, "images", err);
	if (!rc)
		rc = read_lists(list, folder, division ? division : 1, err);
	if (!rc)
		rc = as_lines_folders(list, PARTS, &items->classes, err);
	if (!rc)
		rc = put_split(items->self, list, &items->classes, items->split, err);
	for (int i = 0; i < PARTS; i++)
		as_lines_clear(&list[i]);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	return rc ? rc : as_published_count(items, items->split, strncmp(items->split, "trainval", 8) ? 1880 : 3760, err);
}

const struct as_dataset as_data_dtd = {
	.name = "dtd",
	.doc = "Describable Textures, 47 classes",
	.disk = "labels/{train,val,test}{1..10}.txt and images/CLASS/*.jpg, or the folder dtd with them",
	.splits = "train val trainval test train2..10 val2..10 trainval2..10 test2..10",
	.score = "top1",
	.open = open_dtd,
	AS_PATHS_READER,
};
