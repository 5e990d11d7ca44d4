/* Public since 0.2. What is allowed of a run, but may have been meant otherwise. */
#ifndef AS_SSL_DOUBTS_H
#define AS_SSL_DOUBTS_H

#include "ssl/layout.h"
#include "ssl/schedule.h"

AS_BEGIN

/* Adds a sentence for each doubt about a run of the settled recipe on views of these roles, from a stream of that
 * header: its schedule, and how often its state is written (`every` steps; 0: at the ends of epochs, or never). AS_EMEM. */
AS_NODISCARD int as_run_doubts(const struct as_recipe *, const struct as_roles *, const struct as_header *,
			       const struct as_schedule *, uint64_t every, struct as_names *doubts, struct as_error *);

AS_END
#endif
