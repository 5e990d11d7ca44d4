/* caltech101: folders, of which one is no class; capitals come first. There are no lists. */
#include "data/lay.h"

static void write_caltech101(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED | AS_PART_OTHER));) {
		as_lay_name(lay, s, "%s/image_%04d.jpg", lay->class_name[s->label].text, s->number);
		as_lay_image(lay, s, "%s", s->name);
	}
	as_lay_facts(lay, "all", AS_PART_LISTED);
}

static const char *const names[] = {"Faces", "Faces_easy", "Leopards", "accordion", "wrench", NULL};
static const char *const others[] = {"BACKGROUND_Google", NULL};

const struct as_replica as_replica_caltech101 = {
	.name = "caltech101", .set = "caltech101", .folder = "101_ObjectCategories",
	.doc = "CLASS/image_0001.jpg, BACKGROUND_Google",
	.train = 30, .test = 6, .most = 500, .sorted = true, .odd = AS_ODD_GREY_MANY, .names = names, .more = "yin_yang_",
	.others = others, .write = write_caltech101,
};
