#include "data/boxes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The number of a class; new ones are added. */
static int find_class(struct as_names *classes, const char *name, int32_t *label, struct as_error *err)
{
	for (*label = 0; *label < classes->count; ++*label)
		if (!strcmp(as_names_at(classes, *label), name))
			return 0;
	return as_names_add(classes, name, err);
}

int as_boxes_add(struct as_boxed *b, const char *class_name, struct as_box box, struct as_error *err)
{
	box.image = b->paths.count - 1;
	const char *image = b->paths.path[box.image].name;
	if (!isfinite(box.x) || !isfinite(box.y) || !isfinite(box.width) || !isfinite(box.height))
		return as_fail(err, AS_EDATA, "a box is not of numbers");
	if (box.width <= 0 || box.height <= 0) {
		if (!b->flat++)
			b->first_flat = image;
		return 0;
	}
	if (b->count >= AS_MAX_BOXES && b->box[b->count - AS_MAX_BOXES].image == box.image)
		return as_fail(err, AS_EDATA, "more than %d boxes of an image", AS_MAX_BOXES);
	if (b->count == b->room) {
		int64_t room = b->room ? 2 * b->room : 256;
		struct as_box *more = realloc(b->box, (size_t)room * sizeof *more);
		if (!more)
			return as_fail(err, AS_EMEM, "memory: no room for %lld boxes", (long long)room);
		b->box = more;
		b->room = room;
	}
	int rc = find_class(&b->classes, class_name, &box.label, err);
	if (!rc)
		b->box[b->count++] = box;
	return rc;
}

int as_boxes_say(struct as_items *items, struct as_error *err)
{
	const struct as_boxed *b = items->self;
	return !b->flat ? 0 : as_say(&items->notes, err, "left out, boxes without an area: %lld, the first of %s", (long long)b->flat,
				     b->first_flat);
}

/* The image's boxes, *n of them. */
static const struct as_box *boxes_of(const struct as_boxed *b, int64_t image, int64_t *n)
{
	int64_t lo = 0, hi = b->count;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (b->box[mid].image < image)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (*n = 0; lo + *n < b->count && b->box[lo + *n].image == image;)
		++*n;
	return b->box ? b->box + lo : NULL;
}

/* A side of a box and its beginning, as fractions of the image's, of which it keeps within. */
static void within(double from, double side, double whole, double *begin, double *size)
{
	*begin = from / whole;
	*size = side / whole;
	if (*begin < 0) {
		*size += *begin;
		*begin = 0;
	}
	if (*begin + *size > 1)
		*size = 1 - *begin;
}

/* A box as y, x, height, width, fractions of the image as it is displayed. Of a stored image, EXIF's turn 2
 * mirrors left and right, 3 both ways, 4 top and bottom; from 5 on rows and columns change places: then 5
 * mirrors nothing, 6 left and right, 7 both, 8 top and bottom. */
static bool place(const struct as_box *b, const struct as_image_head *h, int64_t turn, double out[4])
{
	double height = b->frame_height > 0 ? (double)b->frame_height : (double)h->height;
	double width = b->frame_width > 0 ? (double)b->frame_width : (double)h->width;
	double box[4];
	bool swapped = turn >= 5;
	within((double)b->y, (double)b->height, height, &box[0], &box[2]);
	within((double)b->x, (double)b->width, width, &box[1], &box[3]);
	for (int i = 0; i < 4; i++)
		out[i] = box[swapped ? i ^ 1 : i];
	if (turn == 3 || turn == 4 || turn == 7 || turn == 8)
		out[0] = 1 - out[0] - out[2];
	if (turn == 2 || turn == 3 || turn == 6 || turn == 7)
		out[1] = 1 - out[1] - out[3];
	return box[2] > 0 && box[3] > 0;
}

/* Puts the boxes of each class that the image has. */
static int put_boxes(const struct as_boxed *b, const struct as_box *box, int64_t n, const struct as_image_head *h, int64_t turn,
		     struct as_item *item, struct as_error *err)
{
	double list[4 * AS_MAX_BOXES];
	int classes = 0;
	for (int64_t i = 0; i < n; i++) {
		bool again = false;
		for (int64_t j = 0; j < i; j++)
			again = again || box[j].label == box[i].label;
		classes += !again;
		if (!place(&box[i], h, turn, list))
			return as_fail(err, AS_EDATA, "a box at x %g, y %g lies outside of its %lld x %lld pixels", (double)box[i].x,
				       (double)box[i].y, (long long)h->width, (long long)h->height);
	}
	as_keys_map(&item->keys, "boxes", classes);
	for (int32_t label = 0; label < b->classes.count; label++) {
		int numbers = 0;
		for (int64_t i = 0; i < n; i++)
			if (box[i].label == label && place(&box[i], h, turn, list + numbers))
				numbers += 4;
		if (numbers)
			as_keys_floats(&item->keys, as_names_at(&b->classes, label), list, numbers);
	}
	return 0;
}

int as_boxes_load(const struct as_items *items, int64_t i, struct as_item *item, struct as_error *err)
{
	const struct as_boxed *b = items->self;
	struct as_image_head h;
	int64_t n;
	int rc = as_paths_load(items, i, item, err);
	const struct as_box *box = boxes_of(b, i, &n);
	/* Whoever decodes the image next says what is wrong with a header. */
	if (rc || !n || as_image_probe(item->bytes, item->count, &h, NULL))
		return rc;
	rc = put_boxes(b, box, n, &h, items->exif ? h.turn : 1, item, err);
	if (rc)
		as_paths_blame(items, i, err);
	return rc;
}

void as_boxes_close(struct as_items *items)
{
	struct as_boxed *b = items->self;
	if (b) {
		free(b->box);
		as_names_clear(&b->classes);
	}
	as_paths_close(items);
}
