/* A trained network as a function from views to features, in evaluation mode. */
#ifndef AS_SSL_EXTRACT_H
#define AS_SSL_EXTRACT_H

#include "aug/policy.h"
#include "nn/model.h"

AS_BEGIN

struct as_extractor;

/* Reads a model or state of ssl-train, or a safetensors file of a torchvision
 * ResNet: architecture, stem and width show in its tensors; size, mean and std
 * come from its metadata, or are ImageNet's (224). `size` > 0 wins. With
 * `projector`, features are the projector's output. `batch`: most views at once. */
AS_NODISCARD int as_extractor_open(struct as_extractor **, const char *path, int size, bool projector, int64_t batch,
				   const struct as_kern *, struct as_pool *, struct as_error *);
void as_extractor_close(struct as_extractor *);

/* The evaluation policy that its images go through (bicubic). */
const struct as_policy *as_extractor_policy(const struct as_extractor *);
/* "resnet18 cifar x0.25, 32 px, step 1560", for messages. */
const char *as_extractor_name(const struct as_extractor *);
int64_t as_extractor_width(const struct as_extractor *);

/* Normalises n views x (n,S,S,3) in [0,1] in place and returns their features
 * (n,width), the extractor's until the next call. */
const float *as_extractor_run(struct as_extractor *, float *x, int64_t n);

AS_END
#endif
