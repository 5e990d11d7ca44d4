/* A folder whose folders are the classes, as torchvision's ImageFolder has it:
 * classes sorted bytewise, then the files of each, wherever they lie below it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "data/inside.h"

enum { MAX_DEPTH = 16, MAX_NAME = 4096 };

static bool is_image(const char *name)
{
	static const char *const ends[] = {".jpg", ".jpeg", ".png", ".ppm", ".pgm", ".pnm"};
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
		if (!strcasecmp(dot, ends[i]))
			return true;
	return false;
}

static bool is_folder(const char *root, const char *name)
{
	char path[2 * MAX_NAME];
	struct stat st;
	snprintf(path, sizeof path, "%s%s", root, name);
	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The entries of root/inside: image files to `images`, folders to `folders`
 * (either may be NULL), names from the root on. Hidden ones are passed over. */
static int scan(const char *root, const char *inside, struct as_paths *images, int32_t label,
		struct as_paths *folders, struct as_error *err)
{
	char name[MAX_NAME];
	snprintf(name, sizeof name, "%s%s", root, inside);
	DIR *d = opendir(name);
	if (!d)
		return as_fail_errno(err, "%s", name);
	int rc = 0;
	struct dirent *e;
	while (!rc && (errno = 0, e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		if (snprintf(name, sizeof name, "%s%s%s", inside, *inside ? "/" : "", e->d_name) >= MAX_NAME)
			rc = as_fail(err, AS_EDATA, "%.200s...: too long a path", name);
		else if (is_image(e->d_name))
			rc = images ? as_paths_add(images, name, label, 0, err) : 0;
		else if (folders && is_folder(root, name))
			rc = as_paths_add(folders, name, label, 0, err);
	}
	if (!rc && errno)
		rc = as_fail_errno(err, "%s%s", root, inside);
	closedir(d);
	return rc;
}

/* All image files below one class. */
static int scan_class(struct as_paths *p, const char *name, int32_t label, int depth, struct as_error *err)
{
	struct as_paths folders = {0};
	if (depth > MAX_DEPTH)
		return as_fail(err, AS_EDATA, "%s%s: folders in folders, more than %d deep", p->root, name, MAX_DEPTH);
	int rc = scan(p->root, name, p, label, &folders, err);
	for (int64_t i = 0; i < folders.count && !rc; i++)
		rc = scan_class(p, folders.path[i].name, label, depth + 1, err);
	as_paths_clear(&folders);
	return rc;
}

static int scan_classes(struct as_paths *p, struct as_items *items, const char *inside, struct as_error *err)
{
	struct as_paths classes = {0};
	size_t skip = *inside ? strlen(inside) + 1 : 0;
	int rc = scan(p->root, inside, NULL, 0, &classes, err);
	as_paths_sort(&classes, 0);
	if (!rc && !classes.count)
		rc = as_fail(err, AS_EDATA, "%s%s: no folders of classes there", p->root, inside);
	for (int64_t i = 0; i < classes.count && !rc; i++) {
		int64_t from = p->count;
		rc = scan_class(p, classes.path[i].name, (int32_t)i, 0, err);
		as_paths_sort(p, from);
		if (!rc)
			rc = as_names_add(&items->classes, classes.path[i].name + skip, err);
	}
	as_paths_clear(&classes);
	return rc;
}

/* DIR/SPLIT when a split is asked for, or when there is a DIR/train; else DIR. */
static int open_folder(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char root[MAX_NAME];
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	int n = snprintf(root, sizeof root, "%s/", source->path[0]);
	if (n >= MAX_NAME)
		return as_fail(err, AS_EARG, "%.200s...: too long a path", source->path[0]);
	if (!p || !(p->root = as_paths_keep(p, root, (size_t)n)))
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	const char *split = source->split ? source->split : is_folder(root, "train") ? "train" : "";
	if (strchr(split, '/') || *split == '.')
		return as_fail(err, AS_EARG, "split '%s' is no name of a folder", split);
	items->split = *split ? split : NULL;
	int rc = scan_classes(p, items, split, err);
	items->count = p->count;
	return rc;
}

const struct as_dataset as_data_folder = {
	"folder", "a folder of classes, each a folder of JPEG, PNG, PPM or PGM files", true, false, open_folder,
	as_paths_load, as_paths_close};
