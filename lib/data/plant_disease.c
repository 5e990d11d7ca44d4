/* Plant Disease: class folders in train and in valid or test. For few-shot classification they are joined. */
#include <stdlib.h>
#include <string.h>

#include "data/published.h"

static const struct as_home home = {
	"plant-disease|PlantVillage|New Plant Diseases Dataset(Augmented)"
	"|New Plant Diseases Dataset(Augmented)/New Plant Diseases Dataset(Augmented)",
	"train/", "the plant disease images as class folders in train/ and valid/ or test/"};

/* The folder that was held out: valid, val or test, the first that is there. The copy with valid/ has a
 * folder test/ too, without classes. */
static const char *held_out(const struct as_paths *p)
{
	return as_home_has(p->root, "valid/") ? "valid" : as_home_has(p->root, "val/") ? "val" : "test";
}

static int open_plant(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_paths), "all", &folder, &mark, err);
	struct as_paths *p = items->self;
	bool all = !strcmp(items->split, "all"), train = !strcmp(items->split, "train");
	if (!rc)
		rc = as_paths_root(p, folder, err);
	free(folder);
	if (!rc)
		rc = as_folders_classes(p, "train", NULL, &items->classes, err);
	if (!rc && (all || train))
		rc = as_folders_put(p, "train", items, err);
	if (!rc && !train)
		rc = as_folders_put(p, held_out(p), items, err);
	if (!rc && items->classes.count != 38)
		rc = as_say(&items->notes, err, "%lld classes, the published set has 38", (long long)items->classes.count);
	return rc ? rc : as_published_end(items, err);
}

const struct as_dataset as_data_plant_disease = {
	.name = "plant-disease",
	.doc = "Plant Disease, 38 classes",
	.disk = "train/CLASS/* and valid/CLASS/* or test/CLASS/*; the split all joins them",
	.splits = "all train test",
	.score = "top1",
	.open = open_plant,
	AS_PATHS_READER,
};
