/* How far a program is. */
#ifndef AS_TOOLS_PROGRESS_H
#define AS_TOOLS_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/* So much is done of `total` (0: not known); `more` goes behind it, or NULL. To be called as often
 * as it changes: on a terminal a line is drawn 6 times a second, elsewhere a plain one comes after
 * some seconds and then once a minute, or each AUGSELF_PROGRESS seconds. Silent with -q, in
 * the first 2 seconds, and when stdout is a pipe (the last program of a pipe speaks for all)
 * unless --progress asks. */
void progress(uint64_t done, uint64_t total, const char *unit, const char *more);
/* How many were done when this process began, for one that goes on: rates leave them out. */
void progress_from(uint64_t done);
/* Ends the line and says rate, seconds, CPU seconds and peak memory. */
void progress_end(uint64_t done, const char *unit);
/* Ends the line without a word; what comes later is not drawn. */
void progress_stop(void);

#endif
