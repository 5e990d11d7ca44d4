/* imagenet: folders of .JPEG files, of which one is a PNG and some are CMYK. imagenet100: the same with more folders than
 * classes, and a list of classes that is not sorted: the label is the line. */
#include "data/lay.h"

/* Of the test part is made val: one number for all its images. */
static void write_images(struct as_lay *lay)
{
	struct as_shot *s;
	int val = 0;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED | AS_PART_OTHER));) {
		const char *wnid = lay->class_name[s->label].text;
		if (s->part == AS_PART_TEST || (s->part == AS_PART_OTHER && s->number % 3 == 0))
			as_lay_name(lay, s, "val/%s/ILSVRC2012_val_%08d.JPEG", wnid, ++val);
		else
			as_lay_name(lay, s, "train/%s/%s_%d.JPEG", wnid, wnid, 11 * s->number);
		as_lay_image(lay, s, "%s", s->name);
	}
	as_lay_sort(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "val", AS_PART_TEST);
}

static void write_hundred(struct as_lay *lay)
{
	as_lay_classes(lay, "imagenet100.txt");
	write_images(lay);
}

static const char *const sorted[] = {"n01440764", "n01443537", "n02085620", "n03085013", "n15075141", NULL};
static const char *const unsorted[] = {"n02869837", "n01749939", "n02488291", "n02107142", "n13037406", "n02091831", NULL};
static const char *const others[] = {"n01440764", "n02500000", NULL};

const struct as_replica as_replica_imagenet = {
	.name = "imagenet", .set = "imagenet", .folder = "", .doc = "train/WNID/*.JPEG, val/WNID/*.JPEG",
	.most = 500, .sorted = true, .odd = AS_ODD_PNG | AS_ODD_CMYK | AS_ODD_GREY, .names = sorted, .more = "n14000",
	.write = write_images,
};

const struct as_replica as_replica_imagenet100 = {
	.name = "imagenet100", .set = "imagenet100", .folder = "",
	.doc = "the same with two folders more, and imagenet100.txt: the classes, unsorted",
	.most = 500, .odd = AS_ODD_PNG | AS_ODD_CMYK | AS_ODD_GREY, .names = unsorted, .more = "n02099", .others = others,
	.write = write_hundred,
};
