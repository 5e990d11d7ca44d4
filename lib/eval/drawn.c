#include "eval/drawn.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "eval/room.h"

int as_drawn_new(struct as_drawn **out, const struct as_header *h, struct as_error *err)
{
	struct as_roles roles;
	int rc = as_roles_of_header(h, &roles, err);
	if (rc)
		return rc;
	if (roles.n > 1)
		return as_fail(err, AS_EDATA, "policy: features of views of %d roles, not of one", roles.n);
	struct as_drawn *d = calloc(1, sizeof *d);
	if (!d)
		return as_fail(err, AS_EMEM, "views: no memory");
	d->policy = roles.role[0];
	*out = d;
	return 0;
}

void as_drawn_free(struct as_drawn *d)
{
	if (!d)
		return;
	free(d->param);
	free(d->omega);
	free(d);
}

static int grow(struct as_drawn *d, int64_t rows, struct as_error *err)
{
	const struct as_policy *p = &d->policy;
	int64_t room = 2 * d->room + rows;
	if (rows <= d->room)
		return 0;
	if (!as_features_grow(&d->param, room, (size_t)(p->nparam + 1) * sizeof *d->param) ||
	    !as_features_grow(&d->omega, room, (size_t)(p->nomega + 1) * sizeof *d->omega))
		return as_fail(err, AS_EMEM, "views: no memory for how %lld were drawn", (long long)rows);
	d->room = room;
	return 0;
}

int as_drawn_add(struct as_drawn *d, int64_t rows, const struct as_record *rec, struct as_error *err)
{
	const struct as_policy *p = &d->policy;
	const struct as_roles one = as_roles_of(p, p->count);
	if (!rec->role[0].param.data)
		return as_fail(err, AS_EDATA, "features of images, of which nothing was drawn: aug-sample | aug-apply make views, and "
			       "feat-extract their features");
	if (rec->feature.shape[0] != p->count)
		return as_fail(err, AS_EDATA, "feature: %lld views, the policy has %d", (long long)rec->feature.shape[0], p->count);
	int rc = grow(d, rows + p->count, err);
	return rc ? rc : as_roles_read(&one, rec, d->param + rows * p->nparam, d->omega + rows * p->nomega, err);
}

/* The policy as a text without names and with one view. */
static char *law_of(const struct as_drawn *d)
{
	struct as_policy p = d->policy;
	p.name[0] = '\0';
	p.shares = (struct as_shares){.records = 0};
	strcpy(p.role, "view");
	p.count = as_policy_usual_views(&p);
	return as_policy_text(&p);
}

int as_drawn_same(const struct as_drawn *a, const struct as_drawn *b, struct as_error *err)
{
	char *ta = law_of(a), *tb = law_of(b);
	const char *x = ta, *y = tb;
	int rc = 0;
	if (!ta || !tb)
		rc = as_fail(err, AS_EMEM, "policy: no memory");
	else if (as_text_differ(&x, &y))
		rc = as_fail(err, AS_EDATA, "views of another policy: it has '%.*s' where that of the training features has '%.*s'",
			     (int)strcspn(y, "\n"), y, (int)strcspn(x, "\n"), x);
	free(ta);
	free(tb);
	return rc;
}
