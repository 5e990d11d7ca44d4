/* Public since 0.2. Error values. A function that can fail returns 0 (or a count) or a negative enum
 * as_err, and fills the caller's struct as_error. The library never prints, exits or aborts. */
#ifndef AS_BASE_ERROR_H
#define AS_BASE_ERROR_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* The kinds of errors: whom to tell, and what could be tried. */
enum as_err {
	AS_OK = 0,
	AS_EIO = -1,    /* the system refused to read, write, open or rename */
	AS_EDATA = -2,  /* the input is not what it claims to be */
	AS_EARG = -3,   /* the caller asked for something impossible */
	AS_EMEM = -4,   /* out of memory, or above a stated limit */
	AS_EPIPE = -5,  /* the reader of our stream (as_writer) has closed it: not an error to report */
	AS_ESHORT = -6,   /* the stream ended without its trailer */
	AS_ENONE = -7,  /* as AS_EIO: there is no file of this name */
	AS_ESAID = -8   /* the program that wrote our input has failed and said why: not an error to report again */
};

/* What went wrong. `record` is the record's place in its stream, or -1. The text reads "what: why", without
 * program and file. `help`: lines to type next, if they do not fit into a sentence, or NULL; they stay
 * until this thread meets the next error. */
struct as_error {
	int code;
	int64_t record;
	char text[320];
	const char *help;
};

/* Fills *e (which may be NULL) and returns code, so that a caller can write `return as_fail(...)`. */
int as_fail(struct as_error *e, int code, const char *fmt, ...) AS_PRINTF(3, 4);

/* The same with code AS_EIO and ": " and the text of errno appended. It reports a broken pipe as well: a
 * file whose reader has left has lost data. */
int as_fail_errno(struct as_error *e, const char *fmt, ...) AS_PRINTF(2, 3);

/* Makes an error one of another code, which is returned: what a text says wrongly is AS_EDATA, though AS_EARG of
 * the function that was asked. */
int as_fail_code(struct as_error *e, int code);

/* The same with help, a static text. */
int as_fail_help(struct as_error *e, int code, const char *help, const char *fmt, ...) AS_PRINTF(4, 5);

/* Puts "prefix: " before the text of an error that is passed upward; returns its code. */
int as_fail_within(struct as_error *e, const char *fmt, ...) AS_PRINTF(2, 3);

AS_END
#endif
