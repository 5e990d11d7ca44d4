#include "eval/sgd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "data/order.h"
#include "kern/gemm.h"
#include "kern/kern.h"

/* The place of the start weights in the generator (base/rng.h): that of the parameter fc.weight. */
enum { VIEW = 255, OP = 255 };
static const double DEVIATION = 0.01;

struct as_sgd {
	struct as_sgd_how how;
	struct as_engine engine;
	struct as_arena arena;
	int64_t d, k;
	float *p, *g, *v;  /* (k d + k): W (k,d) and then b (k); their gradient; the momentum */
	float *x, *logits; /* (batch,d); (batch,k) */
	int64_t *y;        /* (batch) */
	double *each;      /* (batch) */
	int64_t held;      /* rows in the batch */
	bool moving;       /* v has a value */
	double sum;        /* of losses in this epoch */
	int64_t right;
	struct as_sgd_epoch now;
};

static int64_t parameters(const struct as_sgd *s)
{
	return s->k * s->d + s->k;
}

static void take(struct as_sgd *s)
{
	size_t batch = (size_t)s->how.batch;
	s->p = as_arena_floats(&s->arena, parameters(s));
	s->g = as_arena_floats(&s->arena, parameters(s));
	s->v = as_arena_floats(&s->arena, parameters(s));
	s->x = as_arena_floats(&s->arena, s->how.batch * s->d);
	s->logits = as_arena_floats(&s->arena, s->how.batch * s->k);
	s->y = as_arena_take(&s->arena, batch * sizeof *s->y);
	s->each = as_arena_take(&s->arena, batch * sizeof *s->each);
}

/* One stream of the generator is long enough for a row of weights. */
static void draw_start(struct as_sgd *s)
{
	static const char name[] = "fc.weight";
	uint64_t id = as_hash64(name, sizeof name - 1);
	for (int64_t c = 0; c < s->k; c++) {
		struct as_rng r = as_rng_at(s->how.seed, id, (uint32_t)c, VIEW, OP);
		for (int64_t j = 0; j < s->d; j++)
			s->p[c * s->d + j] = (float)(DEVIATION * as_rng_normal(&r));
	}
}

static double rate(const struct as_sgd *s)
{
	double lr = s->how.lr;
	for (int i = 0; i < s->how.drops; i++)
		lr = s->now.epoch >= s->how.drop[i] ? lr / 10 : lr;
	return lr;
}

int as_sgd_new(struct as_sgd **out, int64_t d, int64_t classes, const struct as_sgd_how *how, struct as_pool *pool,
	       struct as_error *err)
{
	if (d < 1 || classes < 1 || how->batch < 1 || how->drops < 0 || how->drops > AS_SGD_DROPS)
		return as_fail(err, AS_EARG, "a classifier of %lld classes by features %lld wide, in batches of %lld",
			       (long long)classes, (long long)d, (long long)how->batch);
	int rc = as_blas_ready(pool, err);
	if (rc)
		return rc;
	struct as_sgd *s = calloc(1, sizeof *s);
	if (!s)
		return as_fail(err, AS_EMEM, "a classifier: no memory");
	s->how = *how;
	s->d = d;
	s->k = classes;
	s->engine = (struct as_engine){as_kern_chosen(true), pool, 1, NULL};
	take(s);
	rc = as_arena_open(&s->arena, s->engine.kern->memory, err);
	if (rc) {
		free(s);
		return rc;
	}
	take(s);
	draw_start(s);
	*out = s;
	return 0;
}

void as_sgd_free(struct as_sgd *s)
{
	if (s)
		as_arena_close(&s->arena);
	free(s);
}

/* The rows of the batch whose class has the largest logit; of equal ones the lowest class counts. */
static int64_t count_right(const struct as_sgd *s)
{
	int64_t right = 0;
	for (int64_t i = 0; i < s->held; i++) {
		const float *z = s->logits + i * s->k;
		int64_t best = 0;
		for (int64_t c = 1; c < s->k; c++)
			best = z[c] > z[best] ? c : best;
		right += best == s->y[i];
	}
	return right;
}

static int step(struct as_sgd *s, struct as_error *err)
{
	const struct as_engine *e = &s->engine;
	int64_t n = s->held, weights = s->k * s->d;
	e->kern->linear_forward(e, s->x, n, s->d, s->k, s->p, s->p + weights, s->logits);
	s->right += count_right(s);
	double loss = e->kern->cross_entropy(e, n, s->k, s->logits, s->y, 1, s->each);
	if (!isfinite(loss))
		return as_fail(err, AS_EDATA, "epoch %lld, step %lld: the loss is not finite: a learning rate of %g is too high",
			       (long long)s->now.epoch, (long long)s->now.steps, rate(s));
	e->kern->zero(e, parameters(s), s->g);
	e->kern->linear_backward(e, s->x, s->logits, n, s->d, s->k, s->p, s->g, s->g + weights, parameters(s), NULL, false);
	e->kern->sgd(e, parameters(s), s->p, s->g, s->v, (float)rate(s), (float)s->how.momentum, 0, !s->moving);
	s->moving = true;
	s->sum += loss * (double)n;
	s->now.rows += n;
	s->now.steps++;
	s->held = 0;
	return 0;
}

int as_sgd_row(struct as_sgd *s, const float *x, int64_t y, struct as_error *err)
{
	if (y < 0 || y >= s->k)
		return as_fail(err, AS_EARG, "a row of class %lld of %lld", (long long)y, (long long)s->k);
	memcpy(s->x + s->held * s->d, x, (size_t)s->d * sizeof *x);
	s->y[s->held++] = y;
	return s->held == s->how.batch ? step(s, err) : 0;
}

int as_sgd_end(struct as_sgd *s, struct as_sgd_epoch *out, struct as_error *err)
{
	int rc = s->held ? step(s, err) : 0;
	if (rc)
		return rc;
	double rows = (double)s->now.rows;
	*out = s->now;
	out->lr = rate(s);
	out->loss = s->sum / rows;
	out->top1 = 100 * (double)s->right / rows;
	s->now = (struct as_sgd_epoch){.epoch = s->now.epoch + 1};
	s->sum = 0;
	s->right = 0;
	return 0;
}

int as_sgd_learn(struct as_sgd *s, const struct as_features *f, struct as_sgd_epoch *out, struct as_error *err)
{
	struct as_order order = {.seed = s->how.seed, .shuffle = true, .images = (uint64_t)f->n,
				 .next = (uint64_t)s->now.epoch * (uint64_t)f->n};
	struct as_visit visit;
	int rc = as_order_open(&order, err);
	for (int64_t i = 0; i < f->n && !rc && as_order_next(&order, &visit); i++)
		rc = as_sgd_row(s, f->x + (int64_t)visit.image * f->d, f->y[visit.image], err);
	as_order_close(&order);
	return rc ? rc : as_sgd_end(s, out, err);
}

void as_sgd_weights(const struct as_sgd *s, double *weights)
{
	for (int64_t c = 0; c < s->k; c++) {
		for (int64_t j = 0; j < s->d; j++)
			weights[c * (s->d + 1) + j] = (double)s->p[c * s->d + j];
		weights[c * (s->d + 1) + s->d] = (double)s->p[s->k * s->d + c];
	}
}

void as_sgd_start(struct as_sgd *s, const double *weights)
{
	for (int64_t c = 0; c < s->k; c++) {
		for (int64_t j = 0; j < s->d; j++)
			s->p[c * s->d + j] = (float)weights[c * (s->d + 1) + j];
		s->p[s->k * s->d + c] = (float)weights[c * (s->d + 1) + s->d];
	}
}
