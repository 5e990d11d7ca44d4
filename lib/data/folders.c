/* Class folders of published sets. Names of a million files come from the folders alone: none is opened, nor
 * asked for its size (scan.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

/* Why a folder has no classes. */
static int no_classes(const struct as_paths *p, const char *inside, int64_t images, struct as_error *err)
{
	if (images)
		return as_fail(err, AS_EDATA, "%s%s: %lld images and no folders of classes; each belongs into the folder of its class",
			       p->root, inside, (long long)images);
	return as_fail(err, AS_EDATA, "%s%s: no folders of classes there", p->root, inside);
}

int as_folders_classes(const struct as_paths *p, const char *inside, const char *but, struct as_names *classes,
		       struct as_error *err)
{
	struct as_paths folders = {0}, strays = {0};
	struct as_scan scan = {.folders = &folders, .images = &strays, .documents = true, .catalog = p->catalog};
	size_t skip = *inside ? strlen(inside) + 1 : 0;
	int rc = as_scan_folder(&scan, p->root, inside, 0, err);
	as_paths_sort(&folders, 0);
	for (int64_t i = 0; i < folders.count && !rc; i++)
		if (!but || strcmp(folders.path[i].name + skip, but) != 0)
			rc = as_names_add(classes, folders.path[i].name + skip, err);
	if (!rc && !classes->count)
		rc = no_classes(p, inside, strays.count, err);
	as_left_clear(&scan.left);
	as_paths_clear(&strays);
	as_paths_clear(&folders);
	return rc;
}

/* The names of classes that have no folder, of which the first few are kept. */
struct missing {
	struct as_names first;
	int64_t count;
};

/* Reads the folder of one class. */
static int put_class(struct as_scan *scan, const char *inside, const char *class, int32_t label, struct missing *missing,
		     struct as_error *err)
{
	enum { NAMED = 5 };
	struct as_paths *p = scan->images;
	int64_t from = p->count;
	char *folder = as_format(err, "%s%s%s", inside, *inside ? "/" : "", class);
	char *mark = folder ? as_format(err, "%s/", folder) : NULL;
	int rc = mark ? 0 : AS_EMEM;
	if (!rc && as_home_has(p->root, mark))
		rc = as_scan_below(scan, p->root, folder, label, err);
	else if (!rc && missing->count++ < NAMED)
		rc = as_names_add(&missing->first, class, err);
	free(folder);
	free(mark);
	as_paths_sort(p, from);
	return rc;
}

static int say_missing(const struct missing *missing, const char *inside, struct as_items *items, struct as_error *err)
{
	char more[40] = "", *list = as_join(&missing->first, err);
	if (!list)
		return AS_EMEM;
	if (missing->count > missing->first.count)
		snprintf(more, sizeof more, " and %lld more", (long long)(missing->count - missing->first.count));
	int rc = as_say(&items->notes, err, "classes without a folder%s%s, %lld of %lld: %s%s", *inside ? " in " : "", inside,
			(long long)missing->count, (long long)items->classes.count, list, more);
	free(list);
	return rc;
}

int as_folders_put(struct as_paths *p, const char *inside, struct as_items *items, struct as_error *err)
{
	struct as_scan scan = {.images = p, .catalog = p->catalog};
	struct missing missing = {0};
	int rc = 0;
	for (int64_t i = 0; i < items->classes.count && !rc; i++)
		rc = put_class(&scan, inside, as_names_at(&items->classes, i), (int32_t)i, &missing, err);
	if (!rc)
		rc = as_left_say(&scan.left, &items->notes, err);
	if (!rc && missing.count)
		rc = say_missing(&missing, inside, items, err);
	as_left_clear(&scan.left);
	as_names_clear(&missing.first);
	return rc;
}
