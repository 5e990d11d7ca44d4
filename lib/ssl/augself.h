/* Public since 0.2. AugSelf heads (Lee et al., NeurIPS 2021, equation 3). For each augmentation an MLP on
 * [y_a ; y_b] predicts the difference of the two views' parameters; y are features of the backbone, or of
 * one of its stages. */
#ifndef AS_SSL_AUGSELF_H
#define AS_SSL_AUGSELF_H

#include "ssl/method.h"

AS_BEGIN

enum { AS_MAX_HEADS = 8 };

/* One head: what it learns, its network, and its memory for a step. */
struct as_head {
	const struct as_aug *aug;
	enum as_loss loss; /* that of aug, unless a compat word changes it */
	void (*target_of)(const struct as_view *a, const struct as_view *b, float *d);
	double weight; /* lambda */
	struct as_net net;
	struct as_pass pass;
	float *target, *dp; /* (2 batch, ntarget) */
	float *every;       /* target; of all ranks, if the loss compares all with all */
};

/* All heads of a training. */
struct as_augself {
	const struct as_engine *engine; /* set by as_augself_build */
	const struct as_policy *policy;
	int nheads;
	struct as_head head[AS_MAX_HEADS];
	float *pair, *dpair; /* (2 batch, 2 d_heads): pairs of rows, in the order of as_pair_row */
};

/* Reads a list such as "crop=1,color=.5" (weight 0 leaves the head out), or "none". Every name must be an
 * operation of the policy that has a target, and the target must differ between views:
 * otherwise AS_EARG. */
AS_NODISCARD int as_augself_parse(struct as_augself *, const char *list, const struct as_policy *, struct as_error *);

/* Makes a head repeat a fault of the release, if there is a head whose augmentation has this compat word;
 * returns whether there is. */
bool as_augself_compat(struct as_augself *, const char *word);

/* Builds the heads' networks, 2 d_heads-hidden-hidden-ntarget, named "augself.NAME.". AS_EARG, AS_EMEM. */
AS_NODISCARD int as_augself_build(struct as_augself *, const struct as_build *, int64_t hidden, struct as_error *);
/* Takes the memory for a step of `batch` images; runs twice: counts, then takes. */
void as_augself_plan(struct as_augself *, int64_t batch, struct as_arena *, struct as_workspace *);
/* Trains both orders of the pair in one pass of 2 batch rows; adds the weighted gradients to dy_heads. */
void as_augself_loss(struct as_augself *, struct as_step *);

AS_END
#endif
