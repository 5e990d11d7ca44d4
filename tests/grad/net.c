/* Whole networks: what as_net_forward gives and what as_net_backward adds to every
 * parameter (and to x) against a second reading of the same list of layers, in
 * double, and its differences. Residual sums, shared buffers and layers that work
 * in place are what this is about; tests/golden/parts.c knows the right shapes. */
#include "nn/arch.h"
#include "nn/mlp.h"
#include "nn/op.h"
#include "nn/optim.h"

#include "../engine.h"
#include "slow.h"

/* Shares of the largest: float32 through 20 layers, batch norm over as few as 12 rows. */
static const double FORWARD = 5e-6, BACKWARD = 5e-5;
enum { B = 3, MANY = 100 };

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

/* The gradients hold 1 before: backward adds. */
static void fill(const struct as_params *p)
{
	fill_values(p);
	for (int64_t i = 0; i < p->weights; i++)
		p->grad[i] = 1;
}

/* dy: whether the output has a gradient; tap i has one where bit i of `taps` is set. */
/* In training nobody wants the gradient of the images: without it the parameters' are the same, but for the rounding of
 * what was added to 1. */
static void same_without_dx(const struct as_net *net, struct as_pass *pass, const float *x, float *const *grad, const char *what)
{
	struct as_params *p = net->params;
	size_t bytes = (size_t)p->weights * sizeof(float);
	float *with = take(p->weights, sizeof *with);
	memcpy(with, p->grad, bytes);
	as_params_zero_grad(p, net->engine);
	as_net_forward(net, pass, x, B);
	as_net_backward_taps(net, pass, grad[0], (const float *const *)grad + 1, NULL, false);
	bool same = true;
	for (int64_t i = 0; i < p->weights; i++)
		same = same && fabsf(p->grad[i] - with[i]) <= 1e-6f * (1 + fabsf(with[i]));
	ok(same, "%s: the same gradients where that of x is not wanted", what);
	memcpy(p->grad, with, bytes);
	free(with);
}

static void test_net(const char *what, struct as_net *net, bool dy, unsigned taps)
{
	struct as_params *p = net->params;
	struct memory m;
	if (!ok(!net->failed.code, "%s: built %s", what, net->failed.text) ||
	    as_params_alloc(p, engine_of(true), as_optimizers[0]->slots, NULL) < 0)
		abort();
	fill(p);
	memory_new(&m, net, AS_TRAIN);
	int64_t in = elements(net, B, 0);
	float *x = uniform(1, in, -1, 1), *dx = take(in, sizeof *dx), *grad[1 + AS_MAX_POINTS] = {0};
	struct slow t = slow_new(net, B, x);
	for (int i = 0; i <= net->ntap; i++)
		if (i ? taps & 1u << (i - 1) : dy) {
			int buf = i ? net->tap[i - 1].buf : net->out;
			grad[i] = uniform(2 + (uint64_t)i, elements(net, B, buf), -1, 1);
			t.r[buf] = widened(grad[i], elements(net, B, buf));
		}
	as_net_prepare(net);
	const float *y = as_net_forward(net, &m.pass, x, B);
	slow_value(&t);
	double there = off_by(y, t.act[net->out], elements(net, B, net->out));
	for (int i = 0; i < net->ntap; i++)
		there = fmax(there, off_by(as_pass_tap(net, &m.pass, i), t.act[net->tap[i].buf], elements(net, B, net->tap[i].buf)));
	as_net_backward_taps(net, &m.pass, grad[0], (const float *const *)grad + 1, dx, false);
	for (int64_t i = 0; i < p->weights; i++)
		p->grad[i] -= 1;
	same_without_dx(net, &m.pass, x, grad, what);
	double back = params_off(p, slow_value, &t, t.value), largest = 0;
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
	float *x = uniform(1, elements(&net, B, 0), -1, 1);
	int64_t out = elements(&net, B, net.out);
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
		all += MANY * elements(&net, B, i);
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
 * readers of one buffer. Its ReLU stands where batch norm follows, to which a bias alone would make no difference. */
static void test_layernorm(void)
{
	static const char *const names[] = {"mlp.1", "mlp.4"};
	struct as_params p = {0};
	struct as_net net;
	as_net_init(&net, "mlp", &p, engine_of(true), 1, 1, 7);
	int x = as_net_layer(&net, "linear", 0, AS_NONE, "mlp.0", (struct as_spec){.out = 9});
	x = as_net_layer(&net, "layernorm", x, AS_NONE, names[0], (struct as_spec){.gamma = 1});
	as_net_layer(&net, "linear", x, AS_NONE, "mlp.3", (struct as_spec){.out = 4, .bias = true});
	test_net("MLP with layer norm", &net, true, 0);
	as_net_init(&net, "map", &p, engine_of(true), 4, 5, 3);
	x = as_net_layer(&net, "conv", 0, AS_NONE, "conv", (struct as_spec){.out = 6, .r = 3, .stride = 1, .pad = 1});
	int y = as_net_layer(&net, "layernorm", x, AS_NONE, names[1], (struct as_spec){.gamma = 1, .relu = true});
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
	is_text(err.text, "backbone: 'layer5' is none of layer1, layer2, layer3, layer4; did you mean 'layer1'?", "... by what there is");
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
