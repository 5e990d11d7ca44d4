/* Public since 0.2. Augmentations: each one a constant descriptor in a file of its own, and all that
 * such a file needs. aug-sample(1) has the formulas: of what is sampled and
 * applied, of omega, of targets. policy.h puts them in a row. */
#ifndef AS_AUG_AUG_H
#define AS_AUG_AUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "kern/pix.h"

AS_BEGIN

enum { AS_MAX_TARGET = 4, AS_MAX_LAW = 8 };

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
/* A preset's strength (.5, 1, 2) multiplies it, within the range; it is a whole number. */
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
/* Its columns of an op; NULL when the policy has no such op. */
const float *as_view_omega(const struct as_view *, const char *name);
const float *as_view_param(const struct as_view *, const char *name);

/* What the authors' release does where it has a fault, or did with the libraries of its day:
 * --compat WORD. */
struct as_compat {
	const char *word, *doc;
	const char *setting; /* becomes 1 in the law, or NULL */
	enum as_loss loss; /* in place of the head's; AS_LOSS_NONE: it is the same */
	/* In place of the target; NULL: it is the same. */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
	/* Draws once more what the release draws once for a whole batch, and omega does not
	 * hold; NULL: nothing. */
	void (*share)(const struct as_law *, struct as_rng *, float *param);
};
/* Whether it says how views are drawn, and not what heads learn. */
static inline bool as_compat_draws(const struct as_compat *c)
{
	return c->setting || c->share;
}

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
	/* What keeps it from changing any view of the law's side - "p is 0" -, and what makes it
	 * change all views of an image alike - "p is 1" -, or NULL; NULL function: nothing ever does. A
	 * head can learn nothing from either. */
	const char *(*idle)(const struct as_law *);
	const char *(*alike)(const struct as_law *);
	/* Draws the parameters of one view. */
	void (*sample)(const struct as_law *, struct as_size, struct as_rng *, float *param);
	/* Parameters drawn for a source of one size, as they are for one of another size; NULL: they do not
	 * depend on the size, or on nothing else. */
	void (*rescale)(struct as_size from, struct as_size to, float *param);
	/* NULL when nomega is 0. */
	void (*omega)(const struct as_law *, struct as_size, const float *param, float *omega);
	/* Changes the canvas in place, either by up to AS_MAX_TONES tones, of which it returns the
	 * number, so that those of augmentations in a row become one pass; or by apply. Both NULL for a
	 * cut, which has no pixels yet. */
	int (*tones)(const float *param, struct as_tone *);
	void (*apply)(const struct as_pix *, const float *param, struct as_canvas *);
	/* For a cut: the box of the source that it shows. NULL for every other op. */
	void (*box)(const float *param, struct as_box *);
	/* d(a,b): ntarget floats (the class index in d[0] for AS_LOSS_CE). NULL when
	 * ntarget is 0. */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
	const struct as_compat *compat; /* NULL: the release has no fault here */
};

/* All augmentations, in the order in which a preset lists them, a cut first, NULL at the end. */
extern const struct as_aug *const as_augs[];
/* NULL: no such augmentation; AS_EARG in *err, which may be NULL, names those there are. */
const struct as_aug *as_aug_find(const char *name, struct as_error *err);

/* Every setting at its preset, those that scale times `strength`, whole ones rounded. */
void as_law_preset(const struct as_aug *, double strength, struct as_law *);

AS_END
#endif
