/* CUB-200-2011: lists of lines `ID VALUE`, an image or class to an id, and a box around each bird. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/boxes.h"
#include "data/published.h"

static const struct as_home home = {"CUB_200_2011", "images.txt",
				    "CUB_200_2011.tgz from https://www.vision.caltech.edu/datasets/cub_200_2011"};

enum { IMAGES, LABELS, TRAIN, BOXES, LISTS, MOST = 1 << 24 };
static const char *const files[LISTS] = {"images.txt", "image_class_labels.txt", "train_test_split.txt", "bounding_boxes.txt"};

/* Lines of a list by their ids. */
struct column {
	struct as_lines lines;
	int64_t *at; /* at[id]: the line; -1: none */
	int64_t top; /* ids are 1..top */
};

/* Cuts a line into its id and the rest. */
static int cut(const struct as_lines *l, int64_t i, int64_t *id, char **rest, struct as_error *err)
{
	char *text = l->line[i].text, number[16];
	size_t n = strcspn(text, " \t");
	snprintf(number, sizeof number, "%.*s", (int)n, text);
	if (n >= sizeof number || !text[n] || as_parse_i64(number, 1, MOST, id, NULL))
		return as_lines_fail(l, i, err, "'%.100s': lines are ID VALUE, ids are whole numbers from 1", text);
	*rest = text + n + strspn(text + n, " \t");
	return 0;
}

static int read_column(struct column *c, const char *folder, const char *file, struct as_error *err)
{
	int64_t id;
	char *rest;
	int rc = as_lines_read(&c->lines, folder, file, err);
	for (int64_t i = 0; i < c->lines.count && !rc; i++) {
		rc = cut(&c->lines, i, &id, &rest, err);
		c->top = !rc && id > c->top ? id : c->top;
	}
	c->at = rc ? NULL : malloc((size_t)(c->top + 1) * sizeof *c->at);
	if (!rc && !c->at)
		rc = as_fail(err, AS_EMEM, "memory: no room for %lld lines", (long long)c->top);
	for (int64_t i = 0; !rc && i <= c->top; i++)
		c->at[i] = -1;
	for (int64_t i = 0; i < c->lines.count && !rc; i++) {
		rc = cut(&c->lines, i, &id, &rest, err);
		if (!rc && c->at[id] >= 0)
			rc = as_lines_fail(&c->lines, i, err, "id %lld again, after line %u", (long long)id,
					   c->lines.line[c->at[id]].number);
		if (!rc)
			c->at[id] = i;
	}
	return rc;
}

/* What a list says of an id. */
static int value_of(const struct column *c, int64_t id, char **value, struct as_error *err)
{
	if (id > c->top || c->at[id] < 0)
		return as_fail(err, AS_EDATA, "%s: no line for image %lld of %s", c->lines.path, (long long)id, files[IMAGES]);
	return cut(&c->lines, c->at[id], &id, value, err);
}

static int number_of(const struct column *c, int64_t id, int64_t lo, int64_t hi, int64_t *out, struct as_error *err)
{
	struct as_error why;
	char *value;
	int rc = value_of(c, id, &value, err);
	if (!rc && as_parse_i64(value, lo, hi, out, &why))
		rc = as_lines_fail(&c->lines, c->at[id], err, "%s", why.text);
	return rc;
}

/* x y width height, in pixels from 0. */
static int add_box(struct as_boxed *b, const struct column *c, int64_t id, struct as_error *err)
{
	struct as_box box = {0};
	float *const at[4] = {&box.x, &box.y, &box.width, &box.height};
	char *text;
	int rc = value_of(c, id, &text, err);
	for (int i = 0; i < 4 && !rc; i++) {
		char number[32];
		double x;
		size_t n = strcspn(text, " \t");
		snprintf(number, sizeof number, "%.*s", (int)n, text);
		if (n >= sizeof number || as_parse_f64(number, -1e6, 1e6, &x, NULL))
			rc = as_lines_fail(&c->lines, c->at[id], err, "lines are ID X Y WIDTH HEIGHT");
		else
			*at[i] = (float)x;
		text += n + strspn(text + n, " \t");
	}
	if (!rc && *text)
		rc = as_lines_fail(&c->lines, c->at[id], err, "lines are ID X Y WIDTH HEIGHT, and end there");
	return rc ? rc : as_boxes_add(b, "bird", box, err);
}

/* classes.txt: ids of the classes 1, 2, ... and their names. */
static int read_classes(struct as_names *classes, const char *folder, struct as_error *err)
{
	struct as_lines l = {0};
	int64_t id;
	char *name;
	int rc = as_lines_read(&l, folder, "classes.txt", err);
	for (int64_t i = 0; i < l.count && !rc; i++) {
		rc = cut(&l, i, &id, &name, err);
		if (!rc && id != i + 1)
			rc = as_lines_fail(&l, i, err, "class %lld, expected %lld", (long long)id, (long long)i + 1);
		if (!rc)
			rc = as_names_add(classes, name, err);
	}
	as_lines_clear(&l);
	return rc;
}

enum part { ALL, TEST, TRAINVAL };

/* Adds the image of line i of images.txt if it is of this part. */
static int add_image(struct as_boxed *b, const struct column *c, int64_t i, enum part part, int64_t classes, struct as_error *err)
{
	int64_t id, label, train;
	char *name;
	int rc = cut(&c[IMAGES].lines, i, &id, &name, err);
	if (!rc)
		rc = number_of(&c[TRAIN], id, 0, 1, &train, err);
	if (rc || (part != ALL && (train == 1) != (part == TRAINVAL)))
		return rc;
	rc = number_of(&c[LABELS], id, 1, classes, &label, err);
	if (!rc)
		rc = as_paths_add(&b->paths, name, (int32_t)label - 1, c[IMAGES].lines.line[i].number, err);
	return rc || !c[BOXES].lines.count ? rc : add_box(b, &c[BOXES], id, err);
}

/* Reads the lists; boxes may be missing. */
static int read_lists(struct as_boxed *b, struct as_items *items, const char *folder, enum part part, struct as_error *err)
{
	struct column c[LISTS] = {{.top = 0}};
	int rc = read_classes(&items->classes, folder, err);
	for (int k = 0; k < LISTS && !rc; k++)
		if (k != BOXES || as_home_has(folder, files[k]))
			rc = read_column(&c[k], folder, files[k], err);
	if (!rc)
		rc = as_paths_from(&b->paths, c[IMAGES].lines.path, err);
	for (int64_t i = 0; i < c[IMAGES].lines.count && !rc; i++)
		rc = add_image(b, c, i, part, items->classes.count, err);
	if (!rc && !c[BOXES].lines.count)
		rc = as_say(&items->notes, err, "no bounding_boxes.txt, and so no boxes");
	for (int k = 0; k < LISTS; k++) {
		as_lines_clear(&c[k].lines);
		free(c[k].at);
	}
	return rc;
}

static int open_cub200(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	/* 25 to 30 of each class are for training: 5 of them are the part val. */
	static const struct as_each each = {.seed = 0, .train = 25, .val = 5, .rest = false};
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_boxed), "train", &folder, &mark, err);
	enum part part = !strcmp(items->split, "all") ? ALL : !strcmp(items->split, "test") ? TEST : TRAINVAL;
	if (!rc)
		rc = as_paths_root_in(items->self, folder, "images", err);
	if (!rc)
		rc = read_lists(items->self, items, folder, part, err);
	free(folder);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = as_boxes_say(items, err);
	if (!rc)
		rc = as_published_count(items, part == ALL ? "all" : part == TEST ? "test" : "train",
					part == ALL ? 11788 : part == TEST ? 5794 : 5994, err);
	return rc ? rc : as_published_each(items, &each, err);
}

const struct as_dataset as_data_cub200 = {
	.name = "cub200",
	.doc = "CUB-200-2011, 200 birds, with boxes",
	.disk = "images.txt, image_class_labels.txt, train_test_split.txt, classes.txt, bounding_boxes.txt and "
		"images/CLASS/*.jpg, or the folder CUB_200_2011 with them",
	.splits = "train val trainval test all",
	.whole = "trainval",
	.score = "top1",
	.parts = "val is 5 training images of each class, ours: the authors' list is of 5,990 of the 5,994 training images",
	.open = open_cub200,
	AS_BOXES_READER,
};
