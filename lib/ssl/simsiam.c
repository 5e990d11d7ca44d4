/* SimSiam (Chen and He, "Exploring Simple Siamese Representation Learning", CVPR 2021). z = projector(y), p
 * = predictor(z), L = -(cos(p1, sg z2) + cos(p2, sg z1)) / 2. The predictor's learning rate is constant.
 * There are no negative pairs and no momentum network: only the stop-gradient sg prevents a collapse. */
#include "ssl/method.h"

enum { HIDDEN, BOTTLENECK, LAYERS, STOP };

static const struct as_setting settings[] = {
	[HIDDEN] = {"hidden", "width of the projector and its output", 2048, 1, 65536, AS_WHOLE},
	[BOTTLENECK] = {"bottleneck", "width of the predictor's hidden layer", 512, 1, 65536, AS_WHOLE},
	[LAYERS] = {"layers", "linear layers of the projector", 2, 1, 4, AS_WHOLE},
	[STOP] = {"stop", "0 lets the gradient through to z as well: to see it collapse", 1, 0, 1, AS_WHOLE},
};

/* Section 4.1 of the paper, and what AugSelf's ImageNet100 experiments took from it. */
static const struct as_word recipes[] = {
	{"imagenet100", "base-lr=.05 set=layers=3"},
	{"imagenet", "epochs=100 batch=512 base-lr=.05 wd=1e-4 set=layers=3"},
};

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS}};
static const char *const parts[] = {"simsiam", NULL};

struct simsiam {
	const struct as_engine *engine;
	struct as_net projector, predictor;
	struct as_pass project[AS_PAIR], predict[AS_PAIR];
	float *dp[AS_PAIR], *dz[AS_PAIR], *through; /* (batch, hidden) */
	bool stop;
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct simsiam *s = self;
	int64_t hidden = (int64_t)b->value[HIDDEN], neck = (int64_t)b->value[BOTTLENECK];
	int64_t up[] = {b->d, hidden, hidden, hidden, hidden}, round[] = {hidden, neck, hidden};
	s->engine = b->engine;
	s->stop = b->value[STOP] != 0;
	as_mlp(&s->projector, "projector", up, 1 + (int)b->value[LAYERS], AS_MLP_NORM, b->params, b->engine);
	int first = b->params->n;
	as_mlp(&s->predictor, "predictor", round, 3, AS_MLP_BIAS, b->params, b->engine);
	for (int i = first; i < b->params->n; i++)
		b->params->list[i].flags |= AS_P_CONST_LR;
	return as_nets_failed(err, 2, &s->projector, &s->predictor);
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct simsiam *s = self;
	int64_t wide = batch * as_net_out(&s->projector);
	for (int v = 0; v < AS_PAIR; v++) {
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->project[v]);
		as_net_plan(&s->predictor, batch, AS_TRAIN, arena, work, &s->predict[v]);
		s->dp[v] = as_arena_floats(arena, wide);
		s->dz[v] = as_arena_floats(arena, wide);
	}
	s->through = as_arena_floats(arena, wide);
}

/* The gradient of cos(p, z) with respect to z, which the stop-gradient would leave out. */
static void pass_through(struct simsiam *s, int64_t n, const float *z, const float *p, float *dz)
{
	int64_t wide = as_net_out(&s->projector);
	s->engine->kern->cosine(s->engine, n, wide, z, p, -.5f, s->through);
	s->engine->kern->add_scaled(s->engine, n * wide, dz, s->through, 1);
}

static void loss(void *self, struct as_step *step)
{
	struct simsiam *s = self;
	int64_t n = step->batch, wide = as_net_out(&s->projector);
	const float *z[AS_PAIR], *p[AS_PAIR];
	double cosine = 0;
	for (int v = 0; v < AS_PAIR; v++) {
		z[v] = as_net_forward(&s->projector, &s->project[v], step->y[v], n);
		p[v] = as_net_forward(&s->predictor, &s->predict[v], z[v], n);
	}
	for (int v = AS_PAIR - 1; v >= 0; v--) {
		cosine += s->engine->kern->cosine(s->engine, n, wide, p[v], z[as_other(v)], -.5f, s->dp[v]);
		as_net_backward(&s->predictor, &s->predict[v], s->dp[v], s->dz[v], false);
	}
	for (int v = AS_PAIR - 1; v >= 0; v--) {
		if (!s->stop)
			pass_through(s, n, z[v], p[as_other(v)], s->dz[v]);
		as_net_backward(&s->projector, &s->project[v], s->dz[v], step->dy[v], true);
	}
	as_step_part(step, parts[0], -cosine / 2, 1);
}

const struct as_method as_method_simsiam = {
	.name = "simsiam",
	.doc = "negative cosine of predictor and stopped projection, both ways",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.recipe = recipes,
	.nrecipe = sizeof recipes / sizeof *recipes,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.size = sizeof(struct simsiam),
	.build = build,
	.plan = plan,
	.loss = loss,
};
