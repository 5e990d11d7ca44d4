/* SimSiam (Chen and He, "Exploring Simple Siamese Representation Learning", CVPR
 * 2021): z = projector(y), p = predictor(z),
 * L = -(cos(p1, sg z2) + cos(p2, sg z1)) / 2. The predictor's learning rate is
 * constant. No negative pairs and no momentum network: the stop-gradient alone
 * keeps it from collapsing. */
#include "ssl/loss.h"
#include "ssl/method.h"

enum { HIDDEN, BOTTLENECK, LAYERS };

static const struct as_setting settings[] = {
	[HIDDEN] = {"hidden", "width of the projector and its output", 2048, 1, 65536},
	[BOTTLENECK] = {"bottleneck", "width of the predictor's hidden layer", 512, 1, 65536},
	[LAYERS] = {"layers", "linear layers of the projector", 2, 1, 4},
};

struct simsiam {
	struct as_net projector, predictor;
	struct as_pass project[AS_VIEWS], predict[AS_VIEWS];
	float *dp, *dz; /* (batch, hidden) */
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct simsiam *s = self;
	int64_t hidden = (int64_t)b->value[HIDDEN], neck = (int64_t)b->value[BOTTLENECK];
	int64_t up[] = {b->d, hidden, hidden, hidden, hidden}, round[] = {hidden, neck, hidden};
	as_mlp(&s->projector, "projector", up, 1 + (int)b->value[LAYERS], AS_MLP_NORM, b->params, b->kern, b->pool);
	int first = b->params->n;
	as_mlp(&s->predictor, "predictor", round, 3, AS_MLP_BIAS, b->params, b->kern, b->pool);
	for (int i = first; i < b->params->n; i++)
		b->params->list[i].flags |= AS_P_CONST_LR;
	const struct as_error *failed = s->projector.failed.code ? &s->projector.failed : &s->predictor.failed;
	return failed->code ? as_fail(err, failed->code, "%s", failed->text) : 0;
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct simsiam *s = self;
	int64_t wide = batch * as_net_out(&s->projector);
	for (int v = 0; v < AS_VIEWS; v++) {
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->project[v]);
		as_net_plan(&s->predictor, batch, AS_TRAIN, arena, work, &s->predict[v]);
	}
	s->dp = as_arena_floats(arena, wide);
	s->dz = as_arena_floats(arena, wide);
}

static void loss(void *self, struct as_step *step)
{
	struct simsiam *s = self;
	int64_t n = step->batch, wide = as_net_out(&s->projector);
	const float *z[AS_VIEWS], *p[AS_VIEWS];
	double cosine = 0;
	for (int v = 0; v < AS_VIEWS; v++) {
		z[v] = as_net_forward(&s->projector, &s->project[v], step->y[v], n);
		p[v] = as_net_forward(&s->predictor, &s->predict[v], z[v], n);
	}
	for (int v = AS_VIEWS - 1; v >= 0; v--) {
		cosine += as_loss_cosine(n, wide, p[v], z[1 - v], -.5f, s->dp);
		as_net_backward(&s->predictor, &s->predict[v], s->dp, s->dz, false);
		as_net_backward(&s->projector, &s->project[v], s->dz, step->dy[v], true);
	}
	as_step_part(step, "simsiam", -cosine / 2, 1);
}

extern const struct as_method as_method_simsiam;
const struct as_method as_method_simsiam = {
	.name = "simsiam",
	.doc = "negative cosine of predictor and stopped projection, both ways",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.size = sizeof(struct simsiam),
	.build = build,
	.plan = plan,
	.loss = loss,
};
