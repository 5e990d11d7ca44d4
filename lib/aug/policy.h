/* Public since 0.2. A policy: a list of augmentations with their settings; the first is always the cut (a
 * box of the source, resized to S x S floats in [0,1]). It draws the parameters of a view, checks them, and
 * makes the view. It comes from a preset or a text, or is built op by op. */
#ifndef AS_AUG_POLICY_H
#define AS_AUG_POLICY_H

#include <stddef.h>

#include "aug/aug.h"
#include "stream/record.h"

AS_BEGIN

enum { AS_MAX_OPS = 12, AS_MAX_PARAM = 48, AS_MAX_OMEGA = 24 };

/* An augmentation as one policy uses it. */
struct as_op {
	const struct as_aug *aug;
	struct as_law law;
	int param_at, omega_at; /* first column in a record's param and omega */
};

/* Which ops of a role share a draw; ops are bits, 1 << i. */
struct as_shares {
	unsigned with[AS_MAX_ROLES]; /* of role r, an earlier one: view v has the draw of view v of that (v modulo its views) */
	unsigned own;                /* all views of the role have the draw of its view 0 */
	unsigned together;           /* drawn once for so many records in a row, view by view: */
	int records;
};

/* A policy: how the views of one role are made. It points only to constants, so it can be copied. */
struct as_policy {
	char name[96];
	char role[AS_ROLE_NAME]; /* the role of its views (aug/roles.h): "view" */
	/* the number of views of each image; the index of the first among those of all roles */
	int count, first;
	int size; /* S */
	float mean[3], std[3];
	enum as_filter filter;
	int nop, nparam, nomega;
	struct as_op op[AS_MAX_OPS];
	struct as_shares shares;
};

/* The index of the op in the policy, or -1. */
int as_policy_find(const struct as_policy *, const char *name);

/* Why op i cannot change any view of the policy's size; NULL: it can. */
const char *as_policy_idle(const struct as_policy *, int i);
/* Why op i cannot change two views of an image differently; NULL: it can. */
const char *as_policy_alike(const struct as_policy *, int i);

/* --- where policies come from --- */

/* Appends an op to a policy, of which only size, mean, std, filter, name and earlier ops may be set.
 * AS_EDATA: the op may not stand there. */
AS_NODISCARD int as_policy_add(struct as_policy *, const struct as_aug *, const struct as_law *, struct as_error *);
/* "cifar", "stl10", "imagenet" or "linear", optionally ":weak", ":default" or ":strong", then any number of
 * "+" and an augmentation to add with its default settings: "cifar:strong+rotation". The policy's count is 1
 * for "linear", and 0 otherwise. AS_EARG. */
AS_NODISCARD int as_policy_preset(const char *name, struct as_policy *, struct as_error *);
/* The name of preset i, without strength and additions; NULL after the last. */
const char *as_preset_name(int i);
/* Changes S; AS_EARG if it does not fit an op's settings. */
AS_NODISCARD int as_policy_resize(struct as_policy *, int size, struct as_error *);
/* Changes a setting of op i (0 is the cut); AS_EARG if it is out of range or does not fit the others. */
AS_NODISCARD int as_policy_set(struct as_policy *, int i, const char *setting, double value, struct as_error *);
/* The evaluation transform (eval.c) for the given S, mean, std and filter. */
void as_policy_eval(int size, const float mean[3], const float std[3], enum as_filter, struct as_policy *);

/* A policy as text, in files and in a stream's header: lines `key = value ...`
 * and '#' comments:
 *
 *     name = cifar
 *     size = 32
 *     mean = .4914 .4822 .4465
 *     std = .2470 .2435 .2616
 *     filter = bilinear
 *     op = crop scale_min=.2 scale_max=1
 *     op = flip p=.5
 *
 * size and one op are required. The defaults are mean 0, std 1 and filter bilinear; a setting
 * that an op does not name has its default. The first op is the cut (crop, eval), and no op
 * may stand twice. Writing a policy and reading it back gives the same policy. An error
 * (AS_EDATA) names the line and what is wrong with it. A text of several roles (aug/roles.h)
 * is refused. */
AS_NODISCARD int as_policy_parse(const char *text, struct as_policy *, struct as_error *);
/* The text of a policy, malloc'd; NULL: no memory. */
char *as_policy_text(const struct as_policy *);

/* --- what policies do --- */

/* Draws one view: param (nparam) and omega (nomega). The result depends only on the arguments. Each op has
 * random numbers of its own, so adding an op to a policy does not change the others' draws. The size is at
 * least 1 x 1. Uses as_rng, as_exp, as_log, and sqrt and rint, which IEEE 754 rounds the same everywhere. */
void as_policy_sample(const struct as_policy *, uint64_t seed, uint64_t id, uint64_t epoch, int view,
		      struct as_size, float *param, float *omega);
/* Writes omega of one op, its columns of `omega`, from the view's parameters. */
void as_op_omega(const struct as_op *, struct as_size, const float *param, float *omega);

/* Applies the compat words ("a,b") that change how views are drawn: sets their settings, and sets the bits
 * in *ops of ops that share something in a batch. AS_EARG: the policy has no op with this word. */
AS_NODISCARD int as_policy_compat(struct as_policy *, const char *words, unsigned *ops, struct as_error *);
/* Draws again what these ops share in a batch; depends only on seed, batch, epoch and view. */
void as_policy_share(const struct as_policy *, unsigned ops, uint64_t seed, uint64_t batch, uint64_t epoch, int view,
		     float *param);

/* Whether one view's parameters may be applied to a source of this size: every value in its range, the box
 * inside the source. AS_EDATA names the wrong value. */
AS_NODISCARD int as_policy_check(const struct as_policy *, struct as_size, const float *param, struct as_error *);

/* The box of the source that the view shows (param must be checked before). */
struct as_box as_policy_box(const struct as_policy *, const float *param);

/* The part of a source of this size that the view needs: the box, or more if its filter reaches beyond it. */
struct as_box as_policy_reach(const struct as_policy *, struct as_size, const float *param);

/* Scratch memory of one thread. Initialise with zeros; it grows as needed. */
struct as_work {
	float *at;
	size_t bytes;
};
void as_work_clear(struct as_work *);

/* Makes one view: resizes the source's box, then applies every op in order. Depends only on its arguments.
 * out: S x S x 3 floats in [0,1], rows of RGB pixels. Checks param first; param refers to the source before
 * it was shrunk in decoding. AS_EDATA for a param that no draw gives, AS_EMEM. */
AS_NODISCARD int as_policy_apply(const struct as_policy *, const struct as_pix *, const float *param,
				 const struct as_pixels *, struct as_work *, float *out, struct as_error *);
/* The same, rounded at the end: 255 x to the nearest byte, halves to the even one. Errors as above. */
AS_NODISCARD int as_policy_apply_u1(const struct as_policy *, const struct as_pix *, const float *param,
				    const struct as_pixels *, struct as_work *, uint8_t *out, struct as_error *);

/* (x - mean) / std with the policy's values, for `pixels` RGB pixels in [0,1], in place: the input of
 * networks. */
void as_policy_normalise(const struct as_policy *, int64_t pixels, float *x);

AS_END
#endif
