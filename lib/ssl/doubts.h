/* Public since 0.2. What is allowed in a run, but may be unintended. */
#ifndef AS_SSL_DOUBTS_H
#define AS_SSL_DOUBTS_H

#include "ssl/layout.h"
#include "ssl/schedule.h"

AS_BEGIN

/* Adds a sentence for each doubt about a run of the settled recipe on views of these roles, from a stream
 * with this header: about its schedule, and about how often its state is written (every `every` steps; 0:
 * at the ends of epochs, or never). AS_EMEM. */
AS_NODISCARD int as_run_doubts(const struct as_recipe *, const struct as_roles *, const struct as_header *,
			       const struct as_schedule *, uint64_t every, struct as_names *doubts, struct as_error *);

AS_END
#endif
