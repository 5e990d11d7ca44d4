#include "aug/views.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

/* Only one image with more than this many bytes is decoded at a time, so that threads which meet several
 * huge images at once do not need too much memory. */
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

size_t as_roles_bytes(const struct as_roles *r, int role, enum as_dtype dtype)
{
	size_t n = 0;
	for (int i = 0; i < role; i++)
		n += (size_t)r->role[i].count * as_view_bytes(&r->role[i], dtype);
	return n;
}

/* What all views together need of an image: a box, and the most by which it may be shrunk. */
struct need {
	double top, left, bottom, right, scale;
};

static void need_view(struct need *n, const struct as_policy *p, struct as_size size, const float *param)
{
	struct as_box box = as_policy_box(p, param), b = as_policy_reach(p, size, param);
	n->top = fmin(n->top, floor(b.top));
	n->left = fmin(n->left, floor(b.left));
	n->bottom = fmax(n->bottom, ceil(b.top + b.height));
	n->right = fmax(n->right, ceil(b.left + b.width));
	n->scale = fmin(n->scale, fmin(box.height, box.width) / p->size);
}

static struct as_crop part_of(const struct need *n)
{
	struct as_crop part = {(int64_t)n->top, (int64_t)n->left, (int64_t)(n->bottom - n->top), (int64_t)(n->right - n->left), 1};
	while (part.shrink < 8 && n->scale >= 2 * AS_SHRINK_LEAST * part.shrink)
		part.shrink *= 2;
	return part;
}

/* The image's pixels: those in the record, or decoded into v->rgb. */
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

/* Makes one view of a policy; its bytes are written to *out, which moves on. */
static int make_view(const struct as_policy *p, const struct as_pix *pix, const float *param, const struct as_pixels *source,
		     enum as_dtype dtype, struct as_viewer *v, char **out, struct as_error *err)
{
	char *to = *out;
	*out += as_view_bytes(p, dtype);
	return dtype == AS_U1 ? as_policy_apply_u1(p, pix, param, source, &v->work, (uint8_t *)to, err)
			      : as_policy_apply(p, pix, param, source, &v->work, (float *)(void *)to, err);
}

static int make(const struct as_roles *r, const struct as_pix *pix, const struct as_image *image, const float *param,
		enum as_dtype dtype, struct as_viewer *v, char *out, struct as_image_notes *notes, struct as_error *err)
{
	struct as_size size = {image->height, image->width};
	struct need need = {(double)size.height, (double)size.width, 0, 0, 8 * AS_SHRINK_LEAST};
	struct as_pixels source;
	int rc = 0;
	/* parameters are checked first, because decoding is expensive */
	const float *at = param;
	for (int i = 0; i < r->n; i++)
		for (int k = 0; k < r->role[i].count && !rc; k++, at += r->role[i].nparam) {
			rc = as_policy_check(&r->role[i], size, at, err);
			if (!rc)
				need_view(&need, &r->role[i], size, at);
		}
	if (rc == 0) {
		struct as_crop part = part_of(&need);
		part.shrink = v->exact ? 1 : part.shrink;
		rc = pixels_of(image, &part, v, &source, notes, err);
	}
	at = param;
	for (int i = 0; i < r->n; i++)
		for (int k = 0; k < r->role[i].count && !rc; k++, at += r->role[i].nparam)
			rc = make_view(&r->role[i], pix, at, &source, dtype, v, &out, err);
	return rc;
}

int as_views_make(const struct as_roles *r, const struct as_pix *pix, const struct as_image *image, const float *param,
		  enum as_dtype dtype, struct as_viewer *v, void *out, struct as_image_notes *notes, struct as_error *err)
{
	bool alone = image->jpeg.at && image->height * image->width > HUGE_BYTES / 3;
	if (alone)
		pthread_mutex_lock(&huge);
	int rc = make(r, pix, image, param, dtype, v, out, notes, err);
	if (alone) {
		free(v->rgb);
		v->rgb = NULL;
		v->bytes = 0;
		pthread_mutex_unlock(&huge);
	}
	return rc;
}
