/* Standard error: lines of text, and at the bottom of a terminal one line that is drawn anew. Of all
 * programs that share a terminal one has that line, by turns; what any of them says stands above it. */
#ifndef AS_TOOLS_TERMINAL_H
#define AS_TOOLS_TERMINAL_H

#include <stdbool.h>

/* One line, of at most 1100 bytes; control characters, as of file names, come out as '?'. */
void say_line(const char *text);

/* Whether a line can be drawn anew there: elsewhere, as in a file, each stays. */
bool terminal_rewrites(void);
/* Draws the bottom line, shortened to the terminal's width, if it is ours at `now` (seconds). */
void terminal_draw(const char *text, double now);
/* Takes the bottom line away, if we drew it. */
void terminal_clear(void);

#endif
