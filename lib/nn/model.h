/* The networks that are built from layers: ResNets and multi-layer perceptrons. */
#ifndef AS_NN_MODEL_H
#define AS_NN_MODEL_H

#include "nn/net.h"

AS_BEGIN

/* A backbone: which, and for what images. */
struct as_backbone {
	char arch[16], stem[16]; /* "resnet18", "resnet34", "resnet50"; "cifar", "imagenet" */
	double width;            /* multiplies the channels */
	int64_t size;            /* images are size x size x 3 */
};

/* ResNet (He et al., 2016) as torchvision builds it (v1.5: a bottleneck's stride
 * sits in its 3x3), with torchvision's names, down to the global average: out is
 * 512 or 2048 wide, times width. Check net->failed. */
void as_resnet(struct as_net *, const struct as_backbone *, struct as_params *, const struct as_engine *);

/* Names of the architectures, comma separated, for messages. */
extern const char as_resnet_archs[];

/* A stem: its convolution, r x r, padded by half of that, and whether max-pooling follows. */
struct as_stem {
	const char *name;
	int64_t r, stride;
	bool pool;
	bool usual; /* wherever the convolution is r x r: its size alone tells the rest */
};

extern const struct as_stem as_resnet_stems[]; /* the last has no name */
/* By name; else NULL, and AS_EARG names those there are. */
const struct as_stem *as_resnet_stem(const char *name, struct as_error *);

/* How an MLP ends. */
enum as_mlp_end { AS_MLP_BIAS, AS_MLP_NORM, AS_MLP_BARE };

/* Linear-BN-ReLU for every width but the last, which is Linear alone with a bias,
 * Linear-BN, or Linear alone: named PREFIX.0, .1, .3, .4, ... as a Sequential. A
 * Linear before BN has no bias. */
void as_mlp(struct as_net *, const char *prefix, const int64_t *width, int n, enum as_mlp_end, struct as_params *,
	    const struct as_engine *);

AS_END
#endif
