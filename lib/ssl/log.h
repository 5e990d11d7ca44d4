/* Public since 0.2. ssl-train's log: a TSV file that depends only on the data, and a second file with
 * times. Lines are written as soon as they are whole. */
#ifndef AS_SSL_LOG_H
#define AS_SSL_LOG_H

#include <stdio.h>

#include "ssl/schedule.h"
#include "ssl/trainer.h"

AS_BEGIN

/* The open log of a training. Zeros: none. */
struct as_trainlog {
	FILE *file, *times; /* times NULL: the log is a device or a pipe */
	double began;
	uint64_t first;  /* the step at which this process began */
	uint64_t timed;  /* the last step in the times */
	uint64_t batch, steps; /* images in a step; steps that there will be, 0: not known */
	bool rank, of;   /* whether log and times have their last column: those that earlier programs began have not */
};

/* Opens PATH, and PATH.time.tsv if it is a file. At the start of a training the log is new and begins with
 * the recipe as '#' lines. For a resumed training it is shortened to end at the state's step; a log of another
 * recipe is AS_EARG. A log that an earlier program began keeps its columns. Write errors are reported by put, flush or close. */
AS_NODISCARD int as_trainlog_open(struct as_trainlog *, const char *path, const char *recipe, const struct as_trainer *,
				  const struct as_schedule *, struct as_error *);
/* Adds one line to each file, of the trainer's last step. rank: as_trainer_rank. AS_EIO. */
AS_NODISCARD int as_trainlog_put(struct as_trainlog *, const struct as_trainer *, const struct as_outcome *, double rank,
			       struct as_error *);
/* Says that the training is whole: the last line of times is of its last step, and of as many. AS_EIO. */
AS_NODISCARD int as_trainlog_end(struct as_trainlog *, const struct as_trainer *, struct as_error *);
/* Writes to disk what is buffered; closing does so too. AS_EIO: a write failed, now or before. */
AS_NODISCARD int as_trainlog_flush(struct as_trainlog *, struct as_error *);
AS_NODISCARD int as_trainlog_close(struct as_trainlog *, struct as_error *);

AS_END
#endif
