/* The processes that train together (base/world.h). Which file stands behind this is chosen when a program is linked:
 * ranks_alone.c for ssl-train, ranks_mpi.c for ssl-train-mpi. */
#ifndef AS_TOOLS_RANKS_H
#define AS_TOOLS_RANKS_H

#include <stdbool.h>

#include "base/world.h"

/* Meets the other ranks. After the options are read, so that --help asks nobody. NULL: there are none. */
const struct as_world *ranks_begin(void);
/* Ends the program of every rank, now: this one cannot go on, and has said why. */
void ranks_abort(int status);
/* Takes leave of the others, when all is done. */
void ranks_end(void);

#endif
