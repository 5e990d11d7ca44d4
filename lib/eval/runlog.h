/* Public since 0.2. The log of a training (ssl/log.h) and its times, read while they grow: what was said last, and each
 * column over the steps in a memory that does not grow with them. */
#ifndef AS_EVAL_RUNLOG_H
#define AS_EVAL_RUNLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

enum { AS_RUNLOG_SPANS = 512, AS_RUNLOG_COLUMNS = 64, AS_RUNLOG_NAME = 64 };

/* What a column has in some steps in a row: its mean there is sum / weight; no weight: no number. */
struct as_runspan {
	double sum, weight, least, most;
};

/* A column over the steps: span i is of the steps from i * each on. `each` doubles when they are too many. */
struct as_runcurve {
	char name[AS_RUNLOG_NAME];
	uint64_t each, last_step;
	double last;             /* the last number, of last_step; NAN: there is none */
	struct as_runspan *span; /* AS_RUNLOG_SPANS */
};

/* Bytes of a line that is not whole yet. */
struct as_runline {
	char *text;
	size_t count, room;
	int64_t number; /* of the last whole line, from 1 */
};

/* All zero is a log of which nothing was read. */
struct as_runlog {
	struct as_runcurve *curve; /* the log's columns but step and epoch, in their order, and at last images/s of the times */
	int curves;                /* 0: there is no heading yet */
	int fields, step_at, epoch_at; /* of a line: how many; where these are, epoch -1: nowhere */
	uint64_t step, epoch;      /* of the last line */
	bool any;                  /* there is a line */
	/* of the times */
	int time_fields, time_at[4];        /* where step, seconds, images/s, of are; -1: nowhere */
	uint64_t timed, of;                 /* steps: of the last line, and in all; 0: not known */
	double seconds, rate, images;       /* of this process: so far, images a second, images */
	uint64_t begun_step;                /* where the first line of this process is */
	double begun_seconds;
	struct as_runline line, time_line;
};

/* Reads what was added to the log. '#' lines are left out; a line that is not whole yet waits for its rest. A step that
 * comes again, as after a resume, replaces what stood from it on; a second heading begins anew. AS_EDATA, with the number
 * of the line: it has not as many fields as the heading, or no number where one belongs; AS_EMEM. */
AS_NODISCARD int as_runlog_take(struct as_runlog *, const char *bytes, size_t n, struct as_error *);
/* The same of its times. They may come before the log. AS_EDATA, AS_EMEM. */
AS_NODISCARD int as_runlog_take_times(struct as_runlog *, const char *bytes, size_t n, struct as_error *);
/* Forgets the log, or its times: the file was written anew. */
void as_runlog_forget(struct as_runlog *);
void as_runlog_forget_times(struct as_runlog *);
void as_runlog_clear(struct as_runlog *);

/* The column of this name, or NULL. */
const struct as_runcurve *as_runlog_find(const struct as_runlog *, const char *name);
/* Whether the times say that the training is whole. */
bool as_runlog_whole(const struct as_runlog *);
/* The seconds that it will take still, at this process's rate; NAN: not known. */
double as_runlog_left(const struct as_runlog *);

AS_END
#endif
