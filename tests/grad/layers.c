/* Every layer's backward: convolution in all its forms and linear layers with and
 * without bias, batch norm with and without ReLU and residual, both poolings. */
#include "../engine.h"
#include "grad.h"

/* Share of the largest gradient of a tensor: a few float32 roundings, and for batch
 * norm the cancelling of means over few rows; measured at most 3e-7. */
static const double ALLOWED = 1e-6;
static const float EPS = 1e-5f;

/* --- convolution --- */

struct conv {
	struct as_conv s;
	struct naive_triple t;
	double *r;
	int64_t n;
};

static double conv_value(void *ctx)
{
	struct conv *c = ctx;
	memset(c->t.y, 0, (size_t)c->n * sizeof(double));
	naive_conv_visit(&c->s, naive_conv_y, &c->t);
	return weighted(c->t.y, c->r, c->n);
}

static void test_conv(const struct as_kern *kern, const char *what, int64_t h, int64_t w, int64_t c, int64_t k, int64_t r,
		      int64_t stride, int64_t pad)
{
	struct as_conv s = as_conv_shape(2, h, w, c, k, r, stride, pad);
	int64_t nx = s.n * h * w * c, nw = k * c * r * r, ny = s.n * s.oh * s.ow * k;
	float *x = uniform(1, nx, -1, 1), *f = uniform(2, nw, -1, 1), *dy = uniform(3, ny, -1, 1);
	float *dx = take(nx, sizeof *dx), *dw = take(nw, sizeof *dw);
	void *scratch = take((int64_t)kern->conv_scratch(ENGINE(kern, NULL), &s), 1);
	struct conv ctx = {s, {widened(x, nx), widened(f, nw), take(ny, sizeof(double))}, widened(dy, ny), ny};
	kern->conv_backward_data(ENGINE(kern, NULL), &s, dy, f, dx, false, scratch);
	kern->conv_backward_weights(ENGINE(kern, NULL), &s, x, dy, dw, 0, scratch);
	double ex = slopes_off(conv_value, &ctx, ctx.t.x, dx, nx, H), ew = slopes_off(conv_value, &ctx, ctx.t.w, dw, nw, H);
	ok(ex <= ALLOWED && ew <= ALLOWED, "%s: conv, %s: dx %.2g, dw %.2g, allowed %.2g", kern->name, what, ex, ew, ALLOWED);
	void *owned[] = {x, f, dy, dx, dw, scratch, ctx.t.x, ctx.t.w, ctx.t.y, ctx.r};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

static void test_convs(const struct as_kern *kern)
{
	test_conv(kern, "cifar stem", 5, 6, 3, 4, 3, 1, 1);
	test_conv(kern, "imagenet stem", 9, 8, 3, 2, 7, 2, 3);
	test_conv(kern, "3x3 stride 2, odd side", 5, 7, 3, 2, 3, 2, 1);
	test_conv(kern, "3x3 stride 2, even side", 6, 4, 2, 3, 3, 2, 1);
	test_conv(kern, "1x1", 3, 4, 5, 6, 1, 1, 0);
	test_conv(kern, "1x1 stride 2", 5, 4, 3, 4, 1, 2, 0);
	test_conv(kern, "3x3 without padding", 5, 4, 2, 3, 3, 1, 0);
	test_conv(kern, "one pixel", 1, 1, 3, 2, 3, 1, 1);
}

/* --- batch norm --- */

struct norm {
	double *x, *gamma, *beta, *add, *r, *y, *mean, *var;
	int64_t rows, c;
	bool relu;
};

static double norm_value(void *ctx)
{
	struct norm *n = ctx;
	naive_moments(n->x, n->rows, n->c, n->mean, n->var);
	naive_norm(n->x, n->rows, n->c, n->mean, n->var, EPS, n->gamma, n->beta, n->add, n->relu, n->y);
	return weighted(n->y, n->r, n->rows * n->c);
}

static void test_norm(const struct as_kern *kern, int64_t rows, int64_t c, bool with_add, bool relu)
{
	int64_t n = rows * c;
	float *x = uniform(1, n, -2, 3), *gamma = uniform(2, c, .5, 1.5), *beta = uniform(3, c, -1, 1);
	float *add = uniform(4, n, -1, 1), *dy = uniform(5, n, -1, 1), *y = take(n, sizeof *y), *dx = take(n, sizeof *dx);
	float *dadd = take(n, sizeof *dadd), *dgamma = take(c, sizeof *dgamma), *dbeta = take(c, sizeof *dbeta);
	float *mean = take(c, sizeof *mean), *var = take(c, sizeof *var), *numbers = take(4 * c, sizeof *numbers);
	float *partial = take(kern->norm_partial(ENGINE(kern, NULL), rows, c), sizeof *partial);
	uint32_t *on = take(rows * as_on_words(c), sizeof *on);
	struct as_norm stats = {numbers, numbers + c, numbers + 2 * c, numbers + 3 * c};
	kern->norm_stats(ENGINE(kern, NULL), x, rows, c, gamma, beta, EPS, .1f, mean, var, &stats, partial);
	kern->norm_apply(ENGINE(kern, NULL), x, rows, c, &stats, with_add ? add : NULL, relu, y, relu ? on : NULL, false);
	kern->norm_backward(ENGINE(kern, NULL), dy, relu ? on : NULL, x, rows, c, gamma, &stats, dgamma, dbeta, dx,
			 with_add ? dadd : NULL, false, partial);
	struct norm ctx = {widened(x, n), widened(gamma, c), widened(beta, c), with_add ? widened(add, n) : NULL, widened(dy, n),
			   take(n, sizeof(double)), take(c, sizeof(double)), take(c, sizeof(double)), rows, c, relu};
	double ex = slopes_off(norm_value, &ctx, ctx.x, dx, n, H);
	double ep = fmax(slopes_off(norm_value, &ctx, ctx.gamma, dgamma, c, H),
			 slopes_off(norm_value, &ctx, ctx.beta, dbeta, c, H));
	double ea = with_add ? slopes_off(norm_value, &ctx, ctx.add, dadd, n, H) : 0;
	ok(fmax(ex, fmax(ep, ea)) <= ALLOWED, "%s: norm (%d,%d)%s%s: dx %.2g, dgamma and dbeta %.2g, dadd %.2g, allowed %.2g",
	   kern->name, (int)rows, (int)c, with_add ? " + add" : "", relu ? " relu" : "", ex, ep, ea, ALLOWED);
	void *owned[] = {x, gamma, beta, add, dy, y, dx, dadd, dgamma, dbeta, mean, var, numbers, partial, on,
			 ctx.x, ctx.gamma, ctx.beta, ctx.add, ctx.r, ctx.y, ctx.mean, ctx.var};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

/* --- linear --- */

struct linear {
	double *x, *w, *bias, *r, *y;
	int64_t rows, in, out;
};

static double linear_value(void *ctx)
{
	struct linear *l = ctx;
	naive_linear(l->x, l->rows, l->in, l->out, l->w, l->bias, l->y);
	return weighted(l->y, l->r, l->rows * l->out);
}

static void test_linear(int64_t rows, int64_t in, int64_t out, bool with_bias)
{
	float *x = uniform(1, rows * in, -1, 1), *w = uniform(2, out * in, -1, 1), *bias = uniform(3, out, -1, 1);
	float *dy = uniform(4, rows * out, -1, 1), *dx = take(rows * in, sizeof *dx), *dw = take(out * in, sizeof *dw);
	float *dbias = take(out, sizeof *dbias);
	struct linear ctx = {widened(x, rows * in), widened(w, out * in), with_bias ? widened(bias, out) : NULL,
			     widened(dy, rows * out), take(rows * out, sizeof(double)), rows, in, out};
	engine_of(true)->kern->linear_backward(engine_of(true), x, dy, rows, in, out, w, dw, with_bias ? dbias : NULL, 0, dx, false);
	double ex = slopes_off(linear_value, &ctx, ctx.x, dx, rows * in, H);
	double ew = slopes_off(linear_value, &ctx, ctx.w, dw, out * in, H);
	double eb = with_bias ? slopes_off(linear_value, &ctx, ctx.bias, dbias, out, H) : 0;
	ok(fmax(ex, fmax(ew, eb)) <= ALLOWED, "linear (%d,%d) to %d: dx %.2g, dw %.2g, dbias %.2g, allowed %.2g", (int)rows,
	   (int)in, (int)out, ex, ew, eb, ALLOWED);
	void *owned[] = {x, w, bias, dy, dx, dw, dbias, ctx.x, ctx.w, ctx.bias, ctx.r, ctx.y};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

/* --- pooling --- */

struct pooling {
	struct as_conv s;
	double *x, *r, *y;
	bool max;
};

static double pool_value(void *ctx)
{
	struct pooling *p = ctx;
	if (p->max)
		naive_maxpool(&p->s, p->x, p->y);
	else
		naive_avgpool(p->x, p->s.n, p->s.h * p->s.w, p->s.c, p->y);
	return weighted(p->y, p->r, p->max ? p->s.n * p->s.oh * p->s.ow * p->s.c : p->s.n * p->s.c);
}

static void test_pool(int64_t h, int64_t w, int64_t c, bool max)
{
	struct as_conv s = as_conv_shape(2, h, w, c, c, 3, 2, 1);
	int64_t in = s.n * h * w * c, out = max ? s.n * s.oh * s.ow * c : s.n * c;
	float *x = uniform(1, in, -1, 1), *dy = uniform(2, out, -1, 1), *dx = take(in, sizeof *dx);
	struct pooling ctx = {s, widened(x, in), widened(dy, out), take(out, sizeof(double)), max};
	if (max)
		engine_of(true)->kern->maxpool_backward(engine_of(true), &s, x, dy, dx);
	else
		engine_of(true)->kern->avgpool_backward(engine_of(true), dy, s.n, h * w, c, dx, false);
	/* A window's two largest may lie near: a finer step keeps their order. */
	double e = slopes_off(pool_value, &ctx, ctx.x, dx, in, 1e-6);
	ok(e <= ALLOWED, "%s pool %dx%d: dx %.2g, allowed %.2g", max ? "max" : "average", (int)h, (int)w, e, ALLOWED);
	void *owned[] = {x, dy, dx, ctx.x, ctx.r, ctx.y};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

int main(void)
{
	for (int isa = 0; isa < AS_ISAS; isa++) {
		const struct as_kern *kern = kern_or_skip(2 * isa + 1);
		if (!kern)
			continue;
		test_convs(kern);
		for (int how = 0; how < 4; how++) {
			test_norm(kern, 7, 3, how & 1, how & 2);
			test_norm(kern, 24, 17, how & 1, how & 2);
		}
	}
	test_linear(5, 7, 4, false);
	test_linear(6, 3, 9, true);
	test_pool(8, 6, 3, true);
	test_pool(7, 5, 2, true);
	test_pool(4, 3, 5, false);
	return done();
}
