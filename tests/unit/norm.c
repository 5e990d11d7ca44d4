/* The row loops - batch norm, SGD, EMA, dot - of every instruction set
 * against double, and batch norm from any number of threads. The derivative of
 * batch norm is written out here; tests/grad/layers.c checks it by differences. */
#include "kern/loops.h"

#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

/* Shares of the largest value: a few float32 roundings (6e-8 each); measured 2e-7
 * there, 3e-6 back on four rows. One row has no variance, so that its factor is 1/sqrt(eps) = 316 and
 * x scale + shift, with x up to 6, loses 316 x 6 x 6e-8 = 1e-4. */
static const double FORWARD = 1e-6, BACKWARD = 1e-5, ONE_ROW = 5e-4;
static const float EPS = 1e-5f, MOMENTUM = .1f;

static const struct {
	int64_t rows, c;
} shapes[] = {{4, 1}, {5, 3}, {64, 16}, {65, 17}, {130, 33}, {70, 161}, {3000, 4}, {1, 5}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* One trip there and back. mean and var are the running ones. */
struct trip {
	float *x, *dy, *add, *gamma, *beta; /* in */
	float *y, *dx, *dadd, *dgamma, *dbeta, *mean, *var;
	uint32_t *on;
};

static struct trip trip_new(int64_t rows, int64_t c)
{
	int64_t n = rows * c;
	return (struct trip){
	    .x = uniform(1, n, -2, 6), .dy = uniform(2, n, -1, 1), .add = uniform(3, n, -1, 1),
	    .gamma = uniform(4, c, .5, 1.5), .beta = uniform(5, c, -1, 1),
	    .y = take(n, sizeof(float)), .on = take(rows * as_on_words(c), sizeof(uint32_t)),
	    .dx = uniform(2, n, -1, 1), /* dy again: dx may be dy */
	    .dadd = uniform(7, n, -1, 1), .dgamma = uniform(8, c, -1, 1), .dbeta = uniform(9, c, -1, 1),
	    .mean = uniform(10, c, -1, 1), .var = uniform(11, c, .5, 2),
	};
}

static void trip_free(struct trip *t)
{
	float *all[] = {t->x, t->dy, t->add, t->gamma, t->beta, t->y, t->dx, t->dadd, t->dgamma, t->dbeta, t->mean, t->var};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
	free(t->on);
}

static struct trip run(const struct as_kern *kern, int threads, int64_t rows, int64_t c, bool add, bool relu)
{
	struct trip t = trip_new(rows, c);
	struct as_pool *pool;
	if (as_pool_new(&pool, threads, NULL) < 0)
		abort();
	const struct as_engine *e = ENGINE(kern, pool);
	float *partial = take(kern->norm_partial(e, rows, c), sizeof *partial), *numbers = take(4 * c, sizeof *numbers);
	float *other = take(c, sizeof *other);
	struct as_norm n = {numbers, numbers + c, numbers + 2 * c, numbers + 3 * c};
	kern->norm_stats(e, t.x, rows, c, t.gamma, t.beta, EPS, MOMENTUM, t.mean, t.var, &n, partial);
	kern->norm_apply(e, t.x, rows, c, &n, add ? t.add : NULL, relu, t.y, t.on, threads > 1); /* beside what follows */
	kern->zero(e, c, other);
	kern->settle(e);
	kern->norm_backward(e, t.dx, relu ? t.on : NULL, t.x, rows, c, t.gamma, &n, t.dgamma, t.dbeta, t.dx,
			 add ? t.dadd : NULL, true, partial);
	free(partial);
	free(numbers);
	free(other);
	as_pool_free(pool);
	return t;
}

/* The same in double: dx = gamma invstd (g - mean(g) - xhat mean(g xhat)). */
struct expected {
	double *y, *dx, *dadd, *dgamma, *dbeta, *mean, *var;
};

static void expected_backward(const struct trip *in, const struct expected *e, int64_t rows, int64_t c,
			      const double *mean, const double *var, bool relu)
{
	for (int64_t j = 0; j < c; j++) {
		double invstd = 1 / sqrt(var[j] + EPS), sum = 0, sumx = 0;
		for (int64_t i = j; i < rows * c; i += c) {
			double g = relu && !(in->y[i] > 0) ? 0 : in->dy[i];
			sum += g;
			sumx += g * (in->x[i] - mean[j]) * invstd;
		}
		for (int64_t i = j; i < rows * c; i += c) {
			double g = relu && !(in->y[i] > 0) ? 0 : in->dy[i], xhat = (in->x[i] - mean[j]) * invstd;
			e->dx[i] = in->gamma[j] * invstd * (g - sum / (double)rows - xhat * sumx / (double)rows);
			e->dadd[i] += g;
		}
		e->dgamma[j] += sumx;
		e->dbeta[j] += sum;
	}
}

static struct expected expect(const struct trip *in, int64_t rows, int64_t c, bool add, bool relu)
{
	int64_t n = rows * c;
	struct trip start = trip_new(rows, c);
	double *x = widened(start.x, n), *mean = take(c, sizeof *x), *var = take(c, sizeof *x);
	double *more = widened(start.add, n), *gamma = widened(start.gamma, c), *beta = widened(start.beta, c);
	struct expected e = {take(n, sizeof *x), take(n, sizeof *x), widened(start.dadd, n), widened(start.dgamma, c),
			     widened(start.dbeta, c), widened(start.mean, c), widened(start.var, c)};
	naive_moments(x, rows, c, mean, var);
	naive_norm(x, rows, c, mean, var, EPS, gamma, beta, add ? more : NULL, relu, e.y);
	expected_backward(in, &e, rows, c, mean, var, relu);
	for (int64_t j = 0; j < c; j++) {
		double unbiased = rows > 1 ? var[j] * (double)rows / (double)(rows - 1) : 0;
		e.mean[j] += MOMENTUM * (mean[j] - e.mean[j]);
		e.var[j] += MOMENTUM * (unbiased - e.var[j]);
	}
	trip_free(&start);
	double *owned[] = {x, mean, var, more, gamma, beta};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	return e;
}

static void expected_free(struct expected *e)
{
	double *all[] = {e->y, e->dx, e->dadd, e->dgamma, e->dbeta, e->mean, e->var};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
}

static bool same(const struct trip *a, const struct trip *b, int64_t n, int64_t c)
{
	size_t all = (size_t)n * sizeof(float), row = (size_t)c * sizeof(float);
	size_t bits = (size_t)(n / c * as_on_words(c)) * sizeof *a->on;
	return !memcmp(a->y, b->y, all) && !memcmp(a->on, b->on, bits) && !memcmp(a->dx, b->dx, all) && !memcmp(a->dadd, b->dadd, all) &&
	       !memcmp(a->dgamma, b->dgamma, row) && !memcmp(a->dbeta, b->dbeta, row) &&
	       !memcmp(a->mean, b->mean, row) && !memcmp(a->var, b->var, row);
}

/* The bits that tell where the output is above 0; those of no channel are 0. */
static int64_t wrong_bits(const struct trip *t, int64_t rows, int64_t c)
{
	int64_t wrong = 0, words = as_on_words(c);
	for (int64_t i = 0; i < rows; i++)
		for (int64_t j = 0; j < words * AS_ON_BITS; j++)
			wrong += (t->on[i * words + j / AS_ON_BITS] >> j % AS_ON_BITS & 1) != (j < c && t->y[i * c + j] > 0);
	return wrong;
}

static void test_norm(const struct as_kern *kern, int64_t rows, int64_t c, bool add, bool relu)
{
	int64_t n = rows * c;
	struct trip one = run(kern, 1, rows, c, add, relu), many[3] = {run(kern, 2, rows, c, add, relu),
		run(kern, 3, rows, c, add, relu), run(kern, 7, rows, c, add, relu)};
	struct expected e = expect(&one, rows, c, add, relu);
	double there = fmax(off_by(one.y, e.y, n), fmax(off_by(one.mean, e.mean, c), off_by(one.var, e.var, c)));
	double back = fmax(off_by(one.dgamma, e.dgamma, c), off_by(one.dbeta, e.dbeta, c));
	back = fmax(back, rows > 1 ? off_by(one.dx, e.dx, n) : 0); /* one row: all 0 */
	if (add)
		back = fmax(back, off_by(one.dadd, e.dadd, n));
	double allowed = rows > 1 ? FORWARD : ONE_ROW;
	ok(there <= allowed && back <= BACKWARD, "%s: norm (%d,%d)%s%s: %.2g there, allowed %.2g; %.2g back, allowed %.2g",
	   kern->name, (int)rows, (int)c, add ? " + add" : "", relu ? " relu" : "", there, allowed, back, BACKWARD);
	is_int(wrong_bits(&one, rows, c), 0, "... of the bits that tell where it is above 0 are wrong");
	bool equal = true;
	for (int i = 0; i < 3; i++) {
		equal = equal && same(&one, &many[i], n, c);
		trip_free(&many[i]);
	}
	ok(equal, "%s: norm (%d,%d): same bits from 1, 2, 3, 7 threads", kern->name, (int)rows, (int)c);
	trip_free(&one);
	expected_free(&e);
}

/* Means far from 0: two passes keep the digits that one pass of squares would lose. */
static void test_far(const struct as_kern *kern)
{
	enum { ROWS = 500, C = 19 };
	float *x = uniform(1, ROWS * C, 999, 1001), mean[C], m2[C];
	double *wide = widened(x, ROWS * C), want[C], var[C];
	kern->loops->moments(x, ROWS, C, mean, m2);
	naive_moments(wide, ROWS, C, want, var);
	double worst = 0;
	for (int i = 0; i < C; i++)
		worst = fmax(worst, fabs(m2[i] / ROWS / var[i] - 1));
	/* A mean of 1000 is known to 6e-5 in float32, and sits squared in m2: 4e-9; the rest is the sum's. */
	ok(worst < 1e-5, "%s: variance 1/3 around 1000: %.2g of it, allowed 1e-5", kern->name, worst);
	free(x);
	free(wide);
}

static void test_frozen(const struct as_kern *kern)
{
	enum { ROWS = 9, C = 21 };
	struct trip t = trip_new(ROWS, C);
	float numbers[4 * C];
	struct as_norm n = {numbers, numbers + C, numbers + 2 * C, numbers + 3 * C};
	double *x = widened(t.x, ROWS * C), *mean = widened(t.mean, C), *var = widened(t.var, C);
	double *gamma = widened(t.gamma, C), *beta = widened(t.beta, C), want[ROWS * C];
	kern->norm_frozen(ENGINE(kern, NULL), C, t.gamma, t.beta, EPS, t.mean, t.var, &n);
	kern->norm_apply(ENGINE(kern, NULL), t.x, ROWS, C, &n, NULL, true, t.x, NULL, false); /* in place */
	naive_norm(x, ROWS, C, mean, var, EPS, gamma, beta, NULL, true, want);
	double e = off_by(t.x, want, ROWS * C);
	ok(e <= FORWARD, "%s: frozen norm in place: %.2g, allowed %.2g", kern->name, e, FORWARD);
	trip_free(&t);
	double *owned[] = {x, mean, var, gamma, beta};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

static void test_table(const struct as_kern *kern)
{
	for (int i = 0; i < SHAPES; i++)
		for (int how = 0; how < 4; how++)
			test_norm(kern, shapes[i].rows, shapes[i].c, how & 1, how & 2);
	test_far(kern);
	test_frozen(kern);
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
