/* What every program shares beside its options: messages, standard streams, files.
 * Programs die; the library does not. */
#ifndef AS_TOOLS_COMMON_H
#define AS_TOOLS_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "options.h"
#include "progress.h"
#include "stream/stream.h"

enum { EXIT_DATA = 1, EXIT_USAGE = 2 };

/* One line "tool: ..." on stderr. */
void warn(const char *fmt, ...) AS_PRINTF(1, 2);
/* As warn, but not with -q: what is no warning. */
void inform(const char *fmt, ...) AS_PRINTF(1, 2);
/* As warn, then ends with the status; records that were given to open_output's stream
 * are on their way before. */
AS_NORETURN void die(int status, const char *fmt, ...) AS_PRINTF(2, 3);
/* Ends for an error of the library: AS_EPIPE silently with 0, AS_EARG with 2,
 * others with 1; `where` (a file name, or NULL) and the record stand in front. */
AS_NORETURN void die_error(const char *where, const struct as_error *);
/* As die_error's line, and the help that the error comes with, without ending. */
void warn_error(const char *where, const struct as_error *);

/* A file that an option names: the option, its path (NULL: not given), and whether it is written. */
struct place {
	const char *option, *path;
	bool written;
};
/* Ends a program that would write one file as two, or over one that it reads, whatever their names
 * look like; and one whose files cannot be written. */
void check_places(const struct place *, int n);
/* Ends a program whose file another process holds; otherwise it is ours until the end. */
void hold_file(const char *path);
/* The end, for a program that dies by a signal. */
void drop_file(void);

/* Ends a program whose stdin (0) or stdout (1) is binary and a terminal, unless --force. */
void refuse_terminal(int fd);
/* The stream on stdin; `kinds` as in as_reader_open. Never returns NULL. */
struct as_reader *open_input(const char *kinds);
/* The stream in a file; "-" or NULL is stdin. The file stays open to the end. */
struct as_reader *open_input_file(const char *path, const char *kinds);
/* A stream on stdout, which is no terminal unless --force; its header is on its way at once.
 * Sets the kind of *header and adds our chain line to it (NULL: a header with nothing but these);
 * a filter passes a copy of its input's header, changed where the output differs. */
struct as_writer *open_output(const char *kind, struct as_header *header, const char *operands);
/* The same with the header as it is, for a program whose output is as if it had not been there. */
struct as_writer *open_output_unsaid(const struct as_header *);
/* Trailer, flush, the seal on stderr. */
void close_output(struct as_writer *);
/* Ends a program whose output is text: flush, check, exit status. */
int finish_text(void);
/* Ends the program when text can no longer be written: once a line, in programs
 * whose output may be long, so that `| head` stops them. */
void check_text(void);

#endif
