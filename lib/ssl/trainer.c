#include "ssl/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ssl/inside.h"

/* name=value settings of the method over its presets. */
static int read_settings(const struct as_method *m, const char *list, double *value, struct as_error *err)
{
	struct as_pair pair;
	int rc, i;
	for (i = 0; i < m->nsetting; i++)
		value[i] = m->setting[i].preset;
	while ((rc = as_pair_next(&list, ",", &pair, err)) > 0) {
		for (i = 0; i < m->nsetting && strcmp(pair.name, m->setting[i].name); i++)
			;
		if (i == m->nsetting)
			return as_fail(err, AS_EARG, "%s has no setting '%s'", m->name, pair.name);
		rc = as_parse_f64(pair.value, m->setting[i].lo, m->setting[i].hi, &value[i], err);
		if (rc < 0)
			return as_fail_within(err, "%s", pair.name);
	}
	return rc;
}

/* Networks and parameters, no memory yet. */
static int build(struct as_trainer *t, const struct as_policy *policy, const struct as_kern *kern,
		 struct as_pool *pool, struct as_error *err)
{
	const struct as_recipe *r = &t->recipe;
	double value[AS_MAX_SETTINGS];
	t->method = as_method_find(r->method);
	if (!t->method)
		return as_fail(err, AS_EARG, "method: there is no '%s'", r->method);
	int rc = read_settings(t->method, r->settings, value, err);
	if (rc)
		return rc;
	as_resnet(&t->backbone, &r->backbone, &t->params, kern, pool);
	if (t->backbone.failed.code)
		return as_fail(err, t->backbone.failed.code, "%s", t->backbone.failed.text);
	struct as_build b = {&t->params, kern, pool, as_net_out(&t->backbone), value};
	t->self = calloc(1, t->method->size);
	if (!t->self)
		return as_fail(err, AS_EMEM, "method: no memory");
	rc = as_augself_parse(&t->augself, r->augself, policy, err);
	if (!rc && !r->augself_only)
		rc = t->method->build(t->self, &b, err);
	if (!rc && r->augself_only && !t->augself.nheads)
		rc = as_fail(err, AS_EARG, "augself-only: there is no head to train");
	return rc ? rc : as_augself_build(&t->augself, &b, r->head_hidden, err);
}

/* The step's memory: counted on the first trip, taken on the second. */
static void plan(struct as_trainer *t)
{
	int64_t n = t->recipe.batch, d = as_net_out(&t->backbone);
	t->work = (struct as_workspace){0};
	as_net_plan_weights(&t->backbone, &t->arena);
	for (int v = 0; v < AS_VIEWS; v++) {
		as_net_plan(&t->backbone, n, AS_TRAIN, &t->arena, &t->work, &t->pass[v]);
		t->dy[v] = as_arena_floats(&t->arena, n * d);
	}
	if (!t->recipe.augself_only)
		t->method->plan(t->self, n, &t->arena, &t->work);
	as_augself_plan(&t->augself, n, &t->arena, &t->work);
	t->unit = as_arena_floats(&t->arena, 2 * n * d);
	as_workspace_plan(&t->work, &t->arena);
}

int as_trainer_new(struct as_trainer **out, const struct as_recipe *recipe, const struct as_policy *policy,
		   const struct as_kern *kern, struct as_pool *pool, bool memory, struct as_error *err)
{
	struct as_trainer *t = calloc(1, sizeof *t);
	if (!t)
		return as_fail(err, AS_EMEM, "trainer: no memory");
	t->recipe = *recipe;
	t->policy = policy;
	int rc = build(t, policy, kern, pool, err);
	if (!rc) {
		plan(t);
		t->bytes = t->arena.used;
	}
	if (!rc && memory) {
		rc = as_params_alloc(&t->params, true, err);
		rc = rc ? rc : as_arena_open(&t->arena, err);
		if (!rc) {
			plan(t);
			as_params_init(&t->params, recipe->seed);
		}
	}
	if (rc)
		as_trainer_free(t);
	else
		*out = t;
	return rc;
}

void as_trainer_free(struct as_trainer *t)
{
	if (!t)
		return;
	as_arena_close(&t->arena);
	as_params_clear(&t->params);
	free(t->self);
	free(t);
}

const struct as_progress *as_trainer_progress(const struct as_trainer *t)
{
	return &t->progress;
}

struct as_params *as_trainer_params(struct as_trainer *t)
{
	return &t->params;
}

const char *as_trainer_part(const struct as_trainer *t, int i)
{
	int own = t->recipe.augself_only ? 0 : 1;
	if (i < own)
		return t->method->name;
	return i - own < t->augself.nheads ? t->augself.head[i - own].aug->name : NULL;
}

static double rate(const struct as_recipe *r, uint64_t epoch, double lr0)
{
	int64_t e = (int64_t)epoch;
	if (e < r->warmup)
		return lr0 * (double)(e + 1) / (double)(r->warmup + 1);
	e = e < r->epochs ? e : r->epochs - 1;
	return as_cosine(lr0, e - r->warmup, r->epochs - r->warmup);
}

/* Forward of both views, all losses, backward: gradients of everything. */
static void gradients(struct as_trainer *t, const struct as_batch *b, struct as_step *s)
{
	int64_t n = b->n, d = as_net_out(&t->backbone);
	*s = (struct as_step){.batch = n, .d = d, .label = b->label};
	as_net_prepare(&t->backbone);
	as_params_zero_grad(&t->params, t->backbone.pool);
	for (int v = 0; v < AS_VIEWS; v++) {
		s->y[v] = as_net_forward(&t->backbone, &t->pass[v], b->x[v], n);
		s->dy[v] = t->dy[v];
		s->param[v] = b->param[v];
		s->omega[v] = b->omega[v];
		memset(t->dy[v], 0, (size_t)(n * d) * sizeof(float));
	}
	if (!t->recipe.augself_only)
		t->method->loss(t->self, s);
	as_augself_loss(&t->augself, s);
	for (int v = AS_VIEWS - 1; v >= 0; v--)
		as_net_backward(&t->backbone, &t->pass[v], t->dy[v], NULL, false);
}

int as_trainer_step(struct as_trainer *t, const struct as_batch *b, bool figures, struct as_outcome *out,
		    struct as_error *err)
{
	const struct as_recipe *r = &t->recipe;
	double lr0 = r->base_lr * (double)r->batch / 256;
	gradients(t, b, &out->step);
	out->lr = rate(r, b->epoch, lr0);
	out->loss = as_step_loss(&out->step);
	if (!isfinite(out->loss))
		return as_fail(err, AS_EDATA, "loss: not finite at step %llu, epoch %llu, records %llu..%llu",
			       (unsigned long long)t->progress.step + 1, (unsigned long long)b->epoch,
			       (unsigned long long)b->first_seq, (unsigned long long)b->next_seq - 1);
	if (figures)
		out->figures = as_collapse_figures(b->n, out->step.d, out->step.y[0], out->step.y[1], t->unit);
	struct as_sgd sgd = {.lr = (float)out->lr, .lr_const = (float)lr0, .momentum = (float)r->momentum,
			     .decay = (float)r->decay, .first = !t->progress.step, .spare_norm = r->spare_norm};
	as_params_sgd(&t->params, t->backbone.kern, t->backbone.pool, &sgd);
	t->progress = (struct as_progress){t->progress.step + 1, b->epoch, b->next_seq};
	return 0;
}
