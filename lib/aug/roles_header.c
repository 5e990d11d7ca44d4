/* Roles in the header of a stream: their text, and a list of them if they are not the usual one. */
#include <stdlib.h>
#include <string.h>

#include "aug/roles.h"

/* The list for a header. */
static struct as_role_list list_of(const struct as_roles *r)
{
	struct as_role_list l = {0};
	for (; l.n < r->n && !as_roles_usual(r); l.n++) {
		const struct as_policy *p = &r->role[l.n];
		struct as_role_line *line = &l.at[l.n];
		strcpy(line->name, p->role);
		line->count = p->count;
		line->size = p->size;
	}
	return l;
}

int as_roles_of_header(const struct as_header *h, struct as_roles *out, struct as_error *err)
{
	struct as_roles r;
	if (!h->policy)
		return as_fail(err, AS_EDATA, "policy: the header has none");
	int rc = as_roles_parse(h->policy, &r, err);
	struct as_role_list want = list_of(&r);
	if (!rc && !as_role_list_same(&want, &h->roles))
		rc = as_fail(err, AS_EDATA, "roles: the header's list is not what its policy says");
	if (!rc)
		*out = r;
	return rc;
}

int as_roles_to_header(const struct as_roles *r, struct as_header *h, struct as_error *err)
{
	char *text = as_roles_text(r);
	if (!text)
		return as_fail(err, AS_EMEM, "policy: no memory");
	free(h->policy);
	h->policy = text;
	h->roles = list_of(r);
	return 0;
}
