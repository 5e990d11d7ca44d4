/* WebP by libwebp: lossy and lossless to RGB, alpha dropped. An animation is refused, because it does not
 * say which picture is meant. */
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "image/codec.h"

static const char *const says[] = {
	[VP8_STATUS_OUT_OF_MEMORY] = "no memory",
	[VP8_STATUS_INVALID_PARAM] = "broken header",
	[VP8_STATUS_BITSTREAM_ERROR] = "corrupt data",
	[VP8_STATUS_UNSUPPORTED_FEATURE] = "a feature that libwebp does not know",
	[VP8_STATUS_SUSPENDED] = "the file ends early",
	[VP8_STATUS_USER_ABORT] = "stopped",
	[VP8_STATUS_NOT_ENOUGH_DATA] = "the file ends early",
};

static int fail(VP8StatusCode status, struct as_error *err)
{
	return as_fail(err, status == VP8_STATUS_OUT_OF_MEMORY ? AS_EMEM : AS_EDATA, "WebP: %s", says[status]);
}

static bool mine(const uint8_t *b, size_t n)
{
	return n >= 12 && !memcmp(b, "RIFF", 4) && !memcmp(b + 8, "WEBP", 4);
}

/* A RIFF file consists of chunks: a name, a length and that many bytes, padded to an even place. Metadata
 * are in the chunks EXIF and XMP. A length beyond the end of the file ends the search. */
static int64_t turn_of(const uint8_t *b, size_t n)
{
	struct as_turn turn = {0};
	for (size_t at = 12; n - at >= 8;) {
		const uint8_t *name = b + at, *data = name + 8;
		size_t length = name[4] | (size_t)name[5] << 8 | (size_t)name[6] << 16 | (size_t)name[7] << 24;
		at += 8;
		if (length > n - at)
			break;
		if (!memcmp(name, "EXIF", 4) || !memcmp(name, "XMP ", 4))
			as_turn_hear(&turn, data, length);
		at += length;
		at += length & 1 && at < n;
	}
	return as_turn_said(&turn);
}

static int probe(const uint8_t *bytes, size_t count, struct as_image_head *head, struct as_error *err)
{
	WebPBitstreamFeatures f;
	VP8StatusCode status = WebPGetFeatures(bytes, count, &f);
	if (status != VP8_STATUS_OK)
		return fail(status, err);
	if (f.has_animation)
		return as_fail(err, AS_EDATA, "WebP: an animation; its first picture: "
					      "webpmux -get frame 1 IN -o OUT.webp (package webp)");
	head->height = f.height;
	head->width = f.width;
	head->turn = turn_of(bytes, count);
	/* Memory besides RGB and file. A turned picture is decoded into a second copy. A lossless one is
	 * decoded as 4 bytes a pixel, and its transforms and tables rarely need more than a tenth of that.
	 * A lossy one has rows of macroblocks, and its alpha plane may be stored losslessly. */
	uint64_t w = (uint64_t)f.width, area = w * (uint64_t)f.height, scratch = head->turn == 1 ? 0 : 3 * area;
	head->memory = scratch + (f.format == 2 ? 6 * area : (f.has_alpha ? 6 * area : 0) + 256 * w);
	return 0;
}

static int decode(const uint8_t *bytes, size_t count, const struct as_place *p, struct as_image_notes *notes,
		  struct as_error *err)
{
	WebPDecoderConfig config;
	size_t row = 3 * (size_t)p->width, all = row * (size_t)p->height;
	bool plain = p->right == 1 && p->down == p->width;
	(void)notes; /* libwebp gives no warnings: it refuses damaged data */
	if (!WebPInitDecoderConfig(&config))
		return as_fail(err, AS_EDATA, "WebP: another libwebp than this was built for");
	uint8_t *rgb = plain ? p->rgb : malloc(all);
	if (!rgb)
		return as_fail(err, AS_EMEM, "no memory for a WebP");
	config.output.colorspace = MODE_RGB;
	config.output.is_external_memory = 1;
	config.output.u.RGBA.rgba = rgb;
	config.output.u.RGBA.stride = (int)row;
	config.output.u.RGBA.size = all;
	VP8StatusCode status = WebPDecode(bytes, count, &config);
	for (int64_t y = 0; !plain && status == VP8_STATUS_OK && y < p->height; y++)
		as_place_put(p, y, rgb + (size_t)y * row);
	if (!plain)
		free(rgb);
	return status == VP8_STATUS_OK ? 0 : fail(status, err);
}

const struct as_codec as_codec_webp = {"webp", mine, probe, decode};
