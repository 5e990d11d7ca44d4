/* A dataset for tests/cli/grow.t: a text file of lines `FILE LABEL Y X HEIGHT WIDTH`, where each image's
 * one object lies, and splits by the list's first letters: train.txt, test.txt in the folder PATH. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/inside.h"

struct boxes {
	struct as_paths paths; /* first: the readers' functions see it */
	double (*box)[4];
};

/* A line of the list; false where it is none. */
static bool read_line(const char *line, char *file, int *label, double *box)
{
	return sscanf(line, "%255s %d %lf %lf %lf %lf", file, label, &box[0], &box[1], &box[2], &box[3]) == 6;
}

static int add_lines(struct boxes *b, const char *list, char *text, struct as_error *err)
{
	char file[256], *save = NULL;
	uint32_t number = 0;
	int label, rc = 0;
	for (char *line = strtok_r(text, "\n", &save); line && !rc; line = strtok_r(NULL, "\n", &save)) {
		double(*more)[4] = realloc(b->box, (size_t)(number + 1) * sizeof *more);
		if (!more)
			return as_fail(err, AS_EMEM, "memory: no room for %u boxes", number + 1);
		b->box = more;
		rc = read_line(line, file, &label, b->box[number++])
			     ? as_paths_add(&b->paths, file, label, number, err)
			     : as_fail(err, AS_EDATA, "%s:%u: not FILE LABEL Y X HEIGHT WIDTH", list, number);
	}
	return rc;
}

static int open_boxes(const struct as_source *source, struct as_items *items, struct as_error *err)
{
	struct boxes *b = items->self = calloc(1, sizeof *b);
	items->split = source->split ? source->split : "train";
	char *text = NULL, *list = as_format(err, "%s/%s.txt", source->path[0], items->split);
	int rc = list && b ? as_paths_root(&b->paths, source->path[0], err) : as_fail(err, AS_EMEM, "memory: no room");
	if (!rc)
		rc = as_paths_from(&b->paths, list, err);
	if (!rc)
		rc = as_text_read(list, AS_PATH_FILE, 1 << 24, &text, err);
	if (!rc)
		rc = add_lines(b, list, text, err);
	items->count = rc ? 0 : b->paths.count;
	free(list);
	free(text);
	return rc;
}

static int tell(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct boxes *b = items->self;
	as_keys_floats(&item->keys, "box", b->box[i], 4);
	return as_paths_tell(items, i, item, err);
}

static void close_boxes(struct as_items *items)
{
	struct boxes *b = items->self;
	if (b)
		free(b->box);
	as_paths_close(items);
}

const struct as_dataset as_data_placed = {
	.name = "placed",
	.doc = "images with one box each",
	.disk = "train.txt and test.txt, of lines FILE LABEL Y X HEIGHT WIDTH",
	.splits = "train test",
	.open = open_boxes,
	.tell = tell,
	.load = as_paths_load,
	.blame = as_paths_blame,
	.close = close_boxes,
};
