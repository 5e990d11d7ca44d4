/* Private to lib/nn: when each buffer of a network is live, and therefore where it lies. schedule.c has the
 * picture. */
#ifndef AS_NN_SCHEDULE_H
#define AS_NN_SCHEDULE_H

#include "nn/net.h"

AS_BEGIN

/* Places all buffers of a pass of at most `batch` images. Returns the number of floats in the workspace,
 * beyond the pass's own memory. */
int64_t as_schedule(const struct as_net *, enum as_mode, int64_t batch, struct as_places *);

/* Whether training does not keep this buffer from forward, but recomputes it in backward. */
bool as_is_transient(const struct as_net *, int buf);
/* Whether the caller can read the buffer: the output, or a tap. */
bool as_is_output(const struct as_net *, int buf);
/* Whether at most one layer reads the buffer, and it is neither the input nor an output. */
bool as_is_sole_reader(const struct as_net *, int buf);
/* What the backward of layers i - 1 down to this one reads is computed again beside that of layer i. i: of no layer. */
int as_layer_ahead(const struct as_net *, int i);
/* Sets buf to the buffers whose activations a layer's backward reads, AS_NONE among them, and returns their number. */
int as_layer_reads(const struct as_layer *, int buf[AS_INPUTS + 1]);

AS_END
#endif
