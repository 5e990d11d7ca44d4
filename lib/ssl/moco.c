/* MoCo v2 (He et al., "Momentum Contrast", CVPR 2020; Chen et al., "Improved Baselines with Momentum
 * Contrastive Learning", 2020). The query q is view 1 through the online network, the key k is view 2
 * through its momentum copy, both of length 1. L = cross-entropy of [q.k, q.queue] / T where the first is
 * the right one. The queue holds keys of earlier steps; this step's keys enter it at the end. */
#include "ssl/method.h"

enum { HIDDEN, OUT, TEMPERATURE, QUEUE, MOMENTUM };

static const struct as_setting settings[] = {
	[HIDDEN] = {"hidden", "width of the projector's hidden layer; 0: as wide as y", 0, 0, 65536, AS_WHOLE},
	[OUT] = {"out", "width of queries and keys", 128, 1, 65536, AS_WHOLE},
	[TEMPERATURE] = {"temperature", "that logits are divided by", .2, 1e-4, 100, 0},
	[QUEUE] = {"queue", "keys in the queue", 65536, 1, 1 << 22, AS_WHOLE},
	[MOMENTUM] = {"momentum", "of the momentum network", .999, 0, 1, 0},
};

enum { ENQUEUE_QUERY };
static const struct as_word compat[] = {
	[ENQUEUE_QUERY] = {"moco-enqueue-query", "the queue receives the online query, not the momentum key"},
};

/* Chen et al., section 3: MoCo's optimizer, 200 epochs, cosine. */
static const struct as_word recipes[] = {
	{"imagenet100", "base-lr=.03"},
	{"imagenet", "epochs=200 batch=256 base-lr=.03 wd=1e-4"},
};

static const struct as_use uses[] = {{.online = AS_VIEW_1, .ema = AS_VIEW_2}};
static const char *const parts[] = {"moco", NULL};

struct moco {
	const struct as_build *at; /* gives access to parameters, kernels and threads */
	struct as_net projector, ema_projector;
	struct as_pass query, key;
	int queue, position; /* indices of parameters */
	int64_t d, keys;
	float temperature;
	double momentum;
	bool enqueue_query;
	float *q, *length, *k, *dq; /* (batch,d), length: (batch) */
	float *entering;            /* (ranks batch, d): the rows of all ranks that enter the queue */
	float *logits;              /* (batch, 1 + keys) */
	int64_t *right;             /* (batch) zeros: the first logit is the right one */
	double *each;
};

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	struct moco *s = self;
	s->at = b;
	s->d = (int64_t)b->value[OUT];
	s->keys = (int64_t)b->value[QUEUE];
	s->temperature = (float)b->value[TEMPERATURE];
	s->momentum = b->value[MOMENTUM];
	s->enqueue_query = b->compat & 1u << ENQUEUE_QUERY;
	int64_t hidden = b->value[HIDDEN] > 0 ? (int64_t)b->value[HIDDEN] : b->d, width[] = {b->d, hidden, s->d};
	as_mlp(&s->projector, "projector", width, 3, AS_MLP_BIAS, b->params, b->engine);
	as_mlp(&s->ema_projector, "projector", width, 3, AS_MLP_BIAS, b->ema, b->engine);
	int rc = as_nets_failed(err, 2, &s->projector, &s->ema_projector);
	if (rc)
		return rc;
	s->queue = as_params_add(b->params, "queue", 2, (int64_t[]){s->keys, s->d}, 0, 0,
				 AS_P_BUFFER | AS_P_UNIT | AS_P_STATE, err);
	s->position = as_params_add(b->params, "queue_position", 0, NULL, 0, 0, AS_P_BUFFER | AS_P_COUNT | AS_P_STATE, err);
	return s->queue < 0 ? s->queue : s->position < 0 ? s->position : 0;
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	struct moco *s = self;
	as_net_plan(&s->projector, batch, AS_TRAIN, arena, work, &s->query);
	as_net_plan(&s->ema_projector, batch, AS_FORWARD, arena, work, &s->key);
	s->q = as_arena_floats(arena, batch * s->d);
	s->entering = as_arena_floats(arena, as_ranks(s->at->engine) * batch * s->d);
	s->length = as_arena_floats(arena, batch);
	s->k = as_arena_floats(arena, batch * s->d);
	s->dq = as_arena_floats(arena, batch * s->d);
	s->logits = as_arena_floats(arena, batch * (1 + s->keys));
	s->right = as_arena_take(arena, (size_t)batch * sizeof *s->right);
	s->each = as_arena_take(arena, (size_t)batch * sizeof *s->each);
}

static void loss(void *self, struct as_step *step)
{
	struct moco *s = self;
	const struct as_engine *e = s->at->engine;
	int64_t n = step->batch, d = s->d, ld = 1 + s->keys;
	const float *queue = as_params_value(s->at->params, s->queue);
	e->kern->unit_rows(e, n, d, as_net_forward(&s->projector, &s->query, step->y[0], n), s->q, s->length);
	e->kern->unit_rows(e, n, d, as_net_forward(&s->ema_projector, &s->key, step->t[1], n), s->k, NULL);
	e->kern->row_products(e, n, d, s->q, s->k, s->temperature, s->logits, ld);
	e->kern->products(e, n, s->keys, d, s->q, queue, s->temperature, s->logits + 1, ld);
	as_step_part(step, parts[0], e->kern->cross_entropy(e, n, ld, s->logits, s->right, 1 / s->temperature, s->each), 1);
	e->kern->mixtures(e, n, s->keys, d, s->logits + 1, ld, false, queue, s->dq, false);
	e->kern->add_scaled_rows(e, n, d, s->logits, ld, s->k, s->dq);
	e->kern->unit_rows_backward(e, n, d, s->q, s->length, s->dq, s->dq);
	as_net_backward(&s->projector, &s->query, s->dq, step->dy[0], true);
}

/* New rows, of all ranks in the batch's order, replace the oldest, in a ring. */
static void enqueue(struct moco *s, const float *own, int64_t each)
{
	const struct as_engine *e = s->at->engine;
	int64_t n = each * as_ranks(e);
	float *queue = as_params_value(s->at->params, s->queue), *position = as_params_value(s->at->params, s->position);
	/* If the file has an invalid position, the first place is used. */
	int64_t at = *position >= 0 && *position < (float)s->keys ? (int64_t)*position : 0;
	e->kern->gather(e, each * s->d, own, s->entering);
	e->kern->enqueue(e, n, s->d, s->entering, s->keys, at, queue);
	*position = (float)((at + n) % s->keys);
}

static void after(void *self, const struct as_step *step)
{
	struct moco *s = self;
	as_params_average(s->at->ema, s->at->params, s->momentum, s->at->engine);
	enqueue(s, s->enqueue_query ? s->q : s->k, step->batch);
}

const struct as_method as_method_moco = {
	.name = "moco",
	.doc = "a query finds its key, made by a momentum network, among a queue of others",
	.setting = settings,
	.nsetting = sizeof settings / sizeof *settings,
	.compat = compat,
	.ncompat = sizeof compat / sizeof *compat,
	.recipe = recipes,
	.nrecipe = sizeof recipes / sizeof *recipes,
	.use = uses,
	.nuse = 1,
	.part = parts,
	.size = sizeof(struct moco),
	.build = build,
	.plan = plan,
	.loss = loss,
	.after = after,
};
