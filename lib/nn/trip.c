/* Runs a pass: planned memory, forward, backward. nn/schedule.c decides where everything lies. */
#include <string.h>

#include "base/trace.h"
#include "nn/op.h"
#include "nn/schedule.h"
#include "nn/travel.h"

/* --- memory --- */

/* Floats of a layer's prepared weights, in whole cache lines. */
static int64_t prepared(const struct as_net *net, const struct as_layer *l)
{
	return l->op->prepared ? as_whole_lines(l->op->prepared(net, l)) : 0;
}

/* Places all layers' prepared weights one behind the other; returns their floats. */
static int64_t place_weights(struct as_net *net)
{
	int64_t total = 0;
	for (int i = 0; i < net->nlayer; i++) {
		net->layer[i].prepared = total;
		total += prepared(net, &net->layer[i]);
	}
	return total;
}

void as_net_choose_weights(struct as_net *net, int64_t batch)
{
	struct as_places at;
	as_schedule(net, AS_TRAIN, batch, &at);
	net->each_pass = at.own > place_weights(net);
}

void as_net_plan_weights(struct as_net *net, struct as_arena *arena)
{
	net->prepared = as_arena_floats(arena, net->each_pass ? 0 : place_weights(net));
}

void as_net_plan(const struct as_net *net, int64_t batch, enum as_mode mode, struct as_arena *arena,
		 struct as_workspace *work, struct as_pass *p)
{
	*p = (struct as_pass){.mode = mode, .batch = batch, .work = work};
	int64_t transients = as_schedule(net, mode, batch, &p->at);
	p->own = as_arena_floats(arena, p->at.own);
	work->transients = transients > work->transients ? transients : work->transients;
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		struct as_needs needs = {0};
		if (l->op->needs)
			l->op->needs(net, l, mode, batch, &needs);
		p->state[i] = as_arena_floats(arena, needs.state);
		if (net->each_pass)
			needs.scratch += (size_t)prepared(net, l) * sizeof(float);
		work->scratches = needs.scratch > work->scratches ? needs.scratch : work->scratches;
	}
}

void as_workspace_plan(struct as_workspace *w, struct as_arena *arena)
{
	w->transient = as_arena_floats(arena, w->transients);
	w->scratch = as_arena_take(arena, w->scratches);
}

void as_net_prepare(struct as_net *net)
{
	for (int i = 0; i < net->nlayer && !net->each_pass; i++) {
		const struct as_layer *l = &net->layer[i];
		if (l->op->prepare)
			l->op->prepare(net, l, net->prepared + l->prepared);
	}
}

/* --- the timeline --- */

/* Begins the span of a layer, called as its parameters without their last part: "layer1.0.conv1". */
static void enter(const struct as_net *net, const char *kind, int i)
{
	const char *name = as_layer_param(net, i), *dot = strrchr(name, '.');
	as_trace_begin(as_pool_trace(net->engine->pool), kind, dot ? name : as_layer_name(net, i), dot ? (int)(dot - name) : -1);
}

static void leave(const struct as_net *net)
{
	as_trace_end(as_pool_trace(net->engine->pool));
}

/* --- forward --- */

/* A place in the pass's own memory, or in the workspace beyond it. */
static float *place(const struct as_pass *p, int64_t at)
{
	return at < p->at.own ? p->own + at : p->work->transient + (at - p->at.own);
}

/* n images of a run, from number `from` on. */
struct part {
	const struct as_net *net;
	struct as_pass *p;
	int64_t from, n;
};

static void *output(const struct part *t, int buf)
{
	const struct as_places *at = &t->p->at;
	return (char *)place(t->p, at->there[buf]) + (at->whole[buf] ? as_buf_bytes(t->net, buf, t->from) : 0);
}

static const void *input(const struct part *t, int buf)
{
	if (buf < 0)
		return NULL;
	return buf ? output(t, buf) : t->p->x + t->from * as_buf_values(t->net, 0);
}

static struct as_run begin(const struct as_net *net, const struct as_pass *p, int i, int64_t n)
{
	const struct as_layer *l = &net->layer[i];
	return (struct as_run){.net = net, .l = l, .mode = p->mode, .n = n, .state = p->state[i],
			       .prepared = net->prepared ? net->prepared + l->prepared : NULL, .scratch = p->work->scratch};
}

/* Prepares a layer's weights in front of its scratch. */
static void prepare_now(struct as_run *r)
{
	float *to = r->scratch;
	r->l->op->prepare(r->net, r->l, to);
	r->prepared = to;
	r->scratch = to + prepared(r->net, r->l);
}

static void run(const struct part *t, int first, int last)
{
	for (int i = first; i < last; i++) {
		struct as_run r = begin(t->net, t->p, i, t->n);
		if (t->net->each_pass && r.l->op->prepare)
			prepare_now(&r);
		for (int j = 0; j < AS_INPUTS; j++)
			r.x[j] = input(t, r.l->in[j]);
		r.y = output(t, r.l->out);
		enter(t->net, "forward", i);
		r.l->op->forward(&r);
		leave(t->net);
	}
}

const float *as_net_forward(const struct as_net *net, struct as_pass *p, const float *x, int64_t n)
{
	as_trace_begin(as_pool_trace(net->engine->pool), "forward", net->name, -1);
	p->x = x;
	p->n = n;
	for (int64_t from = 0; net->front && from < n; from += net->front_images) {
		int64_t images = n - from < net->front_images ? n - from : net->front_images;
		run(&(struct part){net, p, from, images}, 0, net->front);
	}
	run(&(struct part){net, p, 0, n}, net->front, net->nlayer);
	leave(net);
	return as_pass_output(net, p);
}

const float *as_pass_output(const struct as_net *net, const struct as_pass *p)
{
	return place(p, p->at.there[net->out]);
}

const float *as_pass_tap(const struct as_net *net, const struct as_pass *p, int tap)
{
	return place(p, p->at.there[net->tap[tap].buf]);
}

/* --- backward --- */

struct back {
	const struct as_net *net;
	const struct as_pass *p;
	const float *dy, *const *dtap;
	float *dimages;
	bool begun[AS_MAX_BUFS]; /* the buffer's gradient */
	bool made[AS_MAX_BUFS];  /* recomputed */
};

/* The gradient of an output, which belongs to the caller; NULL: there is none. */
static const float *given(const struct back *b, int buf)
{
	for (int i = 0; b->dtap && i < b->net->ntap; i++)
		if (b->net->tap[i].buf == buf)
			return b->dtap[i];
	return buf == b->net->out ? b->dy : NULL;
}

static const float *grad_out(const struct back *b, int buf)
{
	return as_is_output(b->net, buf) ? given(b, buf) : place(b->p, b->p->at.grad[buf]);
}

static float *grad_in(const struct back *b, int buf)
{
	if (buf < 0)
		return NULL;
	return buf ? place(b->p, b->p->at.grad[buf]) : b->dimages;
}

static const float *kept(const struct back *b, int buf)
{
	if (buf < 0)
		return NULL;
	return buf ? place(b->p, b->p->at.back[buf]) : b->p->x;
}

static struct as_run begin_back(const struct back *b, int i)
{
	struct as_run r = begin(b->net, b->p, i, b->p->n);
	for (int j = 0; j < AS_INPUTS; j++)
		r.x[j] = kept(b, r.l->in[j]);
	r.y = place(b->p, b->p->at.back[r.l->out]);
	r.leaf = b->net->params->leaf;
	return r;
}

static void recompute(struct back *b, int buf)
{
	if (buf < 0 || b->made[buf] || !as_is_transient(b->net, buf))
		return;
	int maker = b->net->buf[buf].maker;
	for (int j = 0; j < AS_INPUTS; j++)
		recompute(b, b->net->layer[maker].in[j]);
	struct as_run r = begin_back(b, maker);
	enter(b->net, "again", maker);
	r.l->op->again(&r);
	leave(b->net);
	b->made[buf] = true;
}

static void recompute_for(struct back *b, int i)
{
	int buf[AS_INPUTS + 1], n = as_layer_reads(&b->net->layer[i], buf);
	for (int j = 0; j < n; j++)
		recompute(b, buf[j]);
}

/* Computes again what layer i reads, and beside it what the next ones will read: at the times for which there is memory, also
 * where no gradient arrives. */
static void get_ready(struct back *b, int i)
{
	recompute_for(b, i);
	b->net->engine->kern->settle(b->net->engine);
	for (int next = i - 1; next >= as_layer_ahead(b->net, i); next--)
		recompute_for(b, next);
}

static void layer_back(struct back *b, int i)
{
	const struct as_layer *l = &b->net->layer[i];
	struct as_run r = begin_back(b, i);
	r.dy = grad_out(b, l->out);
	for (int j = 0; j < AS_INPUTS; j++) {
		r.dx[j] = grad_in(b, l->in[j]);
		r.begun[j] = r.dx[j] && b->begun[l->in[j]];
	}
	enter(b->net, "backward", i);
	l->op->backward(&r);
	leave(b->net);
	for (int j = 0; j < AS_INPUTS; j++)
		if (l->in[j] >= 0)
			b->begun[l->in[j]] = true;
}

/* What the layer adds to gradients is there; they travel while the next layer is computed. */
static void tell(const struct back *b, int i)
{
	const struct as_net *net = b->net;
	for (int j = AS_LAYER_PARAMS - 1; b->p->last && j >= 0; j--)
		if (net->layer[i].param[j] >= 0)
			as_params_final(net->params, net->engine, net->layer[i].param[j]);
	as_travel_poll(net->params, net->engine);
}

void as_net_backward_taps(const struct as_net *net, struct as_pass *p, const float *dy, const float *const *dtap, float *dx,
			  bool add)
{
	struct back b = {.net = net, .p = p, .dy = dy, .dtap = dtap, .dimages = dx};
	for (int i = 0; i < net->nbuf; i++)
		b.begun[i] = as_is_output(net, i) && given(&b, i);
	b.begun[0] = add;
	as_trace_begin(as_pool_trace(net->engine->pool), "backward", net->name, -1);
	for (int i = net->nlayer - 1; i >= 0; i--) {
		get_ready(&b, i);
		if (b.begun[net->layer[i].out]) /* else no gradient arrives here */
			layer_back(&b, i);
		tell(&b, i);
	}
	leave(net);
}

void as_net_backward(const struct as_net *net, struct as_pass *p, const float *dy, float *dx, bool add)
{
	as_net_backward_taps(net, p, dy, NULL, dx, add);
}
