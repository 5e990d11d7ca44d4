/* Records and images that cannot be used: named and left out, up to so many as --max-bad says. */
#ifndef AS_TOOLS_BAD_H
#define AS_TOOLS_BAD_H

#include <stdint.h>

#include "base/error.h"
#include "stream/stream.h"

extern uint64_t max_bad;

/* What leave_out says to type, for an error that has no other help. */
extern const char leave_out_help[];

/* The line of an option table; `what`: "images that do not decode". */
#define OPT_MAX_BAD(what)                                                                                      \
	{                                                                                                      \
		0, "max-bad", OPT_U64, &max_bad, "N", "leave out up to N " what " (default 0: stop at the first)", 0, 0, false \
	}

/* Puts the record's number and its name, if it has one, into a message. */
void say_which(struct as_error *, int64_t record, const struct as_text *name);
/* Says what is wrong with a record of the stream or file `where` (NULL: the message says it), and counts it; the
 * end when there are more than --max-bad of them. */
void leave_out(const char *where, const struct as_error *);
/* At the end: how many there were, if any. */
void say_left_out(void);

#endif
