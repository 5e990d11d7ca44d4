/* Public since 0.2. The extent of a run: how many images and steps there will be, which the recipe and the
 * stream's header tell before the first record; and whether the stream then gave all of it. */
#ifndef AS_SSL_SCHEDULE_H
#define AS_SSL_SCHEDULE_H

#include "ssl/recipe.h"
#include "stream/stream.h"

AS_BEGIN

/* How long a run is. */
struct as_schedule {
	uint64_t images; /* of the stream in all, with those of earlier runs; 0: not known */
	uint64_t epoch;  /* images in an epoch; 0: not known */
	uint64_t epochs; /* expected epochs: the stream's, or the recipe's if the stream is endless */
	uint64_t steps;  /* the most steps that the images can give (bad images are left out); 0: not known */
	uint64_t goal;   /* the steps that were asked for; UINT64_MAX: as many as the stream gives */
	uint64_t batch;
};

/* Makes the schedule from a recipe with settled epochs. AS_EDATA, beginning with the recipe's value: an
 * epoch is smaller than a batch, or the stream ends before the recipe's epochs or the goal. A goal of 0
 * needs no stream. */
AS_NODISCARD int as_schedule_make(struct as_schedule *, const struct as_header *, const struct as_recipe *, uint64_t goal,
				  struct as_error *);

/* Checks a stream that ended without an error after `step` steps, the last in `epoch`. AS_EDATA if it ended
 * too early: the error says where, and what is missing. seal: from the trailer; before: the number of
 * images that earlier runs were given. */
AS_NODISCARD int as_schedule_ended(const struct as_schedule *, uint64_t step, uint64_t epoch, struct as_seal, uint64_t before,
				   struct as_error *);

AS_END
#endif
