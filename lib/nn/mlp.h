/* Public since 0.2. Multi-layer perceptrons: projectors, predictors, heads. */
#ifndef AS_NN_MLP_H
#define AS_NN_MLP_H

#include "nn/net.h"

AS_BEGIN

/* How an MLP ends. */
enum as_mlp_end { AS_MLP_BIAS, AS_MLP_NORM, AS_MLP_BARE };

/* A network over vectors: Linear-BN-ReLU for each of the n widths except the first, which is the input's,
 * and the last, which is a Linear with bias, Linear-BN, or a Linear without bias. Layers are named
 * PREFIX.0, .1, .3, .4, ... as in PyTorch's Sequential. A Linear before BN has no bias. Check net->failed. */
void as_mlp(struct as_net *, const char *prefix, const int64_t *width, int n, enum as_mlp_end, struct as_params *,
	    const struct as_engine *);

AS_END
#endif
