/* Public since 0.2. A rectangle of characters, each in a colour, that is filled and then written line by line. */
#ifndef AS_EVAL_PANEL_H
#define AS_EVAL_PANEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

AS_BEGIN

/* Colours: 0 the terminal's own, 1 faint, 2... those of lines. */
enum { AS_PANEL_PLAIN, AS_PANEL_FAINT, AS_PANEL_LINES, AS_PANEL_COLOURS = 6 /* of lines */ };

/* One character. */
struct as_panel_cell {
	uint32_t letter; /* Unicode; 0: the second half of a wide one */
	uint8_t colour;
};

/* Rows of characters. Free with as_panel_clear. */
struct as_panel {
	int width, height;
	bool utf8; /* otherwise what is not ASCII is '?' */
	struct as_panel_cell *cell; /* (height, width) */
};

/* An empty rectangle. AS_EMEM. Free with as_panel_clear. */
AS_NODISCARD int as_panel_init(struct as_panel *, int width, int height, bool utf8, struct as_error *);
void as_panel_clear(struct as_panel *);

/* Sets one character; outside nothing happens. */
void as_panel_put(struct as_panel *, int row, int column, uint32_t letter, int colour);
/* Writes a text, UTF-8, into `room` columns and no further; control characters are '?'. Returns the column behind it. */
int as_panel_text(struct as_panel *, int row, int column, int room, int colour, const char *text);
/* The columns that a text takes. */
int as_panel_wide(const char *text);
/* Writes a row, without blanks at its end and without a line's end; colours as a terminal knows them, or none. */
void as_panel_row(const struct as_panel *, int row, bool colours, FILE *);

AS_END
#endif
