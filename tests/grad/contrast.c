/* Rows of length 1, and the cross-entropy of logits: values and gradients against the
 * formulas in double. */
#include "../engine.h"
#include "grad.h"

enum { ROWS = 21, N = 37 };

struct rows {
	double x[ROWS * N], r[ROWS * N];
	int64_t right[ROWS];
	int64_t n;
};

/* sum r x / max(|x|, 1e-12), row by row. */
static double unit(void *ctx)
{
	const struct rows *s = ctx;
	double sum = 0;
	for (int64_t i = 0; i < ROWS; i++) {
		double square = 0;
		for (int64_t j = 0; j < N; j++)
			square += s->x[i * N + j] * s->x[i * N + j];
		for (int64_t j = 0; j < N; j++)
			sum += s->r[i * N + j] * s->x[i * N + j] / fmax(sqrt(square), 1e-12);
	}
	return sum;
}

static void test_unit(double size, double h)
{
	static struct rows s;
	float *x = uniform(1, ROWS * N, -size, size), *r = uniform(2, ROWS * N, -1, 1), u[ROWS * N], length[ROWS], dx[ROWS * N];
	for (int i = 0; i < ROWS * N; i++) {
		s.x[i] = x[i];
		s.r[i] = r[i];
	}
	engine_of(true)->kern->unit_rows(engine_of(true), ROWS, N, x, u, length);
	engine_of(true)->kern->unit_rows_backward(engine_of(true), ROWS, N, u, length, r, dx);
	double e = slopes_off(unit, &s, s.x, dx, ROWS * N, h);
	/* unit and length are rounded to float32, and dx is a difference of two of their size */
	ok(e < 5e-7, "rows to length 1, values up to %g: %.2g of the largest, allowed 5e-7", size, e);
	free(x);
	free(r);
}

static double entropy(void *ctx)
{
	const struct rows *s = ctx;
	double mean = 0;
	for (int64_t i = 0; i < ROWS; i++) {
		double sum = 0;
		for (int64_t j = 0; j < s->n; j++)
			sum += exp(s->x[i * s->n + j] - s->x[i * s->n + s->right[i]]);
		mean += log(sum) / ROWS;
	}
	return mean;
}

/* The same bytes from three threads; -inf is a class that cannot be. */
static void test_entropy(int64_t n)
{
	static struct rows s;
	float *x = uniform(3, ROWS * n, -4, 4), *again = take(ROWS * n, sizeof *again);
	double each[ROWS], value[2];
	struct as_pool *pool;
	struct as_error err;
	s.n = n;
	for (int64_t i = 0; i < ROWS; i++)
		s.right[i] = i * 5 % n;
	for (int64_t i = 0; i < ROWS && n > 2; i++) /* beside the right one */
		x[i * n + (s.right[i] + 1) % n] = -INFINITY;
	for (int64_t i = 0; i < ROWS * n; i++)
		s.x[i] = x[i];
	memcpy(again, x, (size_t)(ROWS * n) * sizeof *x);
	if (as_pool_new(&pool, 3, &err))
		abort();
	value[0] = engine_of(true)->kern->cross_entropy(engine_of(true), ROWS, n, x, s.right, -2, each);
	value[1] = engine_of(true)->kern->cross_entropy(ENGINE(as_kern_chosen(true), pool), ROWS, n, again, s.right, -2, each);
	as_pool_free(pool);
	double want = entropy(&s);
	for (int64_t i = 0; i < ROWS * n; i++)
		s.x[i] = isinf(s.x[i]) ? -1e9 : s.x[i]; /* finite differences need a number: still exp = 0 */
	ok(value[0] == value[1] && !memcmp(x, again, (size_t)(ROWS * n) * sizeof *x), "the same bytes from 1 and 3 threads");
	for (int64_t i = 0; i < ROWS * n; i++)
		x[i] /= -2;
	double e = slopes_off(entropy, &s, s.x, x, ROWS * n, H), v = fabs(value[0] - want) / want;
	ok(e < 1e-6, "... cross-entropy of %d classes: gradient %.2g of the largest, allowed 1e-6", (int)n, e);
	ok(v < 1e-6, "... value off by %.2g, allowed 1e-6", v);
	free(x);
	free(again);
}

int main(void)
{
	test_unit(1, H);
	test_unit(1000, H * 1000);
	test_unit(1e-3, H * 1e-3);
	test_entropy(2);
	test_entropy(17);
	test_entropy(N);
	float zero[4] = {0}, out[4], length, dx[4], du[4] = {1, 2, 3, 4};
	engine_of(true)->kern->unit_rows(engine_of(true), 1, 4, zero, out, &length);
	ok(out[0] == 0 && length == 1e-12f, "a row of zeros stays one");
	engine_of(true)->kern->unit_rows_backward(engine_of(true), 1, 4, out, &length, du, dx);
	ok(fabsf(dx[3] / 4e12f - 1) < 1e-6f, "... and its gradient is that of a division by 1e-12");
	return done();
}
