/* flowers102: numbered images, whose labels, from 1, and splits are in MATLAB files. The authors' release read folders
 * instead, whose names are numbers: the classes are in the order of their bytes, 1, 10, 100, 101, 102, 11. */
#include <stdlib.h>

#include "data/lay.h"
#include "data/synth_mat.h"

/* ---- as the archive has it ---- */

/* Images have numbers from 1 in a mixed order; lists have them class by class, so no list is sorted. */
static void write_images(struct as_lay *lay, int32_t *label)
{
	struct as_shot *s;
	as_lay_shuffle(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		label[i - 1] = s->label + 1;
		as_lay_name(lay, s, "%05d", i);
		as_lay_image(lay, s, "jpg/image_%s.jpg", s->name);
	}
	as_lay_sort(lay);
}

static void put_ids(struct as_lay *lay, struct as_mat *m, const char *name, enum as_part part, int32_t *id)
{
	struct as_shot *s;
	int n = 0;
	for (int i = 0; (s = as_lay_next(lay, &i, part));)
		id[n++] = (int32_t)strtol(s->name, NULL, 10);
	as_mat_numbers(m, name, 1, n, id);
}

static void write_flowers(struct as_lay *lay)
{
	struct as_mat labels = {0}, ids = {0};
	int32_t *number = calloc((size_t)lay->shots, sizeof *number);
	if (!number) {
		as_lay_fail(lay, as_fail(lay->err, AS_EMEM, "memory: no room for labels"));
		return;
	}
	write_images(lay, number);
	as_mat_head(&labels);
	as_mat_numbers(&labels, "labels", 1, lay->shots, number);
	as_lay_mat(lay, "imagelabels.mat", &labels);
	as_mat_head(&ids);
	put_ids(lay, &ids, "trnid", AS_PART_TRAIN, number);
	put_ids(lay, &ids, "valid", AS_PART_VAL, number);
	put_ids(lay, &ids, "tstid", AS_PART_TEST, number);
	as_lay_mat(lay, "setid.mat", &ids);
	free(number);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "val", AS_PART_VAL);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

/* ---- as folders ---- */

static void write_folders(struct as_lay *lay)
{
	struct as_shot *s;
	as_lay_shuffle(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		const char *folder = s->part == AS_PART_TRAIN ? "trn" : s->part == AS_PART_VAL ? "val" : "tst";
		as_lay_name(lay, s, "image_%05d.jpg", i);
		as_lay_image(lay, s, "%s/%s/%s", folder, lay->class_name[s->label].text, s->name);
	}
	as_lay_sort(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "val", AS_PART_VAL);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

#define TEN(d) d "0", d "1", d "2", d "3", d "4", d "5", d "6", d "7", d "8", d "9"
static const char *const numbers[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", TEN("1"), TEN("2"), TEN("3"), TEN("4"), TEN("5"),
				      TEN("6"), TEN("7"), TEN("8"), TEN("9"), "100", "101", "102", NULL};

const struct as_replica as_replica_flowers102 = {
	.name = "flowers102", .set = "flowers102", .folder = "", .doc = "jpg/image_00001.jpg, imagelabels.mat, setid.mat",
	.train = 20, .most = 102, .halves = true, .names = numbers, .write = write_flowers,
};

const struct as_replica as_replica_flowers102_folders = {
	.name = "flowers102-folders", .set = "flowers102", .folder = "", .doc = "{trn,val,tst}/NUMBER/*.jpg",
	.classes = 11, .train = 20, .most = 102, .sorted = true, .halves = true, .names = numbers, .write = write_folders,
};
