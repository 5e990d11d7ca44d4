/* Public since 0.2. What a stream holds, in figures: how many records of each class and epoch, and
 * count, mean, deviation and range of everything that is a number. */
#ifndef AS_STREAM_TALLY_H
#define AS_STREAM_TALLY_H

#include <stdio.h>

#include "stream/show.h"

AS_BEGIN

struct as_tally;

/* `show` names the columns of param and omega; with `full` every column of a
 * feature has its own line. Header and show are borrowed until as_tally_free. */
AS_NODISCARD int as_tally_new(struct as_tally **, const struct as_header *, const struct as_show *, struct as_error *);
void as_tally_free(struct as_tally *);
AS_NODISCARD int as_tally_add(struct as_tally *, const struct as_record *, struct as_error *);
/* A table of tab-separated lines under the heading
 * field, name, count, mean, std, min, max. The caller checks ferror. */
void as_tally_print(struct as_tally *, FILE *f);

AS_END
#endif
