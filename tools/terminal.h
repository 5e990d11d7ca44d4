/* Standard error: lines of text, and at the bottom of a terminal one line that is drawn again and again.
 * Programs that share a terminal use that line in turns; their messages stand above it. */
#ifndef AS_TOOLS_TERMINAL_H
#define AS_TOOLS_TERMINAL_H

#include <stdbool.h>

/* Writes one line of at most 1100 bytes; control characters, which file names may have, become '?'. */
void say_line(const char *text);

/* Whether a line can be drawn over; elsewhere, as in a file, each line stays. */
bool terminal_rewrites(void);
/* Draws the bottom line, shortened to the terminal's width, if it is our turn at `now` (seconds). */
void terminal_draw(const char *text, double now);
/* Removes the bottom line, if we drew it. */
void terminal_clear(void);

#endif
