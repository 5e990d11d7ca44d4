/* Images: what a file's header says, and its pixels as RGB. JPEG by libjpeg-turbo,
 * PNG by libpng, WebP by libwebp, PPM and PGM by hand; one codec file each, one line in read.c's
 * table. Whatever a file claims is checked before memory is taken for it. */
#ifndef AS_IMAGE_IMAGE_H
#define AS_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "stream/record.h"

AS_BEGIN

/* A decoded image has at most this many pixels, this many on a side, and decoding
 * it takes at most this much memory, file and RGB included: a program that decodes
 * one image at a time stays below 512 MiB. */
enum { AS_IMAGE_MAX_PIXELS = 100000000, AS_IMAGE_MAX_SIDE = 65535, AS_IMAGE_MAX_MEMORY = 440 << 20 };

/* What the header of an image file says. */
struct as_image_head {
	const char *format;    /* "jpeg", "png", "webp", "pnm": static */
	int64_t height, width; /* as stored, before any turn; each at least 1 */
	int64_t turn;          /* orientation, 1 (none) to 8, as EXIF says, or else XMP; 1 where it is missing or broken */
	uint64_t memory;       /* bytes that decoding needs at its peak, file and RGB included */
};

/* What a file is by its first bytes: AS_IMAGE_LOOK of them, or all, are enough. */
enum { AS_IMAGE_LOOK = 512 };
struct as_image_kind {
	const char *name, *remedy; /* static; the command that converts it, NULL: it is read here */
};
/* Whether it is an image, of a kind that is read here or not. */
bool as_image_look(const void *bytes, size_t count, struct as_image_kind *);

/* Warnings of a codec: the image was decoded, but not all of it can be trusted
 * (the file ends early, its entropy data are corrupt, a marker lies). */
struct as_image_notes {
	uint64_t warnings;
	char first[100]; /* the first one's text; "" when there was none */
};

/* Reads the header of the image file of `count` bytes. AS_EDATA: no image or a
 * broken one; AS_EMEM: an image beyond the limits above. Nothing is decoded. */
AS_NODISCARD int as_image_probe(const void *bytes, size_t count, struct as_image_head *, struct as_error *);

/* Decodes an image file to `rgb`, |u1 (H,W,3), the caller's 3 * height * width
 * bytes of the head that as_image_probe gave (which is checked again). Grey is
 * replicated, palettes are looked up, 16 bits are scaled to 8, CMYK and YCCK are
 * converted, alpha is dropped, colour profiles are ignored. `turn` is the EXIF
 * orientation to apply, 1 for none; with 5 to 8 the result is (width,height,3).
 * *notes is added to, and may be NULL. On an error the contents of rgb are
 * undefined. */
AS_NODISCARD int as_image_read(const void *bytes, size_t count, int64_t turn, uint8_t *rgb,
			       struct as_image_notes *, struct as_error *);

/* Height and width after an EXIF turn is applied to an image stored as given. */
void as_image_turned(int64_t turn, int64_t *height, int64_t *width);

/* Bytes that the pixels of a record's image take, 3 * height * width, checked
 * against the limits and against what is there: a JPEG's header says the same size.
 * Ask before taking memory for as_image_decode. */
AS_NODISCARD int as_image_bytes(const struct as_image *, size_t *bytes, struct as_error *);

/* The pixels of a record's image, |u1 (height,width,3) as displayed, into `rgb` of
 * as_image_bytes bytes: decodes a JPEG (which must have the size that the record
 * says) and applies image->turn; copies pixels. *notes as above. */
AS_NODISCARD int as_image_decode(const struct as_image *, uint8_t *rgb, struct as_image_notes *, struct as_error *);

/* What is wanted of an image, in pixels as displayed: rows top.. and columns left.., and all of it
 * divided by `shrink`: 1, 2, 4 or 8. */
struct as_crop {
	int64_t top, left, height, width;
	int shrink;
};

/* Bytes of ceil(height/shrink) rows of ceil(width/shrink) pixels, checked as as_image_bytes does. */
AS_NODISCARD int as_image_crop_bytes(const struct as_image *, int shrink, size_t *bytes, struct as_error *);

/* As as_image_decode, of a JPEG, but only the part need be there, where it would be in the whole
 * image (top, left, height and width count full pixels, also where the image shrinks); what
 * lies outside is undefined, and a fault of the file beyond the part may go unseen. `rgb` is as
 * as_image_crop_bytes says. With shrink 1 the part's bytes are those of as_image_decode. With
 * more, a pixel is what libjpeg makes of the lower frequencies of shrink x shrink pixels: near
 * their mean, and sharper. */
AS_NODISCARD int as_image_decode_crop(const struct as_image *, const struct as_crop *, uint8_t *rgb,
				      struct as_image_notes *, struct as_error *);

AS_END
#endif
