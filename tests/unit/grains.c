/* Grains: what an entry gives for a batch of several grains is, bit for bit, what it gives for each grain alone -
 * its rows, its leaf of a gradient - and, of what is summed over the batch, the grains' sums put together by the
 * rule that kern/kern.h tells. So it does not matter where a grain is computed. Also where a BLAS is known to
 * change a row's bits with the number of rows; and for any number of threads. */
#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

#include "kern/loops.h"

static struct as_engine whole, alone; /* of the batch; of one grain */
static int64_t grains;

/* n rows of a matrix, its grains' rows being `each` floats: that of grain g. */
#define AT(x, each) ((x) + g * (each))

static bool same(const void *a, const void *b, int64_t floats)
{
	return !memcmp(a, b, (size_t)floats * sizeof(float));
}

/* What losses of single grains come to: their divisor is a grain's rows. */
static double tree_of(double *each)
{
	for (int64_t apart = 1; apart < grains; apart *= 2)
		for (int64_t g = 0; g + apart < grains; g += 2 * apart)
			each[g] += each[g + apart];
	return each[0] / (double)grains;
}

static void free_all(void *const *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(p[i]);
}
#define FREE(...) free_all((void *[]){__VA_ARGS__}, sizeof((void *[]){__VA_ARGS__}) / sizeof(void *))

/* --- layers --- */

static void test_conv(const char *what, int64_t h, int64_t w, int64_t c, int64_t k, int64_t r, int64_t stride)
{
	struct as_conv s = as_conv_shape(8, h, w, c, k, r, stride, r / 2), one = s;
	one.n = s.n / grains;
	int64_t nx = s.n * h * w * c, ny = s.n * s.oh * s.ow * k, nw = k * c * r * r, leaf = nw + 3;
	float *x = uniform(1, nx, -1, 1), *f = uniform(2, nw, -1, 1), *dy = uniform(3, ny, -1, 1), *add = uniform(4, ny, -1, 1);
	float *shift = uniform(5, k, -1, 1), *y = take(ny, 4), *y1 = take(ny, 4), *dx = uniform(6, nx, -1, 1), *dx1 = uniform(6, nx, -1, 1);
	float *dw = uniform(7, grains * leaf, -1, 1), *dw1 = uniform(7, grains * leaf, -1, 1);
	float *prepared = take((int64_t)whole.kern->conv_prepared(&whole, &s), 4);
	void *scratch = take((int64_t)whole.kern->conv_scratch(&whole, &s), 1);
	whole.kern->conv_prepare(&whole, &s, f, prepared);
	whole.kern->conv_forward(&whole, &s, x, prepared, y, &(struct as_after){shift, add, true}, scratch);
	whole.kern->conv_backward_data(&whole, &s, dy, f, dx, true, scratch);
	whole.kern->conv_backward_weights(&whole, &s, x, dy, dw, leaf, scratch);
	for (int64_t g = 0; g < grains; g++) {
		struct as_after after = {shift, AT(add, ny / grains), true};
		alone.kern->conv_forward(&alone, &one, AT(x, nx / grains), prepared, AT(y1, ny / grains), &after, scratch);
		alone.kern->conv_backward_data(&alone, &one, AT(dy, ny / grains), f, AT(dx1, nx / grains), true, scratch);
		alone.kern->conv_backward_weights(&alone, &one, AT(x, nx / grains), AT(dy, ny / grains), AT(dw1, leaf), 0, scratch);
	}
	ok(same(y, y1, ny) && same(dx, dx1, nx) && same(dw, dw1, grains * leaf), "... conv %s", what);
	FREE(x, f, dy, add, shift, y, y1, dx, dx1, dw, dw1, prepared, scratch);
}

static void test_linear(int64_t rows, int64_t in, int64_t out)
{
	int64_t m = rows / grains, leaf = out * in + out + 1, n = grains * leaf;
	float *x = uniform(1, rows * in, -1, 1), *w = uniform(2, out * in, -1, 1), *bias = uniform(3, out, -1, 1);
	float *dy = uniform(4, rows * out, -1, 1), *y = take(rows * out, 4), *y1 = take(rows * out, 4), *y2 = take(rows * out, 4);
	float *dx = take(rows * in, 4), *dx1 = take(rows * in, 4), *dw = uniform(5, n, -1, 1), *dw1 = uniform(5, n, -1, 1);
	whole.kern->linear_forward(&whole, x, rows, in, out, w, bias, y);
	whole.kern->linear_backward(&whole, x, dy, rows, in, out, w, dw, dw + out * in, leaf, dx, false);
	for (int64_t g = 0; g < grains; g++) {
		alone.kern->linear_forward(&alone, AT(x, m * in), m, in, out, w, bias, AT(y1, m * out));
		alone.kern->linear_backward(&alone, AT(x, m * in), AT(dy, m * out), m, in, out, w, AT(dw1, leaf),
					    AT(dw1, leaf) + out * in, 0, AT(dx1, m * in), false);
	}
	alone.kern->linear_forward(&alone, x, rows, in, out, w, bias, y2);
	ok(same(y, y1, rows * out) && same(dx, dx1, rows * in) && same(dw, dw1, n), "... linear (%d,%d) to %d, %s", (int)rows,
	   (int)in, (int)out, same(y, y2, rows * out) ? "the same in one product" : "other bits in one product");
	FREE(x, w, bias, dy, y, y1, y2, dx, dx1, dw, dw1);
}

/* Blocks of a grain's rows as kern/norm.c divides them. */
static int64_t block_rows(int64_t rows)
{
	return (rows + 63) / 64 < 64 ? 64 : (rows + 63) / 64;
}

struct moments {
	double count, mean, m2;
};

static struct moments merged(struct moments a, double count, double mean, double m2)
{
	double total = a.count + count, gap = mean - a.mean;
	return (struct moments){total, a.mean + gap * count / total, a.m2 + (m2 + gap * gap * a.count * count / total)};
}

/* Of a grain: blocks' moments in order, in double. */
static struct moments grain_moments(const float *x, int64_t rows, int64_t c, int64_t channel)
{
	struct moments all = {0, 0, 0};
	float *mean = take(c, 4), *m2 = take(c, 4);
	for (int64_t first = 0; first < rows; first += block_rows(rows)) {
		int64_t n = rows - first < block_rows(rows) ? rows - first : block_rows(rows);
		whole.kern->loops->moments(x + first * c, n, c, mean, m2);
		all = merged(all, (double)n, (double)mean[channel], (double)m2[channel]);
	}
	FREE(mean, m2);
	return all;
}

static void test_norm_stats(int64_t rows, int64_t c)
{
	int64_t m = rows / grains, wrong = 0;
	float *x = uniform(1, rows * c, -1, 3), *gamma = uniform(2, c, .5, 2), *beta = uniform(3, c, -1, 1), *n = take(4 * c, 4);
	float *mean = take(c, 4), *var = take(c, 4), *partial = take(whole.kern->norm_partial(&whole, rows, c), 4);
	struct as_norm norm = {n, n + c, n + 2 * c, n + 3 * c};
	whole.kern->norm_stats(&whole, x, rows, c, gamma, beta, 1e-5f, 1, mean, var, &norm, partial);
	for (int64_t i = 0; i < c; i++) {
		struct moments all = grain_moments(x, m, c, i);
		for (int64_t g = 1; g < grains; g++) {
			struct moments next = grain_moments(AT(x, m * c), m, c, i);
			all = merged(all, next.count, next.mean, next.m2);
		}
		wrong += norm.mean[i] != (float)all.mean || mean[i] != 0 + 1 * (float)all.mean;
		wrong += norm.invstd[i] != (float)(1 / sqrt(all.m2 / (double)rows + 1e-5f));
	}
	ok(!wrong, "... batch norm's moments of (%d,%d)", (int)rows, (int)c);
	FREE(x, gamma, beta, n, mean, var, partial);
}

/* sum g and sum g xhat of a grain, blocks in order, in double. */
static void grain_sums(const float *dy, const float *x, int64_t rows, int64_t c, const struct as_norm *n, int64_t channel,
		       double *g, double *gx)
{
	float *sum = take(c, 4), *sumx = take(c, 4);
	*g = *gx = 0;
	for (int64_t first = 0; first < rows; first += block_rows(rows)) {
		int64_t count = rows - first < block_rows(rows) ? rows - first : block_rows(rows);
		whole.kern->loops->norm_sums(dy + first * c, NULL, x + first * c, count, c, n->mean, n->invstd, sum, sumx);
		*g += sum[channel];
		*gx += sumx[channel];
	}
	FREE(sum, sumx);
}

static void test_norm_backward(int64_t rows, int64_t c)
{
	int64_t m = rows / grains, wrong = 0;
	float *x = uniform(1, rows * c, -1, 3), *dy = uniform(2, rows * c, -1, 1), *gamma = uniform(3, c, .5, 2);
	float *n = uniform(4, 4 * c, 0, 1);
	float *dgamma = take(c, 4), *dbeta = take(c, 4), *dx = take(rows * c, 4), *want = take(rows * c, 4), *abe = take(3 * c, 4);
	float *partial = take(whole.kern->norm_partial(&whole, rows, c), 4);
	struct as_norm norm = {n, n + c, n + 2 * c, n + 3 * c};
	whole.kern->norm_backward(&whole, dy, NULL, x, rows, c, gamma, &norm, dgamma, dbeta, dx, NULL, false, partial);
	for (int64_t i = 0; i < c; i++) {
		double sum = 0, sumx = 0, one, onex;
		for (int64_t g = 0; g < grains; g++) {
			grain_sums(AT(dy, m * c), AT(x, m * c), m, c, &norm, i, &one, &onex);
			sum += one;
			sumx += onex;
		}
		double a = (double)gamma[i] * norm.invstd[i], b = -a * norm.invstd[i] * sumx / (double)rows;
		abe[i] = (float)a;
		abe[c + i] = (float)b;
		abe[2 * c + i] = (float)(-a * sum / (double)rows - b * norm.mean[i]);
		wrong += dgamma[i] != (float)sumx || dbeta[i] != (float)sum;
	}
	whole.kern->loops->norm_back(dy, NULL, x, rows, c, abe, abe + c, abe + 2 * c, want, NULL, false);
	ok(!wrong && same(dx, want, rows * c), "... batch norm's backward of (%d,%d), dgamma and dbeta once", (int)rows, (int)c);
	FREE(x, dy, gamma, n, dgamma, dbeta, dx, want, abe, partial);
}

static void test_layernorm(int64_t rows, int64_t c)
{
	int64_t m = rows / grains, leaf = 2 * c, n = grains * leaf;
	float *x = uniform(1, rows * c, -1, 3), *dy = uniform(2, rows * c, -1, 1), *gamma = uniform(3, c, .5, 2);
	float *y = take(rows * c, 4), *y1 = take(rows * c, 4), *dx = take(rows * c, 4), *dx1 = take(rows * c, 4), *mean = take(rows, 4);
	float *invstd = take(rows, 4), *grad = uniform(4, n, -1, 1), *grad1 = uniform(4, n, -1, 1);
	whole.kern->layernorm_forward(&whole, x, rows, c, gamma, gamma, 1e-5f, true, mean, invstd, y);
	whole.kern->layernorm_backward(&whole, dy, y, x, rows, c, gamma, mean, invstd, grad, grad + c, leaf, dx, false);
	for (int64_t g = 0; g < grains; g++) {
		float *numbers = AT(mean, m), *others = AT(invstd, m);
		alone.kern->layernorm_forward(&alone, AT(x, m * c), m, c, gamma, gamma, 1e-5f, true, numbers, others, AT(y1, m * c));
		alone.kern->layernorm_backward(&alone, AT(dy, m * c), AT(y1, m * c), AT(x, m * c), m, c, gamma, numbers, others,
					       AT(grad1, leaf), AT(grad1, leaf) + c, 0, AT(dx1, m * c), false);
	}
	ok(same(y, y1, rows * c) && same(dx, dx1, rows * c) && same(grad, grad1, n), "... layer norm (%d,%d)", (int)rows, (int)c);
	FREE(x, dy, gamma, y, y1, dx, dx1, mean, invstd, grad, grad1);
}

/* --- products --- */

static void test_products(int64_t rows, int64_t n, int64_t d)
{
	int64_t m = rows / grains, leaf = n * d + 5;
	float *a = uniform(1, rows * d, -1, 1), *b = uniform(2, n * d, -1, 1), *w = uniform(3, rows * n, -1, 1);
	float *z = take(rows * n, 4), *z1 = take(rows * n, 4), *o = uniform(4, rows * d, -1, 1), *o1 = uniform(4, rows * d, -1, 1);
	float *t = take(rows * d, 4), *t1 = take(rows * d, 4);
	float *db = uniform(5, grains * leaf, -1, 1), *db1 = uniform(5, grains * leaf, -1, 1);
	whole.kern->products(&whole, rows, n, d, a, b, .2f, z, n);
	whole.kern->mixtures(&whole, rows, n, d, w, n, false, b, o, true);
	whole.kern->mixtures(&whole, rows, n, d, w, rows, true, b, t, false);
	whole.kern->products_weights(&whole, rows, n, d, w, a, db, leaf);
	for (int64_t g = 0; g < grains; g++) {
		alone.kern->products(&alone, m, n, d, AT(a, m * d), b, .2f, AT(z1, m * n), n);
		alone.kern->mixtures(&alone, m, n, d, AT(w, m * n), n, false, b, AT(o1, m * d), true);
		alone.kern->mixtures(&alone, m, n, d, AT(w, m), rows, true, b, AT(t1, m * d), false);
		alone.kern->products_weights(&alone, m, n, d, AT(w, m * n), AT(a, m * d), AT(db1, leaf), 0);
	}
	ok(same(z, z1, rows * n) && same(o, o1, rows * d) && same(t, t1, rows * d) && same(db, db1, grains * leaf),
	   "... products, mixtures and their weights' gradient, (%d,%d) by %d", (int)rows, (int)d, (int)n);
	FREE(a, b, w, z, z1, o, o1, t, t1, db, db1);
}

/* --- losses --- */

enum { COSINE, MSE, BCE, CE, LOSSES };

static double loss(const struct as_engine *e, int which, int64_t rows, int64_t n, const float *p, const float *t, float weight,
		   float *dp)
{
	switch (which) {
	case COSINE:
		return e->kern->cosine(e, rows, n, p, t, weight, dp);
	case MSE:
		return e->kern->mse_tanh(e, rows, n, p, t, weight, dp);
	case BCE:
		return e->kern->bce(e, rows, p, t, weight, dp);
	default:
		return e->kern->ce(e, rows, n, p, t, weight, dp);
	}
}

/* A divisor of a whole batch is that of a grain times a power of two: nothing is rounded by that. */
static void test_losses(int64_t rows)
{
	static const char *const name[] = {"cosine", "mse of tanh", "binary cross-entropy", "cross-entropy"};
	for (int which = 0; which < LOSSES; which++) {
		int64_t n = which == BCE ? 1 : 5, m = rows / grains, nt = which == CE ? 1 : n;
		float *p = uniform(1, rows * n, -3, 3), *t = uniform(2, rows * nt, -1, 1);
		float *dp = take(rows * n, 4), *dp1 = take(rows * n, 4);
		double *each = take(grains, sizeof *each);
		for (int64_t i = 0; i < rows && which >= BCE; i++)
			t[i] = (float)(i % (which == CE ? 5 : 2));
		double value = loss(&whole, which, rows, n, p, t, .7f, dp);
		for (int64_t g = 0; g < grains; g++)
			each[g] = loss(&alone, which, m, n, AT(p, m * n), AT(t, m * nt), .7f / (float)grains, AT(dp1, m * n));
		ok(value == tree_of(each) && same(dp, dp1, rows * n), "... %s", name[which]);
		FREE(p, t, dp, dp1, each);
	}
}

static void test_cross_entropy(int64_t rows, int64_t n)
{
	int64_t m = rows / grains, *right = take(rows, sizeof *right);
	float *z = uniform(1, rows * n, -4, 4), *z1 = uniform(1, rows * n, -4, 4);
	double *each = take(rows, sizeof *each), *values = take(grains, sizeof *values);
	for (int64_t i = 0; i < rows; i++)
		right[i] = i * 5 % n;
	double value = whole.kern->cross_entropy(&whole, rows, n, z, right, 3, each);
	for (int64_t g = 0; g < grains; g++)
		values[g] = alone.kern->cross_entropy(&alone, m, n, AT(z1, m * n), AT(right, m), 3 / (float)grains, each);
	ok(value == tree_of(values) && same(z, z1, rows * n), "... cross-entropy of %d logits", (int)n);
	FREE(right, z, z1, each, values);
}

/* Codes need the whole batch, and do not know of grains; what is made of them does. */
static void test_swav(int64_t rows, int64_t k)
{
	int64_t m = rows / grains;
	float *scores = uniform(1, rows * k, -1, 1), *ds = take(rows * k, 4), *ds1 = take(rows * k, 4);
	double *q = take(rows * k, sizeof *q), *q1 = take(rows * k, sizeof *q1), *values = take(grains, sizeof *values);
	whole.kern->sinkhorn(&whole, rows, k, scores, .05, 3, q);
	alone.kern->sinkhorn(&alone, rows, k, scores, .05, 3, q1);
	double value = whole.kern->swapped(&whole, rows, k, q, scores, .125, false, ds);
	for (int64_t g = 0; g < grains; g++)
		values[g] = alone.kern->swapped(&alone, m, k, AT(q, m * k), AT(scores, m * k), .125, false, AT(ds1, m * k));
	for (int64_t i = 0; i < rows * k; i++)
		ds1[i] /= (float)grains;
	ok(same(q, q1, 2 * rows * k) && value == tree_of(values) && same(ds, ds1, rows * k), "... SwAV's codes and their loss");
	FREE(scores, ds, ds1, q, q1, values);
}

/* Of grain g, the sum of f over its images: as a tree over grains. */
static double summed(int64_t batch, double (*f)(const float *, const float *, int64_t), const float *a, const float *b, int64_t d)
{
	double *each = take(grains, sizeof *each);
	for (int64_t g = 0; g < grains; g++)
		for (int64_t i = g * (batch / grains); i < (g + 1) * (batch / grains); i++)
			each[g] += f(a, b, i * d);
	double sum = tree_of(each) * (double)grains;
	free(each);
	return sum;
}

static double first(const float *a, const float *b, int64_t at)
{
	(void)b;
	return a[at];
}

static double squares(const float *a, const float *b, int64_t at)
{
	return (double)a[at] * a[at] + (double)b[at] * b[at];
}

static void test_collapse(int64_t batch, int64_t d)
{
	float *y1 = uniform(1, batch * d, -1, 2), *y2 = uniform(2, batch * d, -1, 2);
	float *unit = take(whole.kern->collapse_scratch(&whole, batch, d), sizeof *unit);
	struct as_collapse f = whole.kern->collapse(&whole, batch, d, y1, y2, unit);
	const float *u1 = unit, *u2 = unit + batch * d;
	double spread = 0, all = 0, n = (double)batch, *each = take(grains, sizeof *each);
	for (int64_t j = 0; j < d; j++) {
		double s1 = summed(batch, first, u1 + j, u1 + j, d), s2 = summed(batch, first, u2 + j, u2 + j, d);
		double mean = (s1 + s2) / (2 * n);
		spread += sqrt(fmax(summed(batch, squares, u1 + j, u2 + j, d) / (2 * n) - mean * mean, 0));
		all += s1 * s2;
	}
	for (int64_t g = 0; g < grains; g++)
		for (int64_t j = 0; j < d; j++)
			for (int64_t i = g * (batch / grains); i < (g + 1) * (batch / grains); i++)
				each[g] += (double)u1[i * d + j] * u2[i * d + j];
	double together = tree_of(each) * (double)grains;
	ok(f.spread == spread / sqrt((double)d) && f.together == together / n && f.apart == (all - together) / (n * (n - 1)),
	   "... collapse figures");
	FREE(y1, y2, unit, each);
}

/* A grain's products are those that it has alone; the threads change nothing. */
static void test_rank(int64_t batch, int64_t d)
{
	struct as_engine one = {whole.kern, NULL, grains, NULL};
	float *y1 = uniform(1, batch * d, -1, 2), *y2 = uniform(2, batch * d, -1, 2);
	double *scratch = take(whole.kern->rank_scratch(&whole, batch, d), sizeof *scratch);
	double many = whole.kern->rank(&whole, batch, d, y1, y2, scratch), rank = one.kern->rank(&one, batch, d, y1, y2, scratch);
	ok(many == rank && rank > 1 && rank < (double)d, "... effective rank");
	FREE(y1, y2, scratch);
}

/* --- rows --- */

static void test_rows(int64_t n, int64_t d)
{
	int64_t m = n / grains;
	float *y[2] = {uniform(1, n * d, -1, 1), uniform(2, n * d, -1, 1)}, *dy[2] = {uniform(3, n * d, -1, 1), uniform(4, n * d, -1, 1)};
	float *dy1[2] = {uniform(3, n * d, -1, 1), uniform(4, n * d, -1, 1)}, *pairs = take(4 * n * d, 4), *pairs1 = take(4 * n * d, 4);
	float *joined = take(2 * n * d, 4), *joined1 = take(2 * n * d, 4), *back[2] = {take(n * d, 4), take(n * d, 4)};
	whole.kern->pair_rows(&whole, n, d, (const float *const *)y, pairs);
	whole.kern->unpair_rows(&whole, n, d, pairs, dy);
	whole.kern->rows_join(&whole, 2, n, d, (const float *const *)y, joined);
	whole.kern->rows_part(&whole, 2, n, d, joined, back);
	for (int64_t g = 0; g < grains; g++) {
		const float *part[2] = {AT(y[0], m * d), AT(y[1], m * d)};
		float *dpart[2] = {AT(dy1[0], m * d), AT(dy1[1], m * d)};
		alone.kern->pair_rows(&alone, m, d, part, AT(pairs1, 4 * m * d));
		alone.kern->unpair_rows(&alone, m, d, AT(pairs1, 4 * m * d), dpart);
		alone.kern->rows_join(&alone, 2, m, d, part, AT(joined1, 2 * m * d));
	}
	int64_t wrong = 0;
	for (int64_t i = 0; i < n; i++)
		for (int order = 0; order < 2; order++)
			wrong += !same(pairs + as_pair_row(&whole, n, order, i) * 2 * d, y[order] + i * d, d) ||
				 !same(pairs + as_pair_row(&whole, n, order, i) * 2 * d + d, y[1 - order] + i * d, d);
	ok(!wrong && same(pairs, pairs1, 4 * n * d) && same(dy[0], dy1[0], n * d) && same(dy[1], dy1[1], n * d), "... pairs of rows");
	ok(same(joined, joined1, 2 * n * d) && same(back[0], y[0], n * d) && same(back[1], y[1], n * d), "... rows joined and parted");
	FREE(y[0], y[1], dy[0], dy[1], dy1[0], dy1[1], pairs, pairs1, joined, joined1, back[0], back[1]);
}

static void test_all(const struct as_kern *kern, bool exact, int threads)
{
	alone = (struct as_engine){kern, NULL, 1, NULL};
	whole = (struct as_engine){kern, NULL, grains, NULL};
	if (as_pool_new(&whole.pool, threads, NULL) < 0)
		abort();
	ok(true, "%s, %s, %d grains on %d threads:", kern->name, exact ? "exact" : "fast", (int)grains, threads);
	test_conv("3x3", 8, 8, 32, 32, 3, 1);
	test_conv("3x3 of 3 channels", 9, 7, 3, 17, 3, 1);
	test_conv("3x3 stride 2", 9, 7, 8, 24, 3, 2);
	test_conv("1x1", 5, 7, 16, 40, 1, 1);
	test_conv("1x1 stride 2", 8, 6, 16, 40, 1, 2);
	test_conv("7x7 stride 2 of 3 channels", 13, 12, 3, 16, 7, 2);
	test_linear(96, 70, 130);
	test_linear(24, 300, 33);
	test_linear(200, 64, 10);
	test_norm_stats(96, 17);
	test_norm_stats(1040, 5);
	test_norm_backward(96, 17);
	test_norm_backward(1040, 5);
	test_layernorm(96, 70);
	test_products(96, 70, 50);
	test_products(200, 200, 16);
	test_losses(96);
	test_cross_entropy(96, 33);
	test_swav(48, 21);
	test_collapse(48, 13);
	test_rank(48, 13);
	test_rank(48, 130);
	test_rows(24, 9);
	as_pool_free(whole.pool);
}

int main(void)
{
	for (int isa = 0; isa < 2 * AS_ISAS; isa++) {
		const struct as_kern *kern = kern_or_skip(isa);
		if (!kern)
			continue;
		for (grains = 1; grains <= 4; grains *= 2)
			test_all(kern, isa % 2, grains == 2 ? 3 : 1 + (int)grains / 4);
	}
	return done();
}
