/* Public since 0.2. Streams as JSON, one line for the header, each record and the trailer. */
#ifndef AS_STREAM_SHOW_H
#define AS_STREAM_SHOW_H

#include <stdio.h>

#include "stream/stream.h"

AS_BEGIN

enum { AS_SHOW_FIRST = 8 }; /* values shown of a tensor, unless it is shown in full */

/* How to show records. Borrowed; all zero is allowed. */
struct as_show {
	bool full;                /* show all values of tensors and all bytes of JPEGs (base64) */
	/* how to show those of one role */
	struct as_show_role {
		const char *const *param; /* names of the columns of `param`, nparam of them, or NULL */
		const char *const *omega;
		int nparam, nomega;
	} role[AS_MAX_ROLES];
};

/* The caller checks ferror(f) once, at the end. Bytes that are not UTF-8 are shown as U+FFFD, numbers that
 * JSON does not have as null; `kind` is the stream's. AS_EMEM: unknown keys could not be unpacked and are
 * missing in the line. */
AS_NODISCARD int as_show_header(FILE *f, const struct as_header *, struct as_error *);
AS_NODISCARD int as_show_record(FILE *f, const struct as_show *, const char *kind, const struct as_record *,
				struct as_error *);
void as_show_trailer(FILE *f, const struct as_seal *);

AS_END
#endif
