#include "nn/net.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nn/plan.h"

enum { CUT_FLOATS = 1 << 21 /* 8 MiB of one map: a layer has two or three */ };

static const float EPS = 1e-5f, MOMENTUM = .1f; /* of batch norm: PyTorch's */

/* --- building --- */

void as_net_init(struct as_net *net, const char *name, struct as_params *params, const struct as_engine *engine, int64_t h, int64_t w, int64_t c)
{
	*net = (struct as_net){.name = name, .params = params, .engine = engine, .nbuf = 1};
	net->buf[0] = (struct as_buf){h, w, c};
}

static int append(struct as_net *net, struct as_layer layer, struct as_buf out)
{
	if (net->nlayer == AS_MAX_LAYERS) {
		as_fail(&net->failed, AS_EARG, "%s: more than %d layers", net->name, AS_MAX_LAYERS);
		return net->nbuf - 1;
	}
	if (out.h < 1 || out.w < 1 || out.c < 1)
		as_fail(&net->failed, AS_EARG, "%s: the image is too small for the network", net->name);
	layer.out = net->nbuf;
	net->buf[net->nbuf] = out;
	net->layer[net->nlayer++] = layer;
	return net->nbuf++;
}

static int param(struct as_net *net, const char *layer, const char *what, int ndim, const int64_t *shape, float fill,
		 double bound, unsigned flags)
{
	char name[128];
	struct as_error err = {0};
	snprintf(name, sizeof name, "%s.%s", layer, what);
	int i = as_params_add(net->params, name, ndim, shape, fill, (float)bound, flags, &err);
	if (i < 0 && !net->failed.code)
		net->failed = err;
	return i;
}

int as_net_conv(struct as_net *net, int in, const char *name, int64_t k, int64_t r, int64_t stride, int64_t pad)
{
	struct as_buf b = net->buf[in];
	struct as_conv s = as_conv_shape(1, b.h, b.w, b.c, k, r, stride, pad);
	int w = param(net, name, "weight", 4, (int64_t[]){k, b.c, r, r}, 0, 1 / sqrt((double)(b.c * r * r)), 0);
	struct as_layer l = {.kind = AS_CONV, .in = in, .add = -1, .shape = s, .weight = w, .bias = -1,
			     .prepared = net->nprepared};
	net->nprepared += (int64_t)net->engine->kern->conv_prepared(net->engine, &s);
	return append(net, l, (struct as_buf){s.oh, s.ow, k});
}

int as_net_norm(struct as_net *net, int in, const char *name, int add, bool relu, float gamma)
{
	int64_t c = net->buf[in].c, one = 1;
	struct as_layer l = {.kind = AS_NORM, .in = in, .add = add, .relu = relu};
	l.weight = param(net, name, "weight", 1, &c, gamma, 0, AS_P_NORM | AS_P_GLOBAL);
	l.bias = param(net, name, "bias", 1, &c, 0, 0, AS_P_NORM | AS_P_GLOBAL);
	l.mean = param(net, name, "running_mean", 1, &c, 0, 0, AS_P_BUFFER);
	l.var = param(net, name, "running_var", 1, &c, 1, 0, AS_P_BUFFER | AS_P_POSITIVE);
	l.count = param(net, name, "num_batches_tracked", 0, &one, 0, 0, AS_P_BUFFER | AS_P_COUNT | AS_P_POSITIVE);
	return append(net, l, net->buf[in]);
}

int as_net_linear(struct as_net *net, int in, const char *name, int64_t out, bool bias)
{
	int64_t c = net->buf[in].c;
	double bound = 1 / sqrt((double)c);
	struct as_layer l = {.kind = AS_LINEAR, .in = in, .add = -1, .bias = -1};
	l.weight = param(net, name, "weight", 2, (int64_t[]){out, c}, 0, bound, 0);
	if (bias)
		l.bias = param(net, name, "bias", 1, &out, 0, bound, AS_P_NORM);
	return append(net, l, (struct as_buf){1, 1, out});
}

int as_net_maxpool(struct as_net *net, int in)
{
	struct as_buf b = net->buf[in];
	struct as_conv s = as_conv_shape(1, b.h, b.w, b.c, b.c, 3, 2, 1);
	struct as_layer l = {.kind = AS_MAXPOOL, .in = in, .add = -1, .shape = s};
	return append(net, l, (struct as_buf){s.oh, s.ow, b.c});
}

int as_net_avgpool(struct as_net *net, int in)
{
	struct as_layer l = {.kind = AS_AVGPOOL, .in = in, .add = -1};
	return append(net, l, (struct as_buf){1, 1, net->buf[in].c});
}

int as_nets_failed(struct as_error *err, int n, ...)
{
	const struct as_error *failed = NULL;
	va_list nets;
	va_start(nets, n);
	for (int i = 0; i < n; i++) {
		const struct as_net *net = va_arg(nets, const struct as_net *);
		if (!failed && net->failed.code)
			failed = &net->failed;
	}
	va_end(nets);
	return failed ? as_fail(err, failed->code, "%s", failed->text) : 0;
}

int64_t as_net_out(const struct as_net *net)
{
	return net->buf[net->nbuf - 1].c;
}

/* --- planning --- */

static int64_t floats(const struct as_buf *b)
{
	return b->h * b->w * b->c;
}

static struct as_conv batched(const struct as_layer *l, int64_t n)
{
	struct as_conv s = l->shape;
	s.n = n;
	return s;
}

void as_net_plan_weights(struct as_net *net, struct as_arena *arena)
{
	net->prepared = as_arena_floats(arena, net->nprepared);
}

/* A NORM whose input nobody else reads may work in place. */
static bool sole_reader(const struct as_net *net, int buf)
{
	int readers = 0;
	for (int i = 0; i < net->nlayer; i++)
		readers += net->layer[i].in == buf || net->layer[i].add == buf;
	return readers == 1 && buf != 0;
}

/* Batch norm into the convolution before it. */
static void fold(const struct as_net *net, const struct as_layer *conv, const struct as_layer *norm)
{
	const struct as_params *p = net->params;
	int64_t k = conv->shape.k, each = p->list[conv->weight].count / k;
	net->engine->kern->norm_fold(net->engine, k, each, as_params_value(p, norm->weight), EPS,
				     as_params_value(p, norm->mean), as_params_value(p, norm->var),
				     as_params_value(p, conv->weight), as_params_value(p, norm->bias));
}

/* Whether layers after i read nothing that was made before i's output. */
static bool is_neck(const struct as_net *net, int i)
{
	int out = net->layer[i].out;
	for (int j = i + 1; j < net->nlayer; j++)
		if (net->layer[j].in < out || (net->layer[j].add >= 0 && net->layer[j].add < out))
			return false;
	return true;
}

/* As many layers from the first on as move more activations than weights for so few images
 * that their largest map stays in the cache that cores share; the same number for each of the cores,
 * but where how many there are would be seen in the features. */
static void choose_cut(struct as_net *net)
{
	int64_t largest = 1, threads = net->engine->kern->steady ? as_pool_threads(net->engine->pool) : 1;
	for (int b = 1; b < net->nbuf; b++)
		largest = floats(&net->buf[b]) > largest ? floats(&net->buf[b]) : largest;
	net->cut_images = CUT_FLOATS / largest > threads ? CUT_FLOATS / largest / threads * threads : threads;
	net->cut = 0;
	for (int i = 0; i + 1 < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		int64_t moved = (floats(&net->buf[l->in]) + floats(&net->buf[l->out])) * net->cut_images;
		if (l->kind == AS_AVGPOOL || (l->kind == AS_CONV && (int64_t)net->engine->kern->conv_prepared(net->engine, &l->shape) > moved))
			return;
		if (is_neck(net, i) && !l[1].folded)
			net->cut = i + 1;
	}
}

void as_net_freeze(struct as_net *net)
{
	net->nprepared = 0;
	for (int i = 0; i < net->nlayer; i++) {
		struct as_layer *l = &net->layer[i], *next = l + 1;
		if (l->kind != AS_CONV)
			continue;
		l->shape.forward_only = true;
		l->prepared = net->nprepared;
		net->nprepared += (int64_t)net->engine->kern->conv_prepared(net->engine, &l->shape);
		if (i + 1 < net->nlayer && next->kind == AS_NORM && next->in == l->out && sole_reader(net, l->out)) {
			fold(net, l, next);
			next->folded = true;
		}
	}
	choose_cut(net);
}

/* Buffers that share memory: a NORM's two sides, where allowed. root[b] <= b. */
static void find_roots(const struct as_net *net, bool backward, int *root)
{
	for (int b = 0; b < net->nbuf; b++)
		root[b] = b;
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		/* Backward, the last layer's dy is the caller's: not to be written on. */
		if (l->kind == AS_NORM && sole_reader(net, l->in) && !(backward && l->out == net->nbuf - 1))
			root[l->out] = root[l->in];
	}
}

/* The layer whose output a buffer is: each layer made one. */
static const struct as_layer *maker(const struct as_net *net, int buf)
{
	return &net->layer[buf - 1];
}

/* Training keeps what convolutions and other layers made; outputs of batch norm, half of all
 * activations, live as long as the trip forward needs them and are made again, one pass over
 * memory each, on the way back. */
static bool is_fleeting(const struct as_net *net, int buf)
{
	return buf > 0 && buf < net->nbuf - 1 && maker(net, buf)->kind == AS_NORM;
}

/* What the layer's backward reads of the activations. */
static int reads_back(const struct as_layer *l, int buf[2])
{
	int n = 0;
	if (l->kind != AS_AVGPOOL)
		buf[n++] = l->in;
	if (l->kind == AS_NORM && l->relu)
		buf[n++] = l->out;
	return n;
}

static int64_t whole_lines(const struct as_net *net, int buf, int64_t batch)
{
	return (floats(&net->buf[buf]) * batch + 15) / 16 * 16;
}

static void never(struct as_life *life, int n)
{
	for (int i = 0; i < n; i++)
		life[i] = (struct as_life){.first = INT32_MAX, .last = -1};
}

/* When each buffer is live in forward time: from its layer to its last reader. */
static void find_trip(const struct as_net *net, const int *root, struct as_life *life)
{
	never(life, net->nbuf);
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		int touched[3] = {l->in, l->out, l->add};
		for (int j = 0; j < 3; j++)
			if (touched[j] >= 0)
				as_life_touch(&life[root[touched[j]]], i);
	}
}

/* Where activations lie when nobody goes back. Returns what they need. */
static int64_t place_forward(const struct as_net *net, int64_t batch, int64_t *at)
{
	struct as_life life[AS_MAX_LAYERS + 1];
	int root[AS_MAX_LAYERS + 1];
	find_roots(net, false, root);
	find_trip(net, root, life);
	if (net->cut) /* the neck gathers all images */
		as_life_touch(&life[root[net->layer[net->cut - 1].out]], 0);
	for (int b = 1; b < net->nbuf; b++) { /* buffer 0 is the caller's x */
		int64_t images = life[b].last < net->cut && net->cut_images < batch ? net->cut_images : batch;
		life[b].size = root[b] == b ? whole_lines(net, b, images) : 0;
	}
	int64_t total = as_lives_place(life, 0, net->nbuf, 0);
	for (int b = 0; b < net->nbuf; b++)
		at[b] = life[root[b]].at;
	return total;
}

/* Fleeting activations on the trip there: in the pass's own memory, where activations that will
 * be kept are not there yet, or beyond it, where the workspace begins. Returns what is
 * needed there. */
static int64_t place_there(const struct as_net *net, int64_t batch, struct as_pass *p)
{
	struct as_life all[2 * (AS_MAX_LAYERS + 1)], *kept = all, *fleeting = kept + net->nbuf;
	int root[AS_MAX_LAYERS + 1];
	for (int b = 0; b < net->nbuf; b++)
		root[b] = b;
	find_trip(net, root, fleeting);
	for (int b = 0; b < net->nbuf; b++) {
		int64_t size = b ? whole_lines(net, b, batch) : 0;
		bool passes = is_fleeting(net, b);
		kept[b] = (struct as_life){passes ? 0 : size, p->kept_at[b], fleeting[b].first, INT32_MAX};
		fleeting[b].size = passes ? size : 0;
	}
	int64_t total = as_lives_place(all, net->nbuf, 2 * net->nbuf, p->nkept);
	for (int b = 0; b < net->nbuf; b++)
		p->there_at[b] = fleeting[b].at;
	return total - p->nkept;
}

/* What is live on the way back: activations that were kept, until they are read last;
 * gradients; activations made again. */
struct lives {
	struct as_life all[3 * (AS_MAX_LAYERS + 1)], *kept, *grad, *again;
};

/* An activation is read at a time; a fleeting one is made again the first time, from others. */
static void touch_read(const struct as_net *net, struct lives *v, int buf, int time)
{
	if (buf < 0)
		return;
	if (!is_fleeting(net, buf)) {
		as_life_touch(&v->kept[buf], time);
		return;
	}
	bool first = v->again[buf].last < 0;
	as_life_touch(&v->again[buf], time);
	if (first) {
		touch_read(net, v, maker(net, buf)->in, time);
		touch_read(net, v, maker(net, buf)->add, time);
	}
}

static void find_lives(const struct as_net *net, const int *root, struct lives *v)
{
	int last = net->nlayer - 1;
	never(v->all, 3 * net->nbuf);
	for (int i = last; i >= 0; i--) {
		const struct as_layer *l = &net->layer[i];
		int touched[3] = {l->in, l->out, l->add}, read[2], reads = reads_back(l, read);
		for (int j = 0; j < 3; j++)
			if (touched[j] >= 0)
				as_life_touch(&v->grad[root[touched[j]]], last - i);
		for (int j = 0; j < reads; j++)
			touch_read(net, v, read[j], last - i);
	}
	for (int b = 0; b < net->nbuf; b++)
		v->kept[b].first = 0;
	v->kept[net->nbuf - 1].last = INT32_MAX; /* the output is the caller's as long as he likes */
}

/* The trip back: a pass's own memory, whose kept activations are spent one after the
 * other, serves again as they are; what it cannot hold lies beyond it, where the
 * workspace begins. Returns what is needed there. */
static int64_t place_backward(const struct as_net *net, int64_t batch, struct as_pass *p)
{
	int root[AS_MAX_LAYERS + 1];
	struct lives v;
	v.kept = v.all;
	v.grad = v.kept + net->nbuf;
	v.again = v.grad + net->nbuf;
	find_roots(net, true, root);
	find_lives(net, root, &v);
	for (int b = 1; b < net->nbuf; b++) { /* dx and dy are the caller's */
		int64_t size = whole_lines(net, b, batch);
		v.kept[b].size = is_fleeting(net, b) ? 0 : size;
		v.kept[b].at = p->kept_at[b];
		v.grad[b].size = root[b] == b && b < net->nbuf - 1 ? size : 0;
		v.again[b].size = v.again[b].last < 0 ? 0 : size;
	}
	int64_t total = as_lives_place(v.all, net->nbuf, 3 * net->nbuf, p->nkept);
	for (int b = 0; b < net->nbuf; b++) {
		p->grad_at[b] = v.grad[root[b]].at;
		p->again_at[b] = v.again[b].at;
	}
	return total - p->nkept;
}

/* Where activations lie that are kept: one behind the other. */
static void place_kept(const struct as_net *net, int64_t batch, struct as_pass *p)
{
	for (int b = 1; b < net->nbuf; b++)
		if (!is_fleeting(net, b)) {
			p->kept_at[b] = p->nkept;
			p->nkept += whole_lines(net, b, batch);
		}
}

static void plan_training(const struct as_net *net, int64_t batch, struct as_arena *arena, struct as_pass *p)
{
	place_kept(net, batch, p);
	p->kept = as_arena_floats(arena, p->nkept);
	int64_t there = place_there(net, batch, p), back = place_backward(net, batch, p);
	int64_t most = there > back ? there : back;
	p->work->fleeting = most > p->work->fleeting ? most : p->work->fleeting;
	for (int b = 1; p->kept && b < net->nbuf; b++)
		if (!is_fleeting(net, b))
			p->act[b] = p->kept + p->kept_at[b];
}

static void need(struct as_workspace *w, const struct as_net *net, const struct as_layer *l, int64_t batch)
{
	if (l->kind == AS_CONV) {
		struct as_conv s = batched(l, batch);
		size_t bytes = net->engine->kern->conv_scratch(net->engine, &s);
		w->scratches = bytes > w->scratches ? bytes : w->scratches;
	} else if (l->kind == AS_NORM) {
		const struct as_buf *b = &net->buf[l->in];
		int64_t n = net->engine->kern->norm_partial(net->engine, batch * b->h * b->w, b->c);
		w->partials = n > w->partials ? n : w->partials;
	}
}

void as_net_plan(const struct as_net *net, int64_t batch, enum as_mode mode, struct as_arena *arena,
		 struct as_workspace *work, struct as_pass *pass)
{
	*pass = (struct as_pass){.mode = mode, .batch = batch, .work = work};
	if (mode == AS_TRAIN) {
		plan_training(net, batch, arena, pass);
	} else {
		int64_t at[AS_MAX_LAYERS + 1];
		float *all = as_arena_floats(arena, place_forward(net, batch, at));
		for (int b = 1; all && b < net->nbuf; b++)
			pass->act[b] = all + at[b];
	}
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		need(work, net, l, batch);
		if (l->kind == AS_NORM) {
			int64_t c = net->buf[l->in].c;
			pass->norm[i] = (struct as_norm){as_arena_floats(arena, c), as_arena_floats(arena, c),
							 as_arena_floats(arena, c), as_arena_floats(arena, c)};
		}
	}
}

void as_workspace_plan(struct as_workspace *w, struct as_arena *arena)
{
	w->fleet = as_arena_floats(arena, w->fleeting);
	w->partial = as_arena_floats(arena, w->partials);
	w->scratch = as_arena_take(arena, w->scratches);
}

/* --- running --- */

static const float *value(const struct as_net *net, int index)
{
	return index < 0 ? NULL : as_params_value(net->params, index);
}

static float *gradient(const struct as_net *net, int index)
{
	return index < 0 ? NULL : as_params_grad(net->params, index);
}

void as_net_prepare(struct as_net *net)
{
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		if (l->kind == AS_CONV)
			net->engine->kern->conv_prepare(net->engine, &l->shape, value(net, l->weight), net->prepared + l->prepared);
	}
}

static void norm_apply(const struct as_net *net, struct as_pass *p, int i)
{
	const struct as_layer *l = &net->layer[i];
	const struct as_buf *b = &net->buf[l->in];
	net->engine->kern->norm_apply(net->engine, p->act[l->in], p->batch * b->h * b->w, b->c, &p->norm[i],
		      l->add < 0 ? NULL : p->act[l->add], l->relu, p->act[l->out]);
}

static void conv_forward(const struct as_net *net, struct as_pass *p, int i, int64_t n)
{
	const struct as_layer *l = &net->layer[i], *norm = l + 1;
	bool folded = i + 1 < net->nlayer && norm->kind == AS_NORM && norm->folded;
	struct as_conv s = batched(l, n);
	struct as_after after = {0};
	if (folded)
		after = (struct as_after){value(net, norm->bias), norm->add < 0 ? NULL : p->act[norm->add], norm->relu};
	net->engine->kern->conv_forward(net->engine, &s, p->act[l->in], net->prepared + l->prepared,
				p->act[folded ? norm->out : l->out], folded ? &after : NULL, p->work->scratch);
}

static void norm_forward(const struct as_net *net, struct as_pass *p, int i, int64_t n)
{
	const struct as_layer *l = &net->layer[i];
	const struct as_buf *b = &net->buf[l->in];
	const float *x = p->act[l->in], *gamma = value(net, l->weight), *beta = value(net, l->bias);
	float *mean = as_params_value(net->params, l->mean), *var = as_params_value(net->params, l->var);
	int64_t rows = n * b->h * b->w;
	if (p->mode == AS_EVAL) {
		net->engine->kern->norm_frozen(net->engine, b->c, gamma, beta, EPS, mean, var, &p->norm[i]);
	} else {
		net->engine->kern->norm_stats(net->engine, x, rows, b->c, gamma, beta, EPS, MOMENTUM, mean, var, &p->norm[i],
			      p->work->partial);
		*as_params_value(net->params, l->count) += 1;
	}
	norm_apply(net, p, i);
}

/* A place in the pass's own memory, or beyond. */
static float *place_of(const struct as_pass *p, int64_t at)
{
	return at < p->nkept ? p->kept + at : p->work->fleet + (at - p->nkept);
}

/* Layers first..last-1 over n images. */
static void run(const struct as_net *net, struct as_pass *p, int first, int last, int64_t n)
{
	p->batch = n;
	for (int i = first; i < last; i++) {
		const struct as_layer *l = &net->layer[i];
		const struct as_buf *b = &net->buf[l->in];
		struct as_conv s = batched(l, n);
		const float *in = p->act[l->in];
		float *out = p->act[l->out];
		switch (l->kind) {
		case AS_CONV:
			conv_forward(net, p, i, n);
			break;
		case AS_NORM:
			if (!l->folded)
				norm_forward(net, p, i, n);
			break;
		case AS_LINEAR:
			net->engine->kern->linear_forward(net->engine, in, n, b->c, net->buf[l->out].c, value(net, l->weight),
					  value(net, l->bias), out);
			break;
		case AS_MAXPOOL:
			net->engine->kern->maxpool_forward(net->engine, &s, in, out);
			break;
		case AS_AVGPOOL:
			net->engine->kern->avgpool_forward(net->engine, in, n, b->h * b->w, b->c, out);
			break;
		}
	}
}

const float *as_net_forward(const struct as_net *net, struct as_pass *p, const float *x, int64_t n)
{
	union { const float *in; float *out; } borrowed = {x}; /* act[0] is only ever read */
	int neck = net->cut ? net->layer[net->cut - 1].out : 0;
	float *all = p->act[neck];
	for (int b = 1; p->mode == AS_TRAIN && b < net->nbuf; b++)
		if (is_fleeting(net, b))
			p->act[b] = place_of(p, p->there_at[b]);
	for (int64_t from = 0; net->cut && from < n; from += net->cut_images) {
		p->act[0] = borrowed.out + from * floats(&net->buf[0]);
		p->act[neck] = all + from * floats(&net->buf[neck]);
		run(net, p, 0, net->cut, n - from < net->cut_images ? n - from : net->cut_images);
	}
	p->act[neck] = all;
	p->act[0] = borrowed.out;
	run(net, p, net->cut, net->nlayer, n);
	return p->act[net->nbuf - 1];
}

/* The trip back: where each buffer's gradient lies, and whether it was begun. */
struct back {
	const struct as_net *net;
	struct as_pass *p;
	const float *dy;
	float *dx;
	bool begun[AS_MAX_LAYERS + 1];
	bool made[AS_MAX_LAYERS + 1]; /* fleeting activations: again */
};

static const float *grad_out(const struct back *b, int buf)
{
	return buf == b->net->nbuf - 1 ? b->dy : place_of(b->p, b->p->grad_at[buf]);
}

static float *grad_in(const struct back *b, int buf)
{
	return buf == 0 ? b->dx : place_of(b->p, b->p->grad_at[buf]);
}

static void make_again(struct back *b, int buf)
{
	if (buf < 0 || b->made[buf] || !is_fleeting(b->net, buf))
		return;
	make_again(b, maker(b->net, buf)->in);
	make_again(b, maker(b->net, buf)->add);
	norm_apply(b->net, b->p, buf - 1);
	b->made[buf] = true;
}

static void norm_backward(struct back *b, int i)
{
	const struct as_net *net = b->net;
	const struct as_layer *l = &net->layer[i];
	const struct as_buf *s = &net->buf[l->in];
	struct as_pass *p = b->p;
	bool add = l->add >= 0;
	net->engine->kern->norm_backward(net->engine, grad_out(b, l->out), l->relu ? p->act[l->out] : NULL, p->act[l->in],
			 p->batch * s->h * s->w, s->c, value(net, l->weight), &p->norm[i], gradient(net, l->weight),
			 gradient(net, l->bias), grad_in(b, l->in), add ? grad_in(b, l->add) : NULL,
			 add && b->begun[l->add], p->work->partial);
	if (add)
		b->begun[l->add] = true;
}

static void conv_backward(const struct back *b, const struct as_layer *l)
{
	const struct as_net *net = b->net;
	struct as_conv s = batched(l, b->p->batch);
	const float *dy = grad_out(b, l->out);
	float *dx = grad_in(b, l->in);
	net->engine->kern->conv_backward_weights(net->engine, &s, b->p->act[l->in], dy, gradient(net, l->weight),
					 net->params->leaf,					 b->p->work->scratch);
	if (dx)
		net->engine->kern->conv_backward_data(net->engine, &s, dy, value(net, l->weight), dx, b->begun[l->in],
					      b->p->work->scratch);
}

static void layer_backward(struct back *b, int i)
{
	const struct as_net *net = b->net;
	const struct as_layer *l = &net->layer[i];
	const struct as_buf *s = &net->buf[l->in];
	const float *dy = grad_out(b, l->out), *x = b->p->act[l->in];
	float *dx = grad_in(b, l->in);
	int64_t n = b->p->batch;
	struct as_conv shape = batched(l, n);
	int read[2], reads = reads_back(l, read);
	for (int j = 0; j < reads; j++)
		make_again(b, read[j]);
	switch (l->kind) {
	case AS_CONV:
		conv_backward(b, l);
		break;
	case AS_NORM:
		norm_backward(b, i);
		break;
	case AS_LINEAR:
		net->engine->kern->linear_backward(net->engine, x, dy, n, s->c, net->buf[l->out].c, value(net, l->weight),
				   gradient(net, l->weight), gradient(net, l->bias), net->params->leaf, dx, b->begun[l->in]);
		break;
	case AS_MAXPOOL:
		net->engine->kern->maxpool_backward(net->engine, &shape, x, dy, dx);
		break;
	case AS_AVGPOOL:
		net->engine->kern->avgpool_backward(net->engine, dy, n, s->h * s->w, s->c, dx, b->begun[l->in]);
		break;
	}
	b->begun[l->in] = true;
}

void as_net_backward(const struct as_net *net, struct as_pass *p, const float *dy, float *dx, bool add)
{
	struct back b = {.net = net, .p = p, .dy = dy, .dx = dx};
	b.begun[0] = add;
	for (int i = 1; i < net->nbuf; i++)
		if (is_fleeting(net, i))
			p->act[i] = place_of(p, p->again_at[i]);
	for (int i = net->nlayer - 1; i >= 0; i--)
		layer_backward(&b, i);
}

/* --- telling --- */

int64_t as_layer_macs(const struct as_net *net, int i)
{
	const struct as_layer *l = &net->layer[i];
	const struct as_buf *in = &net->buf[l->in], *out = &net->buf[l->out];
	if (l->kind == AS_CONV)
		return out->h * out->w * out->c * l->shape.r * l->shape.r * in->c;
	return l->kind == AS_LINEAR ? in->c * out->c : 0;
}

const char *as_layer_name(const struct as_net *net, int i)
{
	static const char *const names[] = {"conv", "norm", "linear", "maxpool", "avgpool"};
	return names[net->layer[i].kind];
}
