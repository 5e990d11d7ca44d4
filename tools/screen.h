/* Standard output as a screen that is drawn again and again, on a terminal. What was on it before comes back at the end,
 * however the program ends or is stopped. */
#ifndef AS_TOOLS_SCREEN_H
#define AS_TOOLS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* Whether standard output is a terminal that can be drawn over, and whether it wants colours (NO_COLOR). */
bool screen_can(void);
bool screen_colours(void);
/* Whether the locale's characters are UTF-8. */
bool screen_utf8(void);
/* Its size in characters; 80 x 24 where it does not say. */
void screen_size(int *width, int *height);

/* Catches the signals that end a program that watches something: after them screen_wait returns false. */
void screen_catch(void);
/* Begins: the cursor goes, keys are not shown. `keys`: standard input is the keyboard. */
void screen_begin(bool keys);
/* Draws a picture of so many lines over the one before, in one piece. */
void screen_show(const char *lines, size_t n);
void screen_end(void);
/* Waits so long, or until the size changes or the program goes on after a stop. False: the user wants the end, by Ctrl-C
 * or the key q; another signal that ends a program ends it here. */
bool screen_wait(double seconds);

#endif
