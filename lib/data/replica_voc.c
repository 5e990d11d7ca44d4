/* voc: ids in lists whose lines end in CR LF; for each class a list of 1 (there is one), -1 (none) or 0 (only difficult
 * ones); one or two boxes an image as XML, from 1, ends included. A person has a part with a box of its own. */
#include <string.h>

#include "data/lay.h"

static bool is_difficult(const struct as_shot *s, int object)
{
	return object && s->id % 5 == 0;
}

static void put_box(struct as_newfile *file, const char *indent, const struct as_synth_box *b)
{
	as_lay_put(file, "%s<bndbox>\n%s\t<xmin>%d</xmin>\n%s\t<ymin>%d</ymin>\n", indent, indent, b->left + 1, indent, b->top + 1);
	as_lay_put(file, "%s\t<xmax>%d</xmax>\n%s\t<ymax>%d</ymax>\n%s</bndbox>\n", indent, b->left + b->width, indent,
		   b->top + b->height, indent);
}

static void put_object(struct as_lay *lay, struct as_newfile *file, const struct as_shot *s, int object)
{
	const char *name = lay->class_name[s->object_label[object]].text;
	struct as_synth_box head = s->box[object];
	as_lay_put(file, "\t<object>\n\t\t<name>%s</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n", name);
	as_lay_put(file, "\t\t<difficult>%d</difficult>\n", is_difficult(s, object));
	put_box(file, "\t\t", &s->box[object]);
	if (!strcmp(name, "person")) {
		head.height /= 2;
		as_lay_put(file, "\t\t<part>\n\t\t\t<name>head</name>\n");
		put_box(file, "\t\t\t", &head);
		as_lay_put(file, "\t\t</part>\n");
	}
	as_lay_put(file, "\t</object>\n");
}

static void put_annotation(struct as_lay *lay, const struct as_shot *s)
{
	struct as_newfile file;
	as_lay_open(lay, &file, "VOC2007/Annotations/%s.xml", s->name);
	as_lay_put(&file, "<annotation>\n\t<folder>VOC2007</folder>\n\t<filename>%s.jpg</filename>\n", s->name);
	as_lay_put(&file, "\t<source>\n\t\t<database>The VOC2007 Database</database>\n\t</source>\n");
	as_lay_put(&file, "\t<size>\n\t\t<width>%d</width>\n\t\t<height>%d</height>\n\t\t<depth>3</depth>\n\t</size>\n", s->width,
		   s->height);
	as_lay_put(&file, "\t<segmented>0</segmented>\n");
	for (int i = 0; i < s->objects; i++)
		put_object(lay, &file, s, i);
	as_lay_put(&file, "</annotation>\n");
	as_lay_close(lay, &file);
}

/* 1, 0 or -1: whether the image shows one of the class. */
static int shows(const struct as_shot *s, int class)
{
	int found = -1;
	for (int i = 0; i < s->objects; i++)
		if (s->object_label[i] == class && found < 1)
			found = !is_difficult(s, i);
	return found;
}

static void put_split(struct as_lay *lay, const char *split, unsigned parts)
{
	struct as_newfile file;
	struct as_shot *s;
	char path[80] = "VOC2007/ImageSets/Main/";
	strcat(strcat(path, split), ".txt");
	as_lay_list(lay, path, parts, "", "", AS_END_CRLF);
	for (int c = 0; c < lay->ask.classes; c++) {
		as_lay_open(lay, &file, "VOC2007/ImageSets/Main/%s_%s.txt", lay->class_name[c].text, split);
		for (int i = 0; (s = as_lay_next(lay, &i, parts));)
			as_lay_put(&file, "%s %2d\r\n", s->name, shows(s, c));
		as_lay_close(lay, &file);
	}
	for (int i = 0; (s = as_lay_next(lay, &i, parts));)
		as_lay_fact(lay, split, s->path, -1, "", s);
}

static void write_voc(struct as_lay *lay)
{
	struct as_shot *s;
	as_lay_shuffle(lay);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		as_lay_name(lay, s, "%06d", i);
		as_lay_image(lay, s, "VOC2007/JPEGImages/%s.jpg", s->name);
		put_annotation(lay, s);
	}
	put_split(lay, "train", AS_PART_TRAIN);
	put_split(lay, "val", AS_PART_VAL);
	put_split(lay, "trainval", AS_PART_TRAINVAL);
	put_split(lay, "test", AS_PART_TEST);
}

static const char *const names[] = {"aeroplane", "bicycle", "car", "person", "tvmonitor", "bird", "boat", "bottle", "bus", "cat",
				    "chair", "cow", "diningtable", "dog", "horse", "motorbike", "pottedplant", "sheep", "sofa",
				    "train", NULL};

const struct as_replica as_replica_voc = {
	.name = "voc", .set = "voc", .folder = "VOCdevkit",
	.doc = "VOC2007/{JPEGImages,Annotations}, VOC2007/ImageSets/Main/{train,val,trainval,test}.txt and CLASS_train.txt",
	.most = 20, .sorted = true, .halves = true, .boxes = true, .objects = 2, .names = names, .write = write_voc,
};
