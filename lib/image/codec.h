/* Private to lib/image: what a codec file offers, and where decoded rows go. */
#ifndef AS_IMAGE_CODEC_H
#define AS_IMAGE_CODEC_H

#include <stdbool.h>

#include "image/image.h"

AS_BEGIN

/* Where the rows of a stored image lie in a result that is turned: pixel (y,x)
 * at rgb + 3 * (origin + y * down + x * right). */
struct as_place {
	uint8_t *rgb;
	int64_t height, width; /* as stored */
	int64_t origin, down, right;
};

struct as_place as_place_for(uint8_t *rgb, int64_t height, int64_t width, int64_t turn);

/* The row's own bytes when they lie together in the result, otherwise NULL:
 * decode to scratch then, and put it. */
uint8_t *as_place_row(const struct as_place *, int64_t y);
/* Puts a stored row of 3 * width bytes where it belongs. */
void as_place_put(const struct as_place *, int64_t y, const uint8_t *row);

struct as_codec {
	const char *name;
	/* Whether the file starts like one of ours. */
	bool (*mine)(const uint8_t *bytes, size_t count);
	/* Fills height, width, turn and the memory needed beyond file and RGB. */
	int (*probe)(const uint8_t *bytes, size_t count, struct as_image_head *, struct as_error *);
	/* Decodes to a place made for the head's size. */
	int (*decode)(const uint8_t *bytes, size_t count, const struct as_place *, struct as_image_notes *,
		      struct as_error *);
};

extern const struct as_codec as_codec_jpeg, as_codec_png, as_codec_webp, as_codec_pnm;

/* The codec's probe, and the limits of image.h. */
AS_NODISCARD int as_codec_probe(const struct as_codec *, const uint8_t *bytes, size_t count, struct as_image_head *,
				struct as_error *);
/* Whether a file's first bytes are those of an image that no codec reads; *kind says which. */
bool as_foreign_find(const uint8_t *bytes, size_t count, struct as_image_kind *);

/* A JPEG whose place is made for its size divided by part->shrink: at least the part of it. */
int as_jpeg_decode_crop(const uint8_t *bytes, size_t count, const struct as_place *, const struct as_crop *,
			struct as_image_notes *, struct as_error *);

/* Counts a warning and keeps the first one's text. */
void as_note(struct as_image_notes *, const char *text);

/* The turn that the chunks of a PNG say, wherever in the file; 1 when none does. */
int64_t as_png_turn(const uint8_t *bytes, size_t count);
AS_NODISCARD int as_turn_check(int64_t turn, struct as_error *);

/* What a file's metadata say of its turn, piece by piece. Zeroed: nothing yet. Broken ones say
 * nothing: they never stop an image. */
struct as_turn {
	int64_t exif, xmp; /* the first that either said, 0: none */
};
/* A piece: EXIF from its TIFF header on, with "Exif\0\0" before it or without, or XMP, with or
 * without its address before it. */
void as_turn_hear(struct as_turn *, const uint8_t *bytes, size_t count);
/* 1 to 8: EXIF's word before XMP's, as Pillow and ExifTool have it; 1 when neither says one. */
int64_t as_turn_said(const struct as_turn *);

AS_END
#endif
