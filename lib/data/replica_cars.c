/* cars: names, boxes (from 1, ends included) and labels (from 1) in MATLAB files; that of the test images has no labels, but
 * a second one beside the devkit has. Many people have class folders instead; there a dash is where a name has a slash. */
#include "data/lay.h"
#include "data/synth_mat.h"

/* ---- as the archives have it ---- */

static void put_names(struct as_lay *lay)
{
	struct as_mat m = {0};
	as_mat_head(&m);
	size_t at = as_mat_cells(&m, "class_names", 1, lay->ask.classes);
	for (int c = 0; c < lay->ask.classes; c++)
		as_mat_text(&m, "", lay->class_name[c].text);
	as_mat_end(&m, at);
	as_lay_mat(lay, "devkit/cars_meta.mat", &m);
}

static void put_number(struct as_mat *m, int number)
{
	as_mat_numbers(m, "", 1, 1, (const int32_t[]){number});
}

static void put_annotations(struct as_lay *lay, const char *path, enum as_part part, bool labels)
{
	static const char *const with[] = {"bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class", "fname", NULL};
	static const char *const without[] = {"bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "fname", NULL};
	struct as_mat m = {0};
	struct as_shot *s;
	int n = lay->ask.classes * (part == AS_PART_TRAIN ? lay->ask.train : lay->ask.test);
	as_mat_head(&m);
	size_t at = as_mat_structs(&m, "annotations", 1, n, labels ? with : without);
	for (int i = 0; (s = as_lay_next(lay, &i, part));) {
		const struct as_synth_box *b = &s->box[0];
		put_number(&m, b->left + 1);
		put_number(&m, b->top + 1);
		put_number(&m, b->left + b->width);
		put_number(&m, b->top + b->height);
		if (labels)
			put_number(&m, s->label + 1);
		as_mat_text(&m, "", s->name);
	}
	as_mat_end(&m, at);
	as_lay_mat(lay, path, &m);
}

static void write_images(struct as_lay *lay, enum as_part part, const char *folder)
{
	struct as_shot *s;
	int number = 0;
	for (int i = 0; (s = as_lay_next(lay, &i, part));) {
		as_lay_name(lay, s, "%05d.jpg", ++number);
		as_lay_image(lay, s, "%s/%s", folder, s->name);
	}
}

static void write_cars(struct as_lay *lay)
{
	as_lay_shuffle(lay);
	write_images(lay, AS_PART_TRAIN, "cars_train");
	write_images(lay, AS_PART_TEST, "cars_test");
	put_names(lay);
	put_annotations(lay, "devkit/cars_train_annos.mat", AS_PART_TRAIN, true);
	put_annotations(lay, "devkit/cars_test_annos.mat", AS_PART_TEST, false);
	put_annotations(lay, "cars_test_annos_withlabels.mat", AS_PART_TEST, true);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"AM General Hummer SUV 2000", "Acura RL Sedan 2012", "BMW M3 Coupe 2012",
				    "Ram C/V Cargo Van Minivan 2012", "smart fortwo Convertible 2012", NULL};

const struct as_replica as_replica_cars = {
	.name = "cars", .set = "cars", .folder = "",
	.doc = "{cars_train,cars_test}/*.jpg, devkit/{cars_meta,cars_train_annos,cars_test_annos}.mat, cars_test_annos_withlabels.mat",
	.most = 500, .boxes = true, .odd = AS_ODD_GREY, .names = names, .more = "Volvo 240 Sedan 1", .write = write_cars,
};

/* ---- as folders ---- */

static void write_folders(struct as_lay *lay)
{
	struct as_shot *s;
	as_lay_shuffle(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		as_lay_name(lay, s, "%s/%05d.jpg", lay->class_name[s->label].text, i);
		as_lay_image(lay, s, "%s/%s", s->part == AS_PART_TRAIN ? "train" : "test", s->name);
	}
	as_lay_sort(lay);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const folders[] = {"AM General Hummer SUV 2000", "Acura RL Sedan 2012", "BMW M3 Coupe 2012",
				      "Ram C-V Cargo Van Minivan 2012", "smart fortwo Convertible 2012", NULL};

const struct as_replica as_replica_cars_folders = {
	.name = "cars-folders", .set = "cars", .folder = "", .doc = "train/CLASS/*.jpg, test/CLASS/*.jpg",
	.most = 500, .sorted = true, .odd = AS_ODD_GREY, .names = folders, .more = "Volvo 240 Sedan 1", .write = write_folders,
};
