/* All views of one record: decode, then cut and change each of them. What
 * aug-apply and feat-extract do to a record, in one place. */
#ifndef AS_AUG_VIEWS_H
#define AS_AUG_VIEWS_H

#include "aug/policy.h"
#include "image/image.h"
#include "stream/record.h"

AS_BEGIN

/* Memory of one thread; zeroed at first. */
struct as_viewer {
	struct as_work work;
	uint8_t *rgb;
	size_t bytes;
};
void as_viewer_clear(struct as_viewer *);

/* Bytes of one view of a policy as |u1 or <f4. */
size_t as_view_bytes(const struct as_policy *, enum as_dtype);

/* Turns the image of a record into the views that `param` - (views, policy->nparam)
 * floats - describes: views x S x S x 3 of dtype AS_U1 or AS_F4 into out. Notes as in
 * image/image.h. AS_EDATA: the image or the parameters are at fault. */
AS_NODISCARD int as_views_make(const struct as_policy *, const struct as_pix *, const struct as_image *,
			       const float *param, int64_t views, enum as_dtype, struct as_viewer *, void *out,
			       struct as_image_notes *, struct as_error *);

AS_END
#endif
