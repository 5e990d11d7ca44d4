/* A step in grains: forward, a method's loss, a head's on pairs of rows, and back. Of networks without batch norm - which
 * looks at the whole batch - a step of G grains is, bit for bit, G steps of one grain each, whose gradients and losses a
 * plain tree adds: ((0 + 1) + (2 + 3)) ... So it does not matter on which machine a grain is computed. And what batch norm
 * puts into grain 0 for the whole batch stays out of the tree. */
#include "nn/net.h"

#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

enum { B = 16, SIZE = 12, VIEWS = 2, WIDE = 32, OUT = 12, TARGETS = 4, MOST = 8 /* grains */ };

/* Networks, and the memory of a step of n images. */
struct nets {
	const struct as_engine *e;
	int64_t n;
	struct as_params params;
	struct as_net trunk, top, head;
	struct as_pass pass[VIEWS], up[VIEWS], heads;
	struct as_workspace work;
	struct as_arena arena;
	float *dy[VIEWS], *dz, *pair, *dpair, *dp;
};

static const struct as_spec normed = {.gamma = 1, .relu = true};

/* conv and layer norm. */
static int block(struct as_net *net, int x, int number, struct as_spec conv)
{
	char name[2][16];
	snprintf(name[0], sizeof name[0], "conv%d", number);
	snprintf(name[1], sizeof name[1], "norm%d", number);
	return as_net_layer(net, "layernorm", as_net_layer(net, "conv", x, AS_NONE, name[0], conv), AS_NONE, name[1], normed);
}

static void perceptron(struct as_net *net, const char *name, int64_t in, int64_t out, struct nets *s)
{
	static const char *const suffix[] = {"a", "norm", "b"};
	char full[3][32];
	for (int i = 0; i < 3; i++)
		snprintf(full[i], sizeof full[i], "%s.%s", name, suffix[i]);
	as_net_init(net, name, &s->params, s->e, 1, 1, in);
	int x = as_net_layer(net, "linear", 0, AS_NONE, full[0], (struct as_spec){.out = 20});
	x = as_net_layer(net, "layernorm", x, AS_NONE, full[1], normed);
	as_net_layer(net, "linear", x, AS_NONE, full[2], (struct as_spec){.out = out, .bias = true});
}

static void build(struct nets *s)
{
	as_net_init(&s->trunk, "trunk", &s->params, s->e, SIZE, SIZE, 3);
	int x = block(&s->trunk, 0, 1, (struct as_spec){.out = 16, .r = 3, .stride = 1, .pad = 1});
	x = block(&s->trunk, x, 2, (struct as_spec){.out = 16, .r = 3, .stride = 1, .pad = 1});
	x = block(&s->trunk, x, 3, (struct as_spec){.out = 24, .r = 3, .stride = 2, .pad = 1});
	x = as_net_layer(&s->trunk, "maxpool", x, AS_NONE, "", (struct as_spec){0});
	x = block(&s->trunk, x, 4, (struct as_spec){.out = WIDE, .r = 1, .stride = 1});
	as_net_layer(&s->trunk, "avgpool", x, AS_NONE, "", (struct as_spec){0});
	perceptron(&s->top, "top", WIDE, OUT, s);
	perceptron(&s->head, "head", VIEWS * WIDE, TARGETS, s);
}

static void plan(struct nets *s)
{
	s->work = (struct as_workspace){0};
	struct as_net *all[] = {&s->trunk, &s->top, &s->head};
	for (int i = 0; i < 3; i++)
		as_net_plan_weights(all[i], &s->arena);
	for (int v = 0; v < VIEWS; v++) {
		as_net_plan(&s->trunk, s->n, AS_TRAIN, &s->arena, &s->work, &s->pass[v]);
		as_net_plan(&s->top, s->n, AS_TRAIN, &s->arena, &s->work, &s->up[v]);
		s->dy[v] = as_arena_floats(&s->arena, s->n * WIDE);
	}
	as_net_plan(&s->head, VIEWS * s->n, AS_TRAIN, &s->arena, &s->work, &s->heads);
	s->dz = as_arena_floats(&s->arena, s->n * OUT);
	s->pair = as_arena_floats(&s->arena, VIEWS * s->n * VIEWS * WIDE);
	s->dpair = as_arena_floats(&s->arena, VIEWS * s->n * VIEWS * WIDE);
	s->dp = as_arena_floats(&s->arena, VIEWS * s->n * TARGETS);
	as_workspace_plan(&s->work, &s->arena);
}

static void nets_new(struct nets *s, const struct as_engine *e, int64_t n)
{
	static const char *const slots[] = {NULL};
	*s = (struct nets){.e = e, .n = n};
	build(s);
	plan(s);
	if (as_nets_failed(NULL, 3, &s->trunk, &s->top, &s->head) || as_params_alloc(&s->params, e, slots, NULL) ||
	    as_arena_open(&s->arena, e->kern->memory, NULL))
		abort();
	plan(s);
	as_params_init(&s->params, e, 3);
}

static void nets_free(struct nets *s)
{
	as_arena_close(&s->arena);
	as_params_clear(&s->params);
}

/* What a step on n images gives beside gradients. */
struct given {
	double cosine, head;
	float y[VIEWS][B * WIDE];
};

/* weight: of the losses, 1 / how many such steps there are. x[v] (n,SIZE,SIZE,3), target (2 n, TARGETS) in rows of pairs. */
static void step(struct nets *s, const float *const *x, const float *target, float weight, struct given *out)
{
	const struct as_kern *k = s->e->kern;
	const float *y[VIEWS], *z[VIEWS];
	int64_t n = s->n;
	struct as_net *all[] = {&s->trunk, &s->top, &s->head};
	for (int i = 0; i < 3; i++)
		as_net_prepare(all[i]);
	as_params_zero_grad(&s->params, s->e);
	for (int v = 0; v < VIEWS; v++) {
		y[v] = as_net_forward(&s->trunk, &s->pass[v], x[v], n);
		z[v] = as_net_forward(&s->top, &s->up[v], y[v], n);
		memcpy(out->y[v], y[v], (size_t)(n * WIDE) * sizeof(float));
		k->zero(s->e, n * WIDE, s->dy[v]);
	}
	out->cosine = 0;
	for (int v = VIEWS - 1; v >= 0; v--) {
		out->cosine += k->cosine(s->e, n, OUT, z[v], z[1 - v], -.5f * weight, s->dz);
		as_net_backward(&s->top, &s->up[v], s->dz, s->dy[v], true);
	}
	k->pair_rows(s->e, n, WIDE, y, s->pair);
	const float *p = as_net_forward(&s->head, &s->heads, s->pair, VIEWS * n);
	out->head = k->mse_tanh(s->e, VIEWS * n, TARGETS, p, target, .75f * weight, s->dp);
	as_net_backward(&s->head, &s->heads, s->dp, s->dpair, false);
	k->unpair_rows(s->e, n, WIDE, s->dpair, s->dy);
	for (int v = VIEWS - 1; v >= 0; v--)
		as_net_backward(&s->trunk, &s->pass[v], s->dy[v], NULL, false);
}

/* The tree, as one would write it first. */
static float tree(const float *const *leaf, int64_t n, int64_t at)
{
	return n == 1 ? leaf[0][at] : tree(leaf, n / 2, at) + tree(leaf + n / 2, n / 2, at);
}

static double tree_of(const double *value, int64_t n)
{
	return n == 1 ? value[0] : tree_of(value, n / 2) + tree_of(value + n / 2, n / 2);
}

static void test_step(const struct as_kern *kern, int64_t grains, int threads)
{
	struct as_engine whole = {kern, NULL, grains, NULL}, alone = {kern, NULL, 1, NULL};
	static struct given all, one;
	struct nets w, a;
	int64_t each = B / grains, pixels = SIZE * SIZE * 3;
	float *x[VIEWS], *target = uniform(9, VIEWS * B * TARGETS, -1, 1), *leaf[MOST];
	double cosine[MOST], head[MOST];
	if (as_pool_new(&whole.pool, threads, NULL))
		abort();
	nets_new(&w, &whole, B);
	nets_new(&a, &alone, each);
	for (int v = 0; v < VIEWS; v++)
		x[v] = uniform(1 + (uint64_t)v, B * pixels, -1, 1);
	step(&w, (const float *const *)x, target, 1, &all);
	bool features = true, leaves = true, sums = true;
	for (int64_t g = 0; g < grains; g++) {
		const float *part[] = {x[0] + g * each * pixels, x[1] + g * each * pixels};
		step(&a, part, target + g * VIEWS * each * TARGETS, 1 / (float)grains, &one);
		for (int v = 0; v < VIEWS; v++)
			features = features && !memcmp(one.y[v], all.y[v] + g * each * WIDE, (size_t)(each * WIDE) * sizeof(float));
		leaf[g] = take(a.params.weights, sizeof(float));
		memcpy(leaf[g], a.params.grad, (size_t)a.params.weights * sizeof(float));
		leaves = leaves && !memcmp(leaf[g], w.params.grad + g * w.params.leaf, (size_t)a.params.weights * sizeof(float));
		cosine[g] = one.cosine / (double)grains;
		head[g] = one.head / (double)grains;
	}
	ok(features, "%s, %d grains, %d threads: features are those of each grain alone", kern->name, (int)grains, threads);
	ok(leaves, "... so are the gradients, a leaf each");
	as_params_sum_grad(&w.params, &whole);
	for (int64_t i = 0; i < w.params.weights; i++) {
		float want = tree((const float *const *)leaf, grains, i);
		sums = sums && !memcmp(&want, &w.params.grad[i], sizeof want);
	}
	ok(sums, "... whose tree is the step's gradient");
	ok(all.head == tree_of(head, grains) && all.cosine == tree_of(cosine, grains), "... losses too: %.9g and %.9g", all.cosine,
	   all.head);
	for (int64_t g = 0; g < grains; g++)
		free(leaf[g]);
	for (int v = 0; v < VIEWS; v++)
		free(x[v]);
	free(target);
	nets_free(&w);
	nets_free(&a);
	as_pool_free(whole.pool);
}

/* Batch norm's gradients are the whole batch's, in grain 0; the tree adds those of the convolution beside them. */
static void test_global(int64_t grains)
{
	static const char *const slots[] = {NULL};
	struct as_engine e = {as_kern_chosen(true), NULL, grains, NULL};
	struct as_params p = {0};
	struct as_net net;
	struct as_arena arena = {0};
	struct as_workspace work = {0};
	struct as_pass pass;
	as_net_init(&net, "net", &p, &e, 4, 4, 3);
	int x = as_net_layer(&net, "conv", 0, AS_NONE, "conv", (struct as_spec){.out = 5, .r = 3, .stride = 1, .pad = 1});
	as_net_layer(&net, "norm", x, AS_NONE, "norm", normed);
	for (int taking = 0; taking < 2; taking++) {
		as_net_plan_weights(&net, &arena);
		as_net_plan(&net, B, AS_TRAIN, &arena, &work, &pass);
		as_workspace_plan(&work, &arena);
		if (!taking && (as_arena_open(&arena, e.kern->memory, NULL) || as_params_alloc(&p, &e, slots, NULL)))
			abort();
	}
	as_params_init(&p, &e, 1);
	as_params_zero_grad(&p, &e);
	as_net_prepare(&net);
	float *in = uniform(1, B * 4 * 4 * 3, -1, 1), *dy = uniform(2, B * 4 * 4 * 5, -1, 1);
	as_net_forward(&net, &pass, in, B);
	as_net_backward(&net, &pass, dy, NULL, false);
	int gamma = as_params_find(&p, "norm.weight"), weight = as_params_find(&p, "conv.weight");
	float before[5], *first = as_params_grad(&p, gamma), *conv = as_params_grad(&p, weight), one = *conv, rest = 0;
	bool empty = true;
	memcpy(before, first, sizeof before);
	for (int64_t g = 1; g < grains; g++) {
		for (int i = 0; i < 5; i++)
			empty = empty && first[g * p.leaf + i] == 0;
		first[g * p.leaf] = 1; /* which the tree would add */
		rest += fabsf(conv[g * p.leaf]);
	}
	as_params_sum_grad(&p, &e);
	ok(empty && before[0] != 0 && !memcmp(before, first, sizeof before), "%d grains: batch norm's gradient is once, and stays as it is",
	   (int)grains);
	ok((rest > 0) == (grains > 1) && (*conv != one) == (grains > 1), "... the convolution's is summed");
	free(in);
	free(dy);
	as_arena_close(&arena);
	as_params_clear(&p);
}

int main(void)
{
	for (int isa = 0; isa < 2 * AS_ISAS; isa++) {
		const struct as_kern *kern = kern_or_skip(isa);
		if (!kern)
			continue;
		for (int64_t grains = 1; grains <= MOST; grains *= 2)
			test_step(kern, grains, grains == 2 ? 3 : 1);
	}
	test_global(1);
	test_global(4);
	return done();
}
