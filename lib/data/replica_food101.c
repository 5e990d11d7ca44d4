/* food101: lists of class/id as lines and as JSON. The classes are in the order of classes.txt, which is not that of
 * their bytes; the JSON has them in any order. */
#include <ctype.h>

#include "base/rng.h"
#include "data/lay.h"

enum { HASH_ORDER = 1 << 20 };

/* "apple_pie": "Apple pie". */
static void put_labels(struct as_lay *lay)
{
	struct as_newfile file;
	as_lay_open(lay, &file, "meta/labels.txt");
	for (int c = 0; c < lay->ask.classes; c++) {
		const char *text = lay->class_name[c].text;
		for (int i = 0; text[i]; i++)
			as_lay_put(&file, "%c", !i ? toupper((unsigned char)text[i]) : text[i] == '_' ? ' ' : text[i]);
		as_lay_put(&file, "\n");
	}
	as_lay_close(lay, &file);
}

/* Begins with the class in the middle and goes round: no order that a reader might take for the classes'. */
static void put_json(struct as_lay *lay, const char *path, unsigned part)
{
	struct as_newfile file;
	as_lay_open(lay, &file, "%s", path);
	for (int c = 0; c < lay->ask.classes; c++) {
		int class = (c + lay->ask.classes / 2) % lay->ask.classes;
		const char *before = "";
		struct as_shot *s;
		as_lay_put(&file, "%s\"%s\": [", c ? ", " : "{", lay->class_name[class].text);
		for (int i = 0; (s = as_lay_next(lay, &i, part));) {
			if (s->label != class)
				continue;
			as_lay_put(&file, "%s\"%s\"", before, s->name);
			before = ", ";
		}
		as_lay_put(&file, "]");
	}
	as_lay_put(&file, "}");
	as_lay_close(lay, &file);
}

static void write_food101(struct as_lay *lay)
{
	struct as_shot *s;
	struct as_rng r = as_lay_rng(lay, HASH_ORDER);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));)
		as_lay_name(lay, s, "%s/%d", lay->class_name[s->label].text, 10 * s->number * (1 + 1000 * (int)as_rng_below(&r, 300)));
	as_lay_sort(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));)
		as_lay_image(lay, s, "images/%s.jpg", s->name);
	as_lay_classes(lay, "meta/classes.txt");
	put_labels(lay);
	as_lay_list(lay, "meta/train.txt", AS_PART_TRAIN, "", "", AS_END_LINE);
	as_lay_list(lay, "meta/test.txt", AS_PART_TEST, "", "", AS_END_LINE);
	put_json(lay, "meta/train.json", AS_PART_TRAIN);
	put_json(lay, "meta/test.json", AS_PART_TEST);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"apple_pie", "beet_salad", "cheesecake", "cheese_plate", "creme_brulee", "waffles", NULL};

const struct as_replica as_replica_food101 = {
	.name = "food101", .set = "food101", .folder = "food-101",
	.doc = "images/CLASS/ID.jpg, meta/{classes,labels,train,test}.txt, meta/{train,test}.json",
	.most = 500, .names = names, .more = "yakisoba_", .write = write_food101,
};
