/* Where a convolution has few blocks of pixels, its columns and rows are cut into more tasks, so that many cores share
 * it. A cut changes no bit: each shape here is computed once so small or so narrow that it is cut, and once as a part of
 * one so large that it is not. Sums over pixels are cut by the shape alone, so these have one block. */
#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

static bool same(const float *a, const float *b, int64_t n)
{
	return !memcmp(a, b, (size_t)n * sizeof *a);
}

static float *backward_weights(const struct as_engine *e, const struct as_conv *s, const float *x, const float *dy)
{
	float *dw = take(s->k * s->c * s->r * s->r, sizeof *dw);
	void *scratch = take((int64_t)e->kern->conv_scratch(e, s), 1);
	e->kern->conv_backward_weights(e, s, x, dy, dw, 0, scratch);
	free(scratch);
	return dw;
}

/* FEW output channels alone, and as the first of MANY. */
enum { FEW = 32, MANY = 8192 };

static void test_weights(const struct as_engine *e, const char *what, int64_t size, int64_t c, int64_t r, int64_t stride)
{
	struct as_conv many = as_conv_shape(1, size, size, c, MANY, r, stride, r / 2), few = many;
	few.k = FEW;
	int64_t pixels = many.oh * many.ow;
	float *x = uniform(1, size * size * c, -1, 1), *dy = uniform(2, pixels * MANY, -1, 1), *some = take(pixels * FEW, sizeof *some);
	for (int64_t i = 0; i < pixels; i++)
		memcpy(some + i * FEW, dy + i * MANY, FEW * sizeof *some);
	float *all = backward_weights(e, &many, x, dy), *own = backward_weights(e, &few, x, some);
	ok(own[0] != 0 && same(all, own, FEW * c * r * r), "%s: gradients of %s", e->kern->name, what);
	free(x);
	free(dy);
	free(some);
	free(all);
	free(own);
}

/* The first image alone, and of n. */
static void test_images(const struct as_engine *e, const char *what, int64_t n, int64_t size, int64_t c, int64_t k, int64_t r,
			int64_t stride)
{
	struct as_conv s = as_conv_shape(n, size, size, c, k, r, stride, r / 2), one = s;
	one.n = 1;
	int64_t nx = size * size * c, ny = s.oh * s.ow * k;
	float *x = uniform(1, n * nx, -1, 1), *w = uniform(2, k * c * r * r, -1, 1), *dy = uniform(3, n * ny, -1, 1);
	float *y = take(n * ny, sizeof *y), *y1 = take(ny, sizeof *y), *dx = take(n * nx, sizeof *dx), *dx1 = take(nx, sizeof *dx);
	float *prepared = take((int64_t)e->kern->conv_prepared(e, &s), sizeof *prepared);
	void *scratch = take((int64_t)e->kern->conv_scratch(e, &s), 1);
	e->kern->conv_prepare(e, &s, w, prepared);
	e->kern->conv_forward(e, &s, x, prepared, y, NULL, scratch);
	e->kern->conv_backward_data(e, &s, dy, w, dx, false, scratch);
	e->kern->conv_forward(e, &one, x, prepared, y1, NULL, scratch);
	e->kern->conv_backward_data(e, &one, dy, w, dx1, false, scratch);
	ok(y1[0] != 0 && same(y, y1, ny), "%s: %s", e->kern->name, what);
	ok(dx1[0] != 0 && same(dx, dx1, nx), "... and backward to its input");
	void *all[] = {x, w, dy, y, y1, dx, dx1, prepared, scratch};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		free(all[i]);
}

int main(void)
{
	for (int i = 0; i < 2 * AS_ISAS; i++) {
		const struct as_kern *kern = kern_or_skip(i);
		if (!kern || !kern->steady) /* a BLAS's bits depend on the whole product */
			continue;
		const struct as_engine *e = ENGINE(kern, NULL);
		test_weights(e, "3x3", 12, 64, 3, 1);
		test_weights(e, "3x3 by 2", 12, 56, 3, 2);
		test_weights(e, "1x1", 12, 100, 1, 1);
		test_weights(e, "1x1 by 2", 12, 100, 1, 2);
		test_images(e, "3x3", 160, 16, 256, 64, 3, 1);
		test_images(e, "3x3 by 2", 520, 16, 32, 96, 3, 2);
		test_images(e, "1x1", 520, 8, 64, 104, 1, 1);
	}
	return done();
}
