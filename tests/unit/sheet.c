/* Contact sheets: where pictures, frames, boxes and words come to lie. */
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "image/image.h"
#include "image/sheet.h"

#include "../tap.h"

static char path[] = "/tmp/as-sheet-XXXXXX";

/* The sheet as it was written, read by our PNG reader. */
static uint8_t *read_back(struct as_image_head *head)
{
	struct as_error err = {0};
	char *bytes = NULL;
	size_t count;
	uint8_t *rgb = NULL;
	if (as_file_read(path, AS_PATH_FILE, 1 << 24, &bytes, &count, &err) || as_image_probe(bytes, count, head, &err) ||
	    !(rgb = malloc((size_t)(3 * head->height * head->width))) ||
	    as_image_read(bytes, count, 1, rgb, NULL, &err))
		ok(false, "reading back: %s", err.text);
	free(bytes);
	return rgb;
}

static int at(const uint8_t *rgb, const struct as_image_head *h, int y, int x)
{
	const uint8_t *p = rgb + 3 * (y * h->width + x);
	return p[0] << 16 | p[1] << 8 | p[2];
}

int main(void)
{
	struct as_error err = {0};
	struct as_sheet *s = NULL;
	/* 2 x 2: red green / blue white */
	static const uint8_t four[12] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
	uint8_t wide[3 * 64 * 128];
	for (int i = 0; i < 64 * 128; i++) /* columns alternate between 0 and 200: the mean is 100 */
		memset(wide + 3 * i, i % 2 ? 200 : 0, 3);
	const struct as_mark mark = {16, 32, 32, 64, AS_RED};
	const struct as_cell cell[3] = {
		{.rgb = four, .height = 2, .width = 2, .frame = AS_BLUE, .caption = "I"},
		{.frame = AS_RED},
		{.rgb = wide, .height = 64, .width = 128, .frame = AS_NO_COLOUR, .mark = &mark, .marks = 1},
	};
	close(mkstemp(path));
	ok(!as_sheet_new(&s, 3, 64, &err), "a sheet");
	is_int(as_sheet_write(s, path, &err), AS_EARG, "without a row there is nothing to write");
	is_int(as_sheet_row(s, cell, 3, &err), 0, "a row of three");
	is_int(as_sheet_row(s, (struct as_cell[4]){{0}}, 4, &err), AS_EARG, "four do not fit");
	is_int(as_sheet_text(s, "words", 1, &err), 0, "a line of text");
	is_int(as_sheet_write(s, path, &err), 0, "it is written");
	as_sheet_free(s);

	struct as_image_head h = {0};
	uint8_t *rgb = read_back(&h);
	/* margins 16, squares of 64 + 2 * 4, gaps of 12; below, 6 + 20 for the caption, 12, 10 + 6 for the text */
	is_int(h.width, 2 * 16 + 3 * 72 + 2 * 12, "as wide as three squares");
	is_int(h.height, 16 + 72 + 26 + 12 + 16, "as high as a row and a line");
	is_int(at(rgb, &h, 16, 16), AS_BLUE, "the frame begins at the margin");
	ok(at(rgb, &h, 20, 20) == 0xff0000 && at(rgb, &h, 51, 51) == 0xff0000 && at(rgb, &h, 20, 52) == 0x00ff00 &&
		   at(rgb, &h, 52, 20) == 0x0000ff && at(rgb, &h, 83, 83) == 0xffffff,
	   "a pixel is enlarged to a square of 32");
	is_int(at(rgb, &h, 83, 88), AS_WHITE, "beside it is white");
	int empty = 0;
	for (int y = 16; y < 88; y++)
		for (int x = 100; x < 172; x++)
			empty += at(rgb, &h, y, x) != AS_WHITE;
	is_int(empty, 0, "a cell without a picture stays empty");
	/* 128 x 64 in 64 x 32, from row 20 + 16, column 188 */
	is_int(at(rgb, &h, 20 + 16, 188), 0x646464, "a large picture is averaged");
	is_int(at(rgb, &h, 35, 188), AS_WHITE, "and lies in the middle of its square");
	/* the box (16,32)+(32,64) of the picture is (8,16)+(16,32): white, red, red, white */
	ok(at(rgb, &h, 36 + 8, 188 + 16) == AS_WHITE && at(rgb, &h, 36 + 9, 188 + 17) == AS_RED &&
		   at(rgb, &h, 36 + 10, 188 + 18) == AS_RED && at(rgb, &h, 36 + 11, 188 + 19) == AS_WHITE &&
		   at(rgb, &h, 36 + 14, 188 + 22) == 0x646464 && at(rgb, &h, 36 + 22, 188 + 46) == AS_RED,
	   "a box is drawn where it is");
	/* "I" is 5 x 7 with bars of 3, twice as large: ink from column 16 + 2 to 16 + 7 */
	ok(at(rgb, &h, 94, 16 + 2) == AS_INK && at(rgb, &h, 94, 16 + 7) == AS_INK && at(rgb, &h, 94, 16 + 1) == AS_WHITE &&
		   at(rgb, &h, 98, 16 + 4) == AS_INK && at(rgb, &h, 98, 16 + 2) == AS_WHITE,
	   "the caption stands beneath");
	free(rgb);

	uint8_t thumb[3 * 16 * 16];
	int64_t height = 0, width = 0;
	as_sheet_thumb(wide, 64, 128, 16, thumb, &height, &width);
	ok(height == 8 && width == 16 && thumb[0] == 100, "a thumb is what the sheet would show");
	ok(!as_sheet_new(&s, 4, 1024, &err), "a sheet of large squares");
	const struct as_cell tall = {.rgb = four, .height = 2, .width = 2};
	int rc = 0, rows = 0;
	while (!rc && rows < 1000) {
		rc = as_sheet_row(s, &tall, 1, &err);
		rows++;
	}
	ok(rc == AS_EMEM && rows < 30, "does not grow for ever: %s", err.text);
	is_int(as_sheet_write(s, "/nowhere/at/all.png", &err), AS_EIO, "a place that is not there");
	as_sheet_free(s);
	is_int(as_sheet_new(&s, 0, 64, &err), AS_EARG, "no columns");
	remove(path);
	return done();
}
