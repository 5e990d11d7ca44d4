/* Single image files, without labels. The name is the file's own: where it lies
 * on this machine is in no record. */
#include <stdio.h>
#include <stdlib.h>

#include "data/inside.h"

/* Two files of one name are one image to whatever draws by its id. */
static int say_twins(const struct as_paths *p, struct as_items *items, struct as_error *err)
{
	const struct as_path *twin;
	int64_t count;
	char text[400];
	int rc = as_paths_twins(p, &count, &twin, err);
	if (rc || !twin)
		return rc;
	snprintf(text, sizeof text, "repeated names, %lld of %lld files, as %.200s: these have one id and are augmented alike; "
		 "img-read tree tells them apart by their folders", (long long)count, (long long)p->count, twin->name);
	return as_names_add(&items->notes, text, err);
}

static int open_files(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	if (source->split)
		return as_fail(err, AS_EARG, "single files have no splits");
	if (!p || !(p->root = as_paths_keep(p, "", 0)))
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	p->bare = true;
	int rc = 0;
	for (int i = 0; i < source->paths && !rc; i++)
		rc = as_paths_add(p, source->path[i], -1, 0, err);
	items->count = p->count;
	return rc ? rc : say_twins(p, items, err);
}

const struct as_dataset as_data_files = {
	"files", "single files", true, true, open_files, as_paths_load, as_paths_close};
