/* Public since 0.2. How every probe writes what it found: as a line of a table, for people and awk, and as
 * a record of a stream of kind score (struct as_score, stream/record.h). */
#ifndef AS_EVAL_SCORE_H
#define AS_EVAL_SCORE_H

#include <stdio.h>

#include "stream/stream.h"

AS_BEGIN

/* The scores of one run. Initialise with zeros, except for the table; free with as_scores_clear. */
struct as_scores {
	FILE *table; /* where lines are written at once; NULL: nowhere */
	struct as_kept *kept;
	int64_t count;
};

/* Adds a score: a line of the table (before the first one a heading), and a record for as_scores_write. In
 * the table, numbers with the unit "%" have two decimals and others six digits; in the record both have all
 * digits. The texts are copied. The caller checks ferror(table). AS_EMEM. */
AS_NODISCARD int as_scores_add(struct as_scores *, const struct as_score *, struct as_error *);

/* Writes the stream to PATH, whole or not at all. Its chain is that of the scored features, and then the
 * probe's own line. A record's seq is the place of its line in the table. Its id is the XXH64 of probe,
 * label, metric and setting, so it is the same for other data and models. Errors of base/newfile.h and
 * stream/stream.h. */
AS_NODISCARD int as_scores_write(const struct as_scores *, const char *path, const struct as_names *chain,
				 struct as_error *);
void as_scores_clear(struct as_scores *);

/* Writes one field of a table of text; tabs and other control characters become '?'. */
void as_put_field(FILE *, struct as_text);

AS_END
#endif
