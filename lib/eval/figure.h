/* Private to lib/eval and its tests: one figure out of what a probe has printed or written. */
#ifndef AS_EVAL_FIGURE_H
#define AS_EVAL_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

AS_BEGIN

struct as_figure {
	double value, interval; /* interval: half width at 95 %, NAN: not known */
	int64_t n;              /* what was scored; 0: not known */
	bool percent;           /* the unit is "%" */
};

/* Finds the figure that `which` names, PROBE:METRIC[:LABEL[:SETTING]], in a table of probes or in a stream of
 * kind score; LABEL empty or left out is any. Just one must be of this name: otherwise AS_EDATA, which says
 * what is there. AS_EARG: `which` is not of this form. AS_EDATA, AS_EIO, AS_ENONE, AS_EMEM: the file. */
AS_NODISCARD int as_figure_read(const char *path, const char *which, struct as_figure *, struct as_error *);

AS_END
#endif
