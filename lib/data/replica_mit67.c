/* mit67: shuffled lists whose last line has no newline; names with blanks; a PNG behind .jpg. The authors' release read
 * folders instead, and numbered the images for its split as these are sorted: so do the facts of both. */
#include "data/lay.h"

static void name_shots(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));)
		as_lay_name(lay, s, "%s/%s%02d_%d_altavista.jpg", lay->class_name[s->label].text, s->number == 2 ? "hall room_" : "hall_",
			    s->number, 7 * s->number);
}

static void write_lists(struct as_lay *lay)
{
	struct as_shot *s;
	name_shots(lay);
	as_lay_shuffle(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));)
		as_lay_image(lay, s, "Images/%s", s->name);
	as_lay_list(lay, "TrainImages.txt", AS_PART_TRAIN, "", "", AS_END_OPEN);
	as_lay_list(lay, "TestImages.txt", AS_PART_TEST, "", "", AS_END_OPEN);
	as_lay_sort(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static void write_folders(struct as_lay *lay)
{
	struct as_shot *s;
	name_shots(lay);
	as_lay_sort(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));)
		as_lay_image(lay, s, "%s/%s", s->part == AS_PART_TRAIN ? "train" : "test", s->name);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"airport_inside", "artstudio", "church_inside", "prisoncell", "tv_studio", NULL};

const struct as_replica as_replica_mit67 = {
	.name = "mit67", .set = "mit67", .folder = "", .doc = "Images/CLASS/*.jpg, TrainImages.txt, TestImages.txt",
	.most = 500, .sorted = true, .odd = AS_ODD_PNG | AS_ODD_GREY, .names = names, .more = "warehouse_", .write = write_lists,
};

const struct as_replica as_replica_mit67_folders = {
	.name = "mit67-folders", .set = "mit67", .folder = "", .doc = "train/CLASS/*.jpg, test/CLASS/*.jpg",
	.most = 500, .sorted = true, .odd = AS_ODD_PNG | AS_ODD_GREY, .names = names, .more = "warehouse_", .write = write_folders,
};
