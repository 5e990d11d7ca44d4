/* Public since 0.2. The contents of a stream in figures: the number of records in each class and epoch, and
 * count, mean, deviation and range of everything that is a number. */
#ifndef AS_STREAM_TALLY_H
#define AS_STREAM_TALLY_H

#include <stdio.h>

#include "stream/show.h"

AS_BEGIN

struct as_tally;

/* `show` has the names of the columns of param and omega; if `full` is set, every column of a feature has
 * its own line. Header and show are borrowed until as_tally_free. AS_EMEM. */
AS_NODISCARD int as_tally_new(struct as_tally **, const struct as_header *, const struct as_show *, struct as_error *);
void as_tally_free(struct as_tally *);
AS_NODISCARD int as_tally_add(struct as_tally *, const struct as_record *, struct as_error *);
/* Prints a table, tab-separated, with the columns field, name, count, mean, std, min, max. The caller
 * checks ferror. */
void as_tally_print(struct as_tally *, FILE *f);

AS_END
#endif
