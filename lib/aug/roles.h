/* Public since 0.2. The roles of the views that are made of each image. A role is a policy with a name, a
 * number of views and what its draws share with others; most streams have one, two views called "view",
 * and a text that does not speak of roles. Others have lines for each role:
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
 * `role` begins a role; mean, std, filter and size are the first role's where it does not say otherwise. `share`
 * stands behind the ops that it names. "view:color": the draw of color is that of the role `view`, whose view v
 * gives it to view v here; "small:crop" in the role `small` itself: view 0 gives it to all. "2:crop,color": records 2i and 2i+1 of an epoch have one draw of crop and color in
 * each view, the box of crop in proportion to each image. */
#ifndef AS_AUG_ROLES_H
#define AS_AUG_ROLES_H

#include "aug/policy.h"

AS_BEGIN

enum { AS_MAX_VIEWS = 64 };

struct as_roles {
	int n, views; /* roles; views of an image, of all roles together */
	struct as_policy role[AS_MAX_ROLES];
};

/* The one role "view" of so many views that a policy alone means; 0: as many as usual. */
struct as_roles as_roles_of(const struct as_policy *, int views);
/* How many views a policy has where nobody says it: 2, to compare; 1 where its one operation draws nothing, as
 * the evaluation transform. */
int as_policy_usual_views(const struct as_policy *);
/* Whether it is one role, "view" with as many views as usual: its text and its streams do not speak of roles. */
bool as_roles_usual(const struct as_roles *);
/* Index of the role of this name, or -1. */
int as_roles_find(const struct as_roles *, const char *name);

/* From text. AS_EDATA names the line and what is wrong with it. */
AS_NODISCARD int as_roles_parse(const char *text, struct as_roles *, struct as_error *);
/* Their text, malloc'd; NULL without memory. Writing and reading it back gives the same roles. */
char *as_roles_text(const struct as_roles *);
/* What `share` says in a text, "view:color" or "2:crop,color", for one of the roles. AS_EARG. */
AS_NODISCARD int as_roles_share(struct as_roles *, int role, const char *text, struct as_error *);

/* From the header of a stream of samples or views, its policy and its list of roles. AS_EDATA: it has no
 * policy, or they do not agree. */
AS_NODISCARD int as_roles_of_header(const struct as_header *, struct as_roles *, struct as_error *);
/* Into a header, whose policy is its own (malloc'd) and is freed. AS_EMEM. */
AS_NODISCARD int as_roles_to_header(const struct as_roles *, struct as_header *, struct as_error *);

/* --- all views of an image --- */

/* Floats of param and of omega of an image before those of role r; r = n: of all roles. Within a role they are
 * (count, nparam) and (count, nomega). */
int64_t as_roles_params(const struct as_roles *, int r);
int64_t as_roles_omegas(const struct as_roles *, int r);

/* The image that views are drawn for, and where it stands in its stream. */
struct as_subject {
	uint64_t seed, id, epoch;
	uint64_t place; /* of the record in its epoch: neighbours share draws by it */
	struct as_size size;
};
/* Draws all views: as_roles_params(n) and as_roles_omegas(n) floats. View v of a role is drawn as
 * as_policy_sample draws its view first + v, but for what is shared. */
void as_roles_sample(const struct as_roles *, const struct as_subject *, float *param, float *omega);

/* Param and omega (NULL: not wanted) of a record of kind sample or view. AS_EDATA: they have other shapes than
 * the roles. */
AS_NODISCARD int as_roles_read(const struct as_roles *, const struct as_record *, float *param, float *omega,
			       struct as_error *);

AS_END
#endif
