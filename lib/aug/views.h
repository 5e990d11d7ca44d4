/* Public since 0.2. Makes all views of one record: decodes, then cuts and changes each of them. aug-apply
 * and feat-extract use it. */
#ifndef AS_AUG_VIEWS_H
#define AS_AUG_VIEWS_H

#include "aug/roles.h"
#include "image/image.h"
#include "stream/record.h"

AS_BEGIN

/* Memory of one thread, and how JPEGs are decoded. Initialise with zeros.
 *
 * Only the part of a JPEG that the views need is decoded, which changes no byte of them. If in all of them
 * AS_SHRINK_LEAST * 2^k or more pixels of a side become one, it is decoded at 1/2^k of its size (k up to
 * 3), so the resize still averages AS_SHRINK_LEAST pixels. This changes views: on photographs by at most 1
 * level of 255 in the mean and 1.5 in the root mean square of a view; a single pixel by up to 30, if a
 * strong colour change stretches an edge (tests/unit/part.c). With `exact` the whole JPEG is decoded at its full size. */
struct as_viewer {
	bool exact;
	struct as_work work;
	uint8_t *rgb;
	size_t bytes;
};
enum { AS_SHRINK_LEAST = 2 };
void as_viewer_clear(struct as_viewer *);

/* The bytes of one view of a policy as |u1 or <f4. */
size_t as_view_bytes(const struct as_policy *, enum as_dtype);

/* The bytes of an image's views of the roles before `role`; of r->n: of all. Those of one role are (count,
 * S, S, 3). */
size_t as_roles_bytes(const struct as_roles *r, int role, enum as_dtype);

/* Turns the image of a record into the views of all roles that `param`, as_roles_params(n) floats,
 * describes, of dtype AS_U1 or AS_F4: as_roles_bytes(n) into out. The image is decoded once for all. Notes
 * as in image/image.h. AS_EDATA: the image or the parameters are wrong. */
AS_NODISCARD int as_views_make(const struct as_roles *, const struct as_pix *, const struct as_image *, const float *param,
			       enum as_dtype, struct as_viewer *, void *out, struct as_image_notes *, struct as_error *);

AS_END
#endif
