/* Public since 0.2. Logs of trainings as charts in characters, side by side, one for each column; several logs are lines in
 * the same charts. */
#ifndef AS_EVAL_RUNVIEW_H
#define AS_EVAL_RUNVIEW_H

#include "eval/panel.h"
#include "eval/runlog.h"

AS_BEGIN

/* A log and how it is called; `there`: its file. */
struct as_runview_log {
	const char *name;
	struct as_runlog log;
	bool there;
};

/* What is to be drawn, and how. */
struct as_runview {
	const struct as_runview_log *const *log;
	int logs;
	const char *const *column; /* what is drawn, in this order; NULL: all columns that have a number */
	int columns;
	int width, height; /* characters; height 0: as high as needed */
	bool utf8, colours;
};

/* The i-th different column of the logs, in the order of their headings; NULL after the last. */
const char *as_runview_column(const struct as_runview *, int i);
/* Makes the picture, of at most this width and height. Where it is too low for all, together and apart are left out first,
 * then losses of parts. AS_EMEM. */
AS_NODISCARD int as_runview_draw(const struct as_runview *, struct as_panel *, struct as_error *);
/* How far a log is, in a few words: "step 40 of 90, 0:12 left, epoch 3, 312 images/s". */
void as_runview_say(const struct as_runview_log *, char *text, size_t room);

AS_END
#endif
