/* Private to lib/nn: when each buffer of a network is live, and so where it lies. schedule.c has the
 * picture. */
#ifndef AS_NN_SCHEDULE_H
#define AS_NN_SCHEDULE_H

#include "nn/net.h"

AS_BEGIN

/* Places for all buffers of a pass of `batch` images at most; returns the floats that lie beyond its own memory, in
 * the workspace. */
int64_t as_schedule(const struct as_net *, enum as_mode, int64_t batch, struct as_places *);

/* Whether training keeps no copy of a buffer from the way there, but has it recomputed on the way back. */
bool as_is_transient(const struct as_net *, int buf);
/* Whether a buffer is given to the caller: the output, or what a tap gives. */
bool as_is_output(const struct as_net *, int buf);
/* Whether no more than one layer reads a buffer, and the caller neither made it nor is given it. */
bool as_is_sole_reader(const struct as_net *, int buf);
/* What a layer's backward reads of activations, AS_READS_X and so on. */
unsigned as_layer_reads(const struct as_layer *);

AS_END
#endif
