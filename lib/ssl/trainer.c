#include "ssl/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "kern/gemm.h"
#include "ssl/inside.h"

/* Views that the online backbone and its momentum copy see: the method's, or, of the
 * heads alone, both online. */
static unsigned online_views(const struct as_recipe *r, const struct as_method *m)
{
	return r->augself_only ? AS_BOTH_VIEWS : m->online;
}

static unsigned twin_views(const struct as_recipe *r, const struct as_method *m)
{
	return r->augself_only ? 0 : m->twin;
}

static int no_setting(const struct as_method *m, const char *name, struct as_error *err)
{
	char known[128] = "";
	for (int i = 0; i < m->nsetting; i++)
		as_enlist(known, sizeof known, m->setting[i].name);
	return as_fail(err, AS_EARG, "set: %s has no setting '%s', only %s", m->name, name, *known ? known : "none");
}

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
			return no_setting(m, pair.name, err);
		rc = as_setting_read(&m->setting[i], pair.value, &value[i], err);
		if (rc < 0)
			return as_fail_within(err, "set: %s", pair.name);
	}
	return rc;
}

static int no_compat(const struct as_trainer *t, const char *word, struct as_error *err)
{
	const struct as_method *m = t->method;
	char known[160] = "";
	for (int i = 0; i < m->ncompat && !t->recipe.augself_only; i++)
		as_enlist(known, sizeof known, m->compat[i].name);
	for (int i = 0; as_augs[i]; i++) {
		const struct as_compat *c = as_augs[i]->compat;
		if (c && as_compat_draws(c) && !strcmp(c->word, word))
			return as_fail(err, AS_EARG, "compat: '%s' is for aug-sample, which draws %s", word, as_augs[i]->name);
		for (int h = 0; c && h < t->augself.nheads; h++)
			if (t->augself.head[h].aug == as_augs[i] && !as_compat_draws(c))
				as_enlist(known, sizeof known, c->word);
	}
	return as_fail(err, AS_EARG, "compat: '%s' says nothing to %s with the heads '%s'; %s%s", word, m->name,
		       *t->recipe.augself ? t->recipe.augself : "none", *known ? "words that do: " : "no word does", known);
}

/* Every compat word must say something to the method or to a head. */
static int read_compat(struct as_trainer *t, const char *words, struct as_error *err)
{
	const struct as_method *m = t->method;
	struct as_pair word;
	int rc, i;
	while ((rc = as_pair_next(&words, ",", &word, err)) > 0) {
		for (i = 0; i < m->ncompat && strcmp(word.name, m->compat[i].name); i++)
			;
		if (*word.value)
			return as_fail(err, AS_EARG, "compat: '%s' takes no value", word.name);
		if (i < m->ncompat && !t->recipe.augself_only)
			t->build.compat |= 1u << i;
		else if (!as_augself_compat(&t->augself, word.name))
			return no_compat(t, word.name, err);
	}
	return rc;
}

/* The backbone, and its momentum copy where the method has one. */
static int build_backbones(struct as_trainer *t)
{
	const struct as_build *b = &t->build;
	as_resnet(&t->backbone, &t->recipe.backbone, b->params, b->kern, b->pool);
	if (twin_views(&t->recipe, t->method))
		as_resnet(&t->twin_backbone, &t->recipe.backbone, b->twin, b->kern, b->pool);
	return t->backbone.failed.code;
}

/* Networks and parameters, no memory yet. */
static int build(struct as_trainer *t, const struct as_policy *policy, const struct as_kern *kern,
		 struct as_pool *pool, struct as_error *err)
{
	const struct as_recipe *r = &t->recipe;
	t->method = as_method_find(r->method, err);
	if (!t->method)
		return AS_EARG;
	t->build = (struct as_build){&t->params, &t->twin, kern, pool, 0, r->classes, t->value, 0};
	int rc = read_settings(t->method, r->settings, t->value, err);
	rc = rc ? rc : as_augself_parse(&t->augself, r->augself, policy, err);
	rc = rc ? rc : read_compat(t, r->compat, err);
	if (!rc && r->augself_only && !t->augself.nheads)
		rc = as_fail(err, AS_EARG, "augself-only: there is no head to train");
	if (rc)
		return rc;
	if (build_backbones(t))
		return as_fail(err, t->backbone.failed.code, "%s", t->backbone.failed.text);
	t->build.d = as_net_out(&t->backbone);
	t->self = calloc(1, t->method->size);
	if (!t->self)
		return as_fail(err, AS_EMEM, "method: no memory");
	if (!r->augself_only)
		rc = t->method->build(t->self, &t->build, err);
	return rc ? rc : as_augself_build(&t->augself, &t->build, r->head_hidden, err);
}

/* The step's memory: counted on the first trip, taken on the second. Views pass the
 * momentum backbone one after the other through the same activations. */
static void plan(struct as_trainer *t)
{
	int64_t n = t->recipe.batch, d = t->build.d;
	unsigned online = online_views(&t->recipe, t->method), twin = twin_views(&t->recipe, t->method);
	t->work = (struct as_workspace){0};
	as_net_plan_weights(&t->backbone, &t->arena);
	for (int v = 0; v < AS_VIEWS; v++) {
		if (online & 1u << v)
			as_net_plan(&t->backbone, n, AS_TRAIN, &t->arena, &t->work, &t->pass[v]);
		if (twin & 1u << v)
			t->t[v] = as_arena_floats(&t->arena, n * d);
		t->dy[v] = as_arena_floats(&t->arena, n * d);
	}
	if (twin) {
		as_net_plan_weights(&t->twin_backbone, &t->arena);
		as_net_plan(&t->twin_backbone, n, AS_FORWARD, &t->arena, &t->work, &t->twin_pass);
	}
	if (!t->recipe.augself_only)
		t->method->plan(t->self, n, &t->arena, &t->work);
	as_augself_plan(&t->augself, n, &t->arena, &t->work);
	t->unit = as_arena_floats(&t->arena, 2 * n * d);
	as_workspace_plan(&t->work, &t->arena);
}

/* What is mapped is given out when it is touched, and the kernel ends who touches more
 * than there is: so the whole is looked at beforehand. */
static int check_memory(const struct as_trainer *t, struct as_error *err)
{
	const struct as_params *p = &t->params, *twin = &t->twin;
	size_t floats = (size_t)(3 * p->weights + p->buffers + twin->weights + twin->buffers);
	size_t bytes = t->bytes + floats * sizeof(float);
	if (bytes <= as_memory())
		return 0;
	return as_fail(err, AS_EMEM, "memory: a step takes %zu MiB, the machine has %zu", bytes >> 20, as_memory() >> 20);
}

/* All memory; parameters at their start. */
static int take(struct as_trainer *t, struct as_error *err)
{
	int rc = check_memory(t, err);
	rc = rc ? rc : as_params_alloc(&t->params, true, err);
	rc = rc ? rc : as_params_alloc(&t->twin, false, err);
	rc = rc ? rc : as_arena_open(&t->arena, err);
	if (rc)
		return rc;
	plan(t);
	as_params_init(&t->params, t->recipe.seed);
	as_params_copy(&t->twin, &t->params);
	return 0;
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
	if (!rc && memory && !(rc = as_blas_ready(pool, err)))
		rc = take(t, err);
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
	as_params_clear(&t->twin);
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

struct as_params *as_trainer_twin(struct as_trainer *t)
{
	return &t->twin;
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
	return as_cosine(lr0, e - r->warmup, r->epochs - r->warmup);
}

/* Features of a view: of every backbone that sees it. */
static void forward(struct as_trainer *t, const struct as_batch *b, int v, struct as_step *s)
{
	unsigned bit = 1u << v;
	size_t bytes = (size_t)(b->n * s->d) * sizeof(float);
	if (twin_views(&t->recipe, t->method) & bit) {
		memcpy(t->t[v], as_net_forward(&t->twin_backbone, &t->twin_pass, b->x[v], b->n), bytes);
		s->t[v] = s->y[v] = t->t[v];
	}
	if (online_views(&t->recipe, t->method) & bit)
		s->y[v] = as_net_forward(&t->backbone, &t->pass[v], b->x[v], b->n);
	s->dy[v] = t->dy[v];
	memset(t->dy[v], 0, bytes);
	s->param[v] = b->param[v];
	s->omega[v] = b->omega[v];
}

/* Forward of both views, all losses, backward: gradients of everything. */
static void gradients(struct as_trainer *t, const struct as_batch *b, struct as_step *s)
{
	*s = (struct as_step){.batch = b->n, .d = t->build.d, .label = b->label, .step = t->progress.step,
			      .epoch = b->epoch, .epochs = (uint64_t)t->recipe.epochs};
	as_net_prepare(&t->backbone);
	as_net_prepare(&t->twin_backbone);
	as_params_zero_grad(&t->params, t->backbone.pool);
	for (int v = 0; v < AS_VIEWS; v++)
		forward(t, b, v, s);
	if (!t->recipe.augself_only)
		t->method->loss(t->self, s);
	as_augself_loss(&t->augself, s);
	for (int v = AS_VIEWS - 1; v >= 0; v--)
		if (online_views(&t->recipe, t->method) & 1u << v)
			as_net_backward(&t->backbone, &t->pass[v], t->dy[v], NULL, false);
}

/* Labels are indices of classes, where they are needed. */
static int check_labels(const struct as_trainer *t, const struct as_batch *b, struct as_error *err)
{
	if (!t->method->labels || t->recipe.augself_only)
		return 0;
	for (int64_t i = 0; i < b->n; i++)
		if (b->label[i] < 0 || b->label[i] >= t->recipe.classes)
			return as_fail(err, AS_EDATA, "label: %lld is none of %lld classes, in records %llu..%llu%s",
				       (long long)b->label[i], (long long)t->recipe.classes, (unsigned long long)b->first_seq,
				       (unsigned long long)b->next_seq - 1, b->label[i] < 0 ? "; every image needs one" : "");
	return 0;
}

static void move(struct as_trainer *t, double lr, double lr0)
{
	const struct as_recipe *r = &t->recipe;
	struct as_sgd sgd = {.lr = (float)lr, .lr_const = (float)lr0, .momentum = (float)r->momentum,
			     .decay = (float)r->decay, .trust = (float)r->trust, .first = !t->progress.step,
			     .spare_norm = r->spare_norm};
	as_params_sgd(&t->params, t->backbone.kern, t->backbone.pool, &sgd);
}

int as_trainer_step(struct as_trainer *t, const struct as_batch *b, struct as_outcome *out, struct as_error *err)
{
	const struct as_recipe *r = &t->recipe;
	double lr0 = r->base_lr * (double)r->batch / 256;
	int rc = check_labels(t, b, err);
	if (rc)
		return rc;
	gradients(t, b, &out->step);
	out->lr = rate(r, b->epoch, lr0);
	out->loss = as_step_loss(&out->step);
	if (!isfinite(out->loss))
		return as_fail(err, AS_EDATA, "loss: not finite at step %llu, epoch %llu, records %llu..%llu",
			       (unsigned long long)t->progress.step + 1, (unsigned long long)b->epoch,
			       (unsigned long long)b->first_seq, (unsigned long long)b->next_seq - 1);
	out->figures = as_collapse_figures(b->n, out->step.d, out->step.y[0], out->step.y[1], t->unit);
	move(t, out->lr, lr0);
	if (t->method->after && !r->augself_only)
		t->method->after(t->self, &out->step);
	double spread = t->progress.step ? t->progress.spread : out->figures.spread;
	t->progress = (struct as_progress){t->progress.step + 1, b->epoch, b->next_seq, spread};
	return 0;
}

bool as_trainer_collapsed(const struct as_trainer *t, const struct as_outcome *out)
{
	return t->progress.epoch > 0 && out->figures.spread < fmax(.1, t->progress.spread / 2);
}
