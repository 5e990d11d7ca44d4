/* dogs: folders of a wnid and a name; lists of paths and of labels, from 1, in MATLAB files; a PNG with transparency is
 * called .jpg. */
#include <stdlib.h>

#include "data/lay.h"
#include "data/synth_mat.h"

/* The paths, or those of the boxes' files, which have no ending. */
static void put_paths(struct as_lay *lay, struct as_mat *m, const char *name, enum as_part part, int n, const char *ending)
{
	size_t at = as_mat_cells(m, name, n, 1);
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, part));) {
		char path[sizeof s->name + 8];
		snprintf(path, sizeof path, "%s%s", s->name, ending);
		as_mat_text(m, "", path);
	}
	as_mat_end(m, at);
}

static void put_list(struct as_lay *lay, const char *path, enum as_part part)
{
	struct as_mat m = {0};
	struct as_shot *s;
	int n = 0;
	int32_t *label = calloc((size_t)lay->shots, sizeof *label);
	if (!label) {
		as_lay_fail(lay, as_fail(lay->err, AS_EMEM, "memory: no room for labels"));
		return;
	}
	for (int i = 0; (s = as_lay_next(lay, &i, part));)
		label[n++] = s->label + 1;
	as_mat_head(&m);
	put_paths(lay, &m, "file_list", part, n, ".jpg");
	put_paths(lay, &m, "annotation_list", part, n, "");
	as_mat_numbers(&m, "labels", n, 1, label);
	as_lay_mat(lay, path, &m);
	free(label);
}

static void write_dogs(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		const char *class = lay->class_name[s->label].text;
		as_lay_name(lay, s, "%s/%.9s_%d", class, class, s->number * 37 % 20011); /* a prime: no number twice */
		as_lay_image(lay, s, "Images/%s.jpg", s->name);
	}
	put_list(lay, "train_list.mat", AS_PART_TRAIN);
	put_list(lay, "test_list.mat", AS_PART_TEST);
	as_lay_facts(lay, "train", AS_PART_TRAIN);
	as_lay_facts(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"n02085620-Chihuahua", "n02085936-Maltese_dog", "n02094433-Yorkshire_terrier",
				    "n02107574-Greater_Swiss_Mountain_dog", "n02113624-toy_poodle", NULL};

const struct as_replica as_replica_dogs = {
	.name = "dogs", .set = "dogs", .folder = "", .doc = "Images/WNID-NAME/*.jpg, train_list.mat, test_list.mat",
	.train = 16, .most = 500, .sorted = true, .odd = AS_ODD_RGBA | AS_ODD_GREY, .names = names, .more = "n02116738-wild_dog_",
	.write = write_dogs,
};
