/* Public since 0.2. Images: what a file's header says, and its pixels as RGB. JPEG by libjpeg-turbo, PNG
 * by libpng, WebP by libwebp, PPM and PGM by our own code; each is one codec file and one line in read.c's
 * table. What a file claims is checked before memory is taken for it. */
#ifndef AS_IMAGE_IMAGE_H
#define AS_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stream/record.h"

AS_BEGIN

/* Limits of a decoded image: pixels, pixels on a side, and the memory for decoding, with file and RGB. A
 * program that decodes one image at a time stays below 512 MiB. */
enum { AS_IMAGE_MAX_PIXELS = 100000000, AS_IMAGE_MAX_SIDE = 65535, AS_IMAGE_MAX_MEMORY = 440 << 20 };

/* What the header of an image file says. */
struct as_image_head {
	const char *format;    /* "jpeg", "png", "webp", "pnm": static */
	int64_t height, width; /* as stored, before turning; each at least 1 */
	int64_t turn;          /* orientation, 1 (none) to 8, from EXIF or else XMP; 1 if missing or broken */
	uint64_t memory;       /* bytes that decoding needs at most, with file and RGB */
};

/* The kind of a file by its first bytes: AS_IMAGE_LOOK of them are enough, or the whole file. */
enum { AS_IMAGE_LOOK = 512 };
struct as_image_kind {
	const char *name, *remedy; /* static texts; remedy: the command that converts it, NULL if it is read here */
};
/* Whether it is an image, whether or not it can be read here. */
bool as_image_look(const void *bytes, size_t count, struct as_image_kind *);
/* Corrects what the bytes said by the file's name: most cameras' raw formats begin as a TIFF does. */
void as_image_name(const char *name, struct as_image_kind *);

/* Warnings of a codec: the image was decoded, but part of it may be wrong (the file ends early, its
 * compressed data are damaged, a marker is false). */
struct as_image_notes {
	uint64_t warnings;
	char first[100]; /* text of the first warning; "" if there is none */
};

/* Reads the header of the image file of `count` bytes. Nothing is decoded. AS_EDATA: not an image, or a
 * broken one; AS_EMEM: beyond the limits above. */
AS_NODISCARD int as_image_probe(const void *bytes, size_t count, struct as_image_head *, struct as_error *);

/* Decodes an image file to `rgb`, |u1 (H,W,3): 3 * height * width bytes of the caller, with the sizes from
 * as_image_probe (checked again here). Grey is copied to all three channels, palettes are looked up, 16
 * bits are scaled to 8, CMYK and YCCK are converted, alpha is dropped, colour profiles are ignored. `turn`
 * is the EXIF orientation to apply, 1 for none; with 5 to 8 the result is (width,height,3). Warnings are
 * added to *notes, which may be NULL. AS_EDATA for a file that is damaged or of another size, AS_EMEM; on an
 * error the contents of rgb are undefined. */
AS_NODISCARD int as_image_read(const void *bytes, size_t count, int64_t turn, uint8_t *rgb,
			       struct as_image_notes *, struct as_error *);

/* Changes height and width of a stored image to those after the EXIF turn. */
void as_image_turned(int64_t turn, int64_t *height, int64_t *width);

/* The number of bytes of the record image's pixels, 3 * height * width. Checks the limits, and that a
 * JPEG's header says the same size. Call it before taking memory for as_image_decode.
 * AS_EDATA, AS_EMEM. */
AS_NODISCARD int as_image_bytes(const struct as_image *, size_t *bytes, struct as_error *);

/* The pixels of a record's image, |u1 (height,width,3) as displayed, into `rgb` of as_image_bytes bytes:
 * decodes a JPEG (which must have the size that the record says) and applies image->turn; copies raw
 * pixels. *notes as above. AS_EDATA, AS_EMEM. */
AS_NODISCARD int as_image_decode(const struct as_image *, uint8_t *rgb, struct as_image_notes *, struct as_error *);

/* The wanted part of an image, in pixels as displayed: rows from top on, columns from left on; the whole
 * image is divided by `shrink`: 1, 2, 4 or 8. */
struct as_crop {
	int64_t top, left, height, width;
	int shrink;
};

/* The bytes of ceil(height/shrink) rows of ceil(width/shrink) pixels, checked like as_image_bytes, with its errors. */
AS_NODISCARD int as_image_crop_bytes(const struct as_image *, int shrink, size_t *bytes, struct as_error *);

/* Like as_image_decode for a JPEG, but only the part is sure to be decoded, at its place in the whole
 * image. top, left, height and width count full pixels, also if the image is shrunk. Pixels outside are
 * undefined, and a fault in the file beyond the part may not be noticed. `rgb` has as_image_crop_bytes
 * bytes. With shrink 1 the part has the same bytes as from as_image_decode. With more, libjpeg computes a
 * pixel from the lower frequencies of shrink x shrink pixels, which is near their mean, but sharper.
 * AS_EDATA, AS_EMEM. */
AS_NODISCARD int as_image_decode_crop(const struct as_image *, const struct as_crop *, uint8_t *rgb,
				      struct as_image_notes *, struct as_error *);

AS_END
#endif
