/* Networks without gradients: planned memory never clashes and is never left, and the modes agree. */
#include <stdlib.h>

#include "nn/arch.h"
#include "nn/mlp.h"
#include "nn/op.h"
#include "nn/optim.h"
#include "nn/place.h"

#include "../tap.h"
#include "base/rng.h"

enum { BATCH = 5, GUARDS = 6, GUARD = 4096 /* floats */ };

/* Spans that live at once do not overlap, and the whole is no smaller than the
 * most that lives at any one time. */
static void check_spans(uint64_t seed)
{
	struct as_life s[40];
	struct as_rng r = as_rng_at(seed, 1, 0, 0, 0);
	int64_t most = 0;
	int clashes = 0;
	for (int i = 0; i < 40; i++) {
		int first = (int)as_rng_below(&r, 60);
		s[i] = (struct as_life){.size = (int64_t)as_rng_below(&r, 100), .first = first,
					.last = first + (int)as_rng_below(&r, 8)};
	}
	int64_t total = as_lives_place(s, 0, 40, 0);
	for (int i = 0; i < 40; i++)
		for (int j = 0; j < i; j++)
			clashes += s[i].size && s[j].size && s[i].first <= s[j].last && s[j].first <= s[i].last &&
				   s[i].at < s[j].at + s[j].size && s[j].at < s[i].at + s[i].size;
	for (int t = 0; t < 70; t++) {
		int64_t live = 0;
		for (int i = 0; i < 40; i++)
			live += s[i].first <= t && t <= s[i].last ? s[i].size : 0;
		most = live > most ? live : most;
	}
	is_int(clashes, 0, "no two spans that live at once overlap");
	ok(total >= most && total <= 2 * most, "the whole takes %lld, at least %lld live at once", (long long)total,
	   (long long)most);
}

struct fixture {
	struct as_engine engine;
	struct as_params params;
	struct as_net net;
	struct as_arena arena;
	struct as_workspace work;
	struct as_pass train, forward, eval;
	float *guard[GUARDS]; /* behind every piece of memory: NaN, which would show in what is computed */
	int guards;
};

static void guard(struct fixture *f)
{
	float *g = f->guard[f->guards++] = as_arena_floats(&f->arena, GUARD);
	for (int i = 0; g && i < GUARD; i++)
		g[i] = NAN;
}

static int64_t weights_for; /* the batch by which it is chosen when weights are prepared; 0: once for all passes */

/* What as_net_plan and as_workspace_plan take, with guards between. */
static void plan(struct fixture *f, bool frozen)
{
	struct as_workspace *w = &f->work;
	*w = (struct as_workspace){0};
	f->guards = 0;
	if (weights_for)
		as_net_choose_weights(&f->net, weights_for);
	as_net_plan_weights(&f->net, &f->arena);
	guard(f);
	if (!frozen) {
		as_net_plan(&f->net, BATCH, AS_TRAIN, &f->arena, w, &f->train);
		guard(f);
		as_net_plan(&f->net, BATCH, AS_FORWARD, &f->arena, w, &f->forward);
		guard(f);
	}
	as_net_plan(&f->net, BATCH, AS_EVAL, &f->arena, w, &f->eval);
	guard(f);
	w->transient = as_arena_floats(&f->arena, w->transients);
	guard(f);
	w->scratch = as_arena_take(&f->arena, w->scratches);
	guard(f);
}

/* Frees the memory; whether all guards stand. */
static bool whole(struct fixture *f)
{
	int64_t written = 0;
	for (int g = 0; g < f->guards; g++)
		for (int i = 0; i < GUARD; i++)
			written += !isnan(f->guard[g][i]);
	as_arena_close(&f->arena);
	as_params_clear(&f->params);
	return !written;
}

/* frozen: for evaluation alone. */
static bool make(struct fixture *f, const struct as_kern *kern, struct as_pool *pool, const char *arch, const char *stem,
		 double width, int size, bool frozen)
{
	struct as_backbone b = {.width = width, .size = size};
	struct as_error err;
	snprintf(b.arch, sizeof b.arch, "%s", arch);
	snprintf(b.stem, sizeof b.stem, "%s", stem);
	*f = (struct fixture){0};
	f->engine = (struct as_engine){kern, pool, 1, NULL};
	as_backbone_build(&f->net, &b, &f->params, &f->engine);
	if (f->net.failed.code || as_params_alloc(&f->params, &f->engine, as_optimizers[0]->slots, &err))
		return false;
	as_params_init(&f->params, &f->engine, 3);
	for (int i = 0; i < f->params.n; i++) /* the last norms of blocks start at 0: let all paths count */
		if (f->params.list[i].flags & AS_P_NORM)
			for (int64_t j = 0; j < f->params.list[i].count; j++)
				as_params_value(&f->params, i)[j] += .5f + (float)(j % 7) / 10;
	for (int i = 0; i < f->params.n; i++) /* statistics that some training has left */
		if (f->params.list[i].flags & AS_P_BUFFER && !(f->params.list[i].flags & AS_P_COUNT))
			for (int64_t j = 0; j < f->params.list[i].count; j++)
				as_params_value(&f->params, i)[j] += (float)(j % 5) / 20;
	if (frozen)
		as_net_freeze(&f->net);
	plan(f, frozen);
	if (as_arena_open(&f->arena, &as_host_memory, &err))
		return false;
	plan(f, frozen);
	as_net_prepare(&f->net);
	return true;
}

static float *noise(int64_t n)
{
	struct as_rng r = as_rng_at(9, 9, 0, 0, 0);
	float *x = malloc((size_t)n * sizeof *x);
	for (int64_t i = 0; x && i < n; i++)
		x[i] = (float)as_rng_between(&r, -2, 2);
	return x;
}

/* size: large enough that the last maps have pixels to take statistics of. */
static void modes_agree(const char *arch, const char *stem, int size)
{
	struct fixture f;
	float *x = noise(BATCH * size * size * 3);
	if (!ok(make(&f, as_kern_chosen(true), NULL, arch, stem, .0625, size, false) && x, "%s with stem %s is built", arch, stem))
		exit(done());
	int64_t d = as_net_out(&f.net);
	float *want = malloc((size_t)(BATCH * d) * sizeof *want);
	memcpy(want, as_net_forward(&f.net, &f.train, x, BATCH), (size_t)(BATCH * d) * sizeof *want);
	const float *got = as_net_forward(&f.net, &f.forward, x, BATCH);
	ok(!memcmp(got, want, (size_t)(BATCH * d) * sizeof *want), "%s: without backward, the same bits in less memory", arch);

	/* After many passes over one batch the running statistics are the batch's, but
	 * for the unbiased variance: set that right and both modes must agree. */
	for (int i = 0; i < 160; i++) /* .9^160 is less than a float tells apart */
		as_net_forward(&f.net, &f.forward, x, BATCH);
	for (int i = 0; i < f.net.nlayer; i++) {
		const struct as_layer *l = &f.net.layer[i];
		struct as_buf b = f.net.buf[l->in[0]];
		double rows = BATCH * (double)(b.h * b.w);
		for (int64_t j = 0; !strcmp(as_layer_name(&f.net, i), "norm") && j < b.c; j++)
			as_layer_value(&f.net, l, 3)[j] *= (float)((rows - 1) / rows); /* running_var */
	}
	got = as_net_forward(&f.net, &f.eval, x, BATCH);
	is_near(got, want, BATCH * d, 2e-5, "evaluation mode with the batch's own statistics");
	free(want);
	want = malloc((size_t)d * sizeof *want);
	memcpy(want, got + 2 * d, (size_t)d * sizeof *want);
	got = as_net_forward(&f.net, &f.eval, x + 2 * size * size * 3, 1);
	is_near(got, want, d, 1e-5, "an image's features do not depend on its batch");
	float *dy = noise(BATCH * d);
	as_net_forward(&f.net, &f.train, x, BATCH);
	as_net_backward(&f.net, &f.train, dy, NULL, false);
	ok(whole(&f), "%s: nothing was written beside the memory of any mode, or of the way back", arch);
	free(dy);
	free(want);
	free(x);
}

/* Weights that each pass prepares take less memory and change nothing. */
static void weights_in_passes(double width, int size, bool exact)
{
	static struct fixture once, each;
	const int64_t chosen[] = {1, 4096};
	struct fixture *f[] = {&once, &each};
	float *x = noise(BATCH * size * size * 3), *dy = NULL, *y[2];
	for (int i = 0; i < 2; i++) {
		weights_for = chosen[i];
		if (!ok(make(f[i], as_kern_chosen(exact), NULL, "resnet18", "cifar", width, size, false), "resnet18 of width %g", width))
			exit(done());
		int64_t d = as_net_out(&f[i]->net);
		dy = dy ? dy : noise(BATCH * d);
		y[i] = malloc((size_t)(BATCH * d) * sizeof *y[i]);
		as_net_forward(&f[i]->net, &f[i]->forward, x, BATCH);
		memcpy(y[i], as_net_forward(&f[i]->net, &f[i]->train, x, BATCH), (size_t)(BATCH * d) * sizeof *y[i]);
		as_net_backward(&f[i]->net, &f[i]->train, dy, NULL, false);
	}
	weights_for = 0;
	ok(!once.net.each_pass && each.net.each_pass, "weights are prepared once for small batches, in each pass for large ones");
	ok(each.arena.used < once.arena.used, "... which takes %zu bytes in place of %zu", each.arena.used, once.arena.used);
	ok(!memcmp(y[0], y[1], (size_t)(BATCH * as_net_out(&once.net)) * sizeof *y[0]) &&
	       !memcmp(once.params.grad, each.params.grad, (size_t)once.params.weights * sizeof *once.params.grad),
	   "... and gives the same bits there and back");
	ok(whole(&once) && whole(&each), "... and writes nothing beside its memory");
	free(x);
	free(dy);
	free(y[0]);
	free(y[1]);
}

/* Frozen, a network's features are the same but for roundings - one scale moved into the
 * weights, where Winograd's 1e-5 may fall otherwise - and the same bits from any number of
 * threads and in batches of any size. */
static void freezing_changes_nothing(const char *arch, const char *stem, double width, int size, bool exact, bool fronts)
{
	static struct fixture plain, frozen;
	const struct as_kern *kern = as_kern_chosen(exact);
	int64_t each = (int64_t)size * size * 3;
	float *x = noise(BATCH * each), *first = NULL;
	struct as_error err;
	if (!ok(x && make(&plain, kern, NULL, arch, stem, width, size, false), "%s with stem %s, %s", arch, stem, exact ? "exact" : "fast"))
		exit(done());
	int64_t d = as_net_out(&plain.net);
	const float *want = as_net_forward(&plain.net, &plain.eval, x, BATCH);
	for (int threads = 1; threads <= 3; threads++) {
		struct as_pool *pool;
		if (as_pool_new(&pool, threads, &err) || !make(&frozen, kern, pool, arch, stem, width, size, true))
			exit(done());
		const float *got = as_net_forward(&frozen.net, &frozen.eval, x, BATCH);
		if (fronts)
			ok(frozen.net.front > 0 && frozen.net.front_images < BATCH, "%d layers run over %d images at a time",
			   frozen.net.front, (int)frozen.net.front_images);
		if (!first) {
			is_near(got, want, BATCH * d, exact ? 2e-6 : 2e-5, "frozen, it is the same function");
			first = malloc((size_t)(BATCH * d) * sizeof *first);
			memcpy(first, got, (size_t)(BATCH * d) * sizeof *first);
		}
		ok(!memcmp(first, got, (size_t)(BATCH * d) * sizeof *first), "the same bits from %d threads", threads);
		bool same = true;
		for (int64_t i = 0, n = threads; i + n <= BATCH; i += n) {
			got = as_net_forward(&frozen.net, &frozen.eval, x + i * each, n);
			same = same && !memcmp(first + i * d, got, (size_t)(n * d) * sizeof *got);
		}
		ok(same || as_isa_chosen() == AS_ISA_GENERIC /* a BLAS promises nothing */, "and in batches of %d", threads);
		ok(whole(&frozen), "nothing was written beside its memory");
		as_pool_free(pool);
	}
	whole(&plain);
	free(first);
	free(x);
}

int main(void)
{
	for (uint64_t seed = 0; seed < 5; seed++)
		check_spans(seed);
	modes_agree("resnet18", "cifar", 16);
	modes_agree("resnet34", "cifar", 16);
	modes_agree("resnet50", "imagenet", 64);
	for (int exact = 0; exact < 2; exact++) {
		weights_in_passes(.5, 32, exact);
		freezing_changes_nothing("resnet18", "cifar", .5, 32, exact, false);
		freezing_changes_nothing("resnet18", "imagenet", .5, 56, exact, false);
		freezing_changes_nothing("resnet50", "imagenet", .25, 48, exact, false);
	}
	freezing_changes_nothing("resnet18", "cifar", .125, 320, false, true);
	return done();
}
