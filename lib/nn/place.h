/* Private to lib/nn: places buffers that live at different times into the same memory. */
#ifndef AS_NN_PLACE_H
#define AS_NN_PLACE_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

enum { AS_MAX_LIVES = 1024 };

/* `size` units that live from time `first` to `last`, both included; the place is `at`. */
struct as_life {
	int64_t size, at;
	int first, last;
};

/* Extends the life to include `time`. */
void as_life_touch(struct as_life *, int time);

/* Gives every life from `placed` on a place (those before have one) so that no two that live at the same
 * time overlap: the largest first, each as low as possible, none across the wall (the border between two
 * memories; 0: one memory). n is at most AS_MAX_LIVES. Returns the units needed in all, at least the wall. */
int64_t as_lives_place(struct as_life *, int placed, int n, int64_t wall);

AS_END
#endif
