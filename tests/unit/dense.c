/* Products, linear layers and pooling against direct loops in double; nothing
 * written beside the results, and the same bits from any number of threads. */
#include "kern/gemm.h"

#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

/* Share of the largest value; sums of at most 600 products, measured 3e-7. */
static const double ALLOWED = 1e-6;

/* op(a) (m,k) at (i,j) when `turned` says that it is stored as (k,m). */
static double at(const float *a, int64_t ld, bool turned, int64_t i, int64_t j)
{
	return turned ? a[j * ld + i] : a[i * ld + j];
}

/* Rows are `gap` floats longer than they need be; those must stay as they are. */
static void test_gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, float beta, int64_t gap)
{
	int64_t lda = (ta ? m : k) + gap, ldb = (tb ? k : n) + gap, ldc = n + gap;
	float *a = uniform(1, (ta ? k : m) * lda, -1, 1), *b = uniform(2, (tb ? n : k) * ldb, -1, 1);
	float *c = uniform(3, m * ldc, -1, 1);
	double *want = widened(c, m * ldc);
	if (beta == 0) /* whatever was there */
		for (int64_t i = 0; i < m * ldc; i++)
			c[i] = i % ldc < n ? NAN : c[i];
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++) {
			double sum = 0;
			for (int64_t l = 0; l < k; l++)
				sum += at(a, lda, ta, i, l) * at(b, ldb, tb, l, j);
			want[i * ldc + j] = alpha * sum + beta * want[i * ldc + j];
		}
	as_gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
	double e = off_by(c, want, m * ldc);
	ok(e <= ALLOWED, "gemm %s%s %dx%dx%d, alpha %g, beta %g, gap %d: %.2g, allowed %.2g", ta ? "T" : "N",
	   tb ? "T" : "N", (int)m, (int)n, (int)k, (double)alpha, (double)beta, (int)gap, e, ALLOWED);
	free(a);
	free(b);
	free(c);
	free(want);
}

struct linear {
	float *y, *dw, *dbias, *dx;
};

static struct linear linear_run(int threads, const float *x, int64_t rows, int64_t in, int64_t out, const float *w,
				const float *bias, const float *dy, bool add)
{
	struct as_pool *pool;
	if (as_pool_new(&pool, threads, NULL) < 0)
		abort();
	const struct as_engine *e = ENGINE(as_kern_chosen(true), pool);
	struct linear l = {uniform(10, rows * out, -1, 1), uniform(11, out * in, -1, 1), uniform(12, out, -1, 1),
			   uniform(13, rows * in, -1, 1)};
	e->kern->linear_forward(e, x, rows, in, out, w, bias, l.y);
	e->kern->linear_backward(e, x, dy, rows, in, out, w, l.dw, bias ? l.dbias : NULL, 0, l.dx, add);
	as_pool_free(pool);
	return l;
}

static void linear_free(struct linear *l)
{
	free(l->y);
	free(l->dw);
	free(l->dbias);
	free(l->dx);
}

static double linear_error(const struct linear *l, const float *x, int64_t rows, int64_t in, int64_t out,
			   const float *w, const float *bias, const float *dy, bool add)
{
	float *dw0 = uniform(11, out * in, -1, 1), *db0 = uniform(12, out, -1, 1), *dx0 = uniform(13, rows * in, -1, 1);
	double *wx = widened(x, rows * in), *ww = widened(w, out * in), *wb = bias ? widened(bias, out) : NULL;
	double *y = take(rows * out, sizeof *y), *dw = widened(dw0, out * in), *db = widened(db0, out);
	double *dx = add ? widened(dx0, rows * in) : take(rows * in, sizeof *dx);
	naive_linear(wx, rows, in, out, ww, wb, y);
	for (int64_t i = 0; i < rows; i++)
		for (int64_t o = 0; o < out; o++) {
			double g = dy[i * out + o];
			db[o] += bias ? g : 0;
			for (int64_t j = 0; j < in; j++) {
				dw[o * in + j] += g * wx[i * in + j];
				dx[i * in + j] += g * ww[o * in + j];
			}
		}
	double e = fmax(fmax(off_by(l->y, y, rows * out), off_by(l->dw, dw, out * in)),
			fmax(off_by(l->dbias, db, out), off_by(l->dx, dx, rows * in)));
	void *owned[] = {dw0, db0, dx0, wx, ww, wb, y, dw, db, dx};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	return e;
}

static void test_linear(int64_t rows, int64_t in, int64_t out, bool with_bias, bool add)
{
	float *x = uniform(1, rows * in, -1, 1), *w = uniform(2, out * in, -1, 1), *b = uniform(3, out, -1, 1);
	float *dy = uniform(4, rows * out, -1, 1), *bias = with_bias ? b : NULL;
	struct linear one = linear_run(1, x, rows, in, out, w, bias, dy, add);
	double e = linear_error(&one, x, rows, in, out, w, bias, dy, add);
	bool equal = true;
	for (int threads = 2; threads <= 7; threads = threads == 3 ? 7 : threads + 1) {
		struct linear l = linear_run(threads, x, rows, in, out, w, bias, dy, add);
		equal = equal && !memcmp(l.y, one.y, (size_t)(rows * out) * sizeof *x) &&
			!memcmp(l.dw, one.dw, (size_t)(out * in) * sizeof *x) &&
			!memcmp(l.dbias, one.dbias, (size_t)out * sizeof *x) &&
			!memcmp(l.dx, one.dx, (size_t)(rows * in) * sizeof *x);
		linear_free(&l);
	}
	ok(e <= ALLOWED && equal, "linear (%d,%d) to %d%s%s: %.2g, allowed %.2g; same bits from 1, 2, 3, 7 threads",
	   (int)rows, (int)in, (int)out, with_bias ? " + bias" : "", add ? ", dx added" : "", e, ALLOWED);
	float *before = uniform(11, out * in, -1, 1);
	engine_of(true)->kern->linear_backward(engine_of(true), x, dy, rows, in, out, w, before, NULL, 0,
					       NULL, false); /* dx NULL: not wanted */
	ok(!memcmp(before, one.dw, (size_t)(out * in) * sizeof *x), "... and dw alone is the same");
	linear_free(&one);
	float *all[] = {x, w, b, dy, before};
	for (int i = 0; i < 5; i++)
		free(all[i]);
}

/* Backward of max-pool must send each dy to the first of equal maxima: whole
 * numbers in x make many equal. */
static void test_maxpool(const struct as_kern *kern, int64_t n, int64_t h, int64_t w, int64_t c)
{
	struct as_conv s = as_conv_shape(n, h, w, c, c, 3, 2, 1);
	int64_t in = n * h * w * c, out = n * s.oh * s.ow * c;
	float *x = uniform(1, in, -3, 3), *dy = uniform(2, out, -1, 1), *y = uniform(3, out, -1, 1);
	float *dx = uniform(4, in, -1, 1); /* set, not added to */
	for (int64_t i = 0; i < in; i++)
		x[i] = floorf(x[i]);
	double *wx = widened(x, in), *wy = take(out, sizeof *wy), *wdx = take(in, sizeof *wdx);
	naive_maxpool(&s, wx, wy);
	for (int64_t i = 0; i < out; i++) {
		int64_t k = i % c, ox = i / c % s.ow, oy = i / c / s.ow % s.oh, image = i / c / s.ow / s.oh;
		bool sent = false;
		for (int64_t a = 0; a < 9 && !sent; a++) {
			int64_t iy = 2 * oy - 1 + a / 3, ix = 2 * ox - 1 + a % 3, from = ((image * h + iy) * w + ix) * c + k;
			if (iy < 0 || iy >= h || ix < 0 || ix >= w || wx[from] < wy[i])
				continue;
			wdx[from] += dy[i];
			sent = true;
		}
	}
	kern->maxpool_forward(ENGINE(kern, NULL), &s, x, y);
	kern->maxpool_backward(ENGINE(kern, NULL), &s, x, dy, dx);
	ok(off_by(y, wy, out) == 0, "%s: max-pool %dx%d, %d channels: exact", kern->name, (int)h, (int)w, (int)c);
	double e = off_by(dx, wdx, in);
	ok(e <= ALLOWED, "... its backward sends dy to the first maximum: %.2g, allowed %.2g", e, ALLOWED);
	void *all[] = {x, dy, y, dx, wx, wy, wdx};
	for (int i = 0; i < 7; i++)
		free(all[i]);
}

/* A value that is no number is in every output that sees it, wherever in the window. */
static void test_maxpool_nan(const struct as_kern *kern)
{
	enum { S = 5, C = 19, N = S * S * C };
	struct as_conv s = as_conv_shape(1, S, S, C, C, 3, 2, 1);
	float x[N], y[3 * 3 * C];
	int64_t kept = 0, seen = 0;
	for (int64_t at = 0; at < S * S; at++) {
		for (int64_t i = 0; i < N; i++)
			x[i] = i / C == at ? NAN : (float)(i % 7);
		kern->maxpool_forward(ENGINE(kern, NULL), &s, x, y);
		for (int64_t i = 0; i < 9 * C; i++) {
			int64_t down = at / S - (2 * (i / C / 3) - 1), right = at % S - (2 * (i / C % 3) - 1);
			bool sees = down >= 0 && down < 3 && right >= 0 && right < 3;
			seen += sees;
			kept += sees == !!isnan(y[i]);
		}
	}
	ok(kept == S * S * 9 * C && seen == S * S * 9 * C - 0 - (S * S * 9 - 7 * 7) * C, "%s: max-pool keeps what is no number",
	   kern->name);
}

/* The first that is not finite, wherever it is; what lies behind the end is nobody's. */
static void test_finite(void)
{
	static const float lost[] = {NAN, INFINITY, -INFINITY};
	enum { MOST = 600 };
	float x[MOST + 1];
	int wrong = 0;
	for (int i = 0; i <= MOST; i++)
		x[i] = i % 2 ? 3.4e38f : -1e-45f;
	for (int n = 0; n <= MOST; n++) {
		float was = x[n];
		wrong += as_finite(n, x) != n;
		x[n] = lost[n % 3];
		wrong += as_finite(n, x) != n || as_finite(MOST + 1, x) != n;
		x[n] = was;
	}
	is_int(wrong, 0, "the first value that is not finite is found at every place");
}

static void test_avgpool(int64_t n, int64_t hw, int64_t c, bool add)
{
	float *x = uniform(1, n * hw * c, -1, 1), *dy = uniform(2, n * c, -1, 1), *y = uniform(3, n * c, -1, 1);
	float *dx = uniform(4, n * hw * c, -1, 1);
	double *wx = widened(x, n * hw * c), *wy = take(n * c, sizeof *wy), *wdx = widened(dx, n * hw * c);
	naive_avgpool(wx, n, hw, c, wy);
	for (int64_t i = 0; i < n * hw * c; i++)
		wdx[i] = (add ? wdx[i] : 0) + dy[i / (hw * c) * c + i % c] / (double)hw;
	engine_of(true)->kern->avgpool_forward(engine_of(true), x, n, hw, c, y);
	engine_of(true)->kern->avgpool_backward(engine_of(true), dy, n, hw, c, dx, add);
	double e = fmax(off_by(y, wy, n * c), off_by(dx, wdx, n * hw * c));
	ok(e <= ALLOWED, "average pool (%d,%d,%d)%s: %.2g, allowed %.2g", (int)n, (int)hw, (int)c, add ? ", dx added" : "", e,
	   ALLOWED);
	void *all[] = {x, dy, y, dx, wx, wy, wdx};
	for (int i = 0; i < 7; i++)
		free(all[i]);
}

int main(void)
{
	test_finite();
	for (int how = 0; how < 4; how++) {
		test_gemm(how & 1, how & 2, 13, 7, 29, 1, 0, 0);
		test_gemm(how & 1, how & 2, 65, 130, 33, .5f, 1, 3);
		test_gemm(how & 1, how & 2, 1, 1, 600, 1, -2, 1);
		test_gemm(how & 1, how & 2, 31, 1, 1, 1, 0, 5);
	}
	for (int how = 0; how < 4; how++) {
		test_linear(6, 33, 17, how & 1, how & 2);
		test_linear(37, 300, 270, how & 1, how & 2);
		test_linear(1, 1, 1, how & 1, how & 2);
	}
	for (int isa = 0; isa < AS_ISAS; isa++) {
		const struct as_kern *kern = kern_or_skip(2 * isa + 1);
		if (!kern)
			continue;
		test_maxpool(kern, 2, 8, 8, 5);
		test_maxpool(kern, 3, 7, 9, 17);
		test_maxpool(kern, 1, 5, 4, 150);
		test_maxpool(kern, 1, 1, 1, 3);
		test_maxpool_nan(kern);
	}
	test_avgpool(3, 49, 17, false);
	test_avgpool(2, 1, 5, true);
	return done();
}
