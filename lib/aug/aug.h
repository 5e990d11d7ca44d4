/* Public since 0.2. Augmentations: each is a constant descriptor in a file of its own. This header is all
 * that such a file needs. aug-sample(1) has the formulas: how parameters are sampled and applied, omega,
 * targets. policy.h combines augmentations. */
#ifndef AS_AUG_AUG_H
#define AS_AUG_AUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/rng.h"
#include "kern/pix.h"

AS_BEGIN

enum { AS_MAX_TARGET = 4, AS_MAX_LAW = 8 };

/* What a head minimises: nothing (it has no target), a squared error behind tanh, or a cross-entropy. */
enum as_loss {
	AS_LOSS_NONE,
	AS_LOSS_MSE_TANH,
	AS_LOSS_MSE_TANH_ALL, /* each row's prediction against the targets of all rows */
	AS_LOSS_BCE,
	AS_LOSS_CE
};

/* The size of a source image in pixels, as displayed. */
struct as_size {
	int64_t height, width;
};

/* How an op is drawn: the values of its named settings, in its order, and the side S of the views. */
struct as_law {
	double value[AS_MAX_LAW];
	int side;
};

/* A named number of an op, with its default and its range. */
struct as_setting {
	const char *name, *doc;
	double preset, lo, hi;
	unsigned flags;
};
/* Flags: a preset's strength (.5, 1, 2) multiplies the value, within its range; the value is a whole
 * number. */
enum { AS_SCALES = 1, AS_WHOLE = 2 };
/* The number of a setting in a list of n; AS_EARG: "WHOSE has no setting 'NAME', only" and what there is. */
AS_NODISCARD int as_setting_find(const char *whose, const struct as_setting *, int n, const char *name, struct as_error *);
/* Reads a setting's value from its text. AS_EARG: out of range, or not whole. */
AS_NODISCARD int as_setting_read(const struct as_setting *, const char *text, double *value, struct as_error *);

/* The values that a parameter may have in a record; whole: only integers. */
struct as_range {
	float lo, hi;
	bool whole;
};

struct as_policy;

/* One view of an image, from its record. */
struct as_view {
	const struct as_policy *policy;
	const float *param; /* (policy->nparam) */
	const float *omega; /* (policy->nomega) */
};
/* The view's columns of an op; NULL if the policy has no such op. */
const float *as_view_omega(const struct as_view *, const char *name);
const float *as_view_param(const struct as_view *, const char *name);

/* A fault of the authors' release, or of the libraries of its time, that can be repeated: --compat WORD. */
struct as_compat {
	const char *word, *doc;
	const char *setting; /* this setting becomes 1, or NULL */
	enum as_loss loss; /* replaces the head's loss; AS_LOSS_NONE: the loss stays */
	/* Replaces the target; NULL: the target stays. */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
	/* Draws again what the release draws once for a whole batch; omega does not change. NULL: nothing. */
	void (*share)(const struct as_law *, struct as_rng *, float *param);
};
/* Whether it changes how views are drawn, instead of what heads learn. */
static inline bool as_compat_draws(const struct as_compat *c)
{
	return c->setting || c->share;
}

/* An augmentation. A constant; lib/aug/flip.c is a short one. */
struct as_aug {
	const char *name, *doc;
	int draw; /* its number in the generator's counter: 1..255, never used by another, never changed */
	const struct as_setting *setting; /* nsetting settings */
	int nsetting;
	/* Names of the nparam parameters. If the first is called "on" and is 0, nothing is done, and
	 * contact sheets do not show the others. */
	const char *const *param;
	const struct as_range *range;
	int nparam;
	const char *const *component; /* names of omega's nomega components */
	int nomega;
	int ntarget;       /* width of the AugSelf head; 0: no target */
	enum as_loss loss; /* the loss of the head's output */
	bool beyond;       /* for a cut whose filter uses pixels beyond its box: the whole image is resized, then cut */
	/* What is wrong with a combination of settings that are each in range, or NULL. A NULL function:
	 * nothing can be wrong. */
	const char *(*check)(const struct as_law *);
	/* Why it cannot change any view of the law's side ("p is 0"), and why it changes all views of an
	 * image alike ("p is 1"); NULL if neither. A NULL function: never. A head could learn nothing in
	 * both cases. */
	const char *(*idle)(const struct as_law *);
	const char *(*alike)(const struct as_law *);
	/* Draws the parameters of one view. */
	void (*sample)(const struct as_law *, struct as_size, struct as_rng *, float *param);
	/* Converts parameters drawn for a source of one size to a source of another size. NULL: they do not
	 * depend on the size, or only on the size. */
	void (*rescale)(struct as_size from, struct as_size to, float *param);
	/* NULL when nomega is 0. */
	void (*omega)(const struct as_law *, struct as_size, const float *param, float *omega);
	/* Changes the canvas in place, in one of two ways. tones gives up to AS_MAX_TONES tones and returns
	 * their number, so that tones of successive augmentations become one pass; apply changes the
	 * pixels. Both are NULL for a cut, which has no pixels yet. */
	int (*tones)(const float *param, struct as_tone *);
	void (*apply)(const struct as_pix *, const float *param, struct as_canvas *);
	/* For a cut: the box of the source. NULL for every other op. */
	void (*box)(const float *param, struct as_box *);
	/* d(a,b): ntarget floats (the class index in d[0] for AS_LOSS_CE). NULL when
	 * ntarget is 0. */
	void (*target)(const struct as_view *a, const struct as_view *b, float *d);
	const struct as_compat *compat; /* NULL: the release has no fault here */
};

/* All augmentations, in the order in which a preset lists them, a cut first; NULL marks the end. */
extern const struct as_aug *const as_augs[];
/* The augmentation of this name. NULL: there is none; AS_EARG in *err, which may be NULL, and the error
 * lists the names. */
const struct as_aug *as_aug_find(const char *name, struct as_error *err);

/* Sets every setting to its default; those that scale are multiplied by `strength`, whole ones rounded. */
void as_law_preset(const struct as_aug *, double strength, struct as_law *);

AS_END
#endif
