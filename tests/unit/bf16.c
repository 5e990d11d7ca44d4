/* Maps in bfloat16 beside maps of floats with the same values: what is summed is the same, and what is stored is the
 * float rounded. Convolutions are in conv.c. Then a whole network: features and gradients. */
#include "base/arena.h"
#include "nn/arch.h"
#include "nn/optim.h"

#include "../cells.h"
#include "../engine.h"
#include "../naive.h"

enum { ROWS = 130, C = 33, N = ROWS * C, IMAGES = 5, PIXELS = ROWS / IMAGES };
static const float EPS = 1e-5f, MOMENTUM = .1f;

/* A map of these floats, which it can hold; from NULL: of nothing. The caller frees it. */
static void *map_of(const struct as_kern *k, const float *from, int64_t n)
{
	void *map = take(cells_floats(k, n), sizeof(float));
	if (from)
		cells_set(k, map, from, n);
	return map;
}

static float *floats_of(const struct as_kern *k, void *map, int64_t n)
{
	float *x = take(n, sizeof *x);
	cells_get(k, map, x, n);
	free(map);
	return x;
}

static float *representable(uint64_t stream, int64_t n, float lo, float hi)
{
	float *x = uniform(stream, n, lo, hi);
	for (int64_t i = 0; i < n; i++)
		x[i] = nearest_bf16(x[i]);
	return x;
}

/* What a table makes of the same values: sums, and maps as floats. */
struct trip {
	float sums[10 * C], *map[5];
};
static const char *const names[] = {"y", "dx", "dadd", "avgpool's dx", "maxpool's y"};
enum { MAPS = sizeof names / sizeof *names };

static struct trip run(const struct as_kern *k)
{
	const struct as_engine *e = ENGINE(k, NULL);
	struct trip t = {.sums = {0}};
	float *x = representable(1, N, -2, 6), *dy = representable(2, N, -1, 1), *add = representable(3, N, -1, 1);
	float *gamma = uniform(4, C, .5, 1.5), *beta = uniform(5, C, -1, 1), *partial = take(k->norm_partial(e, ROWS, C), sizeof *x);
	float *mean = t.sums + 4 * C, *pooled = uniform(6, IMAGES * C, -1, 1), *means = take(IMAGES * C, sizeof *means);
	void *mx = map_of(k, x, N), *my = map_of(k, NULL, N), *madd = map_of(k, add, N), *mdy = map_of(k, dy, N);
	void *mdx = map_of(k, NULL, N), *mdadd = map_of(k, add, N), *mspread = map_of(k, add, N);
	uint32_t *on = take(ROWS * as_on_words(C), sizeof *on);
	struct as_norm n = {t.sums, t.sums + C, t.sums + 2 * C, t.sums + 3 * C};
	struct as_conv window = as_conv_shape(1, 13, 10, C, C, 3, 2, 1);
	k->norm_stats(e, mx, ROWS, C, gamma, beta, EPS, MOMENTUM, mean, mean + C, &n, partial);
	k->norm_apply(e, mx, ROWS, C, &n, madd, true, my, on, false);
	k->norm_backward(e, mdy, on, mx, ROWS, C, gamma, &n, mean + 2 * C, mean + 3 * C, mdx, mdadd, true, partial);
	k->avgpool_forward(e, mx, IMAGES, PIXELS, C, means);
	memcpy(mean + 4 * C, means, C * sizeof *means);
	memcpy(mean + 5 * C, means + C, C * sizeof *means);
	k->avgpool_backward(e, pooled, IMAGES, PIXELS, C, mspread, true);
	void *mlargest = map_of(k, NULL, N);
	k->maxpool_forward(e, &window, mx, mlargest);
	void *maps[] = {my, mdx, mdadd, mspread, mlargest};
	for (int i = 0; i < MAPS; i++)
		t.map[i] = floats_of(k, maps[i], N);
	void *all[] = {x, dy, add, gamma, beta, partial, pooled, means, mx, madd, mdy, on};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
	return t;
}

/* Whether every value is what the float was rounded to. */
static int64_t unlike(const float *got, const float *want)
{
	int64_t wrong = 0;
	for (int64_t i = 0; i < N; i++)
		wrong += got[i] != nearest_bf16(want[i]);
	return wrong;
}

/* ReLU's backward reads the stored y, whose sign rounding keeps; so all sums are the same bits. */
static void test_rows(const struct as_kern *wide, const struct as_kern *narrow)
{
	struct trip a = run(wide), b = run(narrow);
	ok(a.sums[0] != 0 && !memcmp(a.sums, b.sums, sizeof a.sums), "%s: statistics and sums are those of floats", narrow->name);
	for (int i = 0; i < MAPS; i++) {
		int64_t wrong = unlike(b.map[i], a.map[i]);
		ok(!wrong, "%s: %s is the float's, rounded, but for %d values", narrow->name, names[i], (int)wrong);
		free(a.map[i]);
		free(b.map[i]);
	}
}

/* --- a network --- */

enum { BATCH = 8, SIZE = 32 };

struct whole {
	struct as_net net;
	struct as_params params;
	struct as_arena arena;
	struct as_workspace work;
	struct as_pass pass;
	struct as_engine engine;
};

static void plan(struct whole *w)
{
	w->work = (struct as_workspace){0};
	as_net_plan_weights(&w->net, &w->arena);
	as_net_plan(&w->net, BATCH, AS_TRAIN, &w->arena, &w->work, &w->pass);
	as_workspace_plan(&w->work, &w->arena);
}

/* Features (BATCH, d) and then all gradients of one pass, *n of them; the floats of memory that the pass keeps. */
static float *passed(const struct as_kern *k, const char *stem, const float *x, int64_t *n, int64_t *kept)
{
	static struct whole w;
	struct as_backbone b = {"resnet18", "", .25, SIZE};
	struct as_error err;
	snprintf(b.stem, sizeof b.stem, "%s", stem);
	w = (struct whole){.engine = {k, NULL, 1, NULL}};
	as_backbone_build(&w.net, &b, &w.params, &w.engine);
	if (as_nets_failed(&err, 1, &w.net) || as_params_alloc(&w.params, &w.engine, as_optimizers[0]->slots, &err))
		abort();
	as_params_init(&w.params, &w.engine, 3);
	for (int i = 0; i < w.params.n; i++) /* the last norms of blocks start at 0: let all paths count */
		if (w.params.list[i].flags & AS_P_NORM)
			for (int64_t j = 0; j < w.params.list[i].count; j++)
				as_params_value(&w.params, i)[j] += .2f;
	plan(&w);
	*kept = w.pass.at.own;
	if (as_arena_open(&w.arena, &as_host_memory, &err))
		abort();
	plan(&w);
	as_net_prepare(&w.net);
	int64_t d = as_net_out(&w.net);
	float *dy = uniform(12, BATCH * d, -1, 1), *out = take(*n = BATCH * d + w.params.weights, sizeof *out);
	memcpy(out, as_net_forward(&w.net, &w.pass, x, BATCH), (size_t)(BATCH * d) * sizeof *out);
	as_params_zero_grad(&w.params, &w.engine);
	as_net_backward(&w.net, &w.pass, dy, NULL, false);
	memcpy(out + BATCH * d, w.params.grad, (size_t)w.params.weights * sizeof *out);
	as_arena_close(&w.arena);
	as_params_clear(&w.params);
	free(dy);
	return out;
}

static void test_network(const struct as_kern *wide, const struct as_kern *narrow, const char *stem)
{
	float *x = uniform(11, BATCH * SIZE * SIZE * 3, -2, 2);
	int64_t n, m, most, kept;
	float *a = passed(wide, stem, x, &n, &most), *b = passed(narrow, stem, x, &m, &kept);
	int64_t features = BATCH * 128;
	double y = naive_cosine(a, b, features), g = naive_cosine(a + features, b + features, n - features);
	ok(n == m && y > .9995 && y < 1, "%s, stem %s: features at a cosine of %.6f to those by floats", narrow->name, stem, y);
	ok(g > .98 && g < 1, "... gradients at %.5f", g);
	ok((double)kept < .51 * (double)most, "... of activations that take %.3f of the memory", (double)kept / (double)most);
	free(a);
	free(b);
	free(x);
}

/* A layer of vectors has no place among maps. */
static void test_refused(const struct as_kern *narrow)
{
	static struct as_net net;
	struct as_params params = {0};
	struct as_error err = {0};
	struct as_engine engine = {narrow, NULL, 1, NULL};
	as_net_init(&net, "net", &params, &engine, 4, 4, 3);
	as_net_layer(&net, "linear", 0, AS_NONE, "fc", (struct as_spec){.out = 2});
	ok(as_nets_failed(&err, 1, &net) == AS_EARG, "a linear layer on maps of bfloat16: %s", err.text);
	as_params_clear(&params);
}

int main(void)
{
	for (int i = 0; i < 2 * AS_ISAS; i++) {
		const struct as_kern *wide = kern_or_skip(i), *native = wide ? as_kern_bf16(wide, false) : NULL;
		if (!wide)
			continue;
		const struct as_kern *narrow[] = {as_kern_bf16(wide, true), native};
		for (int k = 0; k < (native ? 2 : 1); k++) {
			test_rows(wide, narrow[k]);
			test_network(wide, narrow[k], "cifar");
			test_network(wide, narrow[k], "imagenet");
		}
	}
	test_refused(as_kern_bf16(as_kern_of(AS_ISA_GENERIC, true), true));
	return done();
}
