/* Public since 0.2. Contact sheets: rows of pictures with frames, boxes and captions, as one PNG for people
 * to look at. */
#ifndef AS_IMAGE_SHEET_H
#define AS_IMAGE_SHEET_H

#include <stdint.h>

#include "base/error.h"

AS_BEGIN

/* 0xRRGGBB. */
enum as_colour {
	AS_NO_COLOUR = -1,
	AS_WHITE = 0xffffff,
	AS_INK = 0x24292f,
	AS_GREY = 0xd0d7de,
	AS_GREEN = 0x1a9850,
	AS_RED = 0xd73027,
	AS_BLUE = 0x2c7fb8,
	AS_ORANGE = 0xf58220
};

/* A rectangle to draw on a picture, in the picture's pixels; may extend beyond it. */
struct as_mark {
	double top, left, height, width;
	int colour;
};

/* One cell of a row. Everything is borrowed during the call. */
struct as_cell {
	const uint8_t *rgb;    /* (height,width,3); NULL: the cell stays empty */
	int64_t height, width;
	int frame;             /* colour of the frame (0 is black), or AS_NO_COLOUR */
	const char *caption;   /* lines of ASCII separated by \n, or NULL */
	const struct as_mark *mark;
	int marks;
};

struct as_sheet;

/* A sheet with `columns` cells in a row. Pictures are fitted into squares of `side` pixels (16 to 1024):
 * small ones are enlarged without smoothing, so that their pixels can be seen; large ones are averaged.
 * Free it with as_sheet_free. AS_EARG for other sizes, AS_EMEM. */
AS_NODISCARD int as_sheet_new(struct as_sheet **, int columns, int side, struct as_error *);
void as_sheet_free(struct as_sheet *);

/* Adds a line of text over the whole width; `size`: 1 to 4 times the font's 6 x 10 pixels. AS_EMEM. */
AS_NODISCARD int as_sheet_text(struct as_sheet *, const char *text, int size, struct as_error *);
/* Adds a row of n <= columns cells. Captions are drawn at twice the size if they fit. AS_EMEM above 256 MiB
 * of pixels. */
AS_NODISCARD int as_sheet_row(struct as_sheet *, const struct as_cell *, int n, struct as_error *);
/* Reduces a picture to what a sheet of `side` would show, into `out` of 3 * side * side bytes and *height x
 * *width: this is enough to keep until its row is full. */
void as_sheet_thumb(const uint8_t *rgb, int64_t height, int64_t width, int side, uint8_t *out, int64_t *out_height,
		    int64_t *out_width);
/* Writes the PNG, whole or not at all. AS_EIO, AS_EMEM. */
AS_NODISCARD int as_sheet_write(const struct as_sheet *, const char *path, struct as_error *);

AS_END
#endif
