/* cub200: lists of a number and a value; the images of a class are not sorted by name; boxes x y width height from 0,
 * with one decimal. */
#include <stdio.h>
#include <string.h>

#include "data/lay.h"

/* "001.Black_footed_Albatross": the part behind the number is in the images' names. */
static void name_shots(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		const char *class = lay->class_name[s->label].text;
		as_lay_name(lay, s, "%03d.%s/%s_%04d_%d.jpg", s->label + 1, class, class, s->number * 37 % 101, (int)s->id + 18);
		as_lay_image(lay, s, "images/%s", s->name);
	}
}

static void put_numbers(struct as_lay *lay)
{
	static const char *const path[] = {"images.txt", "image_class_labels.txt", "train_test_split.txt", "bounding_boxes.txt"};
	struct as_newfile file[4];
	struct as_shot *s;
	for (int i = 0; i < 4; i++)
		as_lay_open(lay, &file[i], "%s", path[i]);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		const struct as_synth_box *b = &s->box[0];
		as_lay_put(&file[0], "%d %s\n", i, s->name); /* i is one behind: it counts from 1 */
		as_lay_put(&file[1], "%d %d\n", i, s->label + 1);
		as_lay_put(&file[2], "%d %d\n", i, s->part == AS_PART_TRAIN);
		as_lay_put(&file[3], "%d %d.0 %d.0 %d.0 %d.0\n", i, b->left, b->top, b->width, b->height);
	}
	for (int i = 0; i < 4; i++)
		as_lay_close(lay, &file[i]);
}

/* In the order of images.txt, which mixes train and test: all lines are the whole set. */
static void put_facts(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		char class[96];
		snprintf(class, sizeof class, "%03d.%s", s->label + 1, lay->class_name[s->label].text);
		as_lay_fact(lay, s->part == AS_PART_TRAIN ? "train" : "test", s->path, s->label, class, s);
	}
}

static void write_cub200(struct as_lay *lay)
{
	struct as_newfile file;
	name_shots(lay);
	as_lay_open(lay, &file, "classes.txt");
	for (int c = 0; c < lay->ask.classes; c++)
		as_lay_put(&file, "%d %03d.%s\n", c + 1, c + 1, lay->class_name[c].text);
	as_lay_close(lay, &file);
	put_numbers(lay);
	put_facts(lay);
}

static const char *const names[] = {"Black_footed_Albatross", "Laysan_Albatross", "Groove_billed_Ani", "Brewer_Blackbird",
				    "Chuck_will_Widow", "Common_Yellowthroat", NULL};

const struct as_replica as_replica_cub200 = {
	.name = "cub200", .set = "cub200", .folder = "CUB_200_2011",
	.doc = "images/001.CLASS/*.jpg, images.txt, image_class_labels.txt, train_test_split.txt, bounding_boxes.txt, classes.txt",
	.train = 14, .most = 500, .boxes = true, .odd = AS_ODD_GREY, .names = names, .more = "Wren_", .write = write_cub200,
};
