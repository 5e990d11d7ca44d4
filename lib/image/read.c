/* Image files: chooses the codec, and says what other files are. Apart from image.c, so that a program
 * which only decodes records needs no other library than the JPEG's. */
#include <string.h>

#include "image/codec.h"

static const struct as_codec *const codecs[] = {&as_codec_jpeg, &as_codec_png, &as_codec_webp, &as_codec_pnm};

static const struct as_codec *find(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
		if (codecs[i]->mine(bytes, count))
			return codecs[i];
	return NULL;
}

bool as_image_look(const void *bytes, size_t count, struct as_image_kind *kind)
{
	const struct as_codec *codec = find(bytes, count);
	*kind = (struct as_image_kind){codec ? codec->name : NULL, NULL};
	return codec || as_foreign_find(bytes, count, kind);
}

static const struct as_codec *codec_of(const uint8_t *bytes, size_t count, struct as_error *err)
{
	const struct as_codec *codec = find(bytes, count);
	struct as_image_kind kind;
	if (codec)
		return codec;
	if (!count)
		as_fail(err, AS_EDATA, "empty file");
	else if (as_foreign_find(bytes, count, &kind))
		as_fail(err, AS_EDATA, "%s, which is not read: %s", kind.name, kind.remedy);
	else
		as_fail(err, AS_EDATA, "not a JPEG, PNG, WebP, PPM or PGM: starts with 0x%02x 0x%02x", bytes[0],
			bytes[count > 1]);
	return NULL;
}

int as_image_probe(const void *bytes, size_t count, struct as_image_head *head, struct as_error *err)
{
	const struct as_codec *codec = codec_of(bytes, count, err);
	return codec ? as_codec_probe(codec, bytes, count, head, err) : AS_EDATA;
}

int as_image_read(const void *bytes, size_t count, int64_t turn, uint8_t *rgb, struct as_image_notes *notes,
		  struct as_error *err)
{
	struct as_image_head head;
	const struct as_codec *codec = codec_of(bytes, count, err);
	int rc = codec ? as_turn_check(turn, err) : AS_EDATA;
	if (!rc)
		rc = as_codec_probe(codec, bytes, count, &head, err);
	if (rc)
		return rc;
	struct as_place place = as_place_for(rgb, head.height, head.width, turn);
	return codec->decode(bytes, count, &place, notes, err);
}
