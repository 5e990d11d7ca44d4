#include "aug/roles.h"

#include <stdio.h>
#include <string.h>

struct as_roles as_roles_pair(const struct as_policy *p)
{
	struct as_roles r = {.n = 1, .views = 2, .role = {*p}};
	snprintf(r.role[0].role, sizeof r.role[0].role, "view");
	r.role[0].count = 2;
	r.role[0].first = 0;
	return r;
}

int as_roles_parse(const char *text, struct as_roles *r, struct as_error *err)
{
	struct as_policy p;
	int rc = as_policy_parse(text, &p, err);
	if (!rc)
		*r = as_roles_pair(&p);
	return rc;
}

char *as_roles_text(const struct as_roles *r)
{
	return as_policy_text(&r->role[0]);
}

int as_roles_find(const struct as_roles *r, const char *name)
{
	for (int i = 0; i < r->n; i++)
		if (!strcmp(r->role[i].role, name))
			return i;
	return -1;
}
