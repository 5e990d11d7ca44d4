/* pets: lists of a name, the class, the species (1 cat, 2 dog) and the breed among it, all from 1; boxes of heads as XML
 * for what is in trainval; among the images lie .mat files, a PNG behind .jpg, and a GIF that no list has. Cats' names
 * begin with a capital; the order of the classes does not heed it. */
#include <ctype.h>
#include <stdio.h>

#include "data/lay.h"
#include "data/synth_mat.h"

static const unsigned char gif[] = "GIF89a\1\0\1\0\200\0\0\377\377\377\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;";

static bool is_cat(const struct as_lay *lay, int class)
{
	return isupper((unsigned char)lay->class_name[class].text[0]);
}

static int breed_of(const struct as_lay *lay, int class)
{
	int n = 1;
	for (int c = 0; c < class; c++)
		n += is_cat(lay, c) == is_cat(lay, class);
	return n;
}

static void put_list(struct as_lay *lay, const char *path, unsigned parts, const char *head)
{
	struct as_newfile file;
	struct as_shot *s;
	as_lay_open(lay, &file, "%s", path);
	as_lay_put(&file, "%s", head);
	for (int i = 0; (s = as_lay_next(lay, &i, parts));)
		as_lay_put(&file, "%s %d %d %d\n", s->name, s->label + 1, is_cat(lay, s->label) ? 1 : 2, breed_of(lay, s->label));
	as_lay_close(lay, &file);
}

static void put_heads(struct as_lay *lay)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_TRAIN));) {
		const struct as_synth_box *b = &s->box[0];
		struct as_newfile file;
		as_lay_open(lay, &file, "annotations/xmls/%s.xml", s->name);
		as_lay_put(&file, "<annotation><folder>OXIIIT</folder><filename>%s.jpg</filename>", s->name);
		as_lay_put(&file, "<size><width>%d</width><height>%d</height><depth>3</depth></size>", s->width, s->height);
		s->object_name[0] = is_cat(lay, s->label) ? "cat" : "dog";
		as_lay_put(&file, "<segmented>0</segmented><object><name>%s</name><pose>Frontal</pose>", s->object_name[0]);
		as_lay_put(&file, "<truncated>0</truncated><occluded>0</occluded><bndbox><xmin>%d</xmin><ymin>%d</ymin>",
			   b->left + 1, b->top + 1);
		as_lay_put(&file, "<xmax>%d</xmax><ymax>%d</ymax></bndbox><difficult>0</difficult></object></annotation>\n",
			   b->left + b->width, b->top + b->height);
		as_lay_close(lay, &file);
	}
}

/* What lies among the images and is in no list. */
static void put_strays(struct as_lay *lay)
{
	const char *class = lay->class_name[0].text;
	char path[120];
	struct as_mat m = {0};
	struct as_newfile file;
	as_lay_open(lay, &file, "images/%s_%d.jpg", class, lay->ask.train + lay->ask.test + 1);
	as_lay_bytes(&file, gif, sizeof gif - 1);
	as_lay_close(lay, &file);
	snprintf(path, sizeof path, "images/%s_1.mat", class);
	as_mat_head(&m);
	as_mat_numbers(&m, "x", 1, 1, (const int32_t[]){1});
	as_lay_mat(lay, path, &m);
}

static void write_pets(struct as_lay *lay)
{
	static const char head[] = "#Image CLASS-ID SPECIES BREED ID\n#ID: 1:37 Class ids\n#SPECIES: 1:Cat 2:Dog\n";
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_LISTED));) {
		as_lay_name(lay, s, "%s_%d", lay->class_name[s->label].text, s->number);
		as_lay_image(lay, s, "images/%s.jpg", s->name);
	}
	put_strays(lay);
	put_list(lay, "annotations/list.txt", AS_PART_LISTED, head);
	put_list(lay, "annotations/trainval.txt", AS_PART_TRAIN, "");
	put_list(lay, "annotations/test.txt", AS_PART_TEST, "");
	put_heads(lay);
	as_lay_facts(lay, "trainval", AS_PART_TRAIN);
	for (int i = 0; (s = as_lay_next(lay, &i, AS_PART_TEST));)
		as_lay_fact(lay, "test", s->path, s->label, lay->class_name[s->label].text, NULL);
}

static const char *const names[] = {"Abyssinian", "american_bulldog", "beagle", "Bengal", "yorkshire_terrier", NULL};

const struct as_replica as_replica_pets = {
	.name = "pets", .set = "pets", .folder = "", .doc = "images/*.jpg, annotations/{list,trainval,test}.txt, annotations/xmls/*.xml",
	.most = 500, .boxes = true, .odd = AS_ODD_PNG | AS_ODD_GREY, .names = names, .more = "zwergschnauzer_",
	.write = write_pets,
};
