/* Whole networks: what as_net_forward gives and what as_net_backward adds to every
 * parameter (and to x) against a second reading of the same list of layers, in
 * double, and its differences. Residual sums, shared buffers and layers that work
 * in place are what this is about; tests/golden/parts.c knows the right shapes. */
#include "nn/model.h"

#include "../engine.h"
#include "grad.h"

/* Shares of the largest: float32 through 20 layers, batch norm over as few as 12
 * rows. Differences need a step so fine that it crosses no kink of a ReLU; with it
 * they are right to 1e-16/1e-6 = 1e-10. */
static const double FORWARD = 5e-6, BACKWARD = 5e-5, FINE = 1e-6;
static const float EPS = 1e-5f;
enum { B = 3, MANY = 100, CHECKED = 3 /* values of each parameter */ };

/* The network in double: all buffers, all parameters. */
struct twin {
	const struct as_net *net;
	double *act[AS_MAX_LAYERS + 1], *value, *r;
	int64_t out;
};

static int64_t elements(const struct as_net *net, int buf)
{
	return B * net->buf[buf].h * net->buf[buf].w * net->buf[buf].c;
}

static double *param(const struct twin *t, int index)
{
	return index < 0 ? NULL : t->value + t->net->params->list[index].at;
}

static void twin_norm(const struct twin *t, const struct as_layer *l)
{
	const struct as_buf *b = &t->net->buf[l->in];
	double *mean = take(b->c, sizeof *mean), *var = take(b->c, sizeof *var);
	naive_moments(t->act[l->in], B * b->h * b->w, b->c, mean, var);
	naive_norm(t->act[l->in], B * b->h * b->w, b->c, mean, var, EPS, param(t, l->weight), param(t, l->bias),
		   l->add < 0 ? NULL : t->act[l->add], l->relu, t->act[l->out]);
	free(mean);
	free(var);
}

static double twin_value(void *ctx)
{
	const struct twin *t = ctx;
	for (int i = 0; i < t->net->nlayer; i++) {
		const struct as_layer *l = &t->net->layer[i];
		const struct as_buf *b = &t->net->buf[l->in];
		struct as_conv s = l->shape;
		s.n = B;
		struct naive_triple triple = {t->act[l->in], param(t, l->weight), t->act[l->out]};
		switch (l->kind) {
		case AS_CONV:
			memset(triple.y, 0, (size_t)elements(t->net, l->out) * sizeof(double));
			naive_conv_visit(&s, naive_conv_y, &triple);
			break;
		case AS_NORM:
			twin_norm(t, l);
			break;
		case AS_LINEAR:
			naive_linear(triple.x, B, b->c, t->net->buf[l->out].c, triple.w, param(t, l->bias), triple.y);
			break;
		case AS_MAXPOOL:
			naive_maxpool(&s, triple.x, triple.y);
			break;
		case AS_AVGPOOL:
			naive_avgpool(triple.x, B, b->h * b->w, b->c, triple.y);
			break;
		}
	}
	return weighted(t->act[t->net->nbuf - 1], t->r, t->out);
}

static struct twin twin_new(const struct as_net *net, const float *x, const float *dy)
{
	struct twin t = {.net = net, .value = widened(net->params->value, net->params->weights),
			 .out = elements(net, net->nbuf - 1)};
	t.act[0] = widened(x, elements(net, 0));
	for (int i = 1; i < net->nbuf; i++)
		t.act[i] = take(elements(net, i), sizeof(double));
	t.r = widened(dy, t.out);
	return t;
}

static void twin_free(struct twin *t)
{
	for (int i = 0; i < t->net->nbuf; i++)
		free(t->act[i]);
	free(t->value);
	free(t->r);
}

/* The memory of a training pass, of a network that is built already. */
struct memory {
	struct as_arena arena;
	struct as_workspace work;
	struct as_pass pass;
};

static void memory_new(struct memory *m, struct as_net *net, enum as_mode mode)
{
	*m = (struct memory){0};
	for (int taking = 0; taking < 2; taking++) {
		as_net_plan_weights(net, &m->arena);
		as_net_plan(net, B, mode, &m->arena, &m->work, &m->pass);
		as_workspace_plan(&m->work, &m->arena);
		if (!taking && as_arena_open(&m->arena, &as_host_memory, NULL) < 0)
			abort();
	}
}

/* The largest |got - slope| over CHECKED values of each tensor, as shares of the
 * tensor's largest gradient (or, where all are noise, of the network's). */
static double params_off(struct twin *t)
{
	const struct as_params *p = t->net->params;
	double worst = 0, all = 0;
	for (int64_t i = 0; i < p->weights; i++)
		all = fmax(all, fabs((double)p->grad[i]));
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (q->flags & AS_P_BUFFER)
			continue;
		const float *got = as_params_grad(p, i);
		double largest = 1e-3 * all;
		for (int64_t j = 0; j < q->count; j++)
			largest = fmax(largest, fabs((double)got[j]));
		for (int64_t k = 0; k < CHECKED && k < q->count; k++) {
			int64_t j = q->count * k / CHECKED;
			double d = fabs(got[j] - slope(twin_value, t, t->value + q->at + j, FINE));
			worst = d == d ? fmax(worst, d / largest) : INFINITY;
		}
	}
	return worst;
}

/* Gradients of the start values would be dark behind gammas of 0: all are redrawn.
 * The gradients hold 1 before: backward adds. */
static void fill(const struct as_params *p)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		bool gamma = q->ndim == 1 && q->flags & AS_P_NORM && q->fill != 0;
		double a = q->ndim > 1 ? 1 / sqrt((double)(q->count / q->shape[0])) : .25;
		if (q->flags & AS_P_BUFFER)
			continue;
		float *v = uniform(100 + (uint64_t)i, q->count, gamma ? .5 : -a, gamma ? 1.5 : a);
		memcpy(as_params_value(p, i), v, (size_t)q->count * sizeof *v);
		free(v);
	}
	for (int64_t i = 0; i < p->weights; i++)
		p->grad[i] = 1;
}

static void test_net(const char *what, struct as_net *net)
{
	struct as_params *p = net->params;
	struct memory m;
	if (!ok(!net->failed.code, "%s: built %s", what, net->failed.text) || as_params_alloc(p, engine_of(true), true, NULL) < 0)
		abort();
	fill(p);
	memory_new(&m, net, AS_TRAIN);
	int64_t in = elements(net, 0), out = elements(net, net->nbuf - 1);
	float *x = uniform(1, in, -1, 1), *dy = uniform(2, out, -1, 1), *dx = take(in, sizeof *dx);
	struct twin t = twin_new(net, x, dy);
	as_net_prepare(net);
	const float *y = as_net_forward(net, &m.pass, x, B);
	twin_value(&t);
	double there = off_by(y, t.act[net->nbuf - 1], out);
	as_net_backward(net, &m.pass, dy, dx, false);
	for (int64_t i = 0; i < p->weights; i++)
		p->grad[i] -= 1;
	double back = params_off(&t), largest = 0;
	for (int64_t i = 0; i < in; i++)
		largest = fmax(largest, fabs((double)dx[i]));
	double ex = 0;
	for (int64_t i = 0; i < in; i += in / 20 + 1)
		ex = fmax(ex, fabs(dx[i] - slope(twin_value, &t, &t.act[0][i], FINE)) / largest);
	ok(there <= FORWARD, "%s: y is off by %.2g of the largest, allowed %.2g", what, there, FORWARD);
	ok(back <= BACKWARD && ex <= BACKWARD, "%s: gradients of %d tensors are off by %.2g, of x by %.2g, allowed %.2g", what,
	   p->n, back, ex, BACKWARD);
	twin_free(&t);
	void *owned[] = {x, dy, dx};
	for (int i = 0; i < 3; i++)
		free(owned[i]);
	as_arena_close(&m.arena);
	as_params_clear(p);
}

/* Forward without backward shares memory between buffers; the bits are the same. */
static void test_sharing(void)
{
	struct as_backbone b = {"resnet18", "imagenet", 1. / 16, 40};
	struct as_params p = {0};
	struct as_net net;
	struct memory train, alone;
	as_resnet(&net, &b, &p, engine_of(true));
	if (net.failed.code || as_params_alloc(&p, engine_of(true), true, NULL) < 0)
		abort();
	fill(&p);
	float *x = uniform(1, elements(&net, 0), -1, 1);
	int64_t out = elements(&net, net.nbuf - 1);
	float *y = take(out, sizeof *y);
	memory_new(&train, &net, AS_TRAIN);
	as_net_prepare(&net);
	memcpy(y, as_net_forward(&net, &train.pass, x, B), (size_t)out * sizeof *y);
	memory_new(&alone, &net, AS_FORWARD); /* the prepared weights move, too */
	as_net_prepare(&net);
	ok(!memcmp(y, as_net_forward(&net, &alone.pass, x, B), (size_t)out * sizeof *y),
	   "forward alone gives the bits of training");
	struct as_arena kept = {0}, shared = {0}; /* counted for so many images that no gap between counts */
	as_net_plan(&net, MANY * B, AS_TRAIN, &kept, &train.work, &train.pass);
	as_net_plan(&net, MANY * B, AS_FORWARD, &shared, &alone.work, &alone.pass);
	ok(shared.used < kept.used / 2, "... in half of what training keeps (%zu of %zu KiB)", shared.used / 1024,
	   kept.used / 1024);
	int64_t all = 0;
	for (int i = 1; i < net.nbuf; i++)
		all += MANY * elements(&net, i);
	ok(kept.used < (size_t)all * sizeof(float) * 2 / 3, "training keeps no outputs of batch norm (%zu of %zu KiB)",
	   kept.used / 1024, (size_t)all * sizeof(float) / 1024);
	free(x);
	free(y);
	as_arena_close(&train.arena);
	as_arena_close(&alone.arena);
	as_params_clear(&p);
}

static void test_resnet(const char *what, struct as_backbone b)
{
	struct as_params p = {0};
	struct as_net net;
	as_resnet(&net, &b, &p, engine_of(true));
	test_net(what, &net);
}

static void test_mlp(const char *what, enum as_mlp_end end)
{
	struct as_params p = {0};
	struct as_net net;
	as_mlp(&net, "mlp", (int64_t[]){7, 9, 8, 5}, 4, end, &p, engine_of(true));
	test_net(what, &net);
}

int main(void)
{
	test_resnet("resnet18, cifar stem", (struct as_backbone){"resnet18", "cifar", 1. / 32, 16});
	test_resnet("resnet18, imagenet stem", (struct as_backbone){"resnet18", "imagenet", 1. / 32, 50});
	test_mlp("MLP that ends in a bias", AS_MLP_BIAS);
	test_mlp("MLP that ends in a norm", AS_MLP_NORM);
	test_mlp("MLP that ends bare", AS_MLP_BARE);
	test_sharing();
	return done();
}
