#include "image/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/newfile.h"
#include "image/font.h"
#include "image/write.h"

enum { MARGIN = 16, GAP = 12, FRAME = 4, TEXT_GAP = 6 };
static const size_t most_bytes = (size_t)256 << 20;

struct as_sheet {
	int columns, side;
	int64_t width, height; /* of what has been drawn so far; the lower margin will be added */
	uint8_t *rgb;
};

int as_sheet_new(struct as_sheet **out, int columns, int side, struct as_error *err)
{
	if (columns < 1 || columns > 256 || side < 16 || side > 1024)
		return as_fail(err, AS_EARG, "sheet: %d columns of %d pixels", columns, side);
	struct as_sheet *s = calloc(1, sizeof *s);
	if (!s)
		return as_fail(err, AS_EMEM, "memory: no room for a sheet");
	s->columns = columns;
	s->side = side;
	s->width = 2 * MARGIN + (int64_t)columns * (side + 2 * FRAME) + (int64_t)(columns - 1) * GAP;
	*out = s;
	return 0;
}

void as_sheet_free(struct as_sheet *s)
{
	if (!s)
		return;
	free(s->rgb);
	free(s);
}

/* Adds this many rows of white at the bottom. */
static int grow(struct as_sheet *s, int64_t rows, struct as_error *err)
{
	int64_t above = s->height ? 0 : MARGIN;
	size_t row = 3 * (size_t)s->width, have = row * (size_t)s->height, more = row * (size_t)(rows + above);
	if (have + more > most_bytes)
		return as_fail(err, AS_EMEM, "sheet: more than %zu MiB of pixels", most_bytes >> 20);
	uint8_t *rgb = realloc(s->rgb, have + more);
	if (!rgb)
		return as_fail(err, AS_EMEM, "memory: no room for a sheet of %zu bytes", have + more);
	memset(rgb + have, 0xff, more);
	s->rgb = rgb;
	s->height += rows + above;
	return 0;
}

static void fill(struct as_sheet *s, int64_t y, int64_t x, int64_t height, int64_t width, int colour)
{
	for (int64_t i = y < 0 ? 0 : y; i < y + height && i < s->height; i++)
		for (int64_t k = x < 0 ? 0 : x; k < x + width && k < s->width; k++) {
			uint8_t *p = s->rgb + 3 * (i * s->width + k);
			p[0] = (uint8_t)(colour >> 16);
			p[1] = (uint8_t)(colour >> 8);
			p[2] = (uint8_t)colour;
		}
}

/* Draws one line of text, as much as fits into `room` pixels. */
static void draw_text(struct as_sheet *s, int64_t y, int64_t x, const char *text, size_t n, int size, int64_t room)
{
	size_t most = (size_t)((room + size) / (AS_FONT_ADVANCE * size));
	for (size_t i = 0; i < n && i < most; i++) {
		const uint8_t *g = as_font_glyph(text[i]);
		for (int r = 0; r < AS_FONT_HEIGHT; r++)
			for (int c = 0; c < AS_FONT_WIDTH; c++)
				if (g[r] >> (AS_FONT_WIDTH - 1 - c) & 1)
					fill(s, y + r * size, x + ((int64_t)i * AS_FONT_ADVANCE + c) * size, size, size, AS_INK);
	}
}

int as_sheet_text(struct as_sheet *s, const char *text, int size, struct as_error *err)
{
	if (size < 1 || size > 4)
		return as_fail(err, AS_EARG, "sheet: text of size %d", size);
	int rc = grow(s, AS_FONT_LINE * size + TEXT_GAP, err);
	if (!rc)
		draw_text(s, s->height - AS_FONT_LINE * size - TEXT_GAP, MARGIN, text, strlen(text), size,
			  s->width - 2 * MARGIN);
	return rc;
}

/* ---- pictures ---- */

/* The place (top, left) and size of a picture in its square, in pixels of the sheet. */
struct fit {
	int64_t top, left, height, width;
};

static struct fit fit_into(const struct as_cell *c, int side)
{
	int64_t longest = c->height > c->width ? c->height : c->width;
	struct fit f = {.height = c->height * side / longest, .width = c->width * side / longest};
	f.height += !f.height;
	f.width += !f.width;
	f.top = (side - f.height) / 2;
	f.left = (side - f.width) / 2;
	return f;
}

/* The mean of the source pixels that begin under one pixel of the sheet; in an enlarged picture, the source
 * pixel under it. */
static void sample(const struct as_cell *c, const struct fit *f, int64_t y, int64_t x, uint8_t *out)
{
	int64_t y0 = y * c->height / f->height, y1 = (y + 1) * c->height / f->height;
	int64_t x0 = x * c->width / f->width, x1 = (x + 1) * c->width / f->width;
	int64_t sum[3] = {0};
	y1 += y1 == y0;
	x1 += x1 == x0;
	for (int64_t i = y0; i < y1; i++)
		for (int64_t k = x0; k < x1; k++)
			for (int j = 0; j < 3; j++)
				sum[j] += c->rgb[3 * (i * c->width + k) + j];
	int64_t n = (y1 - y0) * (x1 - x0);
	for (int j = 0; j < 3; j++)
		out[j] = (uint8_t)((sum[j] + n / 2) / n);
}

void as_sheet_thumb(const uint8_t *rgb, int64_t height, int64_t width, int side, uint8_t *out, int64_t *out_height,
		    int64_t *out_width)
{
	struct as_cell c = {.rgb = rgb, .height = height, .width = width};
	struct fit f = fit_into(&c, side);
	for (int64_t y = 0; y < f.height; y++)
		for (int64_t x = 0; x < f.width; x++)
			sample(&c, &f, y, x, out + 3 * (y * f.width + x));
	*out_height = f.height;
	*out_width = f.width;
}

static void draw_picture(struct as_sheet *s, int64_t y, int64_t x, const struct as_cell *c, const struct fit *f)
{
	for (int64_t i = 0; i < f->height; i++)
		for (int64_t k = 0; k < f->width; k++)
			sample(c, f, i, k, s->rgb + 3 * ((y + f->top + i) * s->width + x + f->left + k));
}

static void outline(struct as_sheet *s, const struct fit *f, int thick, int colour)
{
	fill(s, f->top, f->left, thick, f->width, colour);
	fill(s, f->top + f->height - thick, f->left, thick, f->width, colour);
	fill(s, f->top, f->left, f->height, thick, colour);
	fill(s, f->top, f->left + f->width - thick, f->height, thick, colour);
}

static double within(double v, double most)
{
	return v < 0 ? 0 : v > most ? most : v;
}

/* A coloured line between two white ones, which is visible on any picture. */
static void draw_mark(struct as_sheet *s, int64_t y, int64_t x, const struct as_cell *c, const struct fit *f,
		      const struct as_mark *m)
{
	double down = (double)f->height / (double)c->height, right = (double)f->width / (double)c->width;
	double top = within(m->top * down, (double)f->height), left = within(m->left * right, (double)f->width);
	double end = within((m->top + m->height) * down, (double)f->height);
	double side = within((m->left + m->width) * right, (double)f->width);
	struct fit box = {y + f->top + (int64_t)lrint(top), x + f->left + (int64_t)lrint(left),
			  (int64_t)lrint(end - top), (int64_t)lrint(side - left)};
	struct fit inner = {box.top + 1, box.left + 1, box.height - 2, box.width - 2};
	if (box.height < 5 || box.width < 5)
		return;
	outline(s, &box, 4, AS_WHITE);
	outline(s, &inner, 2, m->colour);
}

/* ---- captions ---- */

static int caption_lines(const char *caption, size_t *longest)
{
	int lines = 0;
	for (*longest = 0; caption && *caption; lines++) {
		size_t n = strcspn(caption, "\n");
		*longest = n > *longest ? n : *longest;
		caption += n + (caption[n] == '\n');
	}
	return lines;
}

/* Twice the font's size if every caption of the row fits. */
static int caption_size(const struct as_sheet *s, const struct as_cell *cell, int n, int *lines)
{
	size_t longest, most = 0;
	*lines = 0;
	for (int i = 0; i < n; i++) {
		int k = caption_lines(cell[i].caption, &longest);
		*lines = k > *lines ? k : *lines;
		most = longest > most ? longest : most;
	}
	return most * AS_FONT_ADVANCE * 2 <= (size_t)(s->side + 2 * FRAME) ? 2 : 1;
}

static void draw_caption(struct as_sheet *s, int64_t y, int64_t x, const char *caption, int size)
{
	while (caption && *caption) {
		size_t n = strcspn(caption, "\n");
		draw_text(s, y, x, caption, n, size, s->side + 2 * FRAME);
		y += AS_FONT_LINE * size;
		caption += n + (caption[n] == '\n');
	}
}

int as_sheet_row(struct as_sheet *s, const struct as_cell *cell, int n, struct as_error *err)
{
	int lines, size = caption_size(s, cell, n, &lines), square = s->side + 2 * FRAME;
	int words = lines ? TEXT_GAP + lines * AS_FONT_LINE * size : 0;
	if (n > s->columns)
		return as_fail(err, AS_EARG, "sheet: %d cells in a row of %d", n, s->columns);
	int rc = grow(s, square + words + GAP, err);
	if (rc)
		return rc;
	int64_t y = s->height - square - words - GAP;
	for (int i = 0; i < n; i++) {
		const struct as_cell *c = &cell[i];
		int64_t x = MARGIN + (int64_t)i * (square + GAP);
		if (c->rgb && c->height > 0 && c->width > 0) {
			struct fit f = fit_into(c, s->side);
			struct fit around = {y + f.top, x + f.left, f.height + 2 * FRAME, f.width + 2 * FRAME};
			if (c->frame >= 0)
				fill(s, around.top, around.left, around.height, around.width, c->frame);
			draw_picture(s, y + FRAME, x + FRAME, c, &f);
			for (int k = 0; k < c->marks; k++)
				draw_mark(s, y + FRAME, x + FRAME, c, &f, &c->mark[k]);
		}
		draw_caption(s, y + square + TEXT_GAP, x, c->caption, size);
	}
	return 0;
}

/* ---- the file ---- */

int as_sheet_write(const struct as_sheet *s, const char *path, struct as_error *err)
{
	struct as_newfile file = {0};
	if (!s->height)
		return as_fail(err, AS_EARG, "sheet: nothing to show");
	int rc = as_newfile_open(&file, path, err);
	if (!rc && as_png_write(file.f, s->rgb, s->height, s->width, 3, err))
		rc = as_fail_within(err, "%s", path);
	if (!rc)
		rc = as_newfile_commit(&file, err);
	as_newfile_abandon(&file);
	return rc;
}
