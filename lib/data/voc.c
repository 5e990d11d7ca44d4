/* Pascal VOC, and folders like it: JPEGImages/ID.jpg, boxes in Annotations/ID.xml, and in ImageSets/Main lists of
 * ids, which are the splits. A list of a class, such as aeroplane_train.txt, has lines `id 1`, `id -1` or
 * `id 0`: it is there, it is not, it is difficult to see. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/boxes.h"
#include "data/published.h"
#include "data/xml.h"

static const struct as_home home = {"VOCdevkit/VOC2007|VOC2007|VOCdevkit/VOC2012|VOC2012", "ImageSets/Main/",
				    "VOCtrainval_06-Nov-2007.tar and VOCtest_06-Nov-2007.tar from "
				    "http://host.robots.ox.ac.uk/pascal/VOC/voc2007"};

/* ---- an image's boxes ---- */

struct object {
	char name[128];
	double at[4]; /* xmin, ymin, xmax, ymax: pixels from 1, the last ones included */
	unsigned has; /* a bit for each */
};

struct annotation {
	struct as_boxed *boxed;
	struct object object; /* the one that is being read */
	double width, height; /* of the image; 0: not said */
	int64_t from;         /* the first of its boxes */
};

static int begin_element(void *ctx, const char *path, struct as_error *err)
{
	struct annotation *a = ctx;
	(void)err;
	if (!strcmp(path, "/annotation/object"))
		a->object = (struct object){.has = 0};
	return 0;
}

static int end_object(struct annotation *a, struct as_error *err)
{
	const struct object *o = &a->object;
	if (!*o->name || o->has != 15)
		return as_fail(err, AS_EDATA, "an object without a name or without all of bndbox's xmin, ymin, xmax, ymax");
	double width = o->at[2] - o->at[0], height = o->at[3] - o->at[1];
	bool flat = width <= 0 || height <= 0; /* a box of a single row or column is a slip of the mouse */
	struct as_box box = {.x = (float)(o->at[0] - 1), .y = (float)(o->at[1] - 1), .width = flat ? 0 : (float)(width + 1),
			     .height = flat ? 0 : (float)(height + 1)};
	return as_boxes_add(a->boxed, o->name, box, err);
}

static int read_size(const char *path, const char *text, double *size, struct as_error *err)
{
	struct as_error why;
	int rc = as_parse_f64(text, 0, 1e6, size, &why);
	return rc ? as_fail(err, AS_EDATA, "%s: %s", path, why.text) : 0;
}

static int end_element(void *ctx, const char *path, const char *text, struct as_error *err)
{
	static const char *const sides[] = {"xmin", "ymin", "xmax", "ymax"};
	static const char object[] = "/annotation/object", box[] = "/annotation/object/bndbox/";
	struct annotation *a = ctx;
	if (!strcmp(path, object))
		return end_object(a, err);
	if (!strcmp(path, "/annotation/size/width"))
		return read_size(path, text, &a->width, err);
	if (!strcmp(path, "/annotation/size/height"))
		return read_size(path, text, &a->height, err);
	if (!strcmp(path, "/annotation/object/name")) {
		if (strlen(text) >= sizeof a->object.name)
			return as_fail(err, AS_EDATA, "'%.60s...' is too long for the name of a class", text);
		strcpy(a->object.name, text);
	}
	for (int i = 0; i < 4 && !strncmp(path, box, sizeof box - 1); i++)
		if (!strcmp(path + sizeof box - 1, sides[i])) {
			struct as_error why;
			if (as_parse_f64(text, -1e6, 1e6, &a->object.at[i], &why))
				return as_fail(err, AS_EDATA, "%s: %s", path, why.text);
			a->object.has |= 1u << i;
		}
	return 0;
}

/* Adds the boxes of the image that was added last. 1: done, 0: it has no annotation. */
static int read_annotation(struct as_boxed *b, const char *folder, const char *id, struct as_error *err)
{
	struct annotation a = {.boxed = b, .from = b->count};
	const struct as_xml xml = {begin_element, end_element, &a};
	char *path = as_format(err, "%s/Annotations/%s.xml", folder, id);
	int rc = path ? as_xml_read(path, &xml, err) : AS_EMEM;
	free(path);
	for (int64_t i = a.from; !rc && i < b->count; i++) { /* the size may stand behind the boxes */
		b->box[i].frame_width = (float)a.width;
		b->box[i].frame_height = (float)a.height;
	}
	return rc == AS_ENONE ? 0 : rc ? rc : 1;
}

/* ---- lists ---- */

/* A list's line: an id, and in a list of a class a number. */
struct line {
	char *id;
	int label;     /* -1: the list is not of a class */
	bool left_out; /* difficult */
};

static int read_line(const struct as_lines *l, int64_t i, struct line *line, struct as_error *err)
{
	char *text = l->line[i].text;
	size_t n = strcspn(text, " \t");
	const char *number = text + n + strspn(text + n, " \t");
	*line = (struct line){text, -1, false};
	if (strchr(text, '/') || *text == '.')
		return as_lines_fail(l, i, err, "'%.100s' is no id of an image", text);
	if (!*number)
		return 0;
	if (strcmp(number, "1") != 0 && strcmp(number, "-1") != 0 && strcmp(number, "0") != 0)
		return as_lines_fail(l, i, err, "'%.100s': lines are ID, or ID and 1, -1 or 0", text);
	line->label = *number == '1';
	line->left_out = *number == '0';
	text[n] = 0;
	return 0;
}

struct counts {
	int64_t difficult, bare; /* bare: without an annotation */
};

/* The file of an image: ID.jpg, or what else there is. */
static int add_image(struct as_paths *p, const char *folder, const char *id, int label, uint32_t line, struct as_error *err)
{
	static const char *const endings[] = {"jpg", "jpeg", "JPG", "JPEG", "png", "PNG"};
	char *name = NULL;
	bool found = false;
	for (size_t i = 0; i < sizeof endings / sizeof *endings && !found; i++) {
		free(name);
		name = as_format(err, "JPEGImages/%s.%s", id, endings[i]);
		found = !name || as_home_has(folder, name);
	}
	if (name && !found)
		strcpy(strrchr(name, '.'), ".jpg");
	int rc = name ? as_paths_add(p, strchr(name, '/') + 1, label, line, err) : AS_EMEM;
	free(name);
	return rc;
}

static int read_list(struct as_boxed *b, const char *folder, const char *list, struct counts *c, struct as_error *err)
{
	struct as_lines l = {0};
	struct line line;
	char *name = as_format(err, "ImageSets/Main/%s.txt", list);
	int rc = name ? as_lines_read(&l, folder, name, err) : AS_EMEM;
	if (!rc)
		rc = as_paths_from(&b->paths, l.path, err);
	for (int64_t i = 0; i < l.count && !rc; i++) {
		rc = read_line(&l, i, &line, err);
		c->difficult += !rc && line.left_out;
		if (rc || line.left_out)
			continue;
		rc = add_image(&b->paths, folder, line.id, line.label, l.line[i].number, err);
		int got = rc ? rc : read_annotation(b, folder, line.id, err);
		rc = got < 0 ? got : 0;
		c->bare += !got;
	}
	as_lines_clear(&l);
	free(name);
	return rc;
}

/* A folder without a list trainval has it in two. */
static int read_split(struct as_boxed *b, const char *folder, const char *split, struct counts *c, struct as_error *err)
{
	int rc = read_list(b, folder, split, c, err);
	if (rc != AS_ENONE || strcmp(split, "trainval") != 0)
		return rc;
	rc = read_list(b, folder, "train", c, err);
	return rc ? rc : read_list(b, folder, "val", c, err);
}

/* ---- the set ---- */

/* A list's name with a class is CLASS_train: its classes are `no CLASS` and CLASS. */
static int name_classes(const struct as_boxed *b, const char *split, struct as_names *classes, struct as_error *err)
{
	const char *end = strrchr(split, '_');
	int64_t labelled = 0;
	for (int64_t i = 0; i < b->paths.count; i++)
		labelled += b->paths.path[i].label >= 0;
	if (!labelled)
		return 0;
	if (labelled < b->paths.count)
		return as_fail(err, AS_EDATA, "%s: only %lld of %lld lines have a number after the id", b->paths.list[0],
			       (long long)labelled, (long long)b->paths.count);
	char *no = as_format(err, "no %.*s", (int)(end ? end - split : (long)strlen(split)), split);
	int rc = no ? as_names_add(classes, no, err) : AS_EMEM;
	if (!rc)
		rc = as_names_add(classes, no + 3, err);
	free(no);
	return rc;
}

static int say_counts(struct as_items *items, const struct counts *c, const char *split, struct as_error *err)
{
	int rc = as_boxes_say(items, err);
	if (!rc && c->difficult)
		rc = as_say(&items->notes, err, "left out, images where %s is difficult to see (0 in the list): %lld", split,
			    (long long)c->difficult);
	if (!rc && c->bare)
		rc = as_say(&items->notes, err, "images without a file in Annotations, and so without boxes: %lld of %lld",
			    (long long)c->bare, (long long)items->count);
	return rc;
}

static int open_voc(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct counts counts = {0};
	const char *split = source->split ? source->split : "train";
	if (strchr(split, '/') || *split == '.' || !*split)
		return as_fail(err, AS_EARG, "split '%s' is not the name of a list", split);
	char *folder;
	int mark, rc = as_published_begin(items, source, &home, sizeof(struct as_boxed), "train", &folder, &mark, err);
	struct as_boxed *b = items->self;
	if (!rc)
		rc = as_paths_root_in(&b->paths, folder, "JPEGImages", err);
	if (!rc)
		rc = read_split(b, folder, items->split, &counts, err);
	if (!rc)
		rc = name_classes(b, items->split, &items->classes, err);
	if (!rc)
		rc = as_published_end(items, err);
	if (!rc)
		rc = say_counts(items, &counts, items->split, err);
	free(folder);
	return rc;
}

const struct as_dataset as_data_voc = {
	.name = "voc",
	.doc = "Pascal VOC or a folder like it, with boxes",
	.disk = "JPEGImages/ID.jpg, Annotations/ID.xml and ImageSets/Main/*.txt, or the folder VOCdevkit/VOC2007 with them",
	.splits = "train val trainval test *",
	.whole = "trainval",
	.parts = "any list in ImageSets/Main is a split; labels are 0 and 1 if it is of a class, as aeroplane_train",
	.open = open_voc,
	AS_BOXES_READER,
};
