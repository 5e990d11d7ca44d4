/* Views of two kinds: the projections of two ordinary views are drawn to each other, and that of a small view, which
 * passes the backbone alone, to the first: L = -(cos(z1, stop z2) + cos(z2, stop z1) + cos(s, stop z1)) / 2. A control
 * that collapses, as align.c, and the smallest use of a second role. */
#include "ssl/method.h"

enum { SMALL = AS_PAIR, VIEWS };

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS}, {.role = "small", .online = AS_VIEW_1}};
static const char *const parts[] = {"zoom", NULL};

struct zoom {
	const struct as_engine *engine;
	struct as_net projector;
	struct as_pass pass[VIEWS];
	float *dz; /* (batch, d) */
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct zoom *s = self;
	int64_t width[] = {b->d, b->d};
	s->engine = b->engine;
	as_mlp(&s->projector, "projector", width, 2, AS_MLP_BIAS, b->params, b->engine);
	return as_nets_failed(err, 1, &s->projector);
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct zoom *s = self;
	for (int v = 0; v < VIEWS; v++)
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->pass[v]);
	s->dz = as_arena_floats(arena, batch * as_net_out(&s->projector));
}

static void loss(void *self, struct as_step *step)
{
	struct zoom *s = self;
	const struct as_engine *e = s->engine;
	int64_t n = step->batch, wide = as_net_out(&s->projector);
	const float *z[VIEWS];
	double cosine = 0;
	for (int v = 0; v < VIEWS; v++)
		z[v] = as_net_forward(&s->projector, &s->pass[v], step->y[v], n);
	for (int v = VIEWS - 1; v >= 0; v--) {
		cosine += e->kern->cosine(e, n, wide, z[v], z[v == SMALL ? 0 : as_other(v)], -.5f, s->dz);
		as_net_backward(&s->projector, &s->pass[v], s->dz, step->dy[v], true);
	}
	as_step_part(step, parts[0], -cosine / 2, 1);
}

const struct as_method as_method_zoom = {
	.name = "zoom",
	.doc = "negative cosine of two ordinary views' and a small one's projections, as a control",
	.use = uses,
	.nuse = 2,
	.part = parts,
	.size = sizeof(struct zoom),
	.build = build,
	.plan = plan,
	.loss = loss,
};
