#include "aug/policy.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

int as_policy_add(struct as_policy *p, const struct as_aug *aug, const struct as_law *law, struct as_error *err)
{
	if (as_policy_find(p, aug->name) >= 0)
		return as_fail(err, AS_EDATA, "op %s stands twice", aug->name);
	if (p->nop && aug->box)
		return as_fail(err, AS_EDATA, "op %s is a cut and can only be the first", aug->name);
	if (!p->nop && !aug->box)
		return as_fail(err, AS_EDATA, "the first op is a cut, such as %s, not %s", as_augs[0]->name, aug->name);
	if (p->nop == AS_MAX_OPS || p->nparam + aug->nparam > AS_MAX_PARAM || p->nomega + aug->nomega > AS_MAX_OMEGA)
		return as_fail(err, AS_EDATA, "op %s is one too many", aug->name);
	p->op[p->nop++] = (struct as_op){aug, *law, p->nparam, p->nomega};
	p->op[p->nop - 1].law.side = p->size;
	p->nparam += aug->nparam;
	p->nomega += aug->nomega;
	return 0;
}

int as_policy_find(const struct as_policy *p, const char *name)
{
	for (int i = 0; i < p->nop; i++)
		if (!strcmp(p->op[i].aug->name, name))
			return i;
	return -1;
}

const char *as_policy_idle(const struct as_policy *p, int i)
{
	const struct as_op *op = &p->op[i];
	return op->aug->idle ? op->aug->idle(&op->law) : NULL;
}

const char *as_policy_alike(const struct as_policy *p, int i)
{
	const struct as_op *op = &p->op[i];
	const char *idle = as_policy_idle(p, i);
	if (!idle && p->shares.own >> i & 1)
		return "all views share its draw";
	return idle || !op->aug->alike ? idle : op->aug->alike(&op->law);
}

const float *as_view_omega(const struct as_view *v, const char *name)
{
	int i = as_policy_find(v->policy, name);
	return i < 0 ? NULL : v->omega + v->policy->op[i].omega_at;
}

const float *as_view_param(const struct as_view *v, const char *name)
{
	int i = as_policy_find(v->policy, name);
	return i < 0 ? NULL : v->param + v->policy->op[i].param_at;
}

void as_op_omega(const struct as_op *op, struct as_size size, const float *param, float *omega)
{
	if (op->aug->nomega)
		op->aug->omega(&op->law, size, param + op->param_at, omega + op->omega_at);
}

void as_policy_sample(const struct as_policy *p, uint64_t seed, uint64_t id, uint64_t epoch, int view,
		      struct as_size size, float *param, float *omega)
{
	for (int i = 0; i < p->nop; i++) {
		const struct as_op *op = &p->op[i];
		struct as_rng rng = as_rng_at(seed, id, (uint32_t)epoch, (uint32_t)view, (uint32_t)op->aug->draw);
		op->aug->sample(&op->law, size, &rng, param + op->param_at);
		as_op_omega(op, size, param, omega);
	}
}

/* Whether the settings fit together and fit S. */
static int check_law(const struct as_op *op, struct as_error *err)
{
	const char *wrong = op->aug->check ? op->aug->check(&op->law) : NULL;
	return wrong ? as_fail(err, AS_EARG, "op %s: %s", op->aug->name, wrong) : 0;
}

int as_policy_resize(struct as_policy *p, int size, struct as_error *err)
{
	int rc = 0;
	p->size = size;
	for (int i = 0; i < p->nop && rc == 0; i++) {
		p->op[i].law.side = size;
		rc = check_law(&p->op[i], err);
	}
	return rc;
}

int as_policy_set(struct as_policy *p, int i, const char *setting, double value, struct as_error *err)
{
	struct as_op *op = &p->op[i];
	int k = as_setting_find(op->aug->name, op->aug->setting, op->aug->nsetting, setting, err);
	if (k < 0)
		return k;
	if (!(value >= op->aug->setting[k].lo && value <= op->aug->setting[k].hi))
		return as_fail(err, AS_EARG, "op %s: %s cannot be %g", op->aug->name, setting, value);
	op->law.value[k] = value;
	return check_law(op, err);
}

int as_policy_compat(struct as_policy *p, const char *words, unsigned *ops, struct as_error *err)
{
	struct as_pair word;
	int rc;
	*ops = 0;
	while ((rc = as_pair_next(&words, ",", &word, err)) > 0) {
		bool found = false;
		char known[160] = "";
		for (int i = 0; i < p->nop && rc > 0; i++) {
			const struct as_compat *c = p->op[i].aug->compat;
			if (!c || !as_compat_draws(c))
				continue;
			as_enlist(known, sizeof known, c->word);
			if (strcmp(c->word, word.name) != 0)
				continue;
			found = true;
			*ops |= c->share ? 1u << i : 0;
			if (c->setting && as_policy_set(p, i, c->setting, 1, err) < 0)
				return AS_EARG;
		}
		if (!found)
			return as_fail(err, AS_EARG, "compat: '%s' says nothing about how this policy is drawn%s", word.name,
				       as_near(word.name, known, &(struct as_hint){0}));
	}
	return rc;
}

enum { SHARED = 128 }; /* roles.c has 64 to 127; added to the view's number, so that shared draws have random numbers of their own */

void as_policy_share(const struct as_policy *p, unsigned ops, uint64_t seed, uint64_t batch, uint64_t epoch, int view,
		     float *param)
{
	for (int i = 0; i < p->nop; i++) {
		const struct as_op *op = &p->op[i];
		if (!(ops & 1u << i))
			continue;
		struct as_rng rng = as_rng_at(seed, batch, (uint32_t)epoch, (uint32_t)(SHARED + view), (uint32_t)op->aug->draw);
		op->aug->compat->share(&op->law, &rng, param + op->param_at);
	}
}

struct as_box as_policy_box(const struct as_policy *p, const float *param)
{
	struct as_box box;
	p->op[0].aug->box(param + p->op[0].param_at, &box);
	return box;
}

int as_policy_check(const struct as_policy *p, struct as_size size, const float *param, struct as_error *err)
{
	for (int i = 0; i < p->nop; i++) {
		const struct as_aug *aug = p->op[i].aug;
		for (int k = 0; k < aug->nparam; k++) {
			const struct as_range *r = &aug->range[k];
			float x = param[p->op[i].param_at + k];
			if (!(x >= r->lo && x <= r->hi) || (r->whole && x != rintf(x)))
				return as_fail(err, AS_EDATA, "%s: %s is %g, not %s from %g to %g", aug->name, aug->param[k],
					       (double)x, r->whole ? "a whole number" : "a number", (double)r->lo,
					       (double)r->hi);
		}
	}
	/* A fractional box was stored as float, so its far edge may be outside by a rounding error. */
	struct as_box b = as_policy_box(p, param);
	double slack = 1e-6 * (double)(size.height > size.width ? size.height : size.width);
	if (!(b.height > 0 && b.width > 0 && b.top + b.height <= (double)size.height + slack &&
	      b.left + b.width <= (double)size.width + slack))
		return as_fail(err, AS_EDATA, "%s: the box (top %g, left %g, height %g, width %g) leaves the %lld x %lld image",
			       p->op[0].aug->name, b.top, b.left, b.height, b.width, (long long)size.height,
			       (long long)size.width);
	return 0;
}
