/* FGVC-Aircraft: data/images/ID.jpg, lists of lines `ID NAME`, where names hold blanks and slashes; the order of
 * variants.txt is that of the classes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

static const struct as_home home = {"fgvc-aircraft-2013b|fgvc-aircraft|aircraft", "data/variants.txt|variants.txt",
				    "fgvc-aircraft-2013b.tar.gz from https://www.robots.ox.ac.uk/~vgg/data/fgvc-aircraft"};

static int put_line(struct as_paths *p, const struct as_lines *l, int64_t i, const struct as_index *index,
		    struct as_error *err)
{
	char file[256];
	const char *text = l->line[i].text;
	size_t id = strcspn(text, " \t");
	const char *name = text + id + strspn(text + id, " \t");
	int32_t label = as_index_find(index, name, strlen(name));
	if (label < 0)
		return as_lines_fail(l, i, err, "'%.100s' is none of the %lld variants; lines are ID NAME", name,
				     (long long)index->count);
	if (snprintf(file, sizeof file, "%.*s.jpg", (int)id, text) >= (int)sizeof file)
		return as_lines_fail(l, i, err, "'%.40s...' is too long an id", text);
	return as_paths_add(p, file, label, l->line[i].number, err);
}

static int put_list(struct as_paths *p, const char *folder, const char *split, const struct as_index *index,
		    struct as_error *err)
{
	struct as_lines l = {0};
	char name[64];
	snprintf(name, sizeof name, "images_variant_%s.txt", split);
	int rc = as_lines_read(&l, folder, name, err);
	if (!rc)
		rc = as_paths_from(p, l.path, err);
	for (int64_t i = 0; i < l.count && !rc; i++)
		rc = put_line(p, &l, i, index, err);
	as_lines_clear(&l);
	return rc;
}

static int read_lists(struct as_paths *p, struct as_items *items, const char *folder, struct as_error *err)
{
	struct as_lines variants = {0};
	struct as_index index = {0};
	bool both = !strcmp(items->split, "trainval");
	int rc = as_lines_read(&variants, folder, "variants.txt", err);
	if (!rc)
		rc = as_lines_classes(&variants, &items->classes, err);
	if (!rc)
		rc = as_index_new(&index, &items->classes, err);
	if (!rc)
		rc = put_list(p, folder, both ? "train" : items->split, &index, err);
	if (!rc && both)
		rc = put_list(p, folder, "val", &index, err);
	as_index_clear(&index);
	as_lines_clear(&variants);
	return rc;
}

static int open_aircraft(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "train", &folder, &mark, err);
	char *data = rc ? NULL : as_format(err, "%s%s", folder, mark ? "" : "/data");
	if (!rc)
		rc = data ? as_paths_root_in(items->self, data, "images", err) : AS_EMEM;
	if (!rc)
		rc = read_lists(items->self, items, data, err);
	free(data);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	int64_t published = !strcmp(items->split, "train") ? 3334 : !strcmp(items->split, "trainval") ? 6667 : 3333;
	return rc ? rc : as_published_count(items, items->split, published, err);
}

const struct as_dataset as_data_aircraft = {
	.name = "aircraft",
	.doc = "FGVC-Aircraft, 100 variants",
	.disk = "data/{images/ID.jpg,variants.txt,images_variant_{train,val,test}.txt}, or fgvc-aircraft-2013b with them",
	.splits = "train val trainval test",
	.whole = "trainval",
	.score = "per-class",
	.open = open_aircraft,
	AS_PATHS_READER,
};
