/* The backbones of a step: building, planning, forward over each group of views, backward.
 *
 * Their results go to the method and to the heads through outlets. The method's outlet is the backbone's
 * output; the heads' is the same, or the mean over the pixels of one of its stages:
 *
 *     images -> stage 1 -> stage 2 -> stage 3 -> stage 4 -mean-> y, dy                 the method's
 *                  |
 *                 mean -> y_heads, dy_heads                                            the heads', --augself-from 1
 */
#include <stdio.h>

#include "base/text.h"
#include "ssl/inside.h"

/* --- building --- */

/* The backbone for images of this size; a later one uses the parameters of the first. */
static int find_trunk(struct as_trainer *t, int64_t size)
{
	int i = 0;
	while (i < t->ntrunks && t->trunk[i].size != size)
		i++;
	if (i == t->ntrunks)
		t->trunk[t->ntrunks++].size = size;
	return i;
}

static int build_trunk(struct as_trainer *t, struct as_trunk *k, struct as_error *err)
{
	struct as_backbone b = t->recipe.backbone;
	b.size = k->size;
	as_backbone_build(&k->net, &b, &t->params, &t->maps);
	if (k->averaged && !k->net.failed.code)
		as_backbone_build(&k->ema, &b, &t->ema, &t->maps);
	t->params.again = t->ema.again = true;
	return as_nets_failed(err, 2, &k->net, &k->ema);
}

static int no_stage(const struct as_trainer *t, const struct as_net *net, struct as_error *err)
{
	char known[AS_MAX_POINTS * (sizeof net->point->name + 2)] = "";
	const char *arch = t->recipe.backbone.arch;
	for (int i = 0; i < net->npoint; i++)
		as_enlist(known, sizeof known, net->point[i].name);
	return net->npoint ? as_fail(err, AS_EARG, "augself-from: %lld, but %s has the stages 1 to %d (%s)",
				     (long long)t->recipe.augself_from, arch, net->npoint, known)
			   : as_fail(err, AS_EARG, "augself-from: %lld, but %s has no stages: only 0, its output, can feed heads",
				     (long long)t->recipe.augself_from, arch);
}

/* The heads' outlet, at the stage that the recipe names. */
static int build_outlet(struct as_trainer *t, struct as_error *err)
{
	const struct as_net *net = &t->trunk[0].net;
	int64_t stage = t->recipe.augself_from;
	t->out.tap = t->heads.tap = AS_NONE;
	t->build.d = t->build.d_heads = t->out.d = as_net_out(net);
	if (stage > net->npoint)
		return no_stage(t, net, err);
	if (!stage || !t->augself.nheads || as_net_gives(net, net->point[stage - 1].name))
		return 0;
	for (int i = 0; i < t->ntrunks; i++) {
		struct as_trunk *k = &t->trunk[i];
		const char *point = net->point[stage - 1].name;
		t->heads.tap = as_net_tap(&k->net, point, err);
		if (t->heads.tap < 0 || (k->alone && as_net_tap(&k->ema, point, err) < 0))
			return AS_EARG;
	}
	t->build.d_heads = t->heads.d = as_net_tap_width(net, t->heads.tap);
	return 0;
}

int as_trunks_build(struct as_trainer *t, struct as_error *err)
{
	const struct as_layout *l = &t->layout;
	int rc = 0;
	for (int g = 0; g < l->ngroups; g++) {
		struct as_trunk *k = &t->trunk[t->trunk_of[g] = find_trunk(t, l->group[g].size)];
		int64_t rows = as_layout_rows(l, g);
		k->rows = rows > k->rows ? rows : k->rows;
		k->averaged = k->averaged || l->group[g].ema;
		k->alone = k->alone || (l->group[g].ema && !l->group[g].online);
	}
	for (int i = 0; i < t->ntrunks && !rc; i++)
		rc = build_trunk(t, &t->trunk[i], err);
	t->params.again = t->ema.again = false;
	t->shared = t->params.n;
	return rc ? rc : build_outlet(t, err);
}

/* --- memory --- */

static bool heads_apart(const struct as_trainer *t)
{
	return t->heads.tap != AS_NONE;
}

/* Whether momentum features are needed: by a method always; by heads only for views that the trained
 * backbone does not see. */
static bool wants_ema(const struct as_trainer *t, const struct as_outlet *o, const struct as_group *group)
{
	return group->ema && (o == &t->out || !group->online);
}

static void plan_outlet(struct as_trainer *t, struct as_outlet *o)
{
	const struct as_layout *l = &t->layout;
	int64_t n = l->batch * o->d, shared = 0;
	for (int g = 0; g < l->ngroups; g++) {
		const struct as_group *group = &l->group[g];
		bool several = group->nviews > 1;
		int64_t rows = group->online && several ? as_layout_rows(l, g) : 0;
		shared = rows > shared ? rows : shared;
		for (int i = 0; i < group->nviews; i++) {
			int v = group->view[i];
			o->y[v] = several ? as_arena_floats(&t->arena, n) : NULL;
			o->t[v] = wants_ema(t, o, group) ? as_arena_floats(&t->arena, n) : NULL;
			o->dy[v] = as_arena_floats(&t->arena, n);
		}
	}
	o->dgroup = as_arena_floats(&t->arena, shared * o->d);
}

/* Groups go through the momentum backbone one after the other and share its activations. */
void as_trunks_plan(struct as_trainer *t)
{
	const struct as_layout *l = &t->layout;
	for (int i = 0; i < t->ntrunks; i++) {
		struct as_trunk *k = &t->trunk[i];
		as_net_choose_weights(&k->net, k->rows);
		as_net_plan_weights(&k->net, &t->arena);
		if (!k->averaged)
			continue;
		as_net_choose_weights(&k->ema, k->rows);
		as_net_plan_weights(&k->ema, &t->arena);
		as_net_plan(&k->ema, k->rows, AS_FORWARD, &t->arena, &t->work, &k->ema_pass);
	}
	bool last = true; /* backward runs from the last group to the first */
	for (int g = 0; g < l->ngroups; g++)
		if (l->group[g].online) {
			as_net_plan(&t->trunk[t->trunk_of[g]].net, as_layout_rows(l, g), AS_TRAIN, &t->arena, &t->work, &t->pass[g]);
			t->pass[g].last = last;
			last = false;
		}
	plan_outlet(t, &t->out);
	if (heads_apart(t))
		plan_outlet(t, &t->heads);
}

/* --- a step --- */

/* Splits a group's rows (nviews batch, d) into views, (batch, d) each. */
static void part_views(const struct as_trainer *t, const struct as_group *group, int64_t d, const float *rows, float *const *to)
{
	float *view[AS_MAX_VIEWS];
	for (int i = 0; i < group->nviews; i++)
		view[i] = to[group->view[i]];
	t->engine.kern->rows_part(&t->engine, group->nviews, t->layout.batch, d, rows, view);
}

static const float *given(const struct as_net *net, const struct as_pass *p, const struct as_outlet *o)
{
	return o->tap == AS_NONE ? as_pass_output(net, p) : as_pass_tap(net, p, o->tap);
}

/* Gives the method what a group's last run produced, by view, and gradients that start at 0. */
static void give(const struct as_trainer *t, int g, const struct as_outlet *o, const float **y, float **dy)
{
	const struct as_group *group = &t->layout.group[g];
	const struct as_trunk *k = &t->trunk[t->trunk_of[g]];
	const float *rows = group->online ? given(&k->net, &t->pass[g], o) : NULL;
	if (wants_ema(t, o, group))
		part_views(t, group, o->d, given(&k->ema, &k->ema_pass, o), o->t);
	if (rows && group->nviews > 1)
		part_views(t, group, o->d, rows, o->y);
	for (int i = 0; i < group->nviews; i++) {
		int v = group->view[i];
		y[v] = !rows ? o->t[v] : group->nviews > 1 ? o->y[v] : rows;
		dy[v] = o->dy[v];
		t->engine.kern->zero(&t->engine, t->layout.batch * o->d, dy[v]);
	}
}

void as_trunks_forward(struct as_trainer *t, const struct as_batch *b, int g, struct as_step *s)
{
	const struct as_group *group = &t->layout.group[g];
	struct as_trunk *k = &t->trunk[t->trunk_of[g]];
	int64_t rows = as_layout_rows(&t->layout, g);
	if (group->ema)
		as_net_forward(&k->ema, &k->ema_pass, b->x[g], rows);
	if (group->online)
		as_net_forward(&k->net, &t->pass[g], b->x[g], rows);
	give(t, g, &t->out, s->y, s->dy);
	if (heads_apart(t))
		give(t, g, &t->heads, s->y_heads, s->dy_heads);
	for (int i = 0; i < group->nviews; i++) {
		int v = group->view[i];
		s->t[v] = t->out.t[v];
		s->param[v] = b->param[v];
		s->omega[v] = b->omega[v];
		if (!heads_apart(t)) {
			s->y_heads[v] = s->y[v];
			s->dy_heads[v] = s->dy[v];
		}
	}
}

/* The gradient of a group's rows. */
static const float *collect(const struct as_trainer *t, const struct as_group *group, const struct as_outlet *o)
{
	const float *view[AS_MAX_VIEWS];
	if (group->nviews == 1)
		return o->dy[group->view[0]];
	for (int i = 0; i < group->nviews; i++)
		view[i] = o->dy[group->view[i]];
	t->engine.kern->rows_join(&t->engine, group->nviews, t->layout.batch, o->d, view, o->dgroup);
	return o->dgroup;
}

void as_trunks_backward(struct as_trainer *t, int g)
{
	const struct as_group *group = &t->layout.group[g];
	if (!group->online)
		return;
	/* heads that are fed by a stage and train alone give later stages no gradient */
	const float *dy = heads_apart(t) && t->recipe.augself_only ? NULL : collect(t, group, &t->out);
	const float *tap = heads_apart(t) ? collect(t, group, &t->heads) : NULL;
	as_net_backward_taps(&t->trunk[t->trunk_of[g]].net, &t->pass[g], dy, tap ? &tap : NULL, NULL, false);
}
