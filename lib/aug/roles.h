/* Public since 0.2. The roles of the views of each image. A role is a policy with a name, a number of views
 * and what its draws share with others. Most streams have one role, two views called "view", and their
 * policy does not mention roles. Others have lines for each role:
 *
 *     name = example
 *     role = view count=2
 *     size = 32
 *     op = crop
 *     op = color
 *     role = small count=1
 *     size = 16
 *     op = crop scale_max=.5
 *     op = color
 *     share = view:color
 *
 * `role` begins a role; if it has no line for mean, std, filter or size, it has the first role's. `share` follows
 * the ops that it names. "view:color": view v has the color draw of view v of the role `view`, which draws it by
 * the same settings. "small:crop" in the role `small` itself: all its views have the draw of view 0.
 * "2:crop,color": records 2i and 2i+1 of an epoch share the draws of crop and color, view by view; the box of crop
 * is in proportion to each image. */
#ifndef AS_AUG_ROLES_H
#define AS_AUG_ROLES_H

#include "aug/policy.h"

AS_BEGIN

enum { AS_MAX_VIEWS = 64 };

/* All roles of a stream's views. It can be copied, as a policy can. */
struct as_roles {
	int n, views; /* number of roles; of views of an image, in all roles */
	struct as_policy role[AS_MAX_ROLES];
};

/* The single role "view" that a policy without roles means, with this many views; 0: the usual number. */
struct as_roles as_roles_of(const struct as_policy *, int views);
/* The number of views if none is given: 2, to compare; 1 if the policy's only operation draws nothing, like
 * the evaluation transform. */
int as_policy_usual_views(const struct as_policy *);
/* Whether there is one role, "view", with the usual number of views: then text and streams do not mention
 * roles. */
bool as_roles_usual(const struct as_roles *);
/* The index of the role of this name, or -1. */
int as_roles_find(const struct as_roles *, const char *name);
/* Sets the counts that are 0 to the usual number, and where each role's views stand among all. AS_EDATA: too many. */
AS_NODISCARD int as_roles_number(struct as_roles *, struct as_error *);

/* Reads roles from text. AS_EDATA names the line and what is wrong with it. */
AS_NODISCARD int as_roles_parse(const char *text, struct as_roles *, struct as_error *);
/* The text of the roles, malloc'd; NULL: no memory. Reading it gives the same roles. */
char *as_roles_text(const struct as_roles *);
/* Applies a `share` value, "view:color" or "2:crop,color", to one of the roles. AS_EARG. */
AS_NODISCARD int as_roles_share(struct as_roles *, int role, const char *text, struct as_error *);

/* Reads roles from the header of a stream of samples or views: its policy and its list of roles. AS_EDATA:
 * it has no policy, or the two do not agree. */
AS_NODISCARD int as_roles_of_header(const struct as_header *, struct as_roles *, struct as_error *);
/* Writes roles into a header; its policy, malloc'd, is replaced. AS_EMEM. */
AS_NODISCARD int as_roles_to_header(const struct as_roles *, struct as_header *, struct as_error *);

/* --- all views of an image --- */

/* The number of floats in param, and in omega, of an image before those of role r; r = n: of all roles.
 * Within a role they are (count, nparam) and (count, nomega). */
int64_t as_roles_params(const struct as_roles *, int r);
int64_t as_roles_omegas(const struct as_roles *, int r);

/* The image that views are drawn for, and its place in the stream. */
struct as_subject {
	uint64_t seed, id, epoch;
	uint64_t place; /* the record's place in its epoch: neighbours may share draws */
	struct as_size size;
};
/* Draws all views: as_roles_params(n) and as_roles_omegas(n) floats. View v of a role is drawn like view
 * first + v by as_policy_sample, except for what is shared. */
void as_roles_sample(const struct as_roles *, const struct as_subject *, float *param, float *omega);

/* Copies param and omega (NULL: not needed) of a record of kind sample or view. AS_EDATA: their shapes do
 * not fit the roles. */
AS_NODISCARD int as_roles_read(const struct as_roles *, const struct as_record *, float *param, float *omega,
			       struct as_error *);

AS_END
#endif
