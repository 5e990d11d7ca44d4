/* Public since 0.2. A policy: augmentations in a row with their laws, the first of which is always the
 * cut (a box of the source resized to S x S floats in [0,1]). It draws the parameters
 * of a view, checks them, and makes the view of them; it comes from a preset, from
 * text, or is built op by op. */
#ifndef AS_AUG_POLICY_H
#define AS_AUG_POLICY_H

#include <stddef.h>

#include "aug/aug.h"
#include "stream/record.h"

AS_BEGIN

enum { AS_MAX_OPS = 12, AS_MAX_PARAM = 48, AS_MAX_OMEGA = 24 };

struct as_op {
	const struct as_aug *aug;
	struct as_law law;
	int param_at, omega_at; /* first column in a record's param and omega */
};

/* Which draws of a role are not its own; ops are bits, 1 << i. */
struct as_shares {
	unsigned with[AS_MAX_ROLES]; /* of role r, an earlier one: view v has what view v of that has (v modulo its views);
	                              * of the role itself: all views have what its view 0 has */
	unsigned together;           /* drawn once for so many records in a row, each view of them alike: */
	int records;
};

struct as_policy {
	char name[96];
	char role[AS_ROLE_NAME]; /* of its views (aug/roles.h): "view" */
	int count, first;        /* views of each image; index of the first among all roles' */
	int size; /* S */
	float mean[3], std[3];
	enum as_filter filter;
	int nop, nparam, nomega;
	struct as_op op[AS_MAX_OPS];
	struct as_shares shares;
};

/* Index of the op in the policy, or -1. */
int as_policy_find(const struct as_policy *, const char *name);

/* What keeps the i-th op from changing any view of the policy's size, NULL when nothing does. */
const char *as_policy_idle(const struct as_policy *, int i);
/* What keeps the i-th op from changing two views of an image differently. */
const char *as_policy_alike(const struct as_policy *, int i);

/* --- where policies come from --- */

/* Appends an op to a policy zeroed but for size, mean, std, filter, name and the ops before;
 * AS_EDATA when it cannot stand there. */
AS_NODISCARD int as_policy_add(struct as_policy *, const struct as_aug *, const struct as_law *, struct as_error *);
/* "cifar", "stl10", "imagenet", then perhaps ":weak", ":default" or ":strong", then
 * "+" and an augmentation to add with its preset law: "cifar:strong+rotation". AS_EARG. */
AS_NODISCARD int as_policy_preset(const char *name, struct as_policy *, struct as_error *);
/* The presets by index, without strength and additions: NULL beyond the last. */
const char *as_preset_name(int i);
/* Another S for the policy; AS_EARG when an op's settings do not go with it. */
AS_NODISCARD int as_policy_resize(struct as_policy *, int size, struct as_error *);
/* A setting of op i, 0 the cut: in its range and right beside the others, else AS_EARG. */
AS_NODISCARD int as_policy_set(struct as_policy *, int i, const char *setting, double value, struct as_error *);
/* The evaluation transform (eval.c) for S, mean, std and filter as given. */
void as_policy_eval(int size, const float mean[3], const float std[3], enum as_filter, struct as_policy *);

/* As text, in files and in a stream's header: one `key = value ...` a line,
 * '#' comments:
 *
 *     name = cifar
 *     size = 32
 *     mean = .4914 .4822 .4465
 *     std = .2470 .2435 .2616
 *     filter = bilinear
 *     op = crop scale_min=.2 scale_max=1
 *     op = flip p=.5
 *
 * size and one op are required, mean is 0 and std is 1 when absent, the filter
 * bilinear, a setting that an op does not name is its preset. The first op is
 * the cut (crop, eval), no op stands twice. Writing a policy and reading it back
 * gives the same policy. An error (AS_EDATA) names the line and what is wrong with it. A text of several
 * roles (aug/roles.h) is refused. */
AS_NODISCARD int as_policy_parse(const char *text, struct as_policy *, struct as_error *);
/* The text of a policy, malloc'd; NULL without memory. */
char *as_policy_text(const struct as_policy *);

/* --- what policies do --- */

/* Draws one view: param (nparam) and omega (nomega). Depends on its arguments
 * alone: each op draws from a stream of its own, so an op added to a policy
 * changes no other op's draws. The size is at least 1 x 1. Uses as_rng, as_exp,
 * as_log, and sqrt and rint, which IEEE 754 rounds correctly everywhere. */
void as_policy_sample(const struct as_policy *, uint64_t seed, uint64_t id, uint64_t epoch, int view,
		      struct as_size, float *param, float *omega);

/* What `words` ("a,b") name of how the policy is drawn: settings are made in it, and the ops that
 * share something in a batch are bits of *ops. AS_EARG names a word that no op of it has. */
AS_NODISCARD int as_policy_compat(struct as_policy *, const char *words, unsigned *ops, struct as_error *);
/* Draws op i of a view of a source of that size with the given generator: its columns of param and omega. */
void as_policy_draw(const struct as_policy *, int i, struct as_size, struct as_rng, float *param, float *omega);
/* Draws once more what these ops share in a batch: from seed, batch, epoch and view alone. */
void as_policy_share(const struct as_policy *, unsigned ops, uint64_t seed, uint64_t batch, uint64_t epoch, int view,
		     float *param);

/* Whether one view's parameters may be applied to a source of that size: every
 * value in its range, the box inside the source. AS_EDATA names the culprit. */
AS_NODISCARD int as_policy_check(const struct as_policy *, struct as_size, const float *param, struct as_error *);

/* The box of the source that the view shows (param as checked). */
struct as_box as_policy_box(const struct as_policy *, const float *param);

/* What of a source of that size the view reads: the box, or as much more as its filter may reach. */
struct as_box as_policy_reach(const struct as_policy *, struct as_size, const float *param);

/* Memory that applying needs; zeroed at first, grows as it must, one a thread. */
struct as_work {
	float *at;
	size_t bytes;
};
void as_work_clear(struct as_work *);

/* One view: the source's box resized, then every op in order. A pure function of
 * its arguments. out: S x S x 3 floats in [0,1], rows of RGB pixels. Checks param first,
 * which is about the source before it was shrunk. */
AS_NODISCARD int as_policy_apply(const struct as_policy *, const struct as_pix *, const float *param,
				 const struct as_pixels *, struct as_work *, float *out, struct as_error *);
/* The same, rounded once at the end: 255 x to the nearest, halves to the even. */
AS_NODISCARD int as_policy_apply_u1(const struct as_policy *, const struct as_pix *, const float *param,
				    const struct as_pixels *, struct as_work *, uint8_t *out, struct as_error *);

/* (x - mean) / std of the policy, for `pixels` RGB pixels in [0,1], in place: what networks see. */
void as_policy_normalise(const struct as_policy *, int64_t pixels, float *x);

AS_END
#endif
