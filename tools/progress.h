/* How far a program is. */
#ifndef AS_TOOLS_PROGRESS_H
#define AS_TOOLS_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* Reports `done` of `total` (0: not known); `more`, or NULL, is added. Call it whenever the number changes.
 * On a terminal it draws a line 6 times a second; elsewhere it writes a plain line after some seconds and
 * then once a minute, or every AUGSELF_PROGRESS seconds. Silent with -q, in the first 2 seconds, and if
 * stdout is a pipe (the last program of a pipe reports for all) unless --progress is given. */
void progress(uint64_t done, uint64_t total, const char *unit, const char *more);
/* For a resumed run: how much was done when this process began, which rates leave out. */
void progress_from(uint64_t done);
/* Ends the line and says rate, seconds, CPU seconds and peak memory. */
void progress_end(uint64_t done, const char *unit);
/* Removes the line; later reports are not drawn. */
void progress_stop(void);

#endif
