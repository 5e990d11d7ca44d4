#include "aug/views.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

/* An image beyond this many bytes is decoded while no other such image is, so
 * that a few threads that meet a few huge images stay within memory. */
enum { HUGE_BYTES = 24 << 20 };
static pthread_mutex_t huge = PTHREAD_MUTEX_INITIALIZER;

void as_viewer_clear(struct as_viewer *v)
{
	as_work_clear(&v->work);
	free(v->rgb);
	*v = (struct as_viewer){0};
}

size_t as_view_bytes(const struct as_policy *p, enum as_dtype dtype)
{
	return 3 * (size_t)p->size * (size_t)p->size * as_dtype_size(dtype);
}

/* What all views together read, and by how much it may shrink. */
static struct as_crop part_of(const struct as_policy *p, const struct as_image *m, const float *param, int64_t views)
{
	struct as_size size = {m->height, m->width};
	double top = (double)m->height, left = (double)m->width, bottom = 0, right = 0, scale = 8 * AS_SHRINK_LEAST;
	for (int64_t i = 0; i < views; i++) {
		struct as_box box = as_policy_box(p, param + i * p->nparam);
		struct as_box b = as_policy_reach(p, size, param + i * p->nparam);
		top = fmin(top, floor(b.top));
		left = fmin(left, floor(b.left));
		bottom = fmax(bottom, ceil(b.top + b.height));
		right = fmax(right, ceil(b.left + b.width));
		scale = fmin(scale, fmin(box.height, box.width) / p->size);
	}
	struct as_crop part = {(int64_t)top, (int64_t)left, (int64_t)(bottom - top), (int64_t)(right - left), 1};
	while (part.shrink < 8 && scale >= 2 * AS_SHRINK_LEAST * part.shrink)
		part.shrink *= 2;
	return part;
}

/* The image's pixels: its own when it has them, otherwise decoded into v->rgb. */
static int pixels_of(const struct as_image *m, const struct as_crop *part, struct as_viewer *v, struct as_pixels *out,
		     struct as_image_notes *notes, struct as_error *err)
{
	*out = (struct as_pixels){m->pixels.data, m->height, m->width, 3 * m->width, 1};
	if (m->pixels.data)
		return 0;
	size_t bytes;
	int rc = as_image_crop_bytes(m, part->shrink, &bytes, err);
	if (rc == 0)
		rc = as_room(&v->rgb, &v->bytes, bytes, err);
	if (rc < 0)
		return rc;
	int64_t s = part->shrink, height = (m->height + s - 1) / s, width = (m->width + s - 1) / s;
	*out = (struct as_pixels){v->rgb, height, width, 3 * width, part->shrink};
	return v->exact ? as_image_decode(m, v->rgb, notes, err) : as_image_decode_crop(m, part, v->rgb, notes, err);
}

static int make(const struct as_policy *p, const struct as_pix *pix, const struct as_image *image, const float *param,
		int64_t views, enum as_dtype dtype, struct as_viewer *v, void *out, struct as_image_notes *notes,
		struct as_error *err)
{
	struct as_pixels source;
	int rc = 0;
	/* The parameters first: they cost nothing, decoding does. */
	for (int64_t i = 0; i < views && rc == 0; i++)
		rc = as_policy_check(p, (struct as_size){image->height, image->width}, param + i * p->nparam, err);
	if (rc == 0) {
		struct as_crop part = part_of(p, image, param, views);
		part.shrink = v->exact ? 1 : part.shrink;
		rc = pixels_of(image, &part, v, &source, notes, err);
	}
	for (int64_t i = 0; i < views && rc == 0; i++) {
		char *to = (char *)out + (size_t)i * as_view_bytes(p, dtype);
		if (dtype == AS_U1)
			rc = as_policy_apply_u1(p, pix, param + i * p->nparam, &source, &v->work, (uint8_t *)to, err);
		else
			rc = as_policy_apply(p, pix, param + i * p->nparam, &source, &v->work, (float *)(void *)to, err);
	}
	return rc;
}

int as_views_make(const struct as_policy *p, const struct as_pix *pix, const struct as_image *image, const float *param,
		  int64_t views, enum as_dtype dtype, struct as_viewer *v, void *out, struct as_image_notes *notes,
		  struct as_error *err)
{
	bool alone = image->jpeg.at && image->height * image->width > HUGE_BYTES / 3;
	if (alone)
		pthread_mutex_lock(&huge);
	int rc = make(p, pix, image, param, views, dtype, v, out, notes, err);
	if (alone) {
		free(v->rgb);
		v->rgb = NULL;
		v->bytes = 0;
		pthread_mutex_unlock(&huge);
	}
	return rc;
}
