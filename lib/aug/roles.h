/* The roles of the views that are made of each image. A role is a policy with a name and a number of
 * views; most streams have one, two views called "view". */
#ifndef AS_AUG_ROLES_H
#define AS_AUG_ROLES_H

#include "aug/policy.h"

AS_BEGIN

enum { AS_MAX_ROLES = 4, AS_MAX_VIEWS = 16 };

struct as_roles {
	int n, views;
	struct as_policy role[AS_MAX_ROLES];
};

/* From the text of a stream's header. AS_EDATA as as_policy_parse. */
AS_NODISCARD int as_roles_parse(const char *text, struct as_roles *, struct as_error *);
/* Their text, malloc'd; NULL without memory. */
char *as_roles_text(const struct as_roles *);
/* Index of the role of this name, or -1. */
int as_roles_find(const struct as_roles *, const char *name);
/* The one role of two views that a policy alone means. */
struct as_roles as_roles_pair(const struct as_policy *);

AS_END
#endif
