/* Private to lib/data: image files with boxes around what they show. A reader adds the boxes of each image
 * while it opens the set; records have them as the key `boxes`, a map from the class of the boxes to a list of
 * four numbers for each box: y, x, height, width, the upper left corner and the size as fractions of the
 * displayed image. */
#ifndef AS_DATA_BOXES_H
#define AS_DATA_BOXES_H

#include "data/inside.h"

AS_BEGIN

enum { AS_MAX_BOXES = 1000 }; /* of an image, so that its keys fit into a record */

struct as_box {
	int64_t image;
	int32_t label;                  /* which of the boxes' classes */
	float x, y, width, height;      /* in pixels as the file stores them; the corner of the first pixel is 0, 0 */
	float frame_height, frame_width; /* of the image that was annotated; 0: that of the file */
};

/* The `self` of a reader. Initialise with zeros. */
struct as_boxed {
	struct as_paths paths;   /* first: what reads paths reads these */
	struct as_names classes; /* of the boxes */
	struct as_box *box;      /* those of an image one after the other, images in their order */
	int64_t count, room;
	int64_t flat;            /* boxes that were left out because they have no area */
	const char *first_flat;  /* the image of the first of these */
};

/* Adds a box of this class to the image that was added to the paths last, of box's fields all but image and
 * label. AS_EDATA: too many boxes, or numbers that are not finite. */
AS_NODISCARD int as_boxes_add(struct as_boxed *, const char *class_name, struct as_box, struct as_error *);
/* Notes what was left out. */
AS_NODISCARD int as_boxes_say(struct as_items *, struct as_error *);

int as_boxes_load(const struct as_items *, int64_t i, struct as_item *, struct as_error *);
void as_boxes_close(struct as_items *);
#define AS_BOXES_READER .tell = as_paths_tell, .load = as_boxes_load, .blame = as_paths_blame, .close = as_boxes_close

AS_END
#endif
