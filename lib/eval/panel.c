#include "eval/panel.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

int as_panel_init(struct as_panel *c, int width, int height, bool utf8, struct as_error *err)
{
	*c = (struct as_panel){.width = width, .height = height, .utf8 = utf8};
	size_t n = (size_t)width * (size_t)height;
	if (!(c->cell = malloc((n + 1) * sizeof *c->cell)))
		return as_fail(err, AS_EMEM, "no memory for %d x %d characters", width, height);
	for (size_t i = 0; i < n; i++)
		c->cell[i] = (struct as_panel_cell){' ', AS_PANEL_PLAIN};
	return 0;
}

void as_panel_clear(struct as_panel *c)
{
	free(c->cell);
	*c = (struct as_panel){0};
}

void as_panel_put(struct as_panel *c, int row, int column, uint32_t letter, int colour)
{
	if (row < 0 || column < 0 || row >= c->height || column >= c->width)
		return;
	c->cell[row * c->width + column] = (struct as_panel_cell){letter, (uint8_t)colour};
}

/* The next character of a text, and its bytes; what is no character, or a control one, is '?'. */
static uint32_t next_letter(const char *s, size_t *bytes)
{
	size_t left = strlen(s), n = as_utf8(s, left), control = as_control(s, left);
	const unsigned char *u = (const unsigned char *)s;
	*bytes = control ? control : n ? n : 1;
	if (control || !n)
		return '?';
	uint32_t letter = n == 1 ? *u : n == 2 ? *u & 0x1fu : n == 3 ? *u & 0xfu : *u & 7u;
	for (size_t i = 1; i < n; i++)
		letter = letter << 6 | (u[i] & 0x3fu);
	return letter;
}

/* Characters of East Asia and pictures are twice as wide. */
static int wide(uint32_t letter)
{
	return (letter >= 0x1100 && letter < 0x1200) || (letter >= 0x2e80 && letter < 0xd7b0) ||
	       (letter >= 0xf900 && letter < 0xfb00) || (letter >= 0xfe30 && letter < 0xfe70) ||
	       (letter >= 0xff00 && letter < 0xff61) || letter >= 0x1f300 ? 2 : 1;
}

int as_panel_wide(const char *text)
{
	int n = 0;
	for (size_t bytes; *text; text += bytes)
		n += wide(next_letter(text, &bytes));
	return n;
}

int as_panel_text(struct as_panel *c, int row, int column, int room, int colour, const char *text)
{
	int end = column + room;
	for (size_t bytes; *text; text += bytes) {
		uint32_t letter = next_letter(text, &bytes);
		letter = letter > 0x7e && !c->utf8 ? '?' : letter;
		int n = wide(letter);
		if (column + n > end)
			break;
		as_panel_put(c, row, column, letter, colour);
		if (n > 1)
			as_panel_put(c, row, column + 1, 0, colour);
		column += n;
	}
	return column;
}

static void put_letter(uint32_t u, FILE *f)
{
	char s[4];
	int n = u < 0x80 ? 1 : u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
	for (int i = n - 1; i > 0; i--, u >>= 6)
		s[i] = (char)(0x80 | (u & 0x3f));
	s[0] = (char)(n == 1 ? u : n == 2 ? 0xc0 | u : n == 3 ? 0xe0 | u : 0xf0 | u);
	fwrite(s, 1, (size_t)n, f);
}

/* The eight colours of all terminals, but black, white and what is hard to see on either. */
static void put_colour(int colour, FILE *f)
{
	static const int code[AS_PANEL_COLOURS] = {36, 33, 32, 35, 31, 34};
	if (colour == AS_PANEL_PLAIN)
		fputs("\033[0m", f);
	else if (colour == AS_PANEL_FAINT)
		fputs("\033[0;2m", f);
	else
		fprintf(f, "\033[0;%dm", code[(colour - AS_PANEL_LINES) % AS_PANEL_COLOURS]);
}

void as_panel_row(const struct as_panel *c, int row, bool colours, FILE *f)
{
	const struct as_panel_cell *cell = c->cell + row * c->width;
	int n = c->width, now = AS_PANEL_PLAIN;
	while (n && cell[n - 1].letter == ' ')
		n--;
	for (int i = 0; i < n; i++) {
		if (!cell[i].letter)
			continue;
		if (colours && cell[i].colour != now && cell[i].letter != ' ')
			put_colour(now = cell[i].colour, f);
		put_letter(cell[i].letter, f);
	}
	if (now != AS_PANEL_PLAIN)
		put_colour(AS_PANEL_PLAIN, f);
}
