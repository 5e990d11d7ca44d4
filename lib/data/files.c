/* Single image files, without labels. The name is the file's own: where it lies
 * on this machine is in no record. */
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "data/inside.h"

static int open_files(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct as_paths *p = items->self = calloc(1, sizeof *p);
	if (source->split)
		return as_fail(err, AS_EARG, "single files have no splits");
	if (!p || !(p->root = as_paths_keep(p, "", 0)))
		return as_fail(err, AS_EMEM, "memory: no room for a dataset");
	int rc = 0;
	for (int i = 0; i < source->paths && !rc; i++)
		rc = as_paths_add(p, source->path[i], -1, 0, err);
	items->count = p->count;
	return rc;
}

static int load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	int rc = as_paths_load(items, i, item, err);
	if (rc)
		return rc;
	const char *slash = strrchr(item->name.at, '/');
	if (slash)
		item->name = (struct as_text){slash + 1, strlen(slash + 1)};
	item->id = as_hash64(item->name.at, item->name.length);
	return 0;
}

const struct as_dataset as_data_files = {"files", "single files", true, true, open_files, load, as_paths_close};
