#include "ssl/layout.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int no_role(const struct as_roles *roles, const char *name, struct as_error *err)
{
	char known[128] = "";
	for (int i = 0; i < roles->n; i++)
		as_enlist(known, sizeof known, roles->role[i].role);
	return as_fail(err, AS_EARG, "method: it learns from views of the role '%s', but these have %s (aug-sample(1) makes roles)",
		       name, known);
}

static int role_of(const struct as_roles *roles, const struct as_use *use, struct as_error *err)
{
	int i = use->role ? as_roles_find(roles, use->role) : 0;
	return i < 0 ? no_role(roles, use->role, err) : i;
}

/* The group of one more view: a new one, or the one with its number. */
static int enter_group(struct as_layout *l, const struct as_use *use, const int *number, int64_t size, bool online, bool ema)
{
	for (int g = 0; use->group && g < l->ngroups; g++)
		if (number[g] == use->group)
			return g;
	l->group[l->ngroups] = (struct as_group){.size = size, .online = online, .ema = ema};
	return l->ngroups++;
}

static int add_view(struct as_layout *l, const struct as_use *use, int *number, const struct as_roles *roles, int r, int k,
		    struct as_error *err)
{
	const struct as_policy *role = &roles->role[r];
	bool online = use->online >> k & 1, ema = use->ema >> k & 1;
	int g = enter_group(l, use, number, role->size, online, ema);
	struct as_group *group = &l->group[g];
	number[g] = use->group;
	if (group->online != online || group->ema != ema)
		return as_fail(err, AS_EARG, "method: its views of the role '%s' share a batch with others, but not the networks",
			       role->role);
	if (group->size != role->size)
		return as_fail(err, AS_EARG, "method: its views of the role '%s' go through the backbone with others, so they have "
			       "to be %lld pixels, not %d", role->role, (long long)group->size, role->size);
	l->view[l->nviews] = (struct as_place){role, r, k, g, group->nviews};
	group->view[group->nviews++] = l->nviews++;
	return 0;
}

/* The number of views that a use names: up to its highest bit. */
static int views_of(const struct as_use *use)
{
	int n = 0;
	while (n < 32 && (use->online | use->ema) >> n)
		n++;
	return n;
}

int as_layout_make(struct as_layout *l, const struct as_roles *roles, const struct as_use *use, int uses, int64_t batch,
		   int64_t grains, struct as_error *err)
{
	int number[AS_MAX_VIEWS], rc = 0;
	*l = (struct as_layout){.batch = batch, .grains = grains};
	for (int u = 0; u < uses && !rc; u++) {
		int r = role_of(roles, &use[u], err), n = views_of(&use[u]);
		if (r < 0)
			return r;
		const struct as_policy *role = &roles->role[r];
		if (role->count != n || l->nviews + n > AS_MAX_VIEWS)
			return as_fail(err, AS_EARG, "views: the method compares %d of the role '%s', but images have %d (%s)", n,
				       role->role, role->count, use[u].role ? "count= in its line of the policy" : "aug-sample --views, or "
				       "count= in the first role's line of the policy");
		for (int k = 0; k < n && !rc; k++)
			rc = add_view(l, &use[u], number, roles, r, k, err);
	}
	return rc;
}

/* A policy of every augmentation with its preset law. */
static int all_augmentations(int size, struct as_policy *p, struct as_error *err)
{
	int rc = 0;
	*p = (struct as_policy){.size = size};
	for (int i = 0; as_augs[i] && !rc; i++) {
		struct as_law law;
		as_law_preset(as_augs[i], 1, &law);
		if (!p->nop || !as_augs[i]->box)
			rc = as_policy_add(p, as_augs[i], &law, err);
	}
	return rc;
}

/* The role of this name has at least so many views. */
static int want_role(struct as_roles *r, const struct as_policy *p, const char *name, int views, struct as_error *err)
{
	int i = as_roles_find(r, name);
	if (i < 0 && r->n == AS_MAX_ROLES)
		return as_fail(err, AS_EARG, "method: it learns from more than %d roles", AS_MAX_ROLES);
	if (i < 0) {
		i = r->n++;
		r->role[i] = *p;
		snprintf(r->role[i].role, sizeof r->role[i].role, "%s", name);
	}
	r->role[i].count = views > r->role[i].count ? views : r->role[i].count;
	return 0;
}

int as_layout_roles(const struct as_use *use, int uses, int size, struct as_roles *out, struct as_error *err)
{
	struct as_roles r = {.n = 0};
	struct as_policy p;
	int rc = all_augmentations(size, &p, err);
	for (int named = 0; named < 2; named++) /* "view" is the first role of every policy */
		for (int u = 0; u < uses && !rc; u++) {
			const char *name = use[u].role ? use[u].role : "view";
			if (!strcmp(name, "view") == !named)
				rc = want_role(&r, &p, name, views_of(&use[u]), err);
		}
	rc = rc ? rc : as_roles_number(&r, err);
	if (!rc)
		*out = r;
	return rc;
}

int64_t as_layout_row(const struct as_layout *l, int v, int64_t i)
{
	const struct as_place *p = &l->view[v];
	int64_t each = l->batch / l->grains;
	return (i / each * l->group[p->group].nviews + p->at) * each + i % each;
}

int64_t as_layout_rows(const struct as_layout *l, int group)
{
	return l->group[group].nviews * l->batch;
}
