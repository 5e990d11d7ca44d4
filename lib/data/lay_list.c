/* Lists of a generated set, and the table of facts. */
#include "data/lay.h"

void as_lay_list(struct as_lay *lay, const char *path, unsigned parts, const char *before, const char *after,
		 enum as_line_end end)
{
	const char *newline = end == AS_END_CRLF ? "\r\n" : "\n";
	struct as_newfile file;
	struct as_shot *s;
	bool first = true;
	as_lay_open(lay, &file, "%s", path);
	for (int i = 0; (s = as_lay_next(lay, &i, parts));) {
		as_lay_put(&file, "%s%s%s%s%s", first || end != AS_END_OPEN ? "" : "\n", before, s->name, after,
			   end == AS_END_OPEN ? "" : newline);
		first = false;
	}
	as_lay_close(lay, &file);
}

void as_lay_classes(struct as_lay *lay, const char *path)
{
	struct as_newfile file;
	as_lay_open(lay, &file, "%s", path);
	for (int c = 0; c < lay->ask.classes; c++)
		as_lay_put(&file, "%s\n", lay->class_name[c].text);
	as_lay_close(lay, &file);
}

void as_lay_fact(struct as_lay *lay, const char *split, const char *name, int label, const char *class_name,
		 const struct as_shot *boxes)
{
	as_lay_put(&lay->facts, "%s\t%s\t%d\t%s", split, name, label, class_name);
	for (int i = 0; boxes && i < boxes->objects; i++) {
		const struct as_synth_box *b = &boxes->box[i];
		const char *object = boxes->object_name[i] ? boxes->object_name[i] : lay->class_name[boxes->object_label[i]].text;
		as_lay_put(&lay->facts, "\t%d,%d,%d,%d,%s", b->left, b->top, b->width, b->height, object);
	}
	as_lay_put(&lay->facts, "\n");
}

void as_lay_facts(struct as_lay *lay, const char *split, unsigned parts)
{
	struct as_shot *s;
	for (int i = 0; (s = as_lay_next(lay, &i, parts));)
		as_lay_fact(lay, split, s->path, s->label, lay->class_name[s->label].text, lay->kind->boxes ? s : NULL);
}
