/* What every program includes: what it may say, how it ends, its options and output; and here streams on
 * standard input and output, and the files that options name. */
#ifndef AS_TOOLS_COMMON_H
#define AS_TOOLS_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "stream/stream.h"

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

#endif
