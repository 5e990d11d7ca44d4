/* Convolution kernels of every instruction set against direct loops in double:
 * forward (alone, and with what comes after it), backward to data (set and added), backward to weights (added), all
 * inside guarded buffers that hold NaN before, and the same bits from any number
 * of threads. */
#include "base/poison.h"
#include "kern/kern.h"

#include "../cells.h"
#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

/* Sums of at most 1300 float32 products: rounding grows like the root of that, to
 * some 1e-6 of the largest result; the shapes below come to 1.1e-6 at most. */
static const double ALLOWED = 2e-6;
/* Winograd's F(4x4, 3x3) has numbers up to 8 and 1/24 in its transforms: some 1e-5 forward,
 * and more in the long sums of the weights' gradients. */
static const double ALLOWED_FAST = 5e-5;

/* A bfloat16 has 8 bits: half a step of the last one. */
static const float HALF_CELL = 1.f / 256;

enum { GUARD = 64 };
static const float SENTINEL = 12345.678f;

static const struct {
	const char *what;
	int64_t n, h, w, c, k, r, stride, pad;
} cases[] = {
	{"cifar stem", 2, 9, 9, 3, 5, 3, 1, 1},
	{"imagenet stem, odd sides", 2, 23, 17, 3, 6, 7, 2, 3},
	{"3x3", 3, 7, 6, 8, 16, 3, 1, 1},
	{"3x3 stride 2, odd sides", 2, 9, 7, 5, 7, 3, 2, 1},
	{"3x3 stride 2, even sides", 2, 8, 6, 5, 7, 3, 2, 1},
	{"1x1", 3, 5, 7, 6, 4, 1, 1, 0},
	{"1x1 stride 2", 2, 7, 9, 6, 4, 1, 2, 0},
	{"3x3 without padding", 2, 6, 5, 4, 3, 3, 1, 0},
	{"5x5 stride 2 pad 2", 2, 8, 5, 3, 17, 5, 2, 2},
	{"one pixel", 1, 1, 1, 2, 3, 3, 1, 1},
	{"one pixel under 7x7", 1, 1, 1, 3, 2, 7, 2, 3},
	{"several blocks of pixels and columns", 2, 20, 19, 8, 130, 3, 1, 1},
	{"wide: 144 channels", 1, 6, 6, 144, 9, 3, 1, 1},
	{"blocks of images, the last one short", 5, 12, 12, 8, 32, 3, 1, 1},
	{"stride 2, blocks of images", 11, 15, 13, 8, 24, 3, 2, 1},
	{"33 columns", 3, 6, 7, 4, 33, 3, 1, 1},
	{"one channel to one", 2, 5, 5, 1, 1, 3, 1, 1},
	{"64 channels to 64", 1, 8, 8, 64, 64, 3, 1, 1},
	{"1x1 to many", 3, 9, 9, 33, 200, 1, 1, 0},
	{"3x3, 4x4 images", 3, 4, 4, 32, 64, 3, 1, 1},
	{"3x3, 3x3 images", 5, 3, 3, 64, 32, 3, 1, 1},
	{"3x3, 6x5 images", 3, 6, 5, 32, 64, 3, 1, 1},
	{"3x3, many 6x6 images", 37, 6, 6, 32, 48, 3, 1, 1},
	{"3x3, odd sides, 48 columns", 2, 9, 7, 32, 48, 3, 1, 1},
	{"3x3, many tiles", 5, 13, 14, 64, 32, 3, 1, 1},
	{"1x1 stride 2, blocks of images", 13, 10, 10, 16, 40, 1, 2, 0},
};
enum { CASES = sizeof cases / sizeof *cases };

/* n floats, all NaN, between two guards, which an address sanitizer lets nobody even read. */
static float *guarded(int64_t n)
{
	float *g = take(n + 2 * GUARD, sizeof *g);
	for (int64_t i = 0; i < n + 2 * GUARD; i++)
		g[i] = i < GUARD || i >= n + GUARD ? SENTINEL : NAN;
	AS_POISON(g, GUARD * sizeof *g);
	AS_POISON(g + GUARD + n, GUARD * sizeof *g);
	return g + GUARD;
}

static bool release(float *p, int64_t n)
{
	float *g = p - GUARD;
	bool whole = true;
	AS_UNPOISON(g, (size_t)(n + 2 * GUARD) * sizeof *g);
	for (int64_t i = 0; i < GUARD; i++)
		whole = whole && g[i] == SENTINEL && g[n + GUARD + i] == SENTINEL;
	free(g);
	return whole;
}

struct sizes {
	int64_t x, w, y;
};

static struct sizes sizes_of(const struct as_conv *s)
{
	return (struct sizes){s->n * s->h * s->w * s->c, s->k * s->c * s->r * s->r, s->n * s->oh * s->ow * s->k};
}

/* What one kernel run leaves: forward, forward with what comes after, dx set, dx added, dw added. */
struct result {
	float *y, *after, *dx, *dx_added, *dw;
	bool whole; /* no guard was written on */
};

/* A map of n values in a guarded buffer; from NULL: nothing in it yet. */
static void *map_new(const struct as_kern *kern, const float *from, int64_t n)
{
	void *map = guarded(cells_floats(kern, n));
	if (from)
		cells_set(kern, map, from, n);
	return map;
}

/* What is in a map, as floats, if `to` is given; frees it. */
static bool map_end(const struct as_kern *kern, void *map, int64_t n, float *to)
{
	if (to)
		cells_get(kern, map, to, n);
	return release(map, cells_floats(kern, n));
}

static int64_t scratch_floats(const struct as_kern *kern, const struct as_engine *e, const struct as_conv *s)
{
	return (int64_t)((kern->conv_scratch(e, s) + sizeof(float) - 1) / sizeof(float));
}

/* A network that never goes back prepares less and needs less: y = relu(x * w + shift + more). */
static bool run_after(const struct as_kern *kern, const struct as_conv *shape, struct as_pool *pool, const float *x,
		      const float *w, const float *shift, const float *more, float *to)
{
	const struct as_engine *e = ENGINE(kern, pool);
	struct as_conv s = *shape;
	struct sizes n = sizes_of(&s);
	s.forward_only = true;
	int64_t prepared = (int64_t)kern->conv_prepared(e, &s), scratch = scratch_floats(kern, e, &s);
	float *p = guarded(prepared), *t = guarded(scratch);
	void *in = map_new(kern, x, n.x), *y = map_new(kern, NULL, n.y), *add = map_new(kern, more, n.y);
	kern->conv_prepare(e, &s, w, p);
	kern->conv_forward(e, &s, in, p, y, &(struct as_after){shift, add, true}, t);
	bool whole = release(p, prepared);
	whole = release(t, scratch) && whole;
	whole = map_end(kern, in, n.x, NULL) && whole;
	whole = map_end(kern, add, n.y, NULL) && whole;
	return map_end(kern, y, n.y, to) && whole;
}

/* n values that the table's maps can hold. */
static float *drawn(const struct as_kern *kern, uint64_t stream, int64_t n)
{
	float *x = uniform(stream, n, -1, 1);
	fit_cells(kern, x, n);
	return x;
}

static struct result run(const struct as_kern *kern, const struct as_conv *s, int threads, const float *x,
			 const float *w, const float *dy)
{
	struct sizes n = sizes_of(s);
	struct as_pool *pool;
	if (as_pool_new(&pool, threads, NULL) < 0)
		abort();
	const struct as_engine *e = ENGINE(kern, pool);
	int64_t prepared = (int64_t)kern->conv_prepared(e, s), scratch = scratch_floats(kern, e, s);
	float *p = guarded(prepared), *t = guarded(scratch), *shift = uniform(50, s->k, -1, 1), *more = drawn(kern, 51, n.y);
	struct result r = {.y = take(n.y, sizeof *shift), .after = take(n.y, sizeof *shift), .dx = take(n.x, sizeof *shift),
			   .dx_added = drawn(kern, 40, n.x),
			   .dw = uniform(41, n.w, -1, 1)};
	void *in = map_new(kern, x, n.x), *y = map_new(kern, NULL, n.y), *grad = map_new(kern, dy, n.y);
	void *dx = map_new(kern, NULL, n.x), *added = map_new(kern, r.dx_added, n.x);
	kern->conv_prepare(e, s, w, p);
	kern->conv_forward(e, s, in, p, y, NULL, t);
	kern->conv_backward_data(e, s, grad, w, dx, false, t);
	kern->conv_backward_data(e, s, grad, w, added, true, t);
	kern->conv_backward_weights(e, s, in, grad, r.dw, 0, t);
	r.whole = run_after(kern, s, pool, x, w, shift, more, r.after);
	free(shift);
	free(more);
	r.whole = release(p, prepared) && r.whole;
	r.whole = release(t, scratch) && r.whole;
	r.whole = map_end(kern, in, n.x, NULL) && r.whole;
	r.whole = map_end(kern, grad, n.y, NULL) && r.whole;
	r.whole = map_end(kern, y, n.y, r.y) && r.whole;
	r.whole = map_end(kern, dx, n.x, r.dx) && r.whole;
	r.whole = map_end(kern, added, n.x, r.dx_added) && r.whole;
	as_pool_free(pool);
	return r;
}

static void result_free(struct result *r)
{
	free(r->y);
	free(r->after);
	free(r->dx);
	free(r->dx_added);
	free(r->dw);
}

static bool same(const struct result *a, const struct result *b, struct sizes n)
{
	return !memcmp(a->y, b->y, (size_t)n.y * sizeof(float)) &&
	       !memcmp(a->after, b->after, (size_t)n.y * sizeof(float)) && !memcmp(a->dx, b->dx, (size_t)n.x * sizeof(float)) &&
	       !memcmp(a->dx_added, b->dx_added, (size_t)n.x * sizeof(float)) &&
	       !memcmp(a->dw, b->dw, (size_t)n.w * sizeof(float));
}

/* What comes after, of the y that was computed: sums of up to 1300 products that may begin
 * with it, some 1e-7 of the largest off; y and what comes after it rounded to what a map holds. */
static bool after_is(const struct as_kern *kern, const struct result *r, const struct as_conv *s)
{
	struct sizes n = sizes_of(s);
	float *shift = uniform(50, s->k, -1, 1), *more = drawn(kern, 51, n.y);
	int64_t wrong = 0;
	float scale = 0, allowed = kern->cell < sizeof(float) ? 3 * HALF_CELL : 1e-6f;
	for (int64_t i = 0; i < n.y; i++)
		scale = fmaxf(scale, fabsf(r->y[i]));
	for (int64_t i = 0; i < n.y; i++) {
		float want = r->y[i] + shift[i % s->k] + more[i];
		wrong += !(fabsf(r->after[i] - (want < 0 ? 0 : want)) <= scale * allowed);
	}
	free(shift);
	free(more);
	return !wrong;
}

/* The largest errors of what is a map, and of the weights' gradient. */
struct errors {
	double maps, weights;
};

static struct errors errors_of(const struct as_kern *kern, const struct result *r, const struct as_conv *s, const float *x,
			       const float *w, const float *dy)
{
	struct sizes n = sizes_of(s);
	float *dx0 = drawn(kern, 40, n.x), *dw0 = uniform(41, n.w, -1, 1);
	struct naive_triple forward = {widened(x, n.x), widened(w, n.w), take(n.y, sizeof(double))};
	struct naive_triple data = {take(n.x, sizeof(double)), forward.w, widened(dy, n.y)};
	struct naive_triple added = {widened(dx0, n.x), forward.w, data.y};
	struct naive_triple weights = {forward.x, widened(dw0, n.w), data.y};
	naive_conv_visit(s, naive_conv_y, &forward);
	naive_conv_visit(s, naive_conv_x, &data);
	naive_conv_visit(s, naive_conv_x, &added);
	naive_conv_visit(s, naive_conv_w, &weights);
	struct errors e = {fmax(fmax(off_by(r->y, forward.y, n.y), off_by(r->dx, data.x, n.x)), off_by(r->dx_added, added.x, n.x)),
			   off_by(r->dw, weights.w, n.w)};
	void *owned[] = {dx0, dw0, forward.x, forward.w, forward.y, data.x, data.y, added.x, weights.w};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	return e;
}

static void test_case(const struct as_kern *kern, bool exact, int i)
{
	struct as_conv s = as_conv_shape(cases[i].n, cases[i].h, cases[i].w, cases[i].c, cases[i].k, cases[i].r,
					 cases[i].stride, cases[i].pad);
	struct sizes n = sizes_of(&s);
	float *x = drawn(kern, 1, n.x), *w = drawn(kern, 2, n.w), *dy = drawn(kern, 3, n.y);
	struct result one = run(kern, &s, 1, x, w, dy);
	struct errors e = errors_of(kern, &one, &s, x, w, dy);
	double allowed = exact ? ALLOWED : ALLOWED_FAST, maps = allowed + (kern->cell < sizeof(float) ? HALF_CELL : 0);
	ok(e.maps <= maps && e.weights <= allowed, "%s, %s: %s: %.2g of the largest, allowed %.2g; weights %.2g, allowed %.2g",
	   kern->name, exact ? "exact" : "fast", cases[i].what, e.maps, maps, e.weights, allowed);
	ok(after_is(kern, &one, &s), "%s: %s: shift, sum and ReLU as it stores", kern->name, cases[i].what);
	bool equal = true, whole = one.whole;
	for (int threads = 2; threads <= 7; threads = threads == 3 ? 7 : threads + 1) {
		struct result r = run(kern, &s, threads, x, w, dy);
		equal = equal && same(&one, &r, n);
		whole = whole && r.whole;
		result_free(&r);
	}
	ok(equal && whole, "%s: %s: same bits from 1, 2, 3, 7 threads, nothing beside the buffers", kern->name,
	   cases[i].what);
	result_free(&one);
	free(x);
	free(w);
	free(dy);
}

/* The CPU's own products of bfloat16, and the same in other instructions: the same bits. */
static void test_emulated(bool exact)
{
	const struct as_kern *wide = as_kern_of(as_isa_best(), exact);
	const struct as_kern *native = as_kern_bf16(wide, false), *other = as_kern_bf16(wide, true);
	if (!native) {
		skip("this CPU has no products of bfloat16");
		return;
	}
	for (int i = 0; i < CASES; i++) {
		struct as_conv s = as_conv_shape(cases[i].n, cases[i].h, cases[i].w, cases[i].c, cases[i].k, cases[i].r,
						 cases[i].stride, cases[i].pad);
		struct sizes n = sizes_of(&s);
		float *x = drawn(native, 1, n.x), *w = drawn(native, 2, n.w), *dy = drawn(native, 3, n.y);
		struct result a = run(native, &s, 1, x, w, dy), b = run(other, &s, 1, x, w, dy);
		test_case(native, exact, i);
		ok(same(&a, &b, n), "... and emulated, the same bits");
		result_free(&a);
		result_free(&b);
		free(x);
		free(w);
		free(dy);
	}
}

int main(void)
{
	for (int isa = 0; isa < 2 * AS_ISAS; isa++) {
		bool exact = isa % 2;
		const struct as_kern *kern = kern_or_skip(isa);
		if (!kern)
			continue;
		is_text(kern->name, as_isa_name((enum as_isa)(isa / 2)), "the table has its own name");
		for (int i = 0; i < CASES; i++) {
			test_case(kern, exact, i);
			test_case(as_kern_bf16(kern, true), exact, i);
		}
	}
	test_emulated(false);
	test_emulated(true);
	return done();
}
