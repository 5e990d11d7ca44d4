/* Alignment alone (Wang and Isola, "Understanding Contrastive Representation Learning through Alignment and Uniformity on
 * the Hypersphere", ICML 2020): z = projector(y), L = -(cos(z1, stop z2) + cos(z2, stop z1)) / 2. Nothing keeps the
 * features apart: a control that collapses. */
#include "ssl/method.h"

enum { OUT };

static const struct as_setting settings[] = {
	[OUT] = {"out", "width of the projections", 128, 1, 65536, AS_WHOLE},
};

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS}};
static const char *const parts[] = {"align", NULL};

struct align {
	const struct as_engine *engine;
	struct as_net projector;
	struct as_pass pass[AS_PAIR];
	float *dz; /* (batch, out) */
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct align *s = self;
	int64_t width[] = {b->d, b->d, (int64_t)b->value[OUT]};
	s->engine = b->engine;
	as_mlp(&s->projector, "projector", width, 3, AS_MLP_BIAS, b->params, b->engine);
	return as_nets_failed(err, 1, &s->projector);
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct align *s = self;
	for (int v = 0; v < AS_PAIR; v++)
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->pass[v]);
	s->dz = as_arena_floats(arena, batch * as_net_out(&s->projector));
}

static void loss(void *self, struct as_step *step)
{
	struct align *s = self;
	const struct as_engine *e = s->engine;
	int64_t n = step->batch, wide = as_net_out(&s->projector);
	const float *z[AS_PAIR];
	double cosine = 0;
	for (int v = 0; v < AS_PAIR; v++)
		z[v] = as_net_forward(&s->projector, &s->pass[v], step->y[v], n);
	for (int v = AS_PAIR - 1; v >= 0; v--) {
		cosine += e->kern->cosine(e, n, wide, z[v], z[as_other(v)], -.5f, s->dz);
		as_net_backward(&s->projector, &s->pass[v], s->dz, step->dy[v], true);
	}
	as_step_part(step, parts[0], -cosine / 2, 1);
}

const struct as_method as_method_align = {
	.name = "align",
	.doc = "negative cosine of the views' projections: collapses, as a control",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.size = sizeof(struct align),
	.build = build,
	.plan = plan,
	.loss = loss,
};
