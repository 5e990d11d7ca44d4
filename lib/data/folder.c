/* A folder whose subfolders are the classes, like torchvision's ImageFolder: classes sorted by the bytes of
 * their names, then the files of each, in subfolders too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "data/inside.h"

/* Folders of these names are splits of a dataset, unless other folders stand beside them. */
static bool is_split_name(const char *name)
{
	static const char *const names[] = {"train", "training", "val",      "valid",     "validation", "dev",
					    "test",  "testing",  "trainval", "unlabeled", "unlabelled", "extra"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

/* Whether the folder has subfolders: 1 or 0. */
static int holds_folders(const struct as_paths *p, const char *inside, struct as_error *err)
{
	struct as_paths folders = {0}, images = {0};
	struct as_scan scan = {.folders = &folders, .images = &images, .catalog = p->catalog};
	int rc = as_scan_folder(&scan, p->root, inside, 0, err);
	rc = rc ? rc : folders.count > 0;
	as_left_clear(&scan.left);
	as_paths_clear(&folders);
	as_paths_clear(&images);
	return rc;
}

/* The dataset's folders: whether one is train, and whether others are no splits. */
struct top {
	bool train;
	int64_t others;
	const char *other; /* the first that is no split */
};

static struct top look(const struct as_paths *folders)
{
	struct top t = {0};
	for (int64_t i = 0; i < folders->count; i++) {
		const char *name = folders->path[i].name;
		t.train = t.train || !strcmp(name, "train");
		if (!is_split_name(name) && !t.others++)
			t.other = name;
	}
	return t;
}

/* Says what may be a misunderstanding about the folder. */
static int say_doubts(const struct top *top, const char *doubtful, bool nested, struct as_names *notes,
		      struct as_error *err)
{
	if (top->train && nested && top->others)
		return as_say(notes, err, "train is read as a split; folders beside it that are not read: %lld, the first %s; "
			      "if train is a class as they are: --split .", (long long)top->others, top->other);
	if (top->train && top->others)
		return as_say(notes, err, "train is read as a class, like %s beside it: it holds no folders of classes",
			      top->other);
	if (!top->train && nested)
		return as_say(notes, err, "the classes are called as splits are, the first %s; to read one: --split %s", doubtful,
			      doubtful);
	return 0;
}

/* The split to read; "" means the dataset's folder itself. It is train where train is a split. A class may
 * be called train too: it has no subfolders and stands beside other classes. */
static int choose_split(const struct as_paths *p, const struct as_paths *folders, const char **split,
			struct as_items *items, struct as_error *err)
{
	struct top top = look(folders);
	const char *doubtful = top.train ? "train" : folders->count && !top.others ? folders->path[0].name : NULL;
	int nested = doubtful ? holds_folders(p, doubtful, err) : 0;
	*split = top.train && (nested || !top.others) ? "train" : "";
	return nested < 0 ? nested : say_doubts(&top, doubtful, nested, &items->notes, err);
}

/* Finds classes without images: how many, and the names of the first few, in a list that the caller clears. */
static int find_empty(const struct as_paths *p, const struct as_paths *classes, size_t skip, struct as_names *first,
		      int64_t *empty, struct as_error *err)
{
	enum { NAMED = 10 };
	int rc = 0;
	*empty = 0;
	for (int64_t c = 0, i = 0; c < classes->count && !rc; c++) {
		int64_t from = i;
		while (i < p->count && p->path[i].label == c)
			i++;
		if (i == from && (*empty)++ < NAMED)
			rc = as_names_add(first, classes->path[c].name + skip, err);
	}
	return rc;
}

/* Says which classes have no images. If there are no images at all, another message says that. */
static int say_empty(const struct as_paths *p, const struct as_paths *classes, size_t skip, struct as_items *items,
		     struct as_error *err)
{
	struct as_names first = {0};
	int64_t empty;
	char more[40] = "";
	if (!p->count)
		return 0;
	int rc = find_empty(p, classes, skip, &first, &empty, err);
	char *list = rc ? NULL : as_join(&first, err);
	if (!rc && !list)
		rc = AS_EMEM;
	if (!rc && empty > first.count)
		snprintf(more, sizeof more, " and %lld more", (long long)(empty - first.count));
	if (!rc && empty)
		rc = as_say(&items->notes, err, "classes without images, %lld of %lld: %s%s", (long long)empty,
			    (long long)classes->count, list, more);
	else if (!rc && classes->count == 1)
		rc = as_say(&items->notes, err, "one class only, '%s': there is nothing to tell apart",
			    classes->path[0].name + skip);
	free(list);
	as_names_clear(&first);
	return rc;
}

/* Says which images lie beside the class folders and so belong to no class. */
static int no_classes(const struct as_paths *p, const char *inside, int64_t strays, struct as_error *err)
{
	if (!strays)
		return as_fail(err, AS_EDATA, "%s%s: no folders of classes there, such as %s%s%scat with images in it", p->root, inside,
			       p->root, inside, *inside ? "/" : "");
	return as_fail(err, AS_EDATA, "%s%s: images there, %lld, and no folders of classes; without classes: img-read tree %s%s",
		       p->root, inside, (long long)strays, p->root, inside);
}

/* Numbers the classes of the split and adds their images, class after class. */
static int read_classes(struct as_paths *p, struct as_items *items, const struct as_paths *classes, const char *inside,
			struct as_scan *scan, struct as_error *err)
{
	size_t skip = *inside ? strlen(inside) + 1 : 0;
	int rc = 0;
	scan->images = p;
	for (int64_t i = 0; i < classes->count && !rc; i++) {
		int64_t from = p->count;
		rc = as_scan_below(scan, p->root, classes->path[i].name, (int32_t)i, err);
		as_paths_sort(p, from);
		if (!rc)
			rc = as_names_add(&items->classes, classes->path[i].name + skip, err);
	}
	if (!rc)
		rc = as_left_say(&scan->left, &items->notes, err);
	return rc ? rc : say_empty(p, classes, skip, items, err);
}

static int open_split(struct as_paths *p, struct as_items *items, const char *inside, struct as_error *err)
{
	struct as_paths classes = {0}, strays = {0};
	struct as_scan scan = {.folders = &classes, .images = &strays, .documents = true, .catalog = p->catalog};
	int rc = as_scan_folder(&scan, p->root, inside, 0, err);
	scan.documents = false;
	as_paths_sort(&classes, 0);
	if (!rc && !classes.count)
		rc = as_left_say(&scan.left, &items->notes, err);
	if (!rc && !classes.count)
		rc = no_classes(p, inside, strays.count, err);
	for (int64_t i = 0; i < strays.count && !rc; i++)
		rc = as_left_add(&scan.left, "beside the folders of classes", NULL, strays.path[i].name, err);
	if (!rc)
		rc = read_classes(p, items, &classes, inside, &scan, err);
	items->sorted = classes.count > 1;
	as_left_clear(&scan.left);
	as_paths_clear(&strays);
	as_paths_clear(&classes);
	return rc;
}

/* Chooses a split if none was asked for. */
static int find_split(struct as_paths *p, struct as_items *items, const char **split, struct as_error *err)
{
	struct as_paths folders = {0}, strays = {0};
	struct as_scan scan = {.folders = &folders, .images = &strays, .catalog = p->catalog};
	int rc = as_scan_folder(&scan, p->root, "", 0, err);
	as_paths_sort(&folders, 0);
	if (!rc)
		rc = choose_split(p, &folders, split, items, err);
	as_left_clear(&scan.left);
	as_paths_clear(&strays);
	as_paths_clear(&folders);
	return rc;
}

/* Reads DIR/SPLIT if a split is asked for, DIR/train if that is a split, else DIR. */
static int open_folder(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	const char *split = source->split;
	if (split && (strchr(split, '/') || !*split || (*split == '.' && split[1])))
		return as_fail(err, AS_EARG, "split '%s' is not the name of a folder", split);
	int rc = as_paths_root(p, source->path[0], err);
	if (!rc)
		p->catalog = source->catalog;
	if (!rc && !split)
		rc = find_split(p, items, &split, err);
	if (rc)
		return rc;
	split = strcmp(split, ".") != 0 ? split : "";
	rc = open_split(p, items, split, err);
	items->split = *split ? split : NULL;
	items->count = p->count;
	return rc;
}

const struct as_dataset as_data_folder = {
	.name = "folder",
	.doc = "class folders, as torchvision's ImageFolder reads them",
	.disk = "a folder of classes, each a folder of images; or such folders as train, val, test",
	.splits = "*",
	.own = true,
	.indexed = true,
	.open = open_folder,
	AS_PATHS_READER,
};
