#include "ssl/augself.h"

#include <stdio.h>
#include <string.h>

#include "aug/policy.h"
#include "base/text.h"
#include "ssl/loss.h"

/* Floats in a row of targets: a class is one number, whatever the width of the head. */
static int target_floats(const struct as_aug *a)
{
	return a->loss == AS_LOSS_CE ? 1 : a->ntarget;
}

static int no_target(const char *name, struct as_error *err)
{
	char known[128] = "";
	if (!strcmp(name, "none"))
		return as_fail(err, AS_EARG, "augself: 'none' stands alone");
	for (int i = 0; as_augs[i]; i++)
		if (as_augs[i]->ntarget)
			as_enlist(known, sizeof known, as_augs[i]->name);
	return as_fail(err, AS_EARG, "augself: '%s' is none of %s%s", name, known, as_near(name, known, &(struct as_hint){0}));
}

/* The operation of the policy that a head learns from; <0: there is none that it can learn from. */
static int find_op(const struct as_policy *policy, const char *name, struct as_error *err)
{
	int i = as_policy_find(policy, name);
	if (i < 0)
		return as_fail(err, AS_EARG, "augself: the views' policy has no %s to predict: add it to aug-sample's (--preset "
			       "NAME+%s), or leave the head out", name, name);
	const char *idle = as_policy_idle(policy, i), *alike = as_policy_alike(policy, i);
	if (idle)
		return as_fail(err, AS_EARG, "augself: %s changes no view of %d pixels, so there is nothing to predict: %s", name,
			       policy->size, idle);
	if (alike)
		return as_fail(err, AS_EARG, "augself: %s changes all views alike, so there is nothing to predict: %s", name, alike);
	return i;
}

static void drop_weightless(struct as_augself *s)
{
	int kept = 0;
	for (int i = 0; i < s->nheads; i++)
		if (s->head[i].weight > 0)
			s->head[kept++] = s->head[i];
	s->nheads = kept;
}

int as_augself_parse(struct as_augself *s, const char *list, const struct as_policy *policy, struct as_error *err)
{
	struct as_pair pair;
	int rc;
	*s = (struct as_augself){.policy = policy};
	if (!strcmp(list, "none"))
		return 0;
	while ((rc = as_pair_next(&list, ",", &pair, err)) > 0) {
		const struct as_aug *aug = as_aug_find(pair.name, NULL);
		double weight;
		if (!aug || !aug->ntarget)
			return no_target(pair.name, err);
		if (!*pair.value)
			return as_fail(err, AS_EARG, "augself: %s has no weight: write %s=1", pair.name, pair.name);
		if ((rc = as_parse_f64(pair.value, 0, 1e6, &weight, err)) < 0)
			return as_fail_within(err, "augself: weight of %s", pair.name);
		if ((rc = find_op(policy, pair.name, err)) < 0)
			return rc;
		for (int i = 0; i < s->nheads; i++)
			if (s->head[i].aug == aug)
				return as_fail(err, AS_EARG, "augself: %s is there twice", pair.name);
		if (s->nheads == AS_MAX_HEADS)
			return as_fail(err, AS_EARG, "augself: more than %d heads", AS_MAX_HEADS);
		s->head[s->nheads++] = (struct as_head){aug, aug->loss, aug->target, .weight = weight};
	}
	drop_weightless(s);
	return rc;
}

bool as_augself_compat(struct as_augself *s, const char *word)
{
	bool found = false;
	for (int i = 0; i < s->nheads; i++) {
		struct as_head *h = &s->head[i];
		const struct as_compat *c = h->aug->compat;
		if (!c || as_compat_draws(c) || strcmp(c->word, word))
			continue;
		h->loss = c->loss ? c->loss : h->loss;
		h->target_of = c->target ? c->target : h->target_of;
		found = true;
	}
	return found;
}

int as_augself_build(struct as_augself *s, const struct as_build *b, int64_t hidden, struct as_error *err)
{
	s->engine = b->engine;
	for (int i = 0; i < s->nheads; i++) {
		struct as_head *h = &s->head[i];
		char prefix[64];
		snprintf(prefix, sizeof prefix, "augself.%s", h->aug->name);
		int64_t width[] = {2 * b->d_heads, hidden, hidden, h->aug->ntarget};
		as_mlp(&h->net, prefix, width, 4, AS_MLP_BIAS, b->params, b->engine);
		h->net.name = h->aug->name;
		if (h->net.failed.code)
			return as_fail(err, h->net.failed.code, "%s", h->net.failed.text);
	}
	return 0;
}

static bool all_with_all(const struct as_augself *s, const struct as_head *h)
{
	return s->engine->world && h->loss == AS_LOSS_MSE_TANH_ALL;
}

void as_augself_plan(struct as_augself *s, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	if (!s->nheads)
		return;
	int64_t pair = s->head[0].net.buf[0].c * 2 * batch;
	s->pair = as_arena_floats(arena, pair);
	s->dpair = as_arena_floats(arena, pair);
	for (int i = 0; i < s->nheads; i++) {
		struct as_head *h = &s->head[i];
		as_net_plan(&h->net, 2 * batch, AS_TRAIN, arena, work, &h->pass);
		h->target = as_arena_floats(arena, 2 * batch * h->aug->ntarget);
		h->dp = as_arena_floats(arena, 2 * batch * h->aug->ntarget);
		h->every = all_with_all(s, h) ? as_arena_floats(arena, as_ranks(s->engine) * 2 * batch * h->aug->ntarget) : h->target;
	}
}

static void targets(const struct as_augself *s, const struct as_step *step, const struct as_head *h)
{
	int64_t n = step->batch;
	int np = s->policy->nparam, nw = s->policy->nomega, width = target_floats(h->aug);
	for (int order = 0; order < AS_PAIR; order++)
		for (int64_t i = 0; i < n; i++) {
			int a = order, b = as_other(order);
			struct as_view va = {s->policy, step->param[a] + i * np, step->omega[a] + i * nw};
			struct as_view vb = {s->policy, step->param[b] + i * np, step->omega[b] + i * nw};
			h->target_of(&va, &vb, h->target + as_pair_row(s->engine, n, order, i) * width);
		}
}

void as_augself_loss(struct as_augself *s, struct as_step *step)
{
	if (!s->nheads)
		return;
	int64_t rows = 2 * step->batch;
	const struct as_engine *e = s->engine;
	e->kern->pair_rows(e, step->batch, step->d_heads, step->y_heads, s->pair);
	for (int i = 0; i < s->nheads; i++) {
		struct as_head *h = &s->head[i];
		const float *p = as_net_forward(&h->net, &h->pass, s->pair, rows);
		targets(s, step, h);
		if (all_with_all(s, h))
			e->kern->gather(e, rows * h->aug->ntarget, h->target, h->every);
		double value = as_loss_of(e, h->loss, rows, h->aug->ntarget, p, h->target, h->every,
					  (float)h->weight, h->dp);
		as_net_backward(&h->net, &h->pass, h->dp, s->dpair, i > 0);
		as_step_part(step, h->aug->name, value, h->weight);
	}
	e->kern->unpair_rows(e, step->batch, step->d_heads, s->dpair, step->dy_heads);
}
