/* Public since 0.2. Where the objects of an image are: the key `boxes` of its record, a map from the names of
 * classes to flat lists of numbers, four for each box: y, x, height, width, the first two of its upper left
 * corner, as fractions of the image's height and width as displayed. as_keys_map and as_keys_floats write it. */
#ifndef AS_STREAM_BOXES_H
#define AS_STREAM_BOXES_H

#include "stream/record.h"

AS_BEGIN

enum { AS_BOX = 4 }; /* numbers of a box */

/* Counts a record's boxes called `name` (NULL: of all classes) in *count, and copies the last of them. A record
 * without the key has none. AS_EDATA: the key is no such map, a height or width is not above 0, or a number lies
 * so far outside of [0,1] that it is no fraction. */
AS_NODISCARD int as_extra_boxes(const struct as_extra *, const char *name, int64_t *count, double last[AS_BOX],
				struct as_error *);

AS_END
#endif
