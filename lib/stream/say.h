/* Public since 0.2. Texts of any length, and lists of them: what a part of the library has to say to people. */
#ifndef AS_STREAM_SAY_H
#define AS_STREAM_SAY_H

#include "stream/record.h"

AS_BEGIN

/* A text as printf would write it; the caller frees it. NULL: AS_EMEM in *err. */
char *as_format(struct as_error *err, const char *fmt, ...) AS_PRINTF(2, 3);
/* Adds such a text to a list. AS_EMEM. */
AS_NODISCARD int as_say(struct as_names *, struct as_error *err, const char *fmt, ...) AS_PRINTF(3, 4);
/* "a, b, c"; the caller frees it. NULL: AS_EMEM in *err. */
char *as_join(const struct as_names *, struct as_error *);

AS_END
#endif
