/* Public since 0.2. Architectures of backbones. Each is a constant descriptor in a file of its own,
 * arch_NAME.c. It builds the network and recognises it in a file of weights by the tensors, whoever wrote
 * the file. */
#ifndef AS_NN_ARCH_H
#define AS_NN_ARCH_H

#include "nn/net.h"

AS_BEGIN

/* A backbone: which network, for which images. */
struct as_backbone {
	char arch[16], stem[16]; /* "resnet18"; "cifar" */
	double width;            /* factor for the number of channels */
	int64_t size;            /* images are size x size x 3 */
};

/* How a network begins: with a convolution, r x r, padded by half of r, and possibly max-pooling. */
struct as_stem {
	const char *name;
	int64_t r, stride;
	bool pool;
	bool usual; /* this stem is assumed when the first convolution is r x r and nothing else is known */
};

/* Where a network begins in a file of weights. Networks may be wrapped in others:
 * module.encoder_q.conv1.weight. */
struct as_root {
	char prefix[200]; /* what stands before the names of its tensors */
	int shift;        /* used by the architecture: how the names differ */
};

/* An architecture. A constant. */
struct as_arch {
	const char *name;
	const struct as_stem *stem; /* the stems that it may have; the last has no name */
	const void *form;           /* its difference from other architectures built the same way */

	/* Builds the layers from the images, buffer 0, to one vector, the output; names the stages with
	 * as_net_point. */
	void (*build)(struct as_net *, const struct as_arch *, const struct as_stem *, double width);

	/* How to find it in a file: the name of the first convolution's weights, their number of filters at
	 * width 1, and a description for messages. */
	const char *first;
	int64_t filters;
	const char *marks;
	/* Beginnings of the names of all tensors that features depend on, NULL at the end; digits and a dot
	 * may follow. If the file has another tensor under such a name, it is another network. */
	const char *const *children;
	/* Whether the tensors, whose names have no prefix now, are this network's. */
	bool (*recognise)(const struct as_arch *, const struct as_safetensors *);
	/* Whether tensor i is the first of such a network, or of one built the same way, under some prefix.
	 * NULL: it is, if its name ends in `first` and the tensors under the prefix are recognised. */
	bool (*find_root)(const struct as_safetensors *, int i, struct as_root *);
	/* Renames tensors, without their prefix, to the names of our parameters. NULL: they have these
	 * names. */
	int (*rename)(struct as_safetensors *, const struct as_root *, struct as_error *);
};

extern const struct as_arch *const as_archs[]; /* NULL marks the end; the first is the default */
/* The architecture of this name. NULL: there is none; AS_EARG in *err, which may be NULL, and the error
 * lists the names. */
const struct as_arch *as_arch_find(const char *name, struct as_error *err);
/* The same for a stem of an architecture, with the same error. */
const struct as_stem *as_arch_stem(const struct as_arch *, const char *name, struct as_error *err);

/* Builds the backbone's network and adds its parameters to `params`; all arguments are borrowed. Check
 * net->failed. */
void as_backbone_build(struct as_net *, const struct as_backbone *, struct as_params *params, const struct as_engine *);

/* Keeps the tensors of one network, renamed to its parameters' names, and copies the prefix to `found`.
 * `wanted` (with or without its last dot) chooses one of several; NULL: there must be only one. AS_EDATA:
 * there is none; AS_EARG: there are several, which the error lists. *several: the file has more than one. */
AS_NODISCARD int as_arch_enter(struct as_safetensors *, const char *wanted, char *found, size_t room, bool *several,
			       struct as_error *);
/* Finds out which network the tensors are; the size of its images stays unknown. stem: the stem that the
 * user or the file says; NULL: the size of the first convolution decides. AS_EDATA: no known network;
 * AS_EARG: the stem must be given. */
AS_NODISCARD int as_arch_recognise(const struct as_safetensors *, const char *stem, struct as_backbone *,
				   struct as_error *);
/* The name of the first tensor, under the names that this architecture's features depend on or under `head`
 * (or NULL), that is not a parameter; NULL: there is none. */
const char *as_arch_left_over(const char *arch, const struct as_safetensors *, const char *head, const struct as_params *);

AS_END
#endif
