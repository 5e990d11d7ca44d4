/* Single image files, without labels. The name is the file's own, without folders: no record says where the
 * file lies on this machine. */
#include <stdlib.h>

#include "data/inside.h"

/* Two files of the same name have the same id, so they are augmented alike: says so. */
static int say_repeats(const struct as_paths *p, struct as_items *items, struct as_error *err)
{
	const struct as_path *repeat;
	int64_t count;
	int rc = as_paths_repeats(p, &count, &repeat, err);
	if (rc || !repeat)
		return rc;
	return as_say(&items->notes, err, "repeated names, %lld of %lld files, as %s: these have one id and are augmented "
		      "alike; img-read tree tells them apart by their folders", (long long)count, (long long)p->count,
		      repeat->name);
}

static int open_files(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	if (!p || !(p->root = as_paths_keep(p, "", 0)))
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	p->bare = true;
	int rc = 0;
	for (int i = 0; i < source->paths && !rc; i++)
		rc = as_paths_add(p, source->path[i], -1, 0, err);
	items->count = p->count;
	return rc ? rc : say_repeats(p, items, err);
}

const struct as_dataset as_data_files = {
	.name = "files",
	.doc = "single image files, without labels",
	.disk = "image files, one PATH each",
	.own = true,
	.many = true,
	.open = open_files,
	AS_PATHS_READER,
};
