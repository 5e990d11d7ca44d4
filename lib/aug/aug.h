/* Augmentations: each one a constant descriptor in a file of its own. A policy
 * is an ordered list of them with their laws; the first is always the cut (a box
 * of the source resized to S x S floats in [0,1]). aug-sample(1) has the
 * formulas: of what is sampled and applied, of omega, of targets. */
#ifndef AS_AUG_AUG_H
#define AS_AUG_AUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "kern/pix.h"

AS_BEGIN

enum { AS_MAX_OPS = 12, AS_MAX_PARAM = 48, AS_MAX_OMEGA = 24, AS_MAX_TARGET = 4, AS_MAX_LAW = 8 };

enum as_loss {
	AS_LOSS_NONE,
	AS_LOSS_MSE_TANH,
	AS_LOSS_MSE_TANH_ALL, /* every row's prediction against every row's target */
	AS_LOSS_BCE,
	AS_LOSS_CE
};

/* Of a source image, in pixels, as displayed. */
struct as_size {
	int64_t height, width;
};

/* The law an op is drawn by: the values of its named settings, in its order,
 * and the side S of the views. */
struct as_law {
	double value[AS_MAX_LAW];
	int side;
};

struct as_setting {
	const char *name, *doc;
	double preset, lo, hi;
	unsigned flags;
};
/* A preset's strength (.5, 1, 2) multiplies it, up to hi; it is a whole number. */
enum { AS_SCALES = 1, AS_WHOLE = 2 };
/* What was written of a setting, as its value. AS_EARG: out of range, or not whole. */
AS_NODISCARD int as_setting_read(const struct as_setting *, const char *text, double *value, struct as_error *);

/* What a parameter may be in a record; whole: integers only. */
struct as_range {
	float lo, hi;
	bool whole;
};

struct as_policy;

/* One view of an image, as a record tells it. */
struct as_view {
	const struct as_policy *policy;
	const float *param; /* (policy->nparam) */
	const float *omega; /* (policy->nomega) */
};

/* What the authors' release does where it has a fault: --compat WORD. */
struct as_compat {
	const char *word, *doc;
	enum as_loss loss; /* in place of the head's; AS_LOSS_NONE: it is the same */
	/* In place of the target; NULL: it is the same. */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
	/* Draws once more what the release draws once for a whole batch, and omega does not
	 * hold; NULL: nothing. */
	void (*share)(const struct as_law *, struct as_rng *, float *param);
};

struct as_aug {
	const char *name, *doc;
	int draw; /* its own place in the generator's counter: 1..255, never used twice, never changed */
	const struct as_setting *setting; /* nsetting of them */
	int nsetting;
	/* Names of the nparam parameters. A first one called "on" says, when 0, that nothing
	 * is done: contact sheets pass over the others then. */
	const char *const *param;
	const struct as_range *range;
	int nparam;
	const char *const *component; /* names of the nomega components of omega */
	int nomega;
	int ntarget;       /* width of the AugSelf head; 0: no target */
	enum as_loss loss; /* on the head's output */
	bool beyond;       /* a cut whose filter reaches over its box's edge: the whole image is resized, then cut */
	/* What is wrong with settings that are each in range, or NULL; NULL function: never anything. */
	const char *(*check)(const struct as_law *);
	/* Draws the parameters of one view. */
	void (*sample)(const struct as_law *, struct as_size, struct as_rng *, float *param);
	/* NULL when nomega is 0. */
	void (*omega)(const struct as_law *, struct as_size, const float *param, float *omega);
	/* Changes the canvas in place; NULL for a cut, which has no pixels yet. */
	void (*apply)(const struct as_pix *, const float *param, struct as_canvas *);
	/* For a cut: the box of the source that it shows. NULL for every other op. */
	void (*box)(const float *param, struct as_box *);
	/* d(a,b): ntarget floats (the class index in d[0] for AS_LOSS_CE). NULL when
	 * ntarget is 0. */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
	const struct as_compat *compat; /* NULL: the release has no fault here */
};

struct as_op {
	const struct as_aug *aug;
	struct as_law law;
	int param_at, omega_at; /* first column in a record's param and omega */
};

struct as_policy {
	char name[48];
	int size; /* S */
	float mean[3], std[3];
	enum as_filter filter;
	int nop, nparam, nomega;
	struct as_op op[AS_MAX_OPS];
};

/* All augmentations, in the order in which a preset lists them, NULL at the end. */
extern const struct as_aug *const as_augs[];
/* NULL: no such augmentation. */
const struct as_aug *as_aug_find(const char *name);

/* Index of the op in the policy, or -1. */
int as_policy_find(const struct as_policy *, const char *name);
/* The view's columns of an op; NULL when the policy has no such op. */
const float *as_view_omega(const struct as_view *, const char *name);
const float *as_view_param(const struct as_view *, const char *name);

/* Draws one view: param (nparam) and omega (nomega). Depends on its arguments
 * alone: each op draws from a stream of its own, so an op added to a policy
 * changes no other op's draws. The size is at least 1 x 1. Uses as_rng, as_exp,
 * as_log, and sqrt and rint, which IEEE 754 rounds correctly everywhere. */
void as_policy_sample(const struct as_policy *, uint64_t seed, uint64_t id, uint64_t epoch, int view,
		      struct as_size, float *param, float *omega);

/* The ops of a policy that have a compat word which `words` ("a,b") names, as bits; the
 * word must be one about sampling. AS_EARG names one that is not known here. */
AS_NODISCARD int as_policy_compat(const struct as_policy *, const char *words, unsigned *ops, struct as_error *);
/* Draws once more what these ops share in a batch: from seed, batch, epoch and view alone. */
void as_policy_share(const struct as_policy *, unsigned ops, uint64_t seed, uint64_t batch, uint64_t epoch, int view,
		     float *param);

/* Whether one view's parameters may be applied to a source of that size: every
 * value in its range, the box inside the source. AS_EDATA names the culprit. */
AS_NODISCARD int as_policy_check(const struct as_policy *, struct as_size, const float *param, struct as_error *);

/* The box of the source that the view shows (param as checked). */
struct as_box as_policy_box(const struct as_policy *, const float *param);

/* Memory that applying needs; zeroed at first, grows as it must, one a thread. */
struct as_work {
	float *at;
	size_t bytes;
};
void as_work_clear(struct as_work *);

/* One view: the source's box resized, then every op in order. A pure function of
 * its arguments. out: S x S x 3 floats in [0,1], rows of RGB pixels. Checks param first. */
AS_NODISCARD int as_policy_apply(const struct as_policy *, const struct as_pix *, const float *param,
				 const struct as_pixels *, struct as_work *, float *out, struct as_error *);
/* The same, rounded once at the end: 255 x to the nearest, halves to the even. */
AS_NODISCARD int as_policy_apply_u1(const struct as_policy *, const struct as_pix *, const float *param,
				    const struct as_pixels *, struct as_work *, uint8_t *out, struct as_error *);

/* (x - mean) / std of the policy, for `pixels` RGB pixels in [0,1], in place: what networks see. */
void as_policy_normalise(const struct as_policy *, int64_t pixels, float *x);

AS_END
#endif
