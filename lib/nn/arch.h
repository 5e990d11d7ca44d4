/* Public since 0.2. Architectures of backbones: each one a constant descriptor in a file of its own,
 * arch_NAME.c, that can build the network and tell it by its tensors in a file of weights, whoever wrote
 * it. */
#ifndef AS_NN_ARCH_H
#define AS_NN_ARCH_H

#include "nn/net.h"

AS_BEGIN

/* A backbone: which, and for what images. */
struct as_backbone {
	char arch[16], stem[16]; /* "resnet18"; "cifar" */
	double width;            /* multiplies the channels */
	int64_t size;            /* images are size x size x 3 */
};

/* How a network begins: its first convolution, r x r, padded by half of that, and whether max-pooling follows. */
struct as_stem {
	const char *name;
	int64_t r, stride;
	bool pool;
	bool usual; /* wherever the convolution is r x r: its size alone tells the rest */
};

/* Where a network begins in a file of weights. People wrap networks in networks: module.encoder_q.conv1.weight. */
struct as_root {
	char prefix[200]; /* what stands before its names */
	int shift;        /* the architecture's own: how names differ */
};

struct as_arch {
	const char *name;
	const struct as_stem *stem; /* those that it can begin with; the last has no name */
	const void *form;           /* what tells it from others that are built alike */

	/* The layers from the images, buffer 0, to one vector, the output; stages are named by as_net_point. */
	void (*build)(struct as_net *, const struct as_arch *, const struct as_stem *, double width);

	/* In a file: the first convolution's weights, their number of filters at width 1, and what to look for, in
	 * words for messages. */
	const char *first;
	int64_t filters;
	const char *marks;
	/* The beginnings of names whose tensors have a part in the features, the last NULL: a tensor there that is no
	 * parameter makes it another network. Digits and a dot may follow. */
	const char *const *children;
	/* Whether tensors with no prefix are this network's. */
	bool (*recognise)(const struct as_arch *, const struct as_safetensors *);
	/* Whether tensor i is the first of such a network, or of one built alike, under some prefix. NULL: it is, where
	 * its name ends in `first` and the tensors under the prefix are recognised. */
	bool (*find_root)(const struct as_safetensors *, int i, struct as_root *);
	/* Gives tensors whose prefix is gone the names that parameters have. NULL: they have them. */
	int (*rename)(struct as_safetensors *, const struct as_root *, struct as_error *);
};

extern const struct as_arch *const as_archs[]; /* NULL at the end; the first is the default */
/* NULL: no such architecture; AS_EARG in *err, which may be NULL, names those there are. */
const struct as_arch *as_arch_find(const char *name, struct as_error *err);
/* Likewise a stem of an architecture. */
const struct as_stem *as_arch_stem(const struct as_arch *, const char *name, struct as_error *err);

/* The backbone's network, whose parameters are added to `params`; all is borrowed. Check net->failed. */
void as_backbone_build(struct as_net *, const struct as_backbone *, struct as_params *params, const struct as_engine *);

/* Leaves the tensors of one network, under the names of its parameters, and copies what stood before them to `found`.
 * `wanted` (with or without its last dot) is one of several; NULL: there must be one. AS_EDATA: there is none; AS_EARG:
 * which there are. *several: there are more. */
AS_NODISCARD int as_arch_enter(struct as_safetensors *, const char *wanted, char *found, size_t room, bool *several,
			       struct as_error *);
/* Which network the tensors are, but for the size of its images. stem: what it is said to begin with; NULL: the first
 * convolution's size has to tell. AS_EDATA: none that is known; AS_EARG: the stem has to be said. */
AS_NODISCARD int as_arch_recognise(const struct as_safetensors *, const char *stem, struct as_backbone *,
				   struct as_error *);
/* A tensor under names that matter for the features of this architecture, or under `head` (or NULL), that is no
 * parameter: the first one's name, or NULL. */
const char *as_arch_left_over(const char *arch, const struct as_safetensors *, const char *head, const struct as_params *);

AS_END
#endif
