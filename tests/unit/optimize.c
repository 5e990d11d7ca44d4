/* What moves parameters, of every instruction set, against the formulas in double: SGD, AdamW, averages, sums,
 * and the tree of leaves. */
#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

static void test_sgd(const struct as_kern *kern, int64_t n)
{
	const float lr = .3f, momentum = .9f, decay = 5e-2f;
	float *p = uniform(1, n, -1, 1), *g = uniform(2, n, -1, 1), *v = uniform(3, n, -1, 1);
	double *wp = widened(p, n), *wv = widened(v, n);
	bool first = true;
	for (int step = 0; step < 3; step++, first = false) {
		kern->sgd(ENGINE(kern, NULL), n, p, g, v, lr, momentum, decay, first);
		for (int64_t i = 0; i < n; i++) {
			wv[i] = (first ? 0 : momentum * wv[i]) + ((double)g[i] + decay * wp[i]);
			wp[i] -= lr * wv[i];
		}
	}
	double e = fmax(off_by(p, wp, n), off_by(v, wv, n));
	ok(e < 1e-6, "%s: sgd, %d values, 3 steps: %.2g of the largest, allowed 1e-6", kern->name, (int)n, e);
	float *all[] = {p, g, v};
	for (int i = 0; i < 3; i++)
		free(all[i]);
	free(wp);
	free(wv);
}

/* ema and dot, each within a few roundings. */
static void test_vectors(const struct as_kern *kern, int64_t n)
{
	float *a = uniform(1, n, -1, 1), *b = uniform(2, n, -1, 1), *slow = uniform(3, n, -1, 1);
	double *wslow = widened(slow, n), sum = 0, rest = .01f;
	kern->ema(ENGINE(kern, NULL), n, slow, a, .01f);
	for (int64_t i = 0; i < n; i++) {
		wslow[i] = (1 - rest) * wslow[i] + rest * a[i];
		sum += (double)a[i] * b[i];
	}
	double e = off_by(slow, wslow, n), d = fabs(kern->dot(ENGINE(kern, NULL), n, a, b) - sum);
	ok(e < 3e-7 && d <= 1e-13 * (double)(n + 1), "%s: ema and dot of %d values: %.2g, allowed 3e-7; %.2g, allowed 1e-13 each",
	   kern->name, (int)n, e, d);
	float *all[] = {a, b, slow};
	for (int i = 0; i < 3; i++)
		free(all[i]);
	free(wslow);
}

/* AdamW as its paper and PyTorch have it: the decay is not in the gradient, both averages begin at 0 and are
 * divided by what they lack. */
static void test_adamw(const struct as_kern *kern, int64_t n)
{
	struct as_adamw how = {.lr = .01, .beta1 = .9, .beta2 = .99, .eps = 1e-8, .decay = .1};
	float *p = uniform(1, n, -1, 1), *m = take(n, sizeof *m), *v = take(n, sizeof *v);
	double *wp = widened(p, n), *wm = take(n, sizeof *wm), *wv = take(n, sizeof *wv);
	for (how.step = 1; how.step <= 5; how.step++) {
		float *g = uniform(10 + (uint64_t)how.step, n, -1, 1);
		kern->adamw(ENGINE(kern, NULL), n, p, g, m, v, &how);
		for (int64_t i = 0; i < n; i++) {
			wp[i] -= how.lr * how.decay * wp[i];
			wm[i] = how.beta1 * wm[i] + (1 - how.beta1) * g[i];
			wv[i] = how.beta2 * wv[i] + (1 - how.beta2) * g[i] * g[i];
			double mean = wm[i] / (1 - pow(how.beta1, (double)how.step));
			double square = wv[i] / (1 - pow(how.beta2, (double)how.step));
			wp[i] -= how.lr * mean / (sqrt(square) + how.eps);
		}
		free(g);
	}
	double e = fmax(off_by(p, wp, n), fmax(off_by(m, wm, n), off_by(v, wv, n)));
	ok(e < 1e-6, "%s: adamw, %d values, 5 steps: %.2g of the largest, allowed 1e-6", kern->name, (int)n, e);
	void *all[] = {p, m, v, wp, wm, wv};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
}

/* (0,1) (2,3) .., then (0,2) .., on any number of threads; what is not summed stays. */
static void test_tree(const struct as_kern *kern, int64_t grains, int64_t n, int threads)
{
	int64_t leaf = n + 7, wrong = 0;
	float *x = uniform(1, grains * leaf, -1, 1), *want = uniform(1, grains * leaf, -1, 1);
	struct as_engine e = {kern, NULL, grains, NULL};
	if (as_pool_new(&e.pool, threads, NULL) < 0)
		abort();
	kern->tree(&e, n, x, leaf);
	for (int64_t apart = 1; apart < grains; apart *= 2)
		for (int64_t g = 0; g + apart < grains; g += 2 * apart)
			for (int64_t i = 0; i < n; i++)
				want[g * leaf + i] += want[(g + apart) * leaf + i];
	for (int64_t i = 0; i < n; i++)
		wrong += x[i] != want[i];
	for (int64_t g = 0; g < grains; g++)
		wrong += memcmp(x + g * leaf + n, want + g * leaf + n, 7 * sizeof *x) != 0;
	ok(!wrong, "%s: the tree of %d leaves of %d values, %d threads", kern->name, (int)grains, (int)n, threads);
	as_pool_free(e.pool);
	free(x);
	free(want);
}

static void test_loops(const struct as_kern *kern, int64_t n)
{
	const struct as_engine *e = ENGINE(kern, NULL);
	float *x = uniform(1, n, -1, 1), *was = uniform(1, n, -1, 1), *y = uniform(2, n, -1, 1), *to = take(n, sizeof *to);
	int64_t wrong = 0;
	kern->add_scaled(e, n, x, y, .3f);
	kern->copy(e, n, x, to);
	kern->scale(e, n, to, -2);
	for (int64_t i = 0; i < n; i++) {
		wrong += fabsf(x[i] - (was[i] + .3f * y[i])) > 1e-6f;
		wrong += to[i] != -2 * x[i];
	}
	kern->zero(e, n, x);
	for (int64_t i = 0; i < n; i++)
		wrong += x[i] != 0;
	ok(!wrong, "%s: %d values added to, copied, scaled, cleared", kern->name, (int)n);
	float *all[] = {x, was, y, to};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
}

static void test_table(const struct as_kern *kern)
{
	const int64_t sizes[] = {0, 1, 15, 16, 17, 1003, 70000};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		test_sgd(kern, sizes[i]);
		test_adamw(kern, sizes[i]);
		test_vectors(kern, sizes[i]);
		test_loops(kern, sizes[i]);
	}
	for (int64_t grains = 1; grains <= 8; grains++)
		test_tree(kern, grains, grains % 2 ? 70001 : 3, 1 + (int)grains % 3);
}

int main(void)
{
	for (int isa = 0; isa < AS_ISAS; isa++) {
		const struct as_kern *kern = kern_or_skip(2 * isa + 1);
		if (kern)
			test_table(kern);
	}
	return done();
}
