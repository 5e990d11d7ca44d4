#include "eval/pupil.h"

#include <string.h>

#include "eval/pairs.h"
#include "kern/gemm.h"
#include "nn/optim.h"
#include "ssl/loss.h"

static const struct as_hyper usual = {.momentum = .9, .beta2 = .999, .eps = 1e-8, .decay = .01};

/* The last layer starts at 0, and so the head as a constant predictor: with few pairs that may be the best there is. */
static void start_at_zero(struct as_pupil *s)
{
	for (int i = 0; i < s->params.n; i++) {
		const struct as_param *p = &s->params.list[i];
		const char *layer = strchr(p->name, '.');
		if (layer && !strncmp(layer, ".6.", 3))
			s->engine.kern->zero(&s->engine, p->count, as_params_value(&s->params, i));
	}
}

/* Counted the first time, taken the second time. */
static void plan(struct as_pupil *s)
{
	int64_t rows = 2 * s->batch;
	s->work = (struct as_workspace){0};
	as_net_plan_weights(&s->net, &s->arena);
	as_net_plan(&s->net, rows, AS_TRAIN, &s->arena, &s->work, &s->learning);
	as_net_plan(&s->net, rows, AS_EVAL, &s->arena, &s->work, &s->telling);
	s->y[0] = as_arena_floats(&s->arena, s->batch * s->d);
	s->y[1] = as_arena_floats(&s->arena, s->batch * s->d);
	s->pair = as_arena_floats(&s->arena, rows * 2 * s->d);
	s->target = as_arena_floats(&s->arena, rows * as_pairs_width(s->aug));
	s->dp = as_arena_floats(&s->arena, rows * s->aug->ntarget);
	s->best = as_arena_floats(&s->arena, s->params.weights + s->params.buffers);
	as_workspace_plan(&s->work, &s->arena);
}

int as_pupil_new(struct as_pupil *s, const struct as_aug *aug, int64_t d, int64_t hidden, int64_t batch,
		   const struct as_engine *engine, uint64_t seed, struct as_error *err)
{
	const struct as_optimizer *adamw = as_optimizer_find("adamw", err);
	const int64_t width[] = {2 * d, hidden, hidden, aug->ntarget};
	*s = (struct as_pupil){.engine = *engine, .aug = aug, .d = d, .batch = batch};
	s->engine.grains = 1;
	int rc = adamw ? as_blas_ready(engine->pool, err) : AS_EARG;
	if (rc)
		return rc;
	as_mlp(&s->net, aug->name, width, 4, AS_MLP_BIAS, &s->params, &s->engine);
	s->net.name = aug->name;
	rc = as_nets_failed(err, 1, &s->net);
	plan(s);
	rc = rc ? rc : as_params_alloc(&s->params, &s->engine, adamw->slots, err);
	rc = rc ? rc : as_arena_open(&s->arena, engine->kern->memory, err);
	if (rc) {
		as_pupil_clear(s);
		return rc;
	}
	plan(s);
	as_params_init(&s->params, &s->engine, seed);
	start_at_zero(s);
	return 0;
}

void as_pupil_clear(struct as_pupil *s)
{
	as_arena_close(&s->arena);
	as_params_clear(&s->params);
}

double as_pupil_learn(struct as_pupil *s, int64_t n, double lr)
{
	const struct as_engine *e = &s->engine;
	const struct as_optimizer *adamw = as_optimizer_find("adamw", NULL);
	struct as_hyper how = usual;
	how.lr = how.lr_const = lr;
	how.step = ++s->steps;
	as_net_prepare(&s->net);
	as_params_zero_grad(&s->params, e);
	e->kern->pair_rows(e, n, s->d, (const float *const[]){s->y[0], s->y[1]}, s->pair);
	const float *p = as_net_forward(&s->net, &s->learning, s->pair, 2 * n);
	double loss = as_loss_of(e, s->aug->loss, 2 * n, s->aug->ntarget, p, s->target, s->target, 1, s->dp);
	as_net_backward(&s->net, &s->learning, s->dp, NULL, false);
	as_params_sum_grad(&s->params, e);
	as_optimizer_step(adamw, &s->params, e, &how);
	return loss;
}

const float *as_pupil_tell(struct as_pupil *s, int64_t n, double *loss)
{
	const struct as_engine *e = &s->engine;
	as_net_prepare(&s->net);
	e->kern->pair_rows(e, n, s->d, (const float *const[]){s->y[0], s->y[1]}, s->pair);
	const float *p = as_net_forward(&s->net, &s->telling, s->pair, 2 * n);
	if (loss)
		*loss = as_loss_of(e, s->aug->loss, 2 * n, s->aug->ntarget, p, s->target, s->target, 1, s->dp);
	return p;
}

void as_pupil_keep(struct as_pupil *s)
{
	const struct as_engine *e = &s->engine;
	e->kern->copy(e, s->params.weights, s->params.value, s->best);
	e->kern->copy(e, s->params.buffers, s->params.buffer, s->best + s->params.weights);
}

void as_pupil_restore(struct as_pupil *s)
{
	const struct as_engine *e = &s->engine;
	e->kern->copy(e, s->params.weights, s->best, s->params.value);
	e->kern->copy(e, s->params.buffers, s->best + s->params.weights, s->params.buffer);
}
