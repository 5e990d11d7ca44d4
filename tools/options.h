/* The command line: one option table drives parsing, --help, the check of the man page
 * and what the chain says of the program. */
#ifndef AS_TOOLS_OPTIONS_H
#define AS_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum opt_type { OPT_FLAG, OPT_U64, OPT_F64, OPT_TEXT, OPT_LIST };

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

/* Threads to use: the value of -j, or AUGSELF_THREADS, or the CPUs allowed. */
int threads_or_default(uint64_t j);
/* -j's usual line in an option table. */
#define OPT_JOBS(var) {'j', "jobs", OPT_U64, &(var), "N", "threads (default: the CPUs allowed)", 0, 1024, false}
#define OPT_SEED(var) {'s', "seed", OPT_U64, &(var), "N", "base seed (default 0)", 0, 9007199254740992.0, true}

#endif
