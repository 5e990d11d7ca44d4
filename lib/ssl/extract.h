/* Public since 0.2. A trained network as a function from views to features, in evaluation mode. */
#ifndef AS_SSL_EXTRACT_H
#define AS_SSL_EXTRACT_H

#include "aug/policy.h"
#include "nn/arch.h"

AS_BEGIN

struct as_extractor;

/* What is wanted of a model file; zeros ask for what it says itself. */
struct as_extract {
	const char *prefix; /* what stands before the names of the backbone; NULL: it is looked for */
	const char *stem;   /* where neither file nor shapes tell it */
	int size;           /* of the images, over what the file says */
	bool projector;     /* features are the projector's output */
	int64_t batch;      /* most views at once */
};

/* Reads a model or state of ssl-train, or a safetensors file of somebody else's ResNet: that
 * has torchvision's names, behind any prefix (one: AS_EARG tells which there are), or is a
 * Sequential of its children, numbered. Architecture, stem and width show in its tensors; every
 * one under the backbone's names is used, or AS_EDATA names it. A stem whose filters do not
 * tell it all has to be in the metadata, or `stem`: else AS_EARG. Size, mean and std come from
 * the metadata, or are ImageNet's (224). */
AS_NODISCARD int as_extractor_open(struct as_extractor **, const char *path, const struct as_extract *,
				   const struct as_engine *, struct as_error *);
void as_extractor_close(struct as_extractor *);

/* The evaluation policy that its images go through (bicubic). */
const struct as_policy *as_extractor_policy(const struct as_extractor *);
/* "resnet18 cifar x0.25, 32 px, step 1560", for messages. */
const char *as_extractor_name(const struct as_extractor *);
/* What is to be said of the file, or NULL. */
const char *as_extractor_note(const struct as_extractor *);
/* Names the network by the bytes that were loaded: the file's hash (stream/safetensors.h),
 * and, of what is not the file's one backbone, of that and which. */
uint64_t as_extractor_hash(const struct as_extractor *);
int64_t as_extractor_width(const struct as_extractor *);

/* Normalises n views x (n,S,S,3) in [0,1] in place and returns their features
 * (n,width), the extractor's until the next call. */
const float *as_extractor_run(struct as_extractor *, float *x, int64_t n);

AS_END
#endif
