#include "image/image.h"

#include <string.h>

#include "image/codec.h"

/* 3 * height * width, if the limits allow it. */
static int rgb_bytes(int64_t height, int64_t width, size_t *bytes, struct as_error *err)
{
	if (height < 1 || width < 1)
		return as_fail(err, AS_EDATA, "no pixels: %lldx%lld", (long long)width, (long long)height);
	if (height > AS_IMAGE_MAX_PIXELS / width)
		return as_fail(err, AS_EMEM, "%lldx%lld pixels, above the limit of %d million", (long long)width,
			       (long long)height, AS_IMAGE_MAX_PIXELS / 1000000);
	if (height > AS_IMAGE_MAX_SIDE || width > AS_IMAGE_MAX_SIDE)
		return as_fail(err, AS_EMEM, "%lldx%lld pixels, above the limit of %d on a side", (long long)width,
			       (long long)height, AS_IMAGE_MAX_SIDE);
	*bytes = 3 * (size_t)height * (size_t)width;
	return 0;
}

int as_codec_probe(const struct as_codec *codec, const uint8_t *bytes, size_t count, struct as_image_head *head,
		   struct as_error *err)
{
	struct as_image_head h = {.format = codec->name, .turn = 1};
	size_t rgb = 0;
	int rc = codec->probe(bytes, count, &h, err);
	if (!rc)
		rc = rgb_bytes(h.height, h.width, &rgb, err);
	if (rc)
		return rc;
	h.memory += rgb + count;
	if (h.memory > AS_IMAGE_MAX_MEMORY)
		return as_fail(err, AS_EMEM, "decoding %lldx%lld pixels takes %llu MiB, above the limit of %d",
			       (long long)h.width, (long long)h.height, (unsigned long long)(h.memory >> 20),
			       AS_IMAGE_MAX_MEMORY >> 20);
	*head = h;
	return 0;
}

/* If the record has no turn, there is none. */
static int64_t turn_of(const struct as_image *image)
{
	return image->turn ? image->turn : 1;
}

/* Checks that the JPEG's header has the size that the record says. */
static int check_jpeg(const struct as_image *image, struct as_error *err)
{
	struct as_image_head head;
	const uint8_t *bytes = (const uint8_t *)image->jpeg.at;
	if (!bytes)
		return as_fail(err, AS_EDATA, "image: neither pixels nor a JPEG");
	if (!as_codec_jpeg.mine(bytes, image->jpeg.length))
		return as_fail(err, AS_EDATA, "image: not a JPEG");
	int rc = as_turn_check(turn_of(image), err);
	if (!rc)
		rc = as_codec_probe(&as_codec_jpeg, bytes, image->jpeg.length, &head, err);
	if (rc)
		return rc;
	as_image_turned(turn_of(image), &head.height, &head.width);
	if (head.height != image->height || head.width != image->width)
		return as_fail(err, AS_EDATA, "image: the JPEG is %lldx%lld, the record says %lldx%lld",
			       (long long)head.width, (long long)head.height, (long long)image->width,
			       (long long)image->height);
	return 0;
}

static int check_pixels(const struct as_image *image, struct as_error *err)
{
	const struct as_tensor *t = &image->pixels;
	if (t->dtype == AS_U1 && t->ndim == 3 && t->shape[0] == image->height && t->shape[1] == image->width &&
	    t->shape[2] == 3)
		return 0;
	return as_fail(err, AS_EDATA, "image: pixels are not |u1 of shape (%lld,%lld,3)", (long long)image->height,
		       (long long)image->width);
}

int as_image_bytes(const struct as_image *image, size_t *bytes, struct as_error *err)
{
	int rc = rgb_bytes(image->height, image->width, bytes, err);
	if (!rc)
		rc = image->pixels.data ? check_pixels(image, err) : check_jpeg(image, err);
	return rc;
}

int as_image_decode(const struct as_image *image, uint8_t *rgb, struct as_image_notes *notes, struct as_error *err)
{
	size_t bytes;
	int rc = as_image_bytes(image, &bytes, err);
	if (rc)
		return rc;
	if (image->pixels.data) {
		memcpy(rgb, image->pixels.data, bytes);
		return 0;
	}
	int64_t turn = turn_of(image), height = image->height, width = image->width;
	as_image_turned(turn, &height, &width); /* as stored */
	struct as_place place = as_place_for(rgb, height, width, turn);
	return as_codec_jpeg.decode((const uint8_t *)image->jpeg.at, image->jpeg.length, &place, notes, err);
}

static int64_t shrunk(int64_t n, int shrink)
{
	return (n + shrink - 1) / shrink;
}

int as_image_crop_bytes(const struct as_image *image, int shrink, size_t *bytes, struct as_error *err)
{
	int rc = image->pixels.data ? as_fail(err, AS_EARG, "image: a part is of a JPEG") : as_image_bytes(image, bytes, err);
	if (!rc)
		*bytes = 3 * (size_t)shrunk(image->height, shrink) * (size_t)shrunk(image->width, shrink);
	return rc;
}

int as_image_decode_crop(const struct as_image *image, const struct as_crop *part, uint8_t *rgb,
			 struct as_image_notes *notes, struct as_error *err)
{
	int64_t turn = turn_of(image), height = image->height, width = image->width;
	as_image_turned(turn, &height, &width); /* as stored */
	struct as_place place = as_place_for(rgb, shrunk(height, part->shrink), shrunk(width, part->shrink), turn);
	return as_jpeg_decode_crop((const uint8_t *)image->jpeg.at, image->jpeg.length, &place, part, notes, err);
}
