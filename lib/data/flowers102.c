/* Oxford Flowers 102: jpg/image_00001.jpg and so on, the classes in imagelabels.mat, the splits in setid.mat; or
 * folders trn, val and tst with a folder for each class. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/mat.h"
#include "data/published.h"

static const struct as_home home = {"flowers-102|flowers102|102flowers|oxford-102-flowers", "setid.mat|trn/",
				    "102flowers.tgz, imagelabels.mat and setid.mat from https://www.robots.ox.ac.uk/~vgg/data/flowers/102"};
enum { LISTS_OF_MATLAB, FOLDERS };

enum { PARTS = 3, MOST_CLASSES = 100000, MOST_IMAGES = 1 << 24 };
static const struct part {
	const char *split, *variable, *folder;
	int64_t published;
} parts[PARTS] = {{"train", "trnid", "trn", 1020}, {"val", "valid", "val", 1020}, {"test", "tstid", "tst", 6149}};

static bool is_in(const struct part *p, const char *split)
{
	return !strcmp(p->split, split) || (!strcmp(split, "trainval") && p != &parts[2]);
}

/* All of a variable that is a list of whole numbers 1..hi. */
static int read_numbers(const char *folder, const char *file, const char *variable, int64_t hi, int64_t **value, int64_t *count,
			struct as_error *err)
{
	struct as_mat *m = NULL;
	char *path = as_format(err, "%s/%s", folder, file);
	int rc = path ? as_mat_open(&m, path, err) : AS_EMEM;
	if (!rc)
		rc = as_mat_ints(m, (struct as_mat_part){variable, NULL}, 1, hi, value, count, err);
	as_mat_close(m);
	free(path);
	return rc;
}

/* Adds the images of a part, in the order of its list: label[id - 1] is the class of image id, from 1. */
static int put_part(struct as_paths *p, const struct part *part, const char *folder, const int64_t *label, int64_t labels,
		    struct as_error *err)
{
	int64_t *id = NULL, ids = 0;
	int rc = read_numbers(folder, "setid.mat", part->variable, labels, &id, &ids, err);
	for (int64_t i = 0; i < ids && !rc; i++) {
		char name[32];
		snprintf(name, sizeof name, "image_%05d.jpg", (int)id[i]);
		rc = as_paths_add(p, name, (int32_t)label[id[i] - 1] - 1, 0, err);
	}
	free(id);
	return rc;
}

/* Classes have no names here, only numbers from 1 to the highest that occurs. */
static int name_classes(const int64_t *label, int64_t labels, struct as_names *classes, struct as_error *err)
{
	int64_t most = 0;
	int rc = 0;
	for (int64_t i = 0; i < labels; i++)
		most = label[i] > most ? label[i] : most;
	for (int64_t c = 1; c <= most && !rc; c++) {
		char name[32];
		snprintf(name, sizeof name, "%lld", (long long)c);
		rc = as_names_add(classes, name, err);
	}
	return rc;
}

static int read_matlab(struct as_paths *p, struct as_items *items, const char *folder, struct as_error *err)
{
	int64_t *label = NULL, labels = 0;
	int rc = as_paths_root_in(p, folder, "jpg", err);
	if (!rc)
		rc = read_numbers(folder, "imagelabels.mat", "labels", MOST_CLASSES, &label, &labels, err);
	if (!rc)
		rc = name_classes(label, labels, &items->classes, err);
	for (int i = 0; i < PARTS && !rc; i++)
		if (is_in(&parts[i], items->split))
			rc = put_part(p, &parts[i], folder, label, labels, err);
	free(label);
	return rc;
}

static int read_folders(struct as_paths *p, struct as_items *items, const char *folder, struct as_error *err)
{
	int rc = as_paths_root(p, folder, err);
	if (!rc)
		rc = as_folders_classes(p, parts[0].folder, NULL, &items->classes, err);
	for (int i = 0; i < PARTS && !rc; i++)
		if (is_in(&parts[i], items->split))
			rc = as_folders_put(p, parts[i].folder, items, err);
	return rc;
}

static int open_flowers102(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	int64_t published = 0;
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	if (!rc)
		rc = mark == FOLDERS ? read_folders(items->self, items, folder, err) : read_matlab(items->self, items, folder, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	for (int i = 0; i < PARTS; i++)
		published += is_in(&parts[i], items->split) ? parts[i].published : 0;
	return rc ? rc : as_published_count(items, items->split, published, err);
}

const struct as_dataset as_data_flowers102 = {
	.name = "flowers102",
	.doc = "Oxford Flowers, 102 classes",
	.disk = "imagelabels.mat, setid.mat and jpg/image_*.jpg, or trn, val and tst with class folders; or the folder flowers-102 "
		"with them",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "per-class",
	.open = open_flowers102,
	AS_PATHS_READER,
};
