/* Public since 0.2. Streams as JSON, one line for the header, each record and the trailer. */
#ifndef AS_STREAM_SHOW_H
#define AS_STREAM_SHOW_H

#include <stdio.h>

#include "stream/stream.h"

AS_BEGIN

enum { AS_SHOW_FIRST = 8 }; /* values shown of a tensor that is not shown in full */

/* What makes a record readable. Borrowed; zeroed is good. */
struct as_show {
	bool full;                /* all values of tensors and bytes of JPEGs (base64) */
	struct as_show_role {
		const char *const *param; /* names of the columns of `param`, nparam of them, or NULL */
		const char *const *omega;
		int nparam, nomega;
	} role[AS_MAX_ROLES];
};

/* The caller checks ferror(f) once, at the end. Texts that are no UTF-8 are shown
 * with U+FFFD, numbers that JSON does not have as null; `kind` is the stream's. AS_EMEM:
 * unknown keys could not be unpacked; the line lacks them. */
AS_NODISCARD int as_show_header(FILE *f, const struct as_header *, struct as_error *);
AS_NODISCARD int as_show_record(FILE *f, const struct as_show *, const char *kind, const struct as_record *,
				struct as_error *);
void as_show_trailer(FILE *f, const struct as_seal *);

AS_END
#endif
