/* Private to lib/image and lib/data: image files that we write. */
#ifndef AS_IMAGE_WRITE_H
#define AS_IMAGE_WRITE_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

AS_BEGIN

/* Writes pixels |u1 (height,width,channels), each side 1 to 65,535, as a PNG: 1 channel is grey, 3 are RGB, 4 RGBA.
 * AS_EIO, AS_EMEM. */
AS_NODISCARD int as_png_write(FILE *, const uint8_t *pixels, int64_t height, int64_t width, int channels,
			      struct as_error *);

/* The same as a JPEG of this quality, 1 to 100: 1 channel is grey, 3 are RGB, 4 are CMYK as Adobe stores them, which
 * is 255 less the ink. */
AS_NODISCARD int as_jpeg_write(FILE *, const uint8_t *pixels, int64_t height, int64_t width, int channels, int quality,
			       struct as_error *);

AS_END
#endif
