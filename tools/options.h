/* The command line. One table of options drives parsing, --help, completion, the check of the manual page, and
 * the program's line in the chain. */
#ifndef AS_TOOLS_OPTIONS_H
#define AS_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum opt_type { OPT_FLAG, OPT_U64, OPT_F64, OPT_TEXT, OPT_LIST };

/* OPT_FLAG: bool; OPT_TEXT: const char *, the last value given; OPT_LIST: const char *, all values, joined
 * by commas. */
struct opt {
	char letter;      /* 0: long form only */
	const char *name; /* long name, without dashes */
	enum opt_type type;
	void *at;        /* where the value is; before parsing it holds the default */
	const char *arg; /* "N", "FILE"; NULL for a flag */
	const char *help;
	double lo, hi;   /* numbers: the range, ends included; 0, 0: any */
	bool bytes;      /* changes the bytes of the output, so it belongs in the chain */
};

#define OPT_END {0, NULL, OPT_FLAG, NULL, NULL, NULL, 0, 0, false}
/* The heading in --help of the options that follow, up to the next one; a heading may come again. Options before
 * the first are under "Options". */
#define OPT_GROUP(title) {0, "", OPT_FLAG, NULL, NULL, title, 0, 0, false}

struct tool {
	const char *name;     /* "aug-sample" */
	const char *synopsis; /* "[options] < images > samples" */
	const char *doc;      /* one sentence */
	const struct opt *opts;
	int min_operands, max_operands; /* max_operands -1: any number */
	bool reads, writes;             /* reads a stream on stdin; writes one on stdout */
	bool may_write;                 /* writes one, unless an option asks for something else */
	const char *(*engine)(void);    /* a further line for --version (the BLAS core), or NULL */
	const char *example;            /* lines to type, the end of --help; a test runs them */
};

/* Reads the command line: sets the options' variables; --help, --version and --options (for the man-page
 * test) print and exit 0; a wrong command line gives one line and exit 2. Refuses a terminal as binary
 * input or output unless --force. Ignores SIGPIPE. Returns the operands, *count of them. Options of all
 * programs: -h -V -q --force --[no-]progress. */
char **tool_begin(const struct tool *, int argc, char **argv, int *count);

/* Whether the option was on the command line. */
bool tool_given(const char *long_name);

/* "name version operands --option value...": what determines the bytes, for the header's chain; options at
 * their default are left out. The caller chooses the operands (paths stay out); NULL: none. Borrowed until
 * the next call. */
const char *tool_chain(const char *operands);

/* The number of threads: the value of -j, or AUGSELF_THREADS, or the CPUs allowed. */
int threads_or_default(uint64_t j);
/* The usual line for -j in an option table. */
#define OPT_JOBS(var) {'j', "jobs", OPT_U64, &(var), "N", "threads (default: the CPUs allowed)", 0, 1024, false}
#define OPT_SEED(var) {'s', "seed", OPT_U64, &(var), "N", "base seed (default 0)", 0, 9007199254740992.0, true}

#endif
