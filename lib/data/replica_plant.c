/* plant disease: folders whose names hold blanks, commas and brackets; the names of the images hold blanks, and end in
 * capitals. */
#include "data/lay.h"

static void write_plants(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		unsigned hash = (unsigned)s->id * 2654435761u;
		as_lay_name(lay, s, "%s/%08x-%04x___RS_HL %04d.JPG", lay->class_name[s->label].text, hash, hash >> 7 & 0xffff, s->number);
		as_lay_image(lay, s, "%s/%s", s->part == AS_PART_TRAIN ? "train" : "valid", s->name);
	}
	as_lay_sort(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "valid", AS_PART_TEST);
}

static const char *const names[] = {
	"Apple___Apple_scab", "Cherry_(including_sour)___healthy", "Corn_(maize)___Cercospora_leaf_spot Gray_leaf_spot",
	"Orange___Haunglongbing_(Citrus_greening)", "Pepper,_bell___Bacterial_spot", "Tomato___healthy", NULL,
};

const struct as_replica as_replica_plant_disease = {
	.name = "plant-disease", .set = "plant-disease", .folder = "", .doc = "train/CLASS/*.JPG, valid/CLASS/*.JPG",
	.train = 16, .test = 6, .most = 500, .sorted = true, .names = names, .more = "Vine___rot_", .write = write_plants,
};
