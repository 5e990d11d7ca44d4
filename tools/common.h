/* What every program shares: one option table each, messages, standard streams,
 * progress. Programs die; the library does not. */
#ifndef AS_TOOLS_COMMON_H
#define AS_TOOLS_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "stream/stream.h"

enum { EXIT_DATA = 1, EXIT_USAGE = 2 };

enum opt_type { OPT_FLAG, OPT_U64, OPT_I64, OPT_F64, OPT_TEXT, OPT_LIST };

/* OPT_FLAG: bool; OPT_TEXT: const char *, the last one given; OPT_LIST: const char *, all
 * that were given, joined by commas. */
struct opt {
	char letter;      /* 0: long form alone */
	const char *name; /* long name, without dashes */
	enum opt_type type;
	void *at;        /* holds the default before, the value after */
	const char *arg; /* "N", "FILE"; NULL for a flag */
	const char *help;
	double lo, hi;   /* numbers: the range, both ends in; 0, 0: any */
	bool bytes;      /* determines the bytes of the output: belongs in the chain */
};

#define OPT_END {0, NULL, OPT_FLAG, NULL, NULL, NULL, 0, 0, false}

struct tool {
	const char *name;     /* "aug-sample" */
	const char *synopsis; /* "[options] < images > samples" */
	const char *doc;      /* one sentence */
	const struct opt *opts;
	int min_operands, max_operands; /* max -1: any number */
	bool reads, writes;             /* a stream on stdin; binary data on stdout */
	const char *(*engine)(void);    /* a line more for --version (the BLAS core), or NULL */
};

/* Reads the command line: options into their variables; --help, --version,
 * --options (names for the man-page test) print and exit 0; misuse is one line
 * and exit 2. Refuses a terminal as binary input or output unless --force.
 * Ignores SIGPIPE. Returns the operands, *count of them. Options common to all:
 * -h -V -q --force --[no-]progress. */
char **tool_begin(const struct tool *, int argc, char **argv, int *count);

/* Whether the option was on the command line. */
bool tool_given(const char *long_name);

/* "name version operands --option value...": all that determines the bytes, for
 * the header's chain; options at their default are left out. The operands are the
 * caller's choice (paths stay out); NULL for none. Borrowed until the next call. */
const char *tool_chain(const char *operands);

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
/* As die_error's line, without ending. */
void warn_error(const char *where, const struct as_error *);

/* The stream on stdin; `kinds` as in as_reader_open. Never returns NULL. */
struct as_reader *open_input(const char *kinds);
/* The stream in a file; "-" or NULL is stdin. The file stays open to the end. */
struct as_reader *open_input_file(const char *path, const char *kinds);
/* A stream on stdout, which is no terminal unless --force. Sets the kind of *header and adds our chain line to it
 * (NULL: a header with nothing but these); a filter passes a copy of its input's
 * header, changed where the output differs. */
struct as_writer *open_output(const char *kind, struct as_header *header, const char *operands);
/* Trailer, flush, the seal on stderr. */
void close_output(struct as_writer *);
/* Ends a program whose output is text: flush, check, exit status. */
int finish_text(void);
/* Ends the program when text can no longer be written: once a line, in programs
 * whose output may be long, so that `| head` stops them. */
void check_text(void);

/* Threads to use: the value of -j, or AUGSELF_THREADS, or the CPUs allowed. */
int threads_or_default(uint64_t j);
/* -j's usual line in an option table. */
#define OPT_JOBS(var) {'j', "jobs", OPT_U64, &(var), "N", "threads (default: the CPUs allowed)", 0, 1024, false}
#define OPT_SEED(var) {'s', "seed", OPT_U64, &(var), "N", "base seed (default 0)", 0, 9007199254740992.0, true}

/* Progress: a line rewritten at most 6 times a second on a terminal, otherwise a
 * plain line at records 1, 2, 4, 8, ... ; silent with -q. total 0: not known.
 * In the first 2 seconds, and when stdout is a pipe (the last program of a pipe
 * speaks for all), only with --progress. */
void progress(uint64_t done, uint64_t total, const char *unit, const char *more);
/* How many were done when this process began, for one that goes on: rates leave them out. */
void progress_from(uint64_t done);
/* Ends the line and says rate, seconds, CPU seconds and peak memory. */
void progress_end(uint64_t done, const char *unit);

#endif
