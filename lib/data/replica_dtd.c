/* dtd: ten splits of the same images into thirds; the first is the one that is used. */
#include "data/lay.h"

enum { SPLITS = 10 };

/* Split k moves the numbers of a class round by k - 1: in the first an image is where its part says. */
static enum as_part part_in(const struct as_lay *lay, const struct as_shot *s, int split)
{
	int n = lay->ask.train + lay->ask.test;
	return lay->shot[s->label * n + (s->number - 1 + split - 1) % n].part;
}

static void put_list(struct as_lay *lay, const char *name, enum as_part part)
{
	for (int k = 1; k <= SPLITS; k++) {
		struct as_newfile file;
		struct as_shot *s;
		as_lay_open(lay, &file, "labels/%s%d.txt", name, k);
		for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));)
			if (part_in(lay, s, k) == part)
				as_lay_put(&file, "%s\n", s->name);
		as_lay_close(lay, &file);
	}
	as_lay_facts(lay, name, part);
}

static void write_dtd(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		const char *class = lay->class_name[s->label].text;
		as_lay_name(lay, s, "%s/%s_%04d.jpg", class, class, s->number);
		as_lay_image(lay, s, "images/%s", s->name);
	}
	put_list(lay, "train", AS_PART_TRAIN);
	put_list(lay, "val", AS_PART_VAL);
	put_list(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"banded", "blotchy", "cobwebbed", "polka-dotted", "zigzagged", NULL};

const struct as_replica as_replica_dtd = {
	.name = "dtd", .set = "dtd", .folder = "dtd", .doc = "images/CLASS/*.jpg, labels/{train,val,test}{1..10}.txt",
	.most = 500, .sorted = true, .halves = true, .odd = AS_ODD_GREY, .names = names, .more = "woven_", .write = write_dtd,
};
