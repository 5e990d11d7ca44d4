/* Error values. A function that can fail returns 0 (or a count) or a negative
 * enum as_err and fills the caller's struct as_error; the library never prints,
 * exits or aborts. */
#ifndef AS_BASE_ERROR_H
#define AS_BASE_ERROR_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum as_err {
	AS_OK = 0,
	AS_EIO = -1,    /* the system refused a read, a write, an open, a rename */
	AS_EDATA = -2,  /* the input is not what it claims to be */
	AS_EARG = -3,   /* the caller asked for something that cannot be */
	AS_EMEM = -4,   /* out of memory, or above a stated limit */
	AS_EPIPE = -5,  /* whoever read our stream (as_writer) has left: no error to report */
	AS_ECUT = -6,   /* the stream ended without its trailer */
	AS_ENONE = -7   /* as AS_EIO: there is no such file to read */
};

/* What went wrong. `record` is the record's place in its stream, or -1. The
 * text reads "what: why", without the program or file in front. `help`: lines to
 * type next, where a sentence cannot hold them, or NULL. */
struct as_error {
	int code;
	int64_t record;
	char text[320];
	const char *help;
};

/* Fills *e (which may be NULL) and returns code, so that `return as_fail(...)`
 * reads as one step. */
int as_fail(struct as_error *e, int code, const char *fmt, ...) AS_PRINTF(3, 4);

/* As as_fail, with ": " and the text of errno behind; code AS_EIO. A broken pipe is no
 * exception: what a file was to hold is lost, whatever the file is. */
int as_fail_errno(struct as_error *e, const char *fmt, ...) AS_PRINTF(2, 3);

/* As as_fail, with help (static). */
int as_fail_help(struct as_error *e, int code, const char *help, const char *fmt, ...) AS_PRINTF(4, 5);

/* Puts "prefix: " before the text of an error on its way up; returns its code. */
int as_fail_within(struct as_error *e, const char *fmt, ...) AS_PRINTF(2, 3);

AS_END
#endif
