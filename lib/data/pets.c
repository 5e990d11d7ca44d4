/* Oxford-IIIT Pet: images/NAME.jpg, and lists of lines NAME CLASS SPECIES BREED, all from 1. The class's name is
 * NAME without its number. Files that are not listed, some of no good, lie among the images. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/published.h"

enum { MAX_CLASS = 10000 };

static const struct as_home home = {"oxford-iiit-pet|pets", "annotations/trainval.txt|annotations/",
				    "images.tar.gz and annotations.tar.gz from https://www.robots.ox.ac.uk/~vgg/data/pets"};

/* Divides line i into its name and class. 1: done, 0: a comment, <0: an error. The line is cut. */
static int divide(const struct as_lines *l, int64_t i, const char **name, int64_t *class, struct as_error *err)
{
	char *text = l->line[i].text, *number = text + strcspn(text, " \t");
	struct as_error why;
	if (*text == '#')
		return 0;
	if (*number)
		*number++ = 0;
	number += strspn(number, " \t");
	number[strcspn(number, " \t")] = 0;
	if (as_parse_i64(number, 1, MAX_CLASS, class, &why))
		return as_lines_fail(l, i, err, "%.100s: class: %s; lines are NAME CLASS SPECIES BREED", text, why.text);
	*name = text;
	return 1;
}

/* Where names of classes are collected; number 0 is the first. */
struct found {
	char *name[MAX_CLASS];
	int64_t count;
};

static int note_class(struct found *found, const char *name, int64_t class, struct as_error *err)
{
	const char *end = strrchr(name, '_');
	char **at = &found->name[class - 1];
	if (!*at && !(*at = strndup(name, end ? (size_t)(end - name) : strlen(name))))
		return as_fail(err, AS_EMEM, "memory: no room for the names of classes");
	found->count = class > found->count ? class : found->count;
	return 0;
}

/* Adds the classes of a list, and if `p` is not NULL its images. */
static int read_list(struct found *found, const char *folder, const char *list, struct as_paths *p, struct as_error *err)
{
	struct as_lines l = {0};
	int rc = as_lines_read(&l, folder, list, err);
	if (!rc && p)
		rc = as_paths_from(p, l.path, err);
	for (int64_t i = 0; i < l.count && rc >= 0; i++) {
		const char *name = NULL;
		int64_t class = 0;
		rc = divide(&l, i, &name, &class, err);
		if (rc > 0 && !(rc = note_class(found, name, class, err)) && p) {
			char *file = as_format(err, "%s.jpg", name);
			rc = file ? as_paths_add(p, file, (int32_t)class - 1, l.line[i].number, err) : AS_EMEM;
			free(file);
		}
	}
	as_lines_clear(&l);
	return rc < 0 ? rc : 0;
}

/* Classes that no list has are named by their numbers. */
static int name_classes(struct found *found, struct as_names *classes, struct as_error *err)
{
	int rc = 0;
	for (int64_t c = 0; c < found->count; c++) {
		char *name = found->name[c] ? found->name[c] : as_format(err, "%lld", (long long)c + 1);
		if (!rc)
			rc = name ? as_names_add(classes, name, err) : AS_EMEM;
		free(name);
	}
	return rc;
}

/* Reads all lists, so that the classes have the same names in all splits; the images are those of one. */
static int read_lists(struct as_paths *p, struct as_items *items, const char *folder, bool test, struct as_error *err)
{
	static const char *const list[] = {"annotations/trainval.txt", "annotations/test.txt", "annotations/list.txt"};
	struct found *found = calloc(1, sizeof *found);
	int rc = found ? 0 : as_fail(err, AS_EMEM, "memory: no room for the names of classes");
	for (int i = 0; i < 3 && !rc; i++)
		if (i == test || as_home_has(folder, list[i]))
			rc = read_list(found, folder, list[i], i == test ? p : NULL, err);
	if (found) {
		int named = name_classes(found, &items->classes, rc ? NULL : err);
		rc = rc ? rc : named;
	}
	free(found);
	return rc;
}

static int open_pets(const struct as_source *source, struct as_items *items, struct as_error *err)
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
		rc = as_published_count(items, test ? "test" : "train", test ? 3669 : 3680, err);
	return rc ? rc : as_published_divide(items, 49, 740, 3680, err);
}

const struct as_dataset as_data_pets = {
	.name = "pets",
	.doc = "Oxford-IIIT Pet, 37 breeds",
	.disk = "images/*.jpg and annotations/{trainval,test}.txt, or the folder oxford-iiit-pet with them",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "per-class",
	.parts = "val is a fifth of the training images (740 of 3,680), by torch's random_split with seed 49",
	.open = open_pets,
	AS_PATHS_READER,
};
