/* Heads that are fed by a stage of the backbone (--augself-from): the gradient of a whole step, of backbone, a method's
 * part and a head, against differences of the same in double. Views pass one by one, or as one batch, or the second by the
 * momentum network alone, whose values are no parameters. And what a stage leaves alone; and that the last one is what
 * heads are fed by anyway. */
#include "ssl/trainer.h"

#include "../batch.h"
#include "../engine.h"
#include "slow.h"

/* A share of the largest: float32 through 20 layers and a head, batch norm over 5 rows; nets alone have 5e-5. */
static const double ALLOWED = 1e-4;
static const double WEIGHT = .5; /* the head's */
enum { B = 5, SIZE = 8, HIDDEN = 6, TARGETS = 4 };

static const struct as_backbone backbone = {"resnet18", "cifar", 1. / 32, SIZE};
static float *slope_of[AS_PAIR]; /* (B,d): the method's loss is the sum over the views it trains on of y . slope */

/* --- a method that is linear in the features --- */

struct linear {
	const struct as_layout *layout;
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	(void)err;
	((struct linear *)self)->layout = b->layout;
	return 0;
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	(void)self, (void)batch, (void)arena, (void)work;
}

static bool is_trained(const struct as_layout *l, int view)
{
	return l->group[l->view[view].group].online;
}

static void loss(void *self, struct as_step *step)
{
	const struct linear *s = self;
	double value = 0;
	for (int v = 0; v < AS_PAIR; v++)
		for (int64_t i = 0; is_trained(s->layout, v) && i < B * step->d; i++) {
			step->dy[v][i] += slope_of[v][i];
			value += (double)slope_of[v][i] * step->y[v][i];
		}
	as_step_part(step, "linear", value, 1);
}

static const char *const parts[] = {"linear", NULL};
static const struct as_use apart[] = {{.online = AS_BOTH_VIEWS}}, joined[] = {{.online = AS_BOTH_VIEWS, .group = 1}},
			   momentum[] = {{.online = AS_VIEW_1, .ema = AS_VIEW_2}};
#define LINEAR(USE)                                                                                                    \
	{.name = "linear", .doc = "a loss that is linear in the features", .use = USE, .nuse = 1, .part = parts,           \
	 .size = sizeof(struct linear), .build = build, .plan = plan, .loss = loss}
static const struct as_method methods[] = {LINEAR(apart), LINEAR(joined), LINEAR(momentum)};
static const char *const names[] = {"views one by one", "views as one batch", "a view by the momentum network"};
enum { METHODS = sizeof methods / sizeof *methods };

/* --- a trainer and a batch --- */

static struct as_recipe recipe_of(int from)
{
	struct as_recipe r;
	as_recipe_default(&r);
	r.backbone = backbone;
	r.batch = B;
	r.epochs = 1;
	r.base_lr = 0; /* what a step leaves are gradients */
	r.head_hidden = HIDDEN;
	r.augself_from = from;
	return r;
}

static struct as_trainer *trainer_new(const struct as_method *m, int from, bool only, const struct as_roles *roles)
{
	struct as_recipe r = recipe_of(from);
	struct as_trainer *t;
	struct as_error err = {0};
	r.augself_only = only;
	if (as_recipe_set(&r, "augself", "color=.5", &err) || as_trainer_with(&t, m, &r, roles, engine_of(true), true, &err)) {
		note("%s", err.text);
		abort();
	}
	fill_values(as_trainer_params(t));
	as_params_copy(as_trainer_ema(t), as_trainer_params(t));
	return t;
}

/* Noise, with an omega for the heads to predict. */
static struct as_batch batch_new(const struct as_layout *l)
{
	struct as_batch b = noise_batch(l, 11);
	for (int v = 0; v < l->nviews; v++) {
		free(b.omega[v]);
		b.omega[v] = uniform(21 + (uint64_t)v, B * l->view[v].role->nomega, -.5, .5);
	}
	return b;
}

/* --- the same step in double --- */

/* Backbones, one a group, tapped at a stage, and the head behind them. */
struct whole {
	const struct as_layout *layout;
	struct as_params params; /* the names and places of the trainer's */
	struct as_net net, head;
	struct slow trunk[AS_PAIR], top;
	double *target; /* (2 B, TARGETS) */
};

/* Where a view's row i begins in what its group's backbone gives. */
static double *feature(const struct whole *w, int view, int64_t i, int buf)
{
	const struct as_place *p = &w->layout->view[view];
	return w->trunk[p->group].act[buf] + (p->at * B + i) * w->net.buf[buf].c;
}

static double head_loss(struct whole *w)
{
	int tap = w->net.tap[0].buf;
	int64_t d = w->net.buf[tap].c, rows = AS_PAIR * B;
	double sum = 0;
	for (int order = 0; order < AS_PAIR; order++)
		for (int64_t i = 0; i < B; i++)
			for (int k = 0; k < AS_PAIR; k++)
				memcpy(w->top.act[0] + ((order * B + i) * AS_PAIR + k) * d, feature(w, order ^ k, i, tap),
				       (size_t)d * sizeof(double));
	slow_value(&w->top);
	const double *p = w->top.act[w->head.out];
	for (int64_t i = 0; i < rows * TARGETS; i++)
		sum += (tanh(p[i]) - w->target[i]) * (tanh(p[i]) - w->target[i]) / (double)(rows * TARGETS);
	return sum;
}

static double whole_value(void *ctx)
{
	struct whole *w = ctx;
	double sum = 0;
	for (int g = 0; g < w->layout->ngroups; g++)
		slow_value(&w->trunk[g]);
	for (int v = 0; v < AS_PAIR; v++)
		for (int64_t i = 0; is_trained(w->layout, v) && i < B; i++)
			for (int64_t j = 0; j < as_net_out(&w->net); j++)
				sum += slope_of[v][i * as_net_out(&w->net) + j] * feature(w, v, i, w->net.out)[j];
	return sum + WEIGHT * head_loss(w);
}

static void whole_new(struct whole *w, struct as_trainer *t, const struct as_batch *b, int stage)
{
	const struct as_params *own = as_trainer_params(t);
	struct as_error err;
	char point[16];
	*w = (struct whole){.layout = as_trainer_layout(t), .target = take(2 * B * TARGETS, sizeof(double))};
	snprintf(point, sizeof point, "layer%d", stage);
	as_backbone_build(&w->net, &backbone, &w->params, engine_of(true));
	if (as_net_tap(&w->net, point, &err) != 0)
		abort();
	int64_t width[] = {2 * as_net_tap_width(&w->net, 0), HIDDEN, HIDDEN, TARGETS};
	as_mlp(&w->head, "augself.color", width, 4, AS_MLP_BIAS, &w->params, engine_of(true));
	ok(w->params.n == own->n && w->params.weights == own->weights, "the trainer has %d tensors, of %d floats", w->params.n,
	   (int)w->params.weights);
	for (int i = 0; i < own->n; i++)
		w->params.list[i].at = own->list[i].at;
	w->params.value = own->value;
	for (int g = 0; g < w->layout->ngroups; g++)
		w->trunk[g] = slow_new(&w->net, as_layout_rows(w->layout, g), b->x[g]);
	float *nothing = take(2 * B * width[0], sizeof *nothing);
	w->top = slow_new(&w->head, 2 * B, nothing);
	free(nothing);
	for (int g = 0; g <= w->layout->ngroups; g++) { /* one set of values, but for a momentum network's */
		struct slow *s = g < w->layout->ngroups ? &w->trunk[g] : &w->top;
		if (g && (g == w->layout->ngroups || w->layout->group[g].online)) {
			free(s->value);
			s->value = w->trunk[0].value;
		}
	}
	for (int order = 0; order < AS_PAIR; order++)
		for (int64_t i = 0; i < B; i++)
			for (int v = 0; v < AS_PAIR; v++) {
				const struct as_policy *p = w->layout->view[v].role;
				struct as_view view = {p, b->param[v] + i * p->nparam, b->omega[v] + i * p->nomega};
				for (int k = 0; k < TARGETS; k++) /* the difference of this one and the other */
					w->target[(order * B + i) * TARGETS + k] +=
						(v == order ? 1 : -1) * (double)as_view_omega(&view, "color")[k];
			}
}

static void whole_free(struct whole *w)
{
	for (int g = w->layout->ngroups; g >= 0; g--) {
		struct slow *s = g < w->layout->ngroups ? &w->trunk[g] : &w->top;
		if (g && s->value == w->trunk[0].value)
			s->value = NULL;
		slow_free(s);
	}
	w->params.value = NULL;
	as_params_clear(&w->params);
	free(w->target);
}

static void test_step(int method, int stage, const struct as_roles *roles)
{
	struct as_trainer *t = trainer_new(&methods[method], stage, false, roles);
	struct as_batch b = batch_new(as_trainer_layout(t));
	struct as_outcome out = {0};
	struct as_error err = {0};
	struct whole w;
	whole_new(&w, t, &b, stage);
	int rc = as_trainer_step(t, &b, &out, &err);
	double want = whole_value(&w), off = fabs(out.loss - want) / fmax(1, fabs(want));
	ok(!rc && off <= ALLOWED, "%s, stage %d: the loss %g is off by %.2g, allowed %.2g %s", names[method], stage, out.loss, off,
	   ALLOWED, err.text);
	double back = params_off(as_trainer_params(t), whole_value, &w, w.trunk[0].value);
	ok(back <= ALLOWED, "... gradients of %d tensors are off by %.2g, allowed %.2g", w.params.n, back, ALLOWED);
	whole_free(&w);
	batch_free(&b);
	as_trainer_free(t);
}

/* A head alone at a stage: the layers up to there have gradients, those beyond none. */
static void test_only(int stage, const struct as_roles *roles)
{
	struct as_trainer *t = trainer_new(&methods[0], stage, true, roles);
	struct as_params *p = as_trainer_params(t);
	struct as_batch b = batch_new(as_trainer_layout(t));
	struct as_outcome out;
	struct as_error err = {0};
	bool good = as_trainer_step(t, &b, &out, &err) == 0;
	int beyond = 0, before = 0;
	for (int i = 0; i < p->n; i++) {
		const char *name = p->list[i].name;
		bool dark = !strncmp(name, "layer", 5) && name[5] - '0' > stage, any = false;
		const float *g = as_params_grad(p, i);
		for (int64_t k = 0; !(p->list[i].flags & AS_P_BUFFER) && k < p->list[i].count; k++)
			any = any || g[k] != 0;
		good = good && (p->list[i].flags & AS_P_BUFFER || any == !dark);
		beyond += dark;
		before += !dark;
	}
	ok(good && (beyond > 0) == (stage < 4) && before > 10,
	   "a head alone at stage %d: no gradient for %d tensors beyond it, some for all of %d",
	   stage, beyond, before);
	batch_free(&b);
	as_trainer_free(t);
}

/* The last stage is what feeds heads anyway. */
static void test_last(int method, const struct as_roles *roles)
{
	struct as_trainer *t[2] = {trainer_new(&methods[method], 0, false, roles), trainer_new(&methods[method], 4, false, roles)};
	struct as_outcome out[2];
	struct as_error err;
	struct as_batch b = batch_new(as_trainer_layout(t[0]));
	bool good = !as_trainer_step(t[0], &b, &out[0], &err) && !as_trainer_step(t[1], &b, &out[1], &err);
	const struct as_params *p = as_trainer_params(t[0]), *q = as_trainer_params(t[1]);
	ok(good && out[0].loss == out[1].loss && p->weights == q->weights &&
	   !memcmp(p->grad, q->grad, (size_t)p->weights * sizeof(float)) &&
		!memcmp(p->buffer, q->buffer, (size_t)p->buffers * sizeof(float)),
	   "%s: stage 4 gives the gradients of no stage, to the bit", names[method]);
	ok(out[1].step.y_heads[0] == out[1].step.y[0] && out[1].step.dy_heads[1] == out[1].step.dy[1], "... and the method's memory");
	batch_free(&b);
	as_trainer_free(t[0]);
	as_trainer_free(t[1]);
}

static void test_refused(const struct as_roles *roles)
{
	struct as_recipe r = recipe_of(5);
	struct as_trainer *t;
	struct as_error err = {0};
	ok(as_trainer_with(&t, &methods[0], &r, roles, engine_of(true), false, &err) == AS_EARG, "a stage that there is not is refused");
	is_text(err.text, "augself-from: 5, but resnet18 has the stages 1 to 4 (layer1, layer2, layer3, layer4)", "... by those there are");
}

int main(void)
{
	struct as_policy policy;
	if (as_policy_preset("cifar", &policy, NULL) || as_policy_resize(&policy, SIZE, NULL))
		abort();
	struct as_roles roles = as_roles_of(&policy, AS_PAIR);
	for (int v = 0; v < AS_PAIR; v++)
		slope_of[v] = uniform(31 + (uint64_t)v, B * 16, -.1, .1);
	for (int m = 0; m < METHODS; m++)
		test_step(m, 1, &roles);
	test_step(0, 2, &roles);
	test_step(1, 3, &roles);
	for (int stage = 1; stage <= 4; stage++)
		test_only(stage, &roles);
	for (int m = 0; m < METHODS; m++)
		test_last(m, &roles);
	test_refused(&roles);
	for (int v = 0; v < AS_PAIR; v++)
		free(slope_of[v]);
	return done();
}
