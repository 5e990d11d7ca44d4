/* CIFAR's binary files: cifar10, cifar100, and fc100, which is cifar100 seen by its coarse labels 0, 7, 12, 14. An image
 * is its labels, a byte each, then 32 x 32 bytes of red, green and blue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/lay.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, COARSE = 20, BATCHES = 5 };

static void put_planes(struct as_lay *lay, struct as_newfile *file, const struct as_shot *s)
{
	const uint8_t *rgb = as_lay_pixels(lay, s);
	uint8_t planes[3 * PIXELS];
	for (int i = 0; rgb && i < 3 * PIXELS; i++)
		planes[i % 3 * PIXELS + i / 3] = rgb[i];
	if (rgb)
		as_lay_bytes(file, planes, sizeof planes);
}

/* ---- cifar10 ---- */

static void put_batch(struct as_lay *lay, const char *name, int *at, int count, enum as_part part, int first)
{
	struct as_newfile file;
	struct as_shot *s;
	as_lay_open(lay, &file, "%s", name);
	for (int i = 0; i < count && (s = as_lay_next(lay, at, part)); i++) {
		snprintf(s->path, sizeof s->path, "%d", first + i);
		as_lay_bytes(&file, &(uint8_t){(uint8_t)s->label}, 1);
		put_planes(lay, &file, s);
	}
	as_lay_close(lay, &file);
}

static void write_cifar10(struct as_lay *lay)
{
	int train = lay->ask.classes * lay->ask.train, at = 0;
	as_lay_shuffle(lay);
	as_lay_classes(lay, "batches.meta.txt");
	for (int b = 0; b < BATCHES; b++) {
		char name[32];
		int from = train * b / BATCHES, to = train * (b + 1) / BATCHES;
		snprintf(name, sizeof name, "data_batch_%d.bin", b + 1);
		put_batch(lay, name, &at, to - from, AS_PART_TRAIN, from);
	}
	at = 0;
	put_batch(lay, "test_batch.bin", &at, lay->ask.classes * lay->ask.test, AS_PART_TEST, 0);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const ten[] = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck", NULL};

const struct as_replica as_replica_cifar10 = {
	.name = "cifar10", .set = "cifar10", .folder = "cifar-10-batches-bin",
	.doc = "data_batch_1.bin to _5.bin, test_batch.bin, batches.meta.txt",
	.most = 10, .side = SIDE, .names = ten, .write = write_cifar10,
};

/* ---- cifar100 ---- */

static const char *const coarse_name[COARSE] = {
	"aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
	"household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things",
	"large_natural_outdoor_scenes", "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates",
	"people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
};

/* Class i has the coarse label i mod 20. */
static const char *const hundred[] = {
	"beaver", "aquarium_fish", "orchid", "bottle", "apple", "clock", "bed", "bee", "bear", "bridge",
	"cloud", "camel", "fox", "crab", "baby", "crocodile", "hamster", "maple_tree", "bicycle", "lawn_mower",
	"dolphin", "flatfish", "poppy", "bowl", "mushroom", "keyboard", "chair", "beetle", "leopard", "castle",
	"forest", "cattle", "porcupine", "lobster", "boy", "dinosaur", "mouse", "oak_tree", "bus", "rocket",
	"otter", "ray", "rose", "can", "orange", "lamp", "couch", "butterfly", "lion", "house",
	"mountain", "chimpanzee", "possum", "snail", "girl", "lizard", "rabbit", "palm_tree", "motorcycle", "streetcar",
	"seal", "shark", "sunflower", "cup", "pear", "telephone", "table", "caterpillar", "tiger", "road",
	"plain", "elephant", "raccoon", "spider", "man", "snake", "shrew", "pine_tree", "pickup_truck", "tank",
	"whale", "trout", "tulip", "plate", "sweet_pepper", "television", "wardrobe", "cockroach", "wolf", "skyscraper",
	"sea", "kangaroo", "skunk", "worm", "woman", "turtle", "squirrel", "willow_tree", "train", "tractor", NULL,
};

static uint8_t coarse_of(const char *fine)
{
	int i = 0;
	while (hundred[i] && strcmp(hundred[i], fine))
		i++;
	return (uint8_t)(i % COARSE);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The fine label of each class: its place among all names, also those that are no class here. */
static int number_fine(struct as_lay *lay, const char **name, uint8_t *fine)
{
	int n = lay->ask.classes + lay->others;
	for (int c = 0; c < n; c++)
		name[c] = lay->class_name[c].text;
	qsort(name, (size_t)n, sizeof *name, compare_texts);
	for (int c = 0; c < n; c++)
		for (int k = 0; k < n; k++)
			if (!strcmp(name[k], lay->class_name[c].text))
				fine[c] = (uint8_t)k;
	return n;
}

/* Numbers the file's images from `first`; returns the number after the last. */
static int put_hundred(struct as_lay *lay, const char *path, unsigned parts, const uint8_t *fine, int first)
{
	struct as_newfile file;
	struct as_shot *s;
	as_lay_open(lay, &file, "%s", path);
	for (int i = 0; (s = as_lay_next(lay, &i, parts));) {
		snprintf(s->path, sizeof s->path, "%d", first++);
		as_lay_bytes(&file, (uint8_t[]){coarse_of(lay->class_name[s->label].text), fine[s->label]}, 2);
		put_planes(lay, &file, s);
	}
	as_lay_close(lay, &file);
	return first;
}

static void write_names(struct as_lay *lay, const char *path, const char *const *name, int n)
{
	struct as_newfile file;
	as_lay_open(lay, &file, "%s", path);
	for (int i = 0; i < n; i++)
		as_lay_put(&file, "%s\n", name[i]);
	as_lay_close(lay, &file);
}

/* The images of no class (fc100's other coarse labels) are in the train file. */
static void write_files(struct as_lay *lay, bool joined)
{
	const char *name[128];
	uint8_t fine[128];
	int n = number_fine(lay, name, fine);
	as_lay_shuffle(lay);
	write_names(lay, "fine_label_names.txt", name, n);
	write_names(lay, "coarse_label_names.txt", coarse_name, COARSE);
	int end = put_hundred(lay, "train.bin", AS_PART_TRAIN | AS_PART_OTHER, fine, 0);
	put_hundred(lay, "test.bin", AS_PART_TEST, fine, joined ? end : 0);
}

static void write_cifar100(struct as_lay *lay)
{
	write_files(lay, false);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

const struct as_replica as_replica_cifar100 = {
	.name = "cifar100", .set = "cifar100", .folder = "cifar-100-binary",
	.doc = "train.bin, test.bin, fine_label_names.txt, coarse_label_names.txt",
	.most = 100, .side = SIDE, .sorted = true, .names = hundred, .write = write_cifar100,
};

/* ---- fc100 ---- */

/* An image's index counts on through train.bin and test.bin. */
static void write_fc100(struct as_lay *lay)
{
	write_files(lay, true);
	as_lay_facts(lay, "all", AS_PART_TRAIN);
	as_lay_facts(lay, "all", AS_PART_TEST);
}

static const char *const few[] = {
	"beaver", "bee", "fox", "baby", "dolphin", "beetle", "porcupine", "boy", "otter", "butterfly", "possum", "girl",
	"seal", "caterpillar", "raccoon", "man", "whale", "cockroach", "skunk", "woman", NULL,
};
static const char *const others[] = {"aquarium_fish", "bear", "crab", "hamster", "tractor", NULL};

const struct as_replica as_replica_fc100 = {
	.name = "fc100", .set = "fc100", .folder = "cifar-100-binary",
	.doc = "cifar100's files: 20 classes of the coarse labels 0, 7, 12, 14, and 5 of others",
	.classes = 20, .train = 14, .most = 20, .side = SIDE, .sorted = true, .names = few, .others = others,
	.write = write_fc100,
};
