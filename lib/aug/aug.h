/* Augmentations: each one a constant descriptor in a file of its own. A policy
 * is an ordered list of them with their laws; the first is always the cut (a box
 * of the source resized to S x S floats in [0,1]). SPEC names: section 1 for
 * what is sampled and applied, section 2 for omega and targets. */
#ifndef AS_AUG_AUG_H
#define AS_AUG_AUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "kern/pix.h"

AS_BEGIN

enum { AS_MAX_OPS = 12, AS_MAX_PARAM = 48, AS_MAX_OMEGA = 24, AS_MAX_TARGET = 4, AS_MAX_LAW = 8 };

enum as_loss { AS_LOSS_NONE, AS_LOSS_MSE_TANH, AS_LOSS_BCE, AS_LOSS_CE };

struct as_size {
	int64_t height, width;
};

/* The law an op is drawn by: the values of its named settings, in its order. */
struct as_law {
	double value[AS_MAX_LAW];
};

struct as_setting {
	const char *name, *doc;
	double preset, lo, hi;
};

struct as_policy;

/* One view of an image, as a record tells it. */
struct as_view {
	const struct as_policy *policy;
	const float *param; /* (policy->nparam) */
	const float *omega; /* (policy->nomega) */
};

struct as_aug {
	const char *name, *doc;
	const struct as_setting *setting; /* nsetting of them */
	int nsetting;
	const char *const *param; /* names of the nparam parameters */
	int nparam;
	const char *const *component; /* names of the nomega components of omega */
	int nomega;
	int ntarget;        /* width of the AugSelf head; 0: no target */
	enum as_loss loss;  /* on the head's output */
	/* Draws the parameters of one view; size is the source's, as displayed. */
	void (*sample)(const struct as_law *, struct as_size, struct as_rng *, float *param);
	void (*omega)(const struct as_law *, struct as_size, const float *param, float *omega);
	/* Changes S x S x 3 floats in place; NULL for a cut, which has no pixels yet. */
	void (*apply)(const struct as_pix *, const float *param, struct as_canvas *);
	/* For a cut: the box of the source that it shows. */
	void (*box)(const float *param, struct as_box *);
	/* d(a,b), SPEC section 2: ntarget floats (class index in d[0] for AS_LOSS_CE). */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
};

struct as_op {
	const struct as_aug *aug;
	struct as_law law;
	int param_at, omega_at; /* first column in a record's param and omega */
};

struct as_policy {
	char name[32];
	int size; /* S */
	float mean[3], std[3];
	enum as_filter filter;
	int nop, nparam, nomega;
	struct as_op op[AS_MAX_OPS];
};

/* All augmentations, in a fixed order, NULL at the end. */
extern const struct as_aug *const as_augs[];
const struct as_aug *as_aug_find(const char *name);

/* Index of the op in the policy, or -1. */
int as_policy_find(const struct as_policy *, const char *name);
/* The view's columns of an op; NULL when the policy has no such op. */
const float *as_view_omega(const struct as_view *, const char *name);
const float *as_view_param(const struct as_view *, const char *name);

/* Draws one view: param (nparam) and omega (nomega). Depends on its arguments alone. */
void as_policy_sample(const struct as_policy *, uint64_t seed, uint64_t id, uint64_t epoch, int view,
		      struct as_size, float *param, float *omega);

AS_END
#endif
