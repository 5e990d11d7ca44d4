/* What codecs share: where the rows of a stored image go in a turned result, and how warnings are noted. */
#include <stdio.h>
#include <string.h>

#include "image/codec.h"

void as_note(struct as_image_notes *notes, const char *text)
{
	if (notes && !notes->warnings++)
		snprintf(notes->first, sizeof notes->first, "%s", text);
}

/* The orientation says where the stored row 0 and column 0 are displayed: 1 top left, 2 top right, 3 bottom
 * right, 4 bottom left (rows across); 5 left top, 6 right top, 7 right bottom, 8 left bottom (rows down). */
struct as_place as_place_for(uint8_t *rgb, int64_t height, int64_t width, int64_t turn)
{
	struct as_place p = {.rgb = rgb, .height = height, .width = width};
	bool across = turn < 5;
	bool rows_back = turn == 3 || turn == 4 || turn == 6 || turn == 7;
	bool columns_back = turn == 2 || turn == 3 || turn == 7 || turn == 8;
	p.down = across ? width : 1;
	p.right = across ? 1 : height;
	if (rows_back) {
		p.origin += (height - 1) * p.down;
		p.down = -p.down;
	}
	if (columns_back) {
		p.origin += (width - 1) * p.right;
		p.right = -p.right;
	}
	return p;
}

uint8_t *as_place_row(const struct as_place *p, int64_t y)
{
	return p->right == 1 ? p->rgb + 3 * (p->origin + y * p->down) : NULL;
}

void as_place_put(const struct as_place *p, int64_t y, const uint8_t *row)
{
	uint8_t *to = p->rgb + 3 * (p->origin + y * p->down);
	for (int64_t x = 0; x < p->width; x++, row += 3)
		memcpy(to + 3 * x * p->right, row, 3);
}

void as_image_turned(int64_t turn, int64_t *height, int64_t *width)
{
	if (turn < 5)
		return;
	int64_t was = *height;
	*height = *width;
	*width = was;
}

int as_turn_check(int64_t turn, struct as_error *err)
{
	return turn >= 1 && turn <= 8 ? 0 : as_fail(err, AS_EDATA, "turn %lld is not within 1..8", (long long)turn);
}
