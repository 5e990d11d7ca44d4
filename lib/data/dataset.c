#include "data/dataset.h"

#include <stdlib.h>

#include "base/text.h"
#include "data/inside.h"

const struct as_dataset *const as_datasets[] = {
	&as_data_cifar10, &as_data_cifar100, &as_data_cifar100_coarse, &as_data_folder, &as_data_tree, &as_data_list,
	&as_data_files,
	NULL,
};

static const char *name_at(int i)
{
	return as_datasets[i] ? as_datasets[i]->name : NULL;
}

const struct as_dataset *as_dataset_find(const char *name, struct as_error *err)
{
	int i = as_find("dataset", name, name_at, err);
	return i < 0 ? NULL : as_datasets[i];
}

int as_items_open(const struct as_dataset *kind, const struct as_source *source, struct as_items *out,
		  struct as_error *err)
{
	struct as_items items = {.kind = kind, .exif = source->exif};
	*out = (struct as_items){0};
	if (source->paths < 1 || (source->paths > 1 && !kind->many))
		return as_fail(err, AS_EARG, "%s takes %s", kind->name, kind->many ? "one or more paths" : "one path");
	int rc = kind->open(source, &items, err);
	if (!rc && items.count < 1)
		rc = as_fail(err, AS_EDATA, "%s: no images", source->path[0]);
	if (rc) {
		out->notes = items.notes;
		items.notes = (struct as_names){0};
		as_items_close(&items);
	} else {
		*out = items;
	}
	return rc;
}

int as_items_load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	return items->kind->load(items, i, item, err);
}

void as_items_close(struct as_items *items)
{
	if (items->kind)
		items->kind->close(items);
	as_names_clear(&items->classes);
	as_names_clear(&items->notes);
	*items = (struct as_items){0};
}

void as_item_clear(struct as_item *item)
{
	free(item->bytes);
	*item = (struct as_item){0};
}
