/* ImageNet, and the hundred classes of it that a list names: train/WNID/ and val/WNID/. With a list, the label is
 * its line; otherwise the classes are sorted by bytes. */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

static const struct as_home home = {
	"imagenet|ILSVRC2012|ILSVRC/Data/CLS-LOC|Data/CLS-LOC|ImageNet", "train/|val/",
	"ILSVRC2012_img_train.tar and _val.tar from https://image-net.org, unpacked into train/WNID/ and val/WNID/"};

/* Each line is a class, up to the first blank. */
static int read_classes(const char *list, struct as_names *classes, struct as_error *err)
{
	struct as_lines lines = {0};
	struct as_index index = {0};
	int rc = as_lines_read(&lines, "", list, err);
	for (int64_t i = 0; i < lines.count && !rc; i++)
		rc = as_names_put(classes, (struct as_text){lines.line[i].text, strcspn(lines.line[i].text, " \t")}, err);
	if (!rc && as_index_new(&index, classes, err))
		rc = as_fail_within(err, "%s", list);
	as_index_clear(&index);
	as_lines_clear(&lines);
	return rc;
}

/* Finds the list of classes beside the images; *list is NULL if there is none. */
static int find_list(const struct as_paths *p, const char *set, char **list, struct as_error *err)
{
	char *name = as_format(err, "%s.txt", set);
	if (!name)
		return AS_EMEM;
	const char *found = as_home_has(p->root, name) ? name : as_home_has(p->root, "classes.txt") ? "classes.txt" : NULL;
	*list = found ? as_format(err, "%s%s", p->root, found) : NULL;
	free(name);
	return found && !*list ? AS_EMEM : 0;
}

/* Names the classes: of the list that was given, of the one that lies there, or the folders. */
static int name_classes(const struct as_paths *p, const struct as_source *source, struct as_items *items, int64_t most,
			struct as_error *err)
{
	if (source->classes)
		return read_classes(source->classes, &items->classes, err);
	char *list = NULL;
	int rc = most ? find_list(p, items->kind->name, &list, err) : 0;
	if (list)
		rc = read_classes(list, &items->classes, err);
	bool listed = list;
	free(list);
	if (rc || listed)
		return rc;
	rc = as_folders_classes(p, as_home_has(p->root, "train/") ? "train" : "val", NULL, &items->classes, err);
	if (rc || !most)
		return rc;
	if (items->classes.count > most)
		return as_fail(err, AS_EDATA, "%s: %lld classes, of which a list names %lld: --classes LIST, or %s.txt there",
			       source->path[0], (long long)items->classes.count, (long long)most, items->kind->name);
	return as_say(&items->notes, err, "no list of classes: the labels are the folders' order; --classes LIST for that of a list");
}

static int open_folders(const struct as_source *source, struct as_items *items, int64_t most, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	struct as_paths *p = items->self;
	if (!rc)
		rc = as_paths_root(p, folder, err);
	if (!rc)
		p->catalog = source->catalog;
	free(folder);
	if (!rc)
		rc = name_classes(p, source, items, most, err);
	if (!rc)
		rc = as_folders_put(p, items->split, items, err);
	return rc ? rc : as_published_end(items, err);
}

static int open_imagenet(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	bool val = source->split && !strcmp(source->split, "val");
	int rc = open_folders(source, items, 0, err);
	if (rc || source->classes)
		return rc;
	return as_published_count(items, items->split, val ? 50000 : 1281167, err);
}

static int open_imagenet100(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	int rc = open_folders(source, items, 100, err);
	if (!rc && items->classes.count != 100)
		rc = as_say(&items->notes, err, "%lld classes, the published set has 100", (long long)items->classes.count);
	if (rc || strcmp(items->split, "val") != 0)
		return rc;
	return as_published_count(items, "val", 5000, err);
}

const struct as_dataset as_data_imagenet = {
	.name = "imagenet",
	.doc = "ImageNet (ILSVRC 2012), or the classes of it that --classes LIST names",
	.disk = "train/WNID/*.JPEG and val/WNID/*.JPEG, or such a folder as imagenet or ILSVRC2012 with them",
	.splits = "train val",
	.score = "top1",
	.listed = true,
	.indexed = true,
	.open = open_imagenet,
	AS_PATHS_READER,
};
const struct as_dataset as_data_imagenet100 = {
	.name = "imagenet100",
	.doc = "the 100 classes of ImageNet that --classes LIST names; the label is the line",
	.disk = "as imagenet, with all of its folders or those of the 100 classes; the list may be imagenet100.txt there",
	.splits = "train val",
	.score = "top1",
	.listed = true,
	.indexed = true,
	.open = open_imagenet100,
	AS_PATHS_READER,
};
