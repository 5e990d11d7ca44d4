/* What every probe says, written in one way: as a line of a table, for people and for awk, and as
 * a record of a stream of kind score (struct as_score, stream/record.h). */
#ifndef AS_EVAL_SCORE_H
#define AS_EVAL_SCORE_H

#include <stdio.h>

#include "stream/stream.h"

AS_BEGIN

/* The scores of one run. Zeroed, but for the table, is empty; as_scores_clear frees what it holds. */
struct as_scores {
	FILE *table; /* where lines go as they come; NULL: nowhere */
	struct as_kept *kept;
	int64_t count;
};

/* Adds a score: a line of the table, before the first one its heading, and a record for
 * as_scores_write. Numbers with the unit "%" have two decimals in the table, others six digits, in
 * the record both are as they are. The texts are copied. The caller checks ferror(table). AS_EMEM. */
AS_NODISCARD int as_scores_add(struct as_scores *, const struct as_score *, struct as_error *);

/* Writes the stream to PATH, which appears whole. The chain is that of the features that were
 * scored with the probe's own line behind it. A record's seq is its line's place in the table, its
 * id the XXH64 of what was measured: the same for the same probe, label, metric and setting,
 * whatever it was measured on. The errors of base/newfile.h and stream/stream.h. */
AS_NODISCARD int as_scores_write(const struct as_scores *, const char *path, const struct as_names *chain,
				 struct as_error *);
void as_scores_clear(struct as_scores *);

/* One field of a table of text: what would break a column or rule a terminal is '?'. */
void as_put_field(FILE *, struct as_text);

AS_END
#endif
