/* BYOL (Grill et al., "Bootstrap Your Own Latent", NeurIPS 2020). The online network predicts the momentum
 * network's projection of the other view: L = 2 (-cos(p1, t2) - cos(p2, t1)), p = predictor(projector(y)),
 * t = the momentum network's projection. The momentum rises from the base m0 to 1: m = 1 - (1 - m0) (cos(pi
 * e / epochs) + 1) / 2 in epoch e = 0, 1, ... */
#include "nn/optim.h"
#include "ssl/method.h"

enum { HIDDEN, OUT, MOMENTUM };

static const struct as_setting settings[] = {
	[HIDDEN] = {"hidden", "width of the hidden layers of projector and predictor", 4096, 1, 65536, AS_WHOLE},
	[OUT] = {"out", "width of the projections", 256, 1, 65536, AS_WHOLE},
	[MOMENTUM] = {"momentum", "of the momentum network in the first epoch", .996, 0, 1, 0},
};

/* Section 3.3 of the paper. */
static const struct as_word recipes[] = {
	{"imagenet", "epochs=1000 batch=4096 base-lr=.2 wd=1.5e-6 warmup=10 optimizer=lars trust=.001 spare-norm=1"},
};

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS, .ema = AS_BOTH_VIEWS}};
static const char *const parts[] = {"byol", NULL};

struct byol {
	const struct as_build *at;
	struct as_net projector, predictor, ema_projector;
	struct as_pass project[AS_PAIR], predict[AS_PAIR], target[AS_PAIR];
	double momentum;
	float *dp, *dz; /* (batch, out) */
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct byol *s = self;
	int64_t hidden = (int64_t)b->value[HIDDEN], out = (int64_t)b->value[OUT];
	int64_t up[] = {b->d, hidden, out}, round[] = {out, hidden, out};
	s->at = b;
	s->momentum = b->value[MOMENTUM];
	as_mlp(&s->projector, "projector", up, 3, AS_MLP_BIAS, b->params, b->engine);
	as_mlp(&s->predictor, "predictor", round, 3, AS_MLP_BIAS, b->params, b->engine);
	as_mlp(&s->ema_projector, "projector", up, 3, AS_MLP_BIAS, b->ema, b->engine);
	return as_nets_failed(err, 3, &s->projector, &s->predictor, &s->ema_projector);
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct byol *s = self;
	int64_t wide = batch * as_net_out(&s->projector);
	for (int v = 0; v < AS_PAIR; v++) {
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->project[v]);
		as_net_plan(&s->predictor, batch, AS_TRAIN, arena, work, &s->predict[v]);
		as_net_plan(&s->ema_projector, batch, AS_FORWARD, arena, work, &s->target[v]);
	}
	s->dp = as_arena_floats(arena, wide);
	s->dz = as_arena_floats(arena, wide);
}

static void loss(void *self, struct as_step *step)
{
	struct byol *s = self;
	int64_t n = step->batch, wide = as_net_out(&s->projector);
	const float *p[AS_PAIR], *t[AS_PAIR];
	double cosine = 0;
	for (int v = 0; v < AS_PAIR; v++) {
		const float *z = as_net_forward(&s->projector, &s->project[v], step->y[v], n);
		p[v] = as_net_forward(&s->predictor, &s->predict[v], z, n);
		t[v] = as_net_forward(&s->ema_projector, &s->target[v], step->t[v], n);
	}
	for (int v = AS_PAIR - 1; v >= 0; v--) {
		cosine += s->at->engine->kern->cosine(s->at->engine, n, wide, p[v], t[as_other(v)], -2, s->dp);
		as_net_backward(&s->predictor, &s->predict[v], s->dp, s->dz, false);
		as_net_backward(&s->projector, &s->project[v], s->dz, step->dy[v], true);
	}
	as_step_part(step, parts[0], -2 * cosine, 1);
}

static void after(void *self, const struct as_step *step)
{
	struct byol *s = self;
	double rest = as_cosine(1 - s->momentum, (int64_t)step->epoch, (int64_t)step->epochs);
	as_params_average(s->at->ema, s->at->params, 1 - rest, s->at->engine);
}

const struct as_method as_method_byol = {
	.name = "byol",
	.doc = "a predictor of what a slow average of the network makes of the other view",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.recipe = recipes,
	.nrecipe = sizeof recipes / sizeof *recipes,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.size = sizeof(struct byol),
	.build = build,
	.plan = plan,
	.loss = loss,
	.after = after,
};
