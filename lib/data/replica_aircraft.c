/* aircraft: images by ids that begin with zeros; lists of an id and a name that holds blanks and slashes. The classes
 * are in the order of variants.txt. Boxes are from 1, ends included. */
#include "data/lay.h"

static void put_list(struct as_lay *lay, const char *split, unsigned parts)
{
	struct as_newfile file;
	struct as_shot *s;
	as_lay_open(lay, &file, "data/images_variant_%s.txt", split);
	for (int i = 0; (s = as_lay_next(lay, &i, parts));)
		as_lay_put(&file, "%s %s\n", s->name, lay->class_name[s->label].text);
	as_lay_close(lay, &file);
}

static void put_boxes(struct as_lay *lay)
{
	struct as_newfile file;
	struct as_shot *s;
	as_lay_open(lay, &file, "data/images_box.txt");
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		const struct as_synth_box *b = &s->box[0];
		as_lay_put(&file, "%s %d %d %d %d\n", s->name, b->left + 1, b->top + 1, b->left + b->width, b->top + b->height);
	}
	as_lay_close(lay, &file);
}

static void write_aircraft(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		as_lay_name(lay, s, "%07d", (int)((34309 + 7919 * s->id) % 10000000));
		as_lay_image(lay, s, "data/images/%s.jpg", s->name);
	}
	as_lay_classes(lay, "data/variants.txt");
	put_list(lay, "train", AS_PART_TRAIN);
	put_list(lay, "val", AS_PART_VAL);
	put_list(lay, "trainval", AS_PART_TRAINVAL);
	put_list(lay, "test", AS_PART_TEST);
	put_boxes(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "val", AS_PART_VAL);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"707-320", "727-200", "A300B4", "F/A-18", "DHC-8-100", "DH-82", "Hawk T1", "PA-28", NULL};

const struct as_replica as_replica_aircraft = {
	.name = "aircraft", .set = "aircraft", .folder = "fgvc-aircraft-2013b",
	.doc = "data/images/ID.jpg, data/variants.txt, data/images_variant_{train,val,trainval,test}.txt, data/images_box.txt",
	.most = 500, .halves = true, .boxes = true, .names = names, .more = "Yak 4", .write = write_aircraft,
};
