/* Whole networks: what as_net_forward gives and what as_net_backward adds to every
 * parameter (and to x) against a second reading of the same list of layers, in
 * double, and its differences. Residual sums, shared buffers and layers that work
 * in place are what this is about; tests/golden/parts.c knows the right shapes. */
#include "nn/arch.h"
#include "nn/mlp.h"
#include "nn/op.h"
#include "nn/optim.h"

#include "../engine.h"
#include "grad.h"

/* Shares of the largest: float32 through 20 layers, batch norm over as few as 12
 * rows. Differences need a step so fine that it crosses no kink of a ReLU; with it
 * they are right to 1e-16/1e-6 = 1e-10. */
static const double FORWARD = 5e-6, BACKWARD = 5e-5, FINE = 1e-6;
static const float EPS = 1e-5f;
enum { B = 3, MANY = 100, CHECKED = 3 /* values of each parameter */ };

/* The network in double: all buffers, all parameters, and the weights r of what its outputs add to the loss. */
struct slow {
	const struct as_net *net;
	double *act[AS_MAX_BUFS], *value, *r[AS_MAX_BUFS];
};

/* One layer of it. */
struct step {
	const struct slow *t;
	const struct as_layer *l;
	struct as_buf in;
	const double *x, *add;
	double *y;
};

static int64_t elements(const struct as_net *net, int buf)
{
	return B * net->buf[buf].h * net->buf[buf].w * net->buf[buf].c;
}

static double *param(const struct step *s, int slot)
{
	int index = s->l->param[slot];
	return index < 0 ? NULL : s->t->value + s->t->net->params->list[index].at;
}

static void slow_conv(const struct step *s)
{
	const struct as_spec *p = &s->l->spec;
	struct as_conv shape = as_conv_shape(B, s->in.h, s->in.w, s->in.c, p->out, p->r, p->stride, p->pad);
	struct naive_triple triple = {s->t->act[s->l->in[0]], param(s, 0), s->y};
	memset(s->y, 0, (size_t)elements(s->t->net, s->l->out) * sizeof(double));
	naive_conv_visit(&shape, naive_conv_y, &triple);
}

static void slow_norm(const struct step *s)
{
	int64_t rows = B * s->in.h * s->in.w, c = s->in.c;
	double *mean = take(c, sizeof *mean), *var = take(c, sizeof *var);
	naive_moments(s->x, rows, c, mean, var);
	naive_norm(s->x, rows, c, mean, var, EPS, param(s, 0), param(s, 1), s->add, s->l->spec.relu, s->y);
	free(mean);
	free(var);
}

static void slow_linear(const struct step *s)
{
	naive_linear(s->x, B * s->in.h * s->in.w, s->in.c, s->l->spec.out, param(s, 0), param(s, 1), s->y);
}

static void slow_maxpool(const struct step *s)
{
	struct as_conv shape = as_conv_shape(B, s->in.h, s->in.w, s->in.c, s->in.c, 3, 2, 1);
	naive_maxpool(&shape, s->x, s->y);
}

static void slow_avgpool(const struct step *s)
{
	naive_avgpool(s->x, B, s->in.h * s->in.w, s->in.c, s->y);
}

static void slow_layernorm(const struct step *s)
{
	const double *gamma = param(s, 0), *beta = param(s, 1);
	int64_t c = s->in.c;
	for (int64_t row = 0; row < B * s->in.h * s->in.w; row++) {
		const double *x = s->x + row * c;
		double mean = 0, var = 0;
		for (int64_t j = 0; j < c; j++)
			mean += x[j] / (double)c;
		for (int64_t j = 0; j < c; j++)
			var += (x[j] - mean) * (x[j] - mean) / (double)c;
		for (int64_t j = 0; j < c; j++) {
			double y = gamma[j] * (x[j] - mean) / sqrt(var + EPS) + beta[j];
			s->y[row * c + j] = s->l->spec.relu && y < 0 ? 0 : y;
		}
	}
}

/* Every operation has a reference here. */
static const struct {
	const char *op;
	void (*run)(const struct step *);
} references[] = {
	{"conv", slow_conv}, {"norm", slow_norm}, {"linear", slow_linear}, {"maxpool", slow_maxpool}, {"avgpool", slow_avgpool},
	{"layernorm", slow_layernorm},
};
enum { REFERENCES = sizeof references / sizeof *references };

static int reference_of(const char *op)
{
	int i = 0;
	while (i < REFERENCES && strcmp(references[i].op, op) != 0)
		i++;
	return i;
}

static double slow_value(void *ctx)
{
	const struct slow *t = ctx;
	double loss = 0;
	for (int i = 0; i < t->net->nlayer; i++) {
		const struct as_layer *l = &t->net->layer[i];
		struct step s = {t, l, t->net->buf[l->in[0]], t->act[l->in[0]], l->in[1] < 0 ? NULL : t->act[l->in[1]],
				 t->act[l->out]};
		references[reference_of(l->op->name)].run(&s);
	}
	for (int i = 0; i < t->net->nbuf; i++)
		loss += t->r[i] ? weighted(t->act[i], t->r[i], elements(t->net, i)) : 0;
	return loss;
}

static struct slow slow_new(const struct as_net *net, const float *x)
{
	struct slow t = {.net = net, .value = widened(net->params->value, net->params->weights)};
	t.act[0] = widened(x, elements(net, 0));
	for (int i = 1; i < net->nbuf; i++)
		t.act[i] = take(elements(net, i), sizeof(double));
	return t;
}

static void slow_free(struct slow *t)
{
	for (int i = 0; i < t->net->nbuf; i++) {
		free(t->act[i]);
		free(t->r[i]);
	}
	free(t->value);
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
static double params_off(struct slow *t)
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
			double d = fabs(got[j] - slope(slow_value, t, t->value + q->at + j, FINE));
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

/* dy: whether the output has a gradient; tap i has one where bit i of `taps` is set. */
static void test_net(const char *what, struct as_net *net, bool dy, unsigned taps)
{
	struct as_params *p = net->params;
	struct memory m;
	if (!ok(!net->failed.code, "%s: built %s", what, net->failed.text) || as_params_alloc(p, engine_of(true), as_optimizers[0]->slots, NULL) < 0)
		abort();
	fill(p);
	memory_new(&m, net, AS_TRAIN);
	int64_t in = elements(net, 0);
	float *x = uniform(1, in, -1, 1), *dx = take(in, sizeof *dx), *grad[1 + AS_MAX_POINTS] = {0};
	struct slow t = slow_new(net, x);
	for (int i = 0; i <= net->ntap; i++)
		if (i ? taps & 1u << (i - 1) : dy) {
			int buf = i ? net->tap[i - 1].buf : net->out;
			grad[i] = uniform(2 + (uint64_t)i, elements(net, buf), -1, 1);
			t.r[buf] = widened(grad[i], elements(net, buf));
		}
	as_net_prepare(net);
	const float *y = as_net_forward(net, &m.pass, x, B);
	slow_value(&t);
	double there = off_by(y, t.act[net->out], elements(net, net->out));
	for (int i = 0; i < net->ntap; i++)
		there = fmax(there, off_by(as_pass_tap(net, &m.pass, i), t.act[net->tap[i].buf], elements(net, net->tap[i].buf)));
	as_net_backward_taps(net, &m.pass, grad[0], (const float *const *)grad + 1, dx, false);
	for (int64_t i = 0; i < p->weights; i++)
		p->grad[i] -= 1;
	double back = params_off(&t), largest = 0;
	for (int64_t i = 0; i < in; i++)
		largest = fmax(largest, fabs((double)dx[i]));
	double ex = 0;
	for (int64_t i = 0; i < in; i += in / 20 + 1)
		ex = fmax(ex, fabs(dx[i] - slope(slow_value, &t, &t.act[0][i], FINE)) / largest);
	ok(there <= FORWARD, "%s: y is off by %.2g of the largest, allowed %.2g", what, there, FORWARD);
	ok(back <= BACKWARD && ex <= BACKWARD, "%s: gradients of %d tensors are off by %.2g, of x by %.2g, allowed %.2g", what,
	   p->n, back, ex, BACKWARD);
	slow_free(&t);
	free(x);
	free(dx);
	for (int i = 0; i <= net->ntap; i++)
		free(grad[i]);
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
	as_backbone_build(&net, &b, &p, engine_of(true));
	if (net.failed.code || as_params_alloc(&p, engine_of(true), as_optimizers[0]->slots, NULL) < 0)
		abort();
	fill(&p);
	float *x = uniform(1, elements(&net, 0), -1, 1);
	int64_t out = elements(&net, net.out);
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
	as_backbone_build(&net, &b, &p, engine_of(true));
	test_net(what, &net, true, 0);
}

static void test_mlp(const char *what, enum as_mlp_end end)
{
	struct as_params p = {0};
	struct as_net net;
	as_mlp(&net, "mlp", (int64_t[]){7, 9, 8, 5}, 4, end, &p, engine_of(true));
	test_net(what, &net, true, 0);
}

/* Layer norm over vectors, as E-SSL's head has it, and over the pixels of a map; a linear layer on each pixel; two
 * readers of one buffer. */
static void test_layernorm(void)
{
	static const char *const names[] = {"mlp.1", "mlp.4"};
	struct as_params p = {0};
	struct as_net net;
	as_net_init(&net, "mlp", &p, engine_of(true), 1, 1, 7);
	int x = as_net_layer(&net, "linear", 0, AS_NONE, "mlp.0", (struct as_spec){.out = 9});
	x = as_net_layer(&net, "layernorm", x, AS_NONE, names[0], (struct as_spec){.gamma = 1, .relu = true});
	as_net_layer(&net, "linear", x, AS_NONE, "mlp.3", (struct as_spec){.out = 4, .bias = true});
	test_net("MLP with layer norm", &net, true, 0);
	as_net_init(&net, "map", &p, engine_of(true), 4, 5, 3);
	x = as_net_layer(&net, "conv", 0, AS_NONE, "conv", (struct as_spec){.out = 6, .r = 3, .stride = 1, .pad = 1});
	int y = as_net_layer(&net, "layernorm", x, AS_NONE, names[1], (struct as_spec){.gamma = 1});
	y = as_net_layer(&net, "linear", y, AS_NONE, "linear", (struct as_spec){.out = 6});
	y = as_net_layer(&net, "norm", y, x, "norm", (struct as_spec){.gamma = 1, .relu = true});
	as_net_layer(&net, "avgpool", y, AS_NONE, "", (struct as_spec){0});
	test_net("layer norm beside a shortcut", &net, true, 0);
}

/* Further outputs: of stages in the middle, of the last one, and of one that no gradient comes to. */
static void test_taps(const char *what, bool dy, unsigned taps)
{
	struct as_backbone b = {"resnet18", "imagenet", 1. / 32, 50};
	struct as_params p = {0};
	struct as_net net;
	as_backbone_build(&net, &b, &p, engine_of(true));
	static const char *const points[] = {"layer2", "layer4", "layer3", "layer1", "layer3"};
	int tap[5];
	for (int i = 0; i < 5; i++)
		tap[i] = as_net_tap(&net, points[i], NULL);
	ok(tap[0] == 0 && tap[1] == 1 && tap[2] == 2 && tap[3] == 3 && tap[4] == 2, "taps are numbered as they are asked for");
	test_net(what, &net, dy, taps);
}

static void test_no_point(void)
{
	struct as_backbone b = {"resnet18", "imagenet", 1. / 32, 50};
	struct as_params p = {0};
	struct as_error err;
	struct as_net net;
	as_backbone_build(&net, &b, &p, engine_of(true));
	ok(as_net_tap(&net, "layer5", &err) == AS_EARG, "refused: %s", err.text);
	is_text(err.text, "backbone: 'layer5' is none of layer1, layer2, layer3, layer4", "... by what there is");
	as_params_clear(&p);
}

int main(void)
{
	for (int i = 0; as_ops[i]; i++)
		ok(reference_of(as_ops[i]->name) < REFERENCES, "%s has a reference", as_ops[i]->name);
	test_resnet("resnet18, cifar stem", (struct as_backbone){"resnet18", "cifar", 1. / 32, 16});
	test_resnet("resnet18, imagenet stem", (struct as_backbone){"resnet18", "imagenet", 1. / 32, 50});
	test_mlp("MLP that ends in a bias", AS_MLP_BIAS);
	test_mlp("MLP that ends in a norm", AS_MLP_NORM);
	test_mlp("MLP that ends bare", AS_MLP_BARE);
	test_layernorm();
	test_taps("a gradient at the output and at three taps", true, 013);
	test_taps("a gradient at a tap alone", false, 04);
	test_no_point();
	test_sharing();
	return done();
}
