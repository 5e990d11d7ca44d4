/* stl10: planes of 96 x 96 bytes, red, green, blue, each by columns: byte 96 x + y is the pixel of row y, column x. Labels
 * are bytes from 1; the unlabelled images have none. */
#include <stdio.h>

#include "base/rng.h"
#include "data/lay.h"

enum { SIDE = 96, PIXELS = SIDE * SIDE, FOLDS = 10, FOLD_ORDER = 1 << 20 };

static void put_images(struct as_lay *lay, const char *path, unsigned part)
{
	struct as_newfile file;
	struct as_shot *s;
	uint8_t planes[3 * PIXELS];
	int number = 0;
	as_lay_open(lay, &file, "%s", path);
	for (int i = 0; (s = as_lay_next(lay, &i, part));) {
		const uint8_t *rgb = as_lay_pixels(lay, s);
		snprintf(s->path, sizeof s->path, "%d", number++);
		for (int k = 0; k < 3 * PIXELS; k++) {
			int plane = k / PIXELS, x = k % PIXELS / SIDE, y = k % SIDE;
			planes[k] = rgb[3 * (y * SIDE + x) + plane];
		}
		as_lay_bytes(&file, planes, sizeof planes);
	}
	as_lay_close(lay, &file);
}

static void put_labels(struct as_lay *lay, const char *path, unsigned part)
{
	struct as_newfile file;
	struct as_shot *s;
	as_lay_open(lay, &file, "%s", path);
	for (int i = 0; (s = as_lay_next(lay, &i, part));)
		as_lay_bytes(&file, &(uint8_t){(uint8_t)(s->label + 1)}, 1);
	as_lay_close(lay, &file);
}

/* Ten lines of a fifth of the training images each, from 0, in ascending order. */
static void put_folds(struct as_lay *lay)
{
	int n = lay->ask.classes * lay->ask.train, want = n / 5;
	struct as_newfile file;
	as_lay_open(lay, &file, "fold_indices.txt");
	for (int f = 0; f < FOLDS; f++) {
		struct as_rng r = as_lay_rng(lay, (uint64_t)(FOLD_ORDER + f));
		for (int i = 0, left = want; i < n; i++)
			if (as_rng_below(&r, (uint64_t)(n - i)) < (uint64_t)left) {
				as_lay_put(&file, "%d ", i);
				left--;
			}
		as_lay_put(&file, "\n");
	}
	as_lay_close(lay, &file);
}

static void write_stl10(struct as_lay *lay)
{
	struct as_rng r = as_lay_rng(lay, FOLD_ORDER - 1);
	struct as_shot *s;
	as_lay_shuffle(lay);
	for (int i = 2 * lay->ask.classes * lay->ask.train; i > 0; i--)
		as_lay_add(lay, (int)as_rng_below(&r, (uint64_t)lay->ask.classes), 0, AS_PART_OTHER);
	as_lay_classes(lay, "class_names.txt");
	put_images(lay, "train_X.bin", AS_PART_TRAIN);
	put_labels(lay, "train_y.bin", AS_PART_TRAIN);
	put_images(lay, "test_X.bin", AS_PART_TEST);
	put_labels(lay, "test_y.bin", AS_PART_TEST);
	put_images(lay, "unlabeled_X.bin", AS_PART_OTHER);
	put_folds(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_OTHER));)
		as_lay_fact(lay, "unlabeled", s->path, -1, "", NULL);
}

static const char *const names[] = {"airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck", NULL};

const struct as_replica as_replica_stl10 = {
	.name = "stl10", .set = "stl10", .folder = "stl10_binary",
	.doc = "train_X.bin, train_y.bin, test_X.bin, test_y.bin, unlabeled_X.bin, class_names.txt, fold_indices.txt",
	.most = 10, .side = SIDE, .names = names, .write = write_stl10,
};
