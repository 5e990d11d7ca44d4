/* Public since 0.2. What a run is to be: how many images and steps, of which the recipe and the stream's
 * header tell before the first record; and whether what came then was all of it. */
#ifndef AS_SSL_SCHEDULE_H
#define AS_SSL_SCHEDULE_H

#include "ssl/recipe.h"
#include "stream/stream.h"

AS_BEGIN

struct as_schedule {
	uint64_t images; /* of the stream in all, those before a resumed run's among them; 0: not known */
	uint64_t epoch;  /* images of an epoch; 0: not known */
	uint64_t epochs; /* that have to come: the stream's, or the recipe's where it is endless */
	uint64_t steps;  /* that images make at most: bad ones are left out; 0: not known */
	uint64_t goal;   /* steps that were asked for; UINT64_MAX: all that the stream gives */
	uint64_t batch;
};

/* The schedule of a recipe whose epochs are settled. AS_EDATA, the recipe's value named first:
 * an epoch has no batch, or the stream ends before the recipe's epochs or the goal. A goal
 * of 0 needs no stream. */
AS_NODISCARD int as_schedule_make(struct as_schedule *, const struct as_header *, const struct as_recipe *, uint64_t goal,
				  struct as_error *);

/* Whether a stream that came to its good end after `step` steps, the last in `epoch`, has ended
 * too early: AS_EDATA says where and what is missing. seal: the trailer's; before:
 * images that came to the runs before. */
AS_NODISCARD int as_schedule_ended(const struct as_schedule *, uint64_t step, uint64_t epoch, struct as_seal, uint64_t before,
				   struct as_error *);

AS_END
#endif
