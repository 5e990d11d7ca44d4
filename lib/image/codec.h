/* Private to lib/image: what a codec file provides, and where decoded rows are put. */
#ifndef AS_IMAGE_CODEC_H
#define AS_IMAGE_CODEC_H

#include <stdbool.h>

#include "image/image.h"

AS_BEGIN

/* Where the rows of a stored image are in the turned result: pixel (y,x) is at rgb + 3 * (origin + y * down
 * + x * right). */
struct as_place {
	uint8_t *rgb;
	int64_t height, width; /* as stored */
	int64_t origin, down, right;
};

struct as_place as_place_for(uint8_t *rgb, int64_t height, int64_t width, int64_t turn);

/* The address of the row if its pixels lie next to one another in the result; otherwise NULL: decode into
 * scratch, then call as_place_put. */
uint8_t *as_place_row(const struct as_place *, int64_t y);
/* Copies a stored row of 3 * width bytes to its place in the result. */
void as_place_put(const struct as_place *, int64_t y, const uint8_t *row);

struct as_codec {
	const char *name;
	/* Whether the file begins like one of this kind. */
	bool (*mine)(const uint8_t *bytes, size_t count);
	/* Fills height, width, turn and the memory needed besides file and RGB. */
	int (*probe)(const uint8_t *bytes, size_t count, struct as_image_head *, struct as_error *);
	/* Decodes to a place that was made for this header's size. */
	int (*decode)(const uint8_t *bytes, size_t count, const struct as_place *, struct as_image_notes *,
		      struct as_error *);
};

extern const struct as_codec as_codec_jpeg, as_codec_png, as_codec_webp, as_codec_pnm;

/* Calls the codec's probe and checks the limits of image.h. */
AS_NODISCARD int as_codec_probe(const struct as_codec *, const uint8_t *bytes, size_t count, struct as_image_head *,
				struct as_error *);
/* Whether the first bytes are those of an image that no codec reads; *kind says which. */
bool as_foreign_find(const uint8_t *bytes, size_t count, struct as_image_kind *);

/* Decodes at least the part of a JPEG; the place was made for its size divided by part->shrink. */
int as_jpeg_decode_crop(const uint8_t *bytes, size_t count, const struct as_place *, const struct as_crop *,
			struct as_image_notes *, struct as_error *);

/* Counts a warning and keeps the text of the first one. */
void as_note(struct as_image_notes *, const char *text);

/* The turn that a PNG's chunks say, anywhere in the file; 1 if none does. */
int64_t as_png_turn(const uint8_t *bytes, size_t count);
AS_NODISCARD int as_turn_check(int64_t turn, struct as_error *);

/* What the metadata of a file say about its turn, read piece by piece. Initialise with zeros. Broken
 * metadata say nothing; they are never an error. */
struct as_turn {
	int64_t exif, xmp; /* the first turn that each said, 0: none */
};
/* Reads a piece: EXIF from its TIFF header on, with or without "Exif\0\0" before it, or XMP, with or
 * without its address before it. */
void as_turn_hear(struct as_turn *, const uint8_t *bytes, size_t count);
/* The turn, 1 to 8. EXIF is preferred to XMP, as in Pillow and ExifTool; 1 if neither says one. */
int64_t as_turn_said(const struct as_turn *);

AS_END
#endif
