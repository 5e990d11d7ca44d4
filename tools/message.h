/* What programs say on standard error, and how they end. Programs die; the library does not. */
#ifndef AS_TOOLS_MESSAGE_H
#define AS_TOOLS_MESSAGE_H

#include <stdbool.h>

#include "base/error.h"

enum { EXIT_DATA = 1, EXIT_USAGE = 2 };

/* What the options common to all programs said. */
extern struct manners {
	bool quiet, force, progress, no_progress;
} manners;

/* The program's name, for messages: "augself" until tool_called says it. */
const char *tool_name(void);
void tool_called(const char *name);
/* "ssl-train: ", or "ssl-train: [NAME] " where AUGSELF_NAME names the run. */
const char *line_prefix(void);

/* One line "tool: ..." on stderr. */
void warn(const char *fmt, ...) AS_PRINTF(1, 2);
/* As warn, but not with -q: what is no warning. */
void inform(const char *fmt, ...) AS_PRINTF(1, 2);
/* As warn, then ends with the status; what before_end was given comes before. */
AS_NORETURN void die(int status, const char *fmt, ...) AS_PRINTF(2, 3);
/* Ends for an error of the library: AS_EPIPE silently with 0, AS_EARG with 2,
 * others with 1; `where` (a file name, or NULL) and the record stand in front. */
AS_NORETURN void die_error(const char *where, const struct as_error *);
/* As die_error's line, and the help that the error comes with, without ending. */
void warn_error(const char *where, const struct as_error *);

/* What sends records on their way before a program dies; NULL: nothing is left to send. */
void before_end(int (*flush)(struct as_error *));

#endif
