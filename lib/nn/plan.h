/* Private to lib/nn: placing buffers that live at different times in the same memory. */
#ifndef AS_NN_PLAN_H
#define AS_NN_PLAN_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum { AS_MAX_SPANS = 1024 };

/* `size` units, live from time first to last, both ends in; placed at `at`. */
struct as_span {
	int64_t size, at;
	int first, last;
};

/* Widens the life to include `time`. */
void as_span_touch(struct as_span *, int time);

/* Gives every span a place such that no two that live at once overlap: the
 * largest first, each as low as it fits. n is at most AS_MAX_SPANS. Returns the units
 * needed in all. */
int64_t as_spans_place(struct as_span *, int n);

AS_END
#endif
