/* SwAV (Caron et al., "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
 * NeurIPS 2020). Scores are the products of z and prototypes, both of length 1. The code q of one view
 * comes from its scores, balanced over the batch by Sinkhorn and Knopp; the softmax p of the other view's
 * scores must predict it: L = -(q1.log p2 + q2.log p1), p = softmax(scores / T). */
#include <math.h>

#include "ssl/method.h"

enum { HIDDEN, OUT, PROTOTYPES, TEMPERATURE, EPSILON, FREEZE };

static const struct as_setting settings[] = {
	[HIDDEN] = {"hidden", "width of the projector's hidden layer", 2048, 1, 65536, AS_WHOLE},
	[OUT] = {"out", "width of z and of the prototypes", 128, 1, 65536, AS_WHOLE},
	[PROTOTYPES] = {"prototypes", "how many", 100, 2, 65536, AS_WHOLE},
	[TEMPERATURE] = {"temperature", "that scores are divided by in p", .1, 1e-4, 100, 0},
	[EPSILON] = {"epsilon", "that scores are divided by in q", .05, .002, 100, 0},
	[FREEZE] = {"freeze-steps", "steps for which the prototypes do not move; -1: the first epoch", -1, -1, 1e9, AS_WHOLE},
};

enum { LOSS, FREEZE_409 };
static const struct as_word compat[] = {
	[LOSS] = {"swav-loss", "log(softmax) in two steps of float32, which loses small probabilities"},
	[FREEZE_409] = {"swav-freeze-409", "prototypes frozen for 409 steps, an epoch of stl10, on any set"},
};

/* Section 4.1 and appendix A: two views of 224 pixels, without the small crops. */
static const struct as_word recipes[] = {
	{"imagenet", "epochs=800 batch=4096 base-lr=.3 wd=1e-6 warmup=10 optimizer=lars trust=.001 set=prototypes=3000,freeze-steps=313"},
};

enum { ROUNDS = 3 }; /* of Sinkhorn and Knopp */

static const struct as_use uses[] = {{.online = AS_BOTH_VIEWS}};
static const char *const parts[] = {"swav", NULL};

struct swav {
	const struct as_build *at;
	struct as_net projector;
	struct as_pass pass[AS_PAIR];
	int prototypes; /* index of the parameter */
	int64_t d, k;
	double temperature, epsilon;
	int64_t freeze; /* steps; -1: the first epoch */
	bool two_steps;
	float *z[AS_PAIR], *length[AS_PAIR], *dz; /* (batch,d); length (batch) */
	float *scores[AS_PAIR], *ds;              /* (batch,k) */
	float *scores_all; /* (ranks batch, k): of all ranks' images, since codes are balanced over the batch */
	double *q[AS_PAIR]; /* the same */
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct swav *s = self;
	s->at = b;
	s->d = (int64_t)b->value[OUT];
	s->k = (int64_t)b->value[PROTOTYPES];
	s->temperature = b->value[TEMPERATURE];
	s->epsilon = b->value[EPSILON];
	if (b->compat & 1u << FREEZE_409 && b->value[FREEZE] >= 0)
		return as_fail(err, AS_EARG, "compat: swav-freeze-409 and freeze-steps=%g exclude each other", b->value[FREEZE]);
	s->freeze = b->compat & 1u << FREEZE_409 ? 409 : (int64_t)b->value[FREEZE];
	s->two_steps = b->compat & 1u << LOSS;
	int64_t width[] = {b->d, (int64_t)b->value[HIDDEN], s->d};
	as_mlp(&s->projector, "projector", width, 3, AS_MLP_BIAS, b->params, b->engine);
	int rc = as_nets_failed(err, 1, &s->projector);
	if (rc)
		return rc;
	s->prototypes = as_params_add(b->params, "prototypes.weight", 2, (int64_t[]){s->k, s->d}, 0,
				      (float)(1 / sqrt((double)s->d)), 0, err);
	return s->prototypes < 0 ? s->prototypes : 0;
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct swav *s = self;
	int64_t all = batch * as_ranks(s->at->engine);
	s->scores_all = as_arena_floats(arena, all * s->k);
	for (int v = 0; v < AS_PAIR; v++) {
		as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->pass[v]);
		s->z[v] = as_arena_floats(arena, batch * s->d);
		s->length[v] = as_arena_floats(arena, batch);
		s->scores[v] = as_arena_floats(arena, batch * s->k);
		s->q[v] = as_arena_take(arena, (size_t)(all * s->k) * sizeof(double));
	}
	s->dz = as_arena_floats(arena, batch * s->d);
	s->ds = as_arena_floats(arena, batch * s->k);
}

static bool frozen(const struct swav *s, const struct as_step *step)
{
	return s->freeze < 0 ? step->epoch == 0 : step->step < (uint64_t)s->freeze;
}

/* The codes of this rank's images. */
static const double *codes(const struct swav *s, int v, int64_t n)
{
	return s->q[v] + as_own_rank(s->at->engine) * n * s->k;
}

static void loss(void *self, struct as_step *step)
{
	struct swav *s = self;
	const struct as_engine *e = s->at->engine;
	struct as_params *params = s->at->params;
	int64_t n = step->batch, d = s->d, k = s->k;
	float *prototypes = as_params_value(params, s->prototypes), *grad = as_params_grad(params, s->prototypes);
	double value = 0;
	params->list[s->prototypes].flags = frozen(s, step) ? AS_P_FROZEN : 0;
	e->kern->unit_rows(e, k, d, prototypes, prototypes, NULL);
	for (int v = 0; v < AS_PAIR; v++) {
		const float *z = as_net_forward(&s->projector, &s->pass[v], step->y[v], n);
		e->kern->unit_rows(e, n, d, z, s->z[v], s->length[v]);
		e->kern->products(e, n, k, d, s->z[v], prototypes, 1, s->scores[v], k);
		e->kern->gather(e, n * k, s->scores[v], s->scores_all);
		e->kern->sinkhorn(e, n * as_ranks(e), k, s->scores_all, s->epsilon, ROUNDS, s->q[v]);
	}
	for (int v = AS_PAIR - 1; v >= 0; v--) {
		value += e->kern->swapped(e, n, k, codes(s, as_other(v), n), s->scores[v], s->temperature, s->two_steps, s->ds);
		e->kern->products_weights(e, n, k, d, s->ds, s->z[v], grad, params->leaf);
		e->kern->mixtures(e, n, k, d, s->ds, k, false, prototypes, s->dz, false);
		e->kern->unit_rows_backward(e, n, d, s->z[v], s->length[v], s->dz, s->dz);
		as_net_backward(&s->projector, &s->pass[v], s->dz, step->dy[v], true);
	}
	as_step_part(step, parts[0], value, 1);
}

const struct as_method as_method_swav = {
	.name = "swav",
	.doc = "a view predicts which prototypes, balanced over the batch, the other view has",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.compat = compat,
	.ncompat = sizeof compat / sizeof *compat,
	.recipe = recipes,
	.nrecipe = sizeof recipes / sizeof *recipes,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.size = sizeof(struct swav),
	.build = build,
	.plan = plan,
	.loss = loss,
};
