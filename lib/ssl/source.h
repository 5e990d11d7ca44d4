/* Public since 0.2. Where views come from, as states and models remember it: what the stream's header says
 * about the data and the programs that made the views. A run can only be continued with the same. */
#ifndef AS_SSL_SOURCE_H
#define AS_SSL_SOURCE_H

#include "stream/record.h"

AS_BEGIN

/* Chain, policy, epochs, records and classes as lines `key = value`, malloc'd; NULL: no memory. The shard
 * is left out, since it does not matter. */
char *as_source_text(const struct as_header *);

/* 0 if both are the same. AS_EDATA: the error names the first difference, the values of the state and of
 * the stream, and the likely cause. */
AS_NODISCARD int as_source_compare(const char *state, const char *stream, struct as_error *);

AS_END
#endif
