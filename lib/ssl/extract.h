/* Public since 0.2. A trained network as a function from views to features, in evaluation mode. */
#ifndef AS_SSL_EXTRACT_H
#define AS_SSL_EXTRACT_H

#include "aug/policy.h"
#include "nn/arch.h"

AS_BEGIN

struct as_extractor;

/* What to use from a model file; zeros mean what the file says. */
struct as_extract {
	const char *prefix; /* the prefix of the backbone's names; NULL: it is searched for */
	const char *stem;   /* if neither the file nor shapes tell it */
	int size;           /* size of the images, instead of the file's */
	bool projector;     /* features are the output of the projector */
	bool bf16;          /* the backbone's maps are bfloat16 */
	int64_t batch;      /* the most views in one call */
};

/* Reads a model or state of ssl-train, or a safetensors file of another program with a ResNet that has
 * torchvision's names, with any prefix (if there are several, AS_EARG lists them), or numbered children in
 * a Sequential. The tensors' shapes give architecture, stem and width. AS_EDATA names a tensor under the
 * backbone's names that is not used. If the shapes do not tell the whole stem, it must be in the metadata
 * or in `stem`, else AS_EARG. Size, mean and std come from the metadata, or are ImageNet's (224). */
AS_NODISCARD int as_extractor_open(struct as_extractor **, const char *path, const struct as_extract *,
				   const struct as_engine *, struct as_error *);
void as_extractor_close(struct as_extractor *);

/* The evaluation policy for its images (bicubic). */
const struct as_policy *as_extractor_policy(const struct as_extractor *);
/* "resnet18 cifar x0.25, 32 px, step 1560", for messages. */
const char *as_extractor_name(const struct as_extractor *);
/* A message about the file, or NULL. */
const char *as_extractor_note(const struct as_extractor *);
/* Identifies the network by the bytes that were loaded: the file's hash (stream/safetensors.h); if another
 * network than the file's only backbone is used, a hash of this hash and the choice. */
uint64_t as_extractor_hash(const struct as_extractor *);
/* The width of its features. */
int64_t as_extractor_width(const struct as_extractor *);

/* Normalises n views x (n,S,S,3) in [0,1] in place and returns their features (n,width), which belong to
 * the extractor and are valid until the next call. */
const float *as_extractor_run(struct as_extractor *, float *x, int64_t n);

AS_END
#endif
