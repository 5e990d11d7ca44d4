/* sun397: classes are paths of two or three levels, and one may begin like another: /b/bar, /b/barn. */
#include "data/lay.h"

static void write_sun397(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		as_lay_name(lay, s, "%s/sun_a%c%05d.jpg", lay->class_name[s->label].text, 'a' + (int)(s->id * 7 % 26), s->number);
		as_lay_image(lay, s, "%s", s->name + 1);
	}
	as_lay_classes(lay, "ClassName.txt");
	as_lay_list(lay, "Training_01.txt", AS_PART_TRAIN, "", "", AS_END_LINE);
	as_lay_list(lay, "Testing_01.txt", AS_PART_TEST, "", "", AS_END_LINE);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"/a/abbey", "/a/apartment_building/outdoor", "/b/bar", "/b/barn",
				    "/b/bow_window/indoor", "/b/bow_window/outdoor", "/y/youth_hostel", NULL};

const struct as_replica as_replica_sun397 = {
	.name = "sun397", .set = "sun397", .folder = "SUN397",
	.doc = "a/abbey/*.jpg (some with a third level), ClassName.txt, Training_01.txt, Testing_01.txt",
	.train = 16, .most = 500, .odd = AS_ODD_PNG | AS_ODD_GREY, .names = names, .more = "/z/zoo_", .write = write_sun397,
};
