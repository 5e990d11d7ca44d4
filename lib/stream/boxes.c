#include "stream/boxes.h"

#include <msgpack.h>
#include <string.h>

#include "stream/scan.h"

/* Boxes drawn by hand may reach over the edge a little; what is given in pixels is far from it. */
static const double LEAST = -0.5, MOST = 1.5;

enum { HEIGHT = 2 }; /* the place of the height in a box; the width comes after it */

static double number(const msgpack_object *o)
{
	switch (o->type) {
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		return (double)o->via.u64;
	case MSGPACK_OBJECT_NEGATIVE_INTEGER:
		return (double)o->via.i64;
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64:
		return o->via.f64;
	default:
		return MOST + 1; /* no fraction */
	}
}

/* Counts the boxes of one class and copies the last. */
static int count_list(const msgpack_object *o, int64_t *count, double last[AS_BOX], struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size % AS_BOX)
		return as_fail(err, AS_EDATA, "boxes: a class's are not a list of four numbers each");
	for (uint32_t i = 0; i < o->via.array.size; i += AS_BOX)
		for (int k = 0; k < AS_BOX; k++) {
			double v = last[k] = number(&o->via.array.ptr[i + (uint32_t)k]);
			if (!(v >= LEAST && v <= MOST))
				return as_fail(err, AS_EDATA, "boxes: number %u is no fraction of the image's height or width",
					       (unsigned)i + (unsigned)k + 1);
			if (k >= HEIGHT && v <= 0)
				return as_fail(err, AS_EDATA, "boxes: number %u, a height or width, is %g",
					       (unsigned)i + (unsigned)k + 1, v);
		}
	*count += o->via.array.size / AS_BOX;
	return 0;
}

static bool is_text(const msgpack_object *o, const char *text)
{
	return o->type == MSGPACK_OBJECT_STR && o->via.str.size == strlen(text) && !memcmp(o->via.str.ptr, text, strlen(text));
}

static int count_map(const msgpack_object *o, const char *class, int64_t *count, double last[AS_BOX], struct as_error *err)
{
	if (o->type != MSGPACK_OBJECT_MAP)
		return as_fail(err, AS_EDATA, "boxes: not a map from classes to their boxes");
	int rc = 0;
	for (uint32_t i = 0; i < o->via.map.size && !rc; i++)
		if (!class || is_text(&o->via.map.ptr[i].key, class))
			rc = count_list(&o->via.map.ptr[i].val, count, last, err);
	return rc;
}

int as_extra_boxes(const struct as_extra *extra, const char *class, int64_t *count, double last[AS_BOX], struct as_error *err)
{
	const char *at;
	size_t bytes;
	*count = 0;
	int rc = as_scan_find(extra->at, extra->bytes, extra->pairs, "boxes", &at, &bytes, err);
	if (rc <= 0)
		return rc;
	msgpack_unpacked u;
	size_t used = 0;
	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, at, bytes, &used) == MSGPACK_UNPACK_SUCCESS)
		rc = count_map(&u.data, class, count, last, err);
	else
		rc = as_fail(err, AS_EMEM, "boxes: no memory");
	msgpack_unpacked_destroy(&u);
	return rc;
}
