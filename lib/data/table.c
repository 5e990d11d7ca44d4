/* The table of datasets. A new one is a file with its descriptor and a line here. */
#include <stddef.h>

#include "base/text.h"
#include "data/dataset.h"

/* In the order in which --list prints them. */
#define DATASETS(X)         \
	X(cifar10)          \
	X(cifar100)         \
	X(cifar100_coarse)  \
	X(stl10)            \
	X(food101)          \
	X(mit67)            \
	X(pets)             \
	X(flowers102)       \
	X(caltech101)       \
	X(cars)             \
	X(aircraft)         \
	X(dtd)              \
	X(sun397)           \
	X(cub200)           \
	X(dogs)             \
	X(imagenet)         \
	X(imagenet100)      \
	X(fc100)            \
	X(plant_disease)    \
	X(voc)              \
	X(folder)           \
	X(tree)             \
	X(list)             \
	X(files)            \
	X(tar)              \
	X(stream)

#define DECLARE(name) extern const struct as_dataset as_data_##name;
DATASETS(DECLARE)

#define POINT(name) &as_data_##name,
const struct as_dataset *const as_datasets[] = {DATASETS(POINT) NULL};

static const char *name_at(int i)
{
	return as_datasets[i] ? as_datasets[i]->name : NULL;
}

const struct as_dataset *as_dataset_find(const char *name, struct as_error *err)
{
	int i = as_find("dataset", name, name_at, err);
	return i < 0 ? NULL : as_datasets[i];
}
