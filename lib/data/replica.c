/* The table of replicas. A new one is a file with its descriptor and a line here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"
#include "data/lay.h"

/* In the order in which --list prints them. */
#define REPLICAS(X)             \
	X(cifar10)              \
	X(cifar100)             \
	X(fc100)                \
	X(stl10)                \
	X(food101)              \
	X(mit67)                \
	X(mit67_folders)        \
	X(pets)                 \
	X(flowers102)           \
	X(flowers102_folders)   \
	X(caltech101)           \
	X(cars)                 \
	X(cars_folders)         \
	X(aircraft)             \
	X(dtd)                  \
	X(sun397)               \
	X(cub200)               \
	X(dogs)                 \
	X(imagenet)             \
	X(imagenet100)          \
	X(plant_disease)        \
	X(voc)

#define DECLARE(name) extern const struct as_replica as_replica_##name;
REPLICAS(DECLARE)

#define POINT(name) &as_replica_##name,
const struct as_replica *const as_replicas[] = {REPLICAS(POINT) NULL};

static const char *name_at(int i)
{
	return as_replicas[i] ? as_replicas[i]->name : NULL;
}

const struct as_replica *as_replica_find(const char *name, struct as_error *err)
{
	int i = as_find("layout", name, name_at, err);
	return i < 0 ? NULL : as_replicas[i];
}

static int or_default(int asked, int own, int usual)
{
	return asked ? asked : own ? own : usual;
}

static int check(const struct as_replica *k, struct as_replica_ask *a, struct as_error *err)
{
	a->classes = or_default(a->classes, k->classes, 5);
	a->train = or_default(a->train, k->train, 12);
	a->test = or_default(a->test, k->test, 8);
	a->side = k->side ? k->side : or_default(a->side, 0, 40);
	if (a->classes < 2 || a->classes > k->most)
		return as_fail(err, AS_EARG, "%s: %d classes, where 2 to %d can be written", k->name, a->classes, k->most);
	if (a->train < 2 || a->train > 10000 || a->test < 2 || a->test > 10000)
		return as_fail(err, AS_EARG, "%s: %d and %d images of a class, where 2 to 10000 can be written", k->name,
			       a->train, a->test);
	if (a->side < 16 || a->side > 512)
		return as_fail(err, AS_EARG, "%s: images of %d pixels, where 16 to 512 can be written", k->name, a->side);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct as_class_name *)a)->text, ((const struct as_class_name *)b)->text);
}

static void name_classes(struct as_lay *lay)
{
	const struct as_replica *k = lay->kind;
	bool listed = true;
	for (int c = 0; c < lay->ask.classes; c++) {
		listed = listed && k->names[c];
		if (listed)
			snprintf(lay->class_name[c].text, sizeof lay->class_name[c].text, "%s", k->names[c]);
		else
			snprintf(lay->class_name[c].text, sizeof lay->class_name[c].text, "%s%03d", k->more, c + 1);
	}
	for (int i = 0; i < lay->others; i++)
		snprintf(lay->class_name[lay->ask.classes + i].text, sizeof lay->class_name[0].text, "%s", k->others[i]);
	if (k->sorted)
		qsort(lay->class_name, (size_t)lay->ask.classes, sizeof *lay->class_name, compare_names);
}

/* The parts of a class are mixed, so that no image's number tells its part. */
static void plan_class(struct as_lay *lay, int class, enum as_part *part)
{
	const struct as_replica_ask *a = &lay->ask;
	struct as_rng r = as_lay_rng(lay, (uint64_t)class);
	int n = a->train + a->test, val = lay->kind->halves ? a->train / 2 : 0;
	for (int i = 0; i < n; i++)
		part[i] = class >= a->classes ? AS_PART_OTHER : i < val ? AS_PART_VAL : i < a->train ? AS_PART_TRAIN : AS_PART_TEST;
	for (int i = n - 1; i > 0; i--) {
		int j = (int)as_rng_below(&r, (uint64_t)i + 1);
		enum as_part p = part[i];
		part[i] = part[j];
		part[j] = p;
	}
	for (int i = 0; i < n; i++)
		as_lay_add(lay, class, i + 1, part[i]);
}

static int prepare(struct as_lay *lay)
{
	size_t side = (size_t)lay->ask.side * 5 / 4 + 1;
	while (lay->kind->others && lay->kind->others[lay->others])
		lay->others++;
	int classes = lay->ask.classes + lay->others;
	enum as_part *part = malloc((size_t)(lay->ask.train + lay->ask.test) * sizeof *part);
	lay->class_name = calloc((size_t)classes, sizeof *lay->class_name);
	lay->canvas = malloc(3 * side * side);
	lay->pixels = malloc(4 * side * side);
	if (part && lay->class_name && lay->canvas && lay->pixels) {
		name_classes(lay);
		for (int c = 0; c < classes; c++)
			plan_class(lay, c, part);
	} else {
		as_lay_fail(lay, as_fail(lay->err, AS_EMEM, "memory: no room for a set"));
	}
	free(part);
	return lay->failed;
}

static void write_set(struct as_lay *lay, const char *facts)
{
	as_lay_root(lay); /* in which `facts` may be */
	if (facts && !lay->failed)
		as_lay_fail(lay, as_newfile_open(&lay->facts, facts, lay->err));
	if (lay->failed)
		return;
	as_lay_put(&lay->facts, "split\tname\tclass\tclass_name\tboxes\n");
	lay->kind->write(lay);
	as_lay_close(lay, &lay->facts);
}

int as_replica_write(const struct as_replica *k, const struct as_replica_ask *ask, const char *dir, const char *facts,
		    struct as_error *err)
{
	struct as_lay lay = {.kind = k, .ask = *ask, .err = err};
	if (check(k, &lay.ask, err))
		return AS_EARG;
	if (snprintf(lay.root, sizeof lay.root, "%s%s%s", dir, *k->folder ? "/" : "", k->folder) >= (int)sizeof lay.root)
		return as_fail(err, AS_EARG, "%.200s...: too long a path", dir);
	if (!prepare(&lay))
		write_set(&lay, facts);
	free(lay.class_name);
	free(lay.shot);
	free(lay.canvas);
	free(lay.pixels);
	return lay.failed;
}
