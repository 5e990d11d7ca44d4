/* Private to lib/nn: placing buffers that live at different times in the same memory. */
#ifndef AS_NN_PLACE_H
#define AS_NN_PLACE_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum { AS_MAX_LIVES = 1024 };

/* `size` units, live from time first to last, both ends in; placed at `at`. */
struct as_life {
	int64_t size, at;
	int first, last;
};

/* Widens the life to include `time`. */
void as_life_touch(struct as_life *, int time);

/* Gives every life from `placed` on a place (the first ones have theirs) such that no two
 * that are live at once overlap: the largest first, each as low as it fits, none across the
 * wall (two memories meet there; 0: one memory). n is at most AS_MAX_LIVES. Returns the units
 * needed in all, the wall at least. */
int64_t as_lives_place(struct as_life *, int placed, int n, int64_t wall);

AS_END
#endif
