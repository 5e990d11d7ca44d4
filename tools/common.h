/* What every program includes: messages, options, output; and here streams on standard input and output,
 * and the files that options name. */
#ifndef AS_TOOLS_COMMON_H
#define AS_TOOLS_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "stream/stream.h"

/* A file that an option names: the option, its path (NULL: not given), and whether the program writes it. */
struct place {
	const char *option, *path;
	bool written;
};
/* Ends the program if two options write the same file, or one writes what another reads, under any names;
 * and if a file cannot be written. */
void check_places(const struct place *, int n);
/* Ends the program if another process holds the file; otherwise the file is ours until the end. */
void hold_file(const char *path);
/* Releases the file, for a program that dies by a signal. */
void drop_file(void);

/* The stream on stdin; `kinds` as in as_reader_open. Never returns NULL. */
struct as_reader *open_input(const char *kinds);
/* The stream in a file; "-" or NULL is stdin. The file stays open until the program ends. */
struct as_reader *open_input_file(const char *path, const char *kinds);
/* A stream on stdout, which must not be a terminal unless --force; its header is written at once. Sets the
 * kind of *header and adds our line to its chain (NULL: a header with only these). A filter passes a copy
 * of its input's header, changed where the output differs. */
struct as_writer *open_output(const char *kind, struct as_header *header, const char *operands);
/* The same without our line in the chain, for a program that leaves no trace in its output. */
struct as_writer *open_output_unsaid(const struct as_header *);
/* Writes the trailer, flushes, and says the seal on stderr. */
void close_output(struct as_writer *);

#endif
