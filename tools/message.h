/* What programs say on standard error, and how they end. Programs may die; the library does not. */
#ifndef AS_TOOLS_MESSAGE_H
#define AS_TOOLS_MESSAGE_H

#include <stdbool.h>

#include "base/error.h"

enum { EXIT_DATA = 1, EXIT_USAGE = 2 };

/* The options common to all programs. */
extern struct manners {
	bool quiet, force, progress, no_progress;
} manners;

/* The program's name for messages; "augself" before tool_called. */
const char *tool_name(void);
void tool_called(const char *name);
/* "ssl-train: ", or "ssl-train: [NAME] " if AUGSELF_NAME names the run. */
const char *line_prefix(void);

/* One line "tool: ..." on stderr. */
void warn(const char *fmt, ...) AS_PRINTF(1, 2);
/* As warn, but silent with -q: for what is not a warning. */
void inform(const char *fmt, ...) AS_PRINTF(1, 2);
/* As warn, then ends the program with this status; calls the function of before_end first. */
AS_NORETURN void die(int status, const char *fmt, ...) AS_PRINTF(2, 3);
/* Ends the program for an error of the library: AS_EPIPE silently with 0, AS_ESAID silently with 1, AS_EARG with 2,
 * others with 1.
 * `where` (a file name, or NULL) and the record stand before the text. */
AS_NORETURN void die_error(const char *where, const struct as_error *);
/* The same line, and the help that comes with the error, without ending. */
void warn_error(const char *where, const struct as_error *);

/* A stream will be written on standard output. If the program then ends by die or die_error, the reader of this
 * pipe learns that the reason is said, and ends without a message: the first cause stands alone. */
void promise_stream(void);
/* The stream is whole: the promise is kept. */
void keep_promise(void);
/* Sets a function that is called with the status of a program that dies of an error, last of all. */
void on_death(void (*)(int status));

/* Sets a function that writes pending records before the program dies; NULL: nothing is pending. */
void before_end(int (*flush)(struct as_error *));

#endif
