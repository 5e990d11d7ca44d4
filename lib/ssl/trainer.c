#include "ssl/trainer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "base/text.h"
#include "base/trace.h"
#include "kern/gemm.h"
#include "ssl/feed.h"
#include "ssl/inside.h"

/* Reads the method's settings name=value, which replace its defaults. */
static int read_settings(const struct as_method *m, const char *list, double *value, struct as_error *err)
{
	struct as_pair pair;
	int rc, i;
	for (i = 0; i < m->nsetting; i++)
		value[i] = m->setting[i].preset;
	while ((rc = as_pair_next(&list, ",", &pair, err)) > 0) {
		i = as_setting_find(m->name, m->setting, m->nsetting, pair.name, err);
		if (i < 0)
			return as_fail_within(err, "set");
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
	return as_fail(err, AS_EARG, "compat: '%s' says nothing to %s with the heads '%s'; %s%s%s", word, m->name,
		       *t->recipe.augself ? t->recipe.augself : "none", *known ? "words that do: " : "no word does", known,
		       as_near(word, known, &(struct as_hint){0}));
}

/* Every compat word must belong to the method or to a head. */
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

/* With heads alone, both views of a pair go through the backbone. */
static const struct as_use for_heads[] = {{.online = AS_BOTH_VIEWS}};

static int make_layout(struct as_trainer *t, struct as_error *err)
{
	const struct as_method *m = t->method;
	bool only = t->recipe.augself_only;
	int rc = as_layout_make(&t->layout, t->roles, only ? for_heads : m->use, only ? 1 : m->nuse,
				t->recipe.batch / as_ranks(&t->engine), t->engine.grains, err);
	int omega = 0;
	for (int v = 0; !rc && v < t->layout.nviews; v++)
		omega += t->layout.view[v].role->nomega;
	return !rc && m->omega && !only && !omega
	       ? as_fail(err, AS_EARG, "method: %s takes omega as an input, but no operation of the views' policy has any", m->name)
	       : rc;
}

/* Makes the heads, which compare the first two views that the method uses. */
static int make_heads(struct as_trainer *t, struct as_error *err)
{
	const struct as_place *view = t->layout.view;
	int rc = as_augself_parse(&t->augself, t->recipe.augself, view[0].role, err);
	if (rc || !t->augself.nheads || (t->layout.nviews >= AS_PAIR && view[0].role == view[1].role))
		return rc;
	return as_fail(err, AS_EARG, "augself: heads compare two views of one role, but the first views of %s are not two of '%s'",
		       t->method->name, view[0].role->role);
}

/* A step has room for so many loss parts. */
static int check_parts(const struct as_trainer *t, struct as_error *err)
{
	int parts = 0;
	while (as_trainer_part(t, parts))
		parts++;
	return parts <= AS_MAX_PARTS ? 0 : as_fail(err, AS_EARG, "method: %d loss parts with those of the heads, at most %d", parts,
						   AS_MAX_PARTS);
}

/* Builds networks and registers parameters; takes no memory yet. */
static int build(struct as_trainer *t, struct as_error *err)
{
	const struct as_recipe *r = &t->recipe;
	t->build = (struct as_build){.params = &t->params, .ema = &t->ema, .engine = &t->engine, .layout = &t->layout,
				     .classes = r->classes, .value = t->value};
	t->optimizer = as_optimizer_find(r->optimizer, err);
	int rc = t->optimizer ? read_settings(t->method, r->settings, t->value, err) : AS_EARG;
	rc = rc ? rc : make_layout(t, err);
	rc = rc ? rc : make_heads(t, err);
	rc = rc ? rc : read_compat(t, r->compat, err);
	if (!rc && r->augself_only && !t->augself.nheads)
		rc = as_fail(err, AS_EARG, "augself-only: there is no head to train");
	rc = rc ? rc : as_trunks_build(t, err);
	if (rc)
		return rc;
	t->self = calloc(1, t->method->size);
	if (!t->self)
		return as_fail(err, AS_EMEM, "method: no memory");
	if (!r->augself_only)
		rc = t->method->build(t->self, &t->build, err);
	rc = rc ? rc : as_augself_build(&t->augself, &t->build, r->head_hidden, err);
	return rc ? rc : check_parts(t, err);
}

/* The step's memory: counted the first time, taken the second time. */
static void plan(struct as_trainer *t)
{
	int64_t n = t->layout.batch;
	t->work = (struct as_workspace){0};
	as_trunks_plan(t);
	if (!t->recipe.augself_only)
		t->method->plan(t->self, n, &t->arena, &t->work);
	as_augself_plan(&t->augself, n, &t->arena, &t->work);
	t->unit = as_arena_floats(&t->arena, t->engine.kern->collapse_scratch(&t->engine, n, t->build.d));
	t->products = as_arena_take(&t->arena, (size_t)t->engine.kern->rank_scratch(&t->engine, n, t->build.d) * sizeof(double));
	as_workspace_plan(&t->work, &t->arena);
}

size_t as_trainer_bytes(const struct as_trainer *t)
{
	const struct as_params *p = &t->params, *ema = &t->ema;
	int64_t copies = 1 + t->engine.grains + as_optimizer_slots(t->optimizer);
	size_t floats = (size_t)(copies * p->weights + p->buffers + ema->weights + ema->buffers);
	return t->bytes + floats * sizeof(float) + as_feed_bytes(&t->layout);
}

/* Linux overcommits: a process that touches more memory than exists is killed. So the size is compared with
 * the machine's memory before any is taken. */
static int check_memory(const struct as_trainer *t, struct as_error *err)
{
	return as_memory_fits(as_trainer_bytes(t), "memory: a step", "a smaller --batch or --width takes less", err);
}

/* Takes all memory and sets the start values of the parameters. */
static int take(struct as_trainer *t, struct as_error *err)
{
	int rc = check_memory(t, err);
	rc = rc ? rc : as_params_alloc(&t->params, &t->engine, t->optimizer->slots, err);
	rc = rc ? rc : as_params_alloc(&t->ema, &t->engine, NULL, err);
	rc = rc ? rc : as_arena_open(&t->arena, t->engine.kern->memory, err);
	if (rc)
		return rc;
	plan(t);
	as_params_init(&t->params, &t->engine, t->recipe.seed);
	as_params_copy(&t->ema, &t->params);
	return 0;
}

int as_trainer_new(struct as_trainer **out, const struct as_recipe *recipe, const struct as_roles *roles,
		   const struct as_engine *engine, bool memory, struct as_error *err)
{
	const struct as_method *m = as_method_find(recipe->method, err);
	return m ? as_trainer_with(out, m, recipe, roles, engine, memory, err) : AS_EARG;
}

/* Each rank gets as many whole grains; backbones may have narrower maps. */
static int find_engines(struct as_trainer *t, struct as_error *err)
{
	int64_t grains = t->recipe.grains ? t->recipe.grains : 1, ranks = as_ranks(&t->engine);
	if (grains % ranks)
		return as_fail(err, AS_EARG, "grains: %lld, which cannot be divided among %lld ranks: a batch of %lld images by "
			       "default, or --grains %lld in a run of its own", (long long)grains, (long long)ranks,
			       (long long)ranks * 2 * 64, (long long)ranks);
	t->engine.grains = grains / ranks;
	t->maps = t->engine;
	return t->recipe.bf16 ? as_kern_bf16_chosen(t->engine.kern, &t->maps.kern, err) : 0;
}

int as_trainer_with(struct as_trainer **out, const struct as_method *method, const struct as_recipe *recipe,
		    const struct as_roles *roles, const struct as_engine *engine, bool memory, struct as_error *err)
{
	struct as_trainer *t = calloc(1, sizeof *t);
	if (!t)
		return as_fail(err, AS_EMEM, "trainer: no memory");
	t->recipe = *recipe;
	t->method = method;
	t->roles = roles;
	t->engine = *engine;
	int rc = find_engines(t, err);
	rc = rc ? rc : build(t, err);
	if (!rc) {
		plan(t);
		t->bytes = t->arena.used;
	}
	if (!rc && memory && !(rc = as_blas_ready(engine->pool, err)))
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
	as_params_clear(&t->ema);
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

struct as_params *as_trainer_ema(struct as_trainer *t)
{
	return &t->ema;
}

const struct as_layout *as_trainer_layout(const struct as_trainer *t)
{
	return &t->layout;
}

const struct as_engine *as_trainer_engine(const struct as_trainer *t)
{
	return &t->engine;
}

const char *as_trainer_part(const struct as_trainer *t, int i)
{
	int own = 0;
	while (!t->recipe.augself_only && t->method->part[own])
		own++;
	if (i < own)
		return t->method->part[i];
	return i - own < t->augself.nheads ? t->augself.head[i - own].aug->name : NULL;
}

static double rate(const struct as_recipe *r, uint64_t epoch, double lr0)
{
	int64_t e = (int64_t)epoch;
	if (e < r->warmup)
		return lr0 * (double)(e + 1) / (double)(r->warmup + 1);
	return as_cosine(lr0, e - r->warmup, r->epochs - r->warmup);
}

/* The method's loss, and those of the heads. */
static void losses(struct as_trainer *t, struct as_step *s)
{
	as_trace_begin(as_pool_trace(t->engine.pool), "loss", t->recipe.augself_only ? "heads" : t->method->name, -1);
	if (!t->recipe.augself_only)
		t->method->loss(t->self, s);
	as_augself_loss(&t->augself, s);
	as_trace_end(as_pool_trace(t->engine.pool));
}

static void prepare(struct as_trainer *t)
{
	as_trace_begin(as_pool_trace(t->engine.pool), "step", "prepare weights", -1);
	for (int i = 0; i < t->ntrunks; i++) {
		as_net_prepare(&t->trunk[i].net);
		as_net_prepare(&t->trunk[i].ema);
	}
	as_params_zero_grad(&t->params, &t->engine);
	as_trace_end(as_pool_trace(t->engine.pool));
}

/* Forward of all views, all losses, backward: computes all gradients. */
static void gradients(struct as_trainer *t, const struct as_batch *b, struct as_step *s)
{
	const struct as_layout *l = &t->layout;
	*s = (struct as_step){.batch = b->n, .d = t->build.d, .d_heads = t->build.d_heads, .label = b->label, .step = t->progress.step,
			      .epoch = b->epoch, .epochs = (uint64_t)t->recipe.epochs};
	prepare(t);
	for (int g = 0; g < l->ngroups; g++)
		as_trunks_forward(t, b, g, s);
	losses(t, s);
	/* what only method and heads have is final, and travels while backward runs through the backbone */
	for (int i = t->params.n - 1; i >= t->shared; i--)
		as_params_final(&t->params, &t->engine, i);
	for (int g = l->ngroups - 1; g >= 0; g--)
		as_trunks_backward(t, g);
}

/* If labels are needed, they must be indices of classes. */
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
	struct as_hyper how = {.lr = lr, .lr_const = lr0, .momentum = r->momentum, .beta2 = .999, .eps = 1e-8, .decay = r->decay,
			       .trust = r->trust, .spare_norm = r->spare_norm, .step = t->progress.step + 1};
	as_trace_begin(as_pool_trace(t->engine.pool), "step", "sum of gradients", -1);
	as_params_sum_grad(&t->params, &t->engine);
	as_trace_end(as_pool_trace(t->engine.pool));
	as_trace_begin(as_pool_trace(t->engine.pool), "step", "optimizer", -1);
	as_optimizer_step(t->optimizer, &t->params, &t->engine, &how);
	as_trace_end(as_pool_trace(t->engine.pool));
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
		return as_fail(err, AS_EDATA, "loss: not finite at step %llu, epoch %llu, records %llu..%llu: try a lower --base-lr or "
			       "a longer --warmup",
			       (unsigned long long)t->progress.step + 1, (unsigned long long)b->epoch,
			       (unsigned long long)b->first_seq, (unsigned long long)b->next_seq - 1);
	out->figures = t->engine.kern->collapse(&t->engine, b->n, out->step.d, out->step.y[0], out->step.y[1], t->unit);
	move(t, out->lr, lr0);
	as_trace_begin(as_pool_trace(t->engine.pool), "step", "after", -1);
	if (t->method->after && !r->augself_only)
		t->method->after(t->self, &out->step);
	as_trace_end(as_pool_trace(t->engine.pool));
	double spread = t->progress.step ? t->progress.spread : out->figures.spread;
	t->progress = (struct as_progress){t->progress.step + 1, b->epoch, b->next_seq, spread};
	return 0;
}

double as_trainer_rank(const struct as_trainer *t, const struct as_outcome *out)
{
	const struct as_step *s = &out->step;
	return t->engine.kern->rank(&t->engine, s->batch, s->d, s->y[0], s->y[1], t->products);
}

bool as_trainer_collapsed(const struct as_trainer *t, const struct as_outcome *out)
{
	return t->progress.epoch > 0 && out->figures.spread < fmax(.1, t->progress.spread / 2);
}
