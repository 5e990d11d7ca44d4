/* The linear classifier of eval/sgd.h: a plain one in double beside it, the start weights, the order of the rows,
 * threads, and what is refused. tests/golden/lincls.c has NumPy's trajectory. */
#include "eval/sgd.h"

#include <stdlib.h>

#include "base/rng.h"
#include "data/order.h"

#include "../tap.h"

enum { N = 700, D = 33, K = 5, BATCH = 64, EPOCHS = 6 };

static struct as_error err;
static const struct as_sgd_how HOW = {.lr = .8, .momentum = .9, .batch = BATCH, .drop = {2, 4}, .drops = 2, .seed = 3};

static float x[N * D];
static int64_t y[N];

static void make_rows(void)
{
	for (int i = 0; i < N; i++) {
		struct as_rng r = as_rng_at(1, (uint64_t)i, 0, 0, 1);
		y[i] = (int64_t)as_rng_below(&r, K);
		for (int j = 0; j < D; j++)
			x[i * D + j] = (float)(as_rng_between(&r, -1, 1) + (j == y[i]));
	}
}

/* ---- the plain one ---- */

struct plain {
	double w[K][D + 1], g[K][D + 1], v[K][D + 1];
	int held, steps;
	double loss;
};

static void plain_row(struct plain *p, const float *row, int64_t label)
{
	double z[K], top = -INFINITY, sum = 0;
	for (int c = 0; c < K; c++) {
		z[c] = p->w[c][D];
		for (int j = 0; j < D; j++)
			z[c] += p->w[c][j] * (double)row[j];
		top = fmax(top, z[c]);
	}
	for (int c = 0; c < K; c++)
		sum += exp(z[c] - top);
	p->loss += log(sum) + top - z[label];
	for (int c = 0; c < K; c++) {
		double off = exp(z[c] - top) / sum - (c == label);
		for (int j = 0; j <= D; j++)
			p->g[c][j] += off * (j < D ? (double)row[j] : 1);
	}
	p->held++;
}

static void plain_step(struct plain *p, double lr)
{
	for (int c = 0; c < K; c++)
		for (int j = 0; j <= D; j++) {
			p->v[c][j] = (p->steps ? .9 * p->v[c][j] : 0) + p->g[c][j] / p->held;
			p->w[c][j] -= lr * p->v[c][j];
			p->g[c][j] = 0;
		}
	p->held = 0;
	p->steps++;
}

static void twin(void)
{
	static struct plain p;
	static double w[K][D + 1];
	struct as_sgd *s;
	struct as_sgd_epoch e;
	if (as_sgd_new(&s, D, K, &HOW, NULL, &err))
		abort();
	as_sgd_weights(s, &p.w[0][0]);
	for (int epoch = 0; epoch < EPOCHS; epoch++) {
		double lr = epoch < 2 ? .8 : epoch < 4 ? .08 : .008, off = 0, size = 0;
		p.loss = 0;
		for (int i = 0; i < N; i++) {
			plain_row(&p, x + i * D, y[i]);
			if (p.held == BATCH || i == N - 1)
				plain_step(&p, lr);
			if (as_sgd_row(s, x + i * D, y[i], &err))
				abort();
		}
		if (as_sgd_end(s, &e, &err))
			abort();
		as_sgd_weights(s, &w[0][0]);
		for (int i = 0; i < K * (D + 1); i++) {
			off = fmax(off, fabs((&w[0][0])[i] - (&p.w[0][0])[i]));
			size = fmax(size, fabs((&p.w[0][0])[i]));
		}
		/* float32: some 1e-7 a step, of which there are 66 */
		ok(off < 1e-5 * size && fabs(e.loss - p.loss / N) < 1e-5 && fabs(e.lr - lr) < 1e-12,
		   "epoch %d: as the plain one in double, off by %.2g of the largest; loss %.5f", epoch, off / size, e.loss);
	}
	as_sgd_free(s);
}

/* ---- where it starts, and the order of rows ---- */

static void start(void)
{
	enum { MANY = 200, WIDE = 300 };
	struct as_sgd *s;
	double *w = malloc(MANY * (WIDE + 1) * sizeof *w), sum = 0, squares = 0;
	bool zero = true;
	if (!w || as_sgd_new(&s, WIDE, MANY, &HOW, NULL, &err))
		abort();
	as_sgd_weights(s, w);
	for (int i = 0; i < MANY * (WIDE + 1); i++) {
		if (i % (WIDE + 1) == WIDE)
			zero = zero && w[i] == 0;
		sum += w[i];
		squares += w[i] * w[i];
	}
	double n = MANY * WIDE;
	/* standard errors: .01 / sqrt(n) of the mean, .01 / sqrt(2 n) of the deviation; four of each */
	is_close(sum / n, 0, 4 * .01 / sqrt(n), "weights start with mean 0");
	is_close(sqrt(squares / n), .01, 4 * .01 / sqrt(2 * n), "... and deviation 0.01");
	ok(zero, "biases start at 0");
	as_sgd_free(s);
	free(w);
}

static void learn(uint64_t seed, struct as_pool *pool, double *w, struct as_sgd_epoch *e)
{
	struct as_sgd *s;
	struct as_sgd_how how = HOW;
	const struct as_features f = {.n = N, .d = D, .x = x, .y = y};
	how.seed = seed;
	if (as_sgd_new(&s, D, K, &how, pool, &err))
		abort();
	for (int i = 0; i < EPOCHS; i++)
		if (as_sgd_learn(s, &f, e, &err))
			abort();
	as_sgd_weights(s, w);
	as_sgd_free(s);
}

static void threads(void)
{
	static double one[K * (D + 1)], many[K * (D + 1)], other[K * (D + 1)];
	struct as_pool *pool;
	struct as_sgd_epoch e;
	learn(3, NULL, one, &e);
	is_int(e.rows, N, "each epoch has all rows");
	is_int(e.steps, (N + BATCH - 1) / BATCH, "... in whole batches and a rest");
	ok(e.top1 > 60 && e.loss < log(K), "... and learns: %.1f %%", e.top1);
	for (int n = 2; n < 8; n += 5) {
		if (as_pool_new(&pool, n, &err))
			abort();
		learn(3, pool, many, &e);
		ok(!memcmp(one, many, sizeof one), "the same bytes on %d threads", n);
		as_pool_free(pool);
	}
	learn(4, NULL, other, &e);
	ok(memcmp(one, other, sizeof one) != 0, "another seed, other weights");
}

/* Each row once an epoch: a row's class can be told from the steps of a batch of 1 and momentum 0, which move b by
 * lr (p - y). Of rows that are all 0 the sum of these steps is lr (n p - counts), if p hardly moves. */
static void order(void)
{
	static float zeros[N * D];
	struct as_sgd *s;
	struct as_sgd_epoch e;
	struct as_sgd_how how = {.lr = 1e-4, .momentum = 0, .batch = 1};
	const struct as_features f = {.n = N, .d = D, .x = zeros, .y = y};
	double w[K * (D + 1)], off = 0;
	if (as_sgd_new(&s, D, K, &how, NULL, &err) || as_sgd_learn(s, &f, &e, &err))
		abort();
	as_sgd_weights(s, w);
	for (int c = 0; c < K; c++) {
		int count = 0;
		for (int i = 0; i < N; i++)
			count += y[i] == c;
		off = fmax(off, fabs(w[c * (D + 1) + D] / 1e-4 - (count - N / (double)K)));
	}
	ok(off < .9, "every row once: classes are off by %.2f rows", off);
	as_sgd_free(s);
}

/* From one start, for two seeds and in the order of the set: three results, so rows are shuffled, by the seed. In one
 * batch of all rows their order does not matter: the first two epochs of two seeds differ by rounding alone. */
static void shuffles(void)
{
	static double w[4][K * (D + 1)];
	const struct as_features f = {.n = N, .d = D, .x = x, .y = y};
	struct as_sgd_epoch e;
	double apart[3] = {0};
	for (int i = 0; i < 4; i++) {
		struct as_sgd *s;
		struct as_sgd_how how = HOW;
		const double zeros[K * (D + 1)] = {0};
		how.seed = (uint64_t)i % 2;
		how.batch = i < 2 ? BATCH : N;
		if (as_sgd_new(&s, D, K, &how, NULL, &err))
			abort();
		as_sgd_start(s, zeros);
		for (int epoch = 0; epoch < 2; epoch++)
			if (as_sgd_learn(s, &f, &e, &err))
				abort();
		as_sgd_weights(s, w[i]);
		as_sgd_free(s);
	}
	for (int i = 0; i < K * (D + 1); i++) {
		apart[0] = fmax(apart[0], fabs(w[0][i] - w[1][i]));
		apart[1] = fmax(apart[1], fabs(w[2][i] - w[3][i]));
	}
	struct as_sgd *s;
	struct as_sgd_how how = HOW;
	double plain[K * (D + 1)] = {0};
	if (as_sgd_new(&s, D, K, &how, NULL, &err))
		abort();
	as_sgd_start(s, plain);
	for (int i = 0; i < 2 * N; i++)
		if (as_sgd_row(s, x + i % N * D, y[i % N], &err) || (i % N == N - 1 && as_sgd_end(s, &e, &err)))
			abort();
	as_sgd_weights(s, plain);
	as_sgd_free(s);
	for (int i = 0; i < K * (D + 1); i++)
		apart[2] = fmax(apart[2], fabs(w[0][i] - plain[i]));
	ok(apart[0] > 1e-3 && apart[2] > 1e-3, "rows are shuffled, by the seed: apart by %.2g and %.2g", apart[0], apart[2]);
	ok(apart[1] < 1e-6, "... which means nothing in a batch of all: %.2g", apart[1]);
}

/* The rows of three epochs come in the order of data/order.h. */
static void in_order(void)
{
	static double a[K * (D + 1)], b[K * (D + 1)];
	const struct as_features f = {.n = N, .d = D, .x = x, .y = y};
	struct as_order o = {.seed = HOW.seed, .shuffle = true, .images = N, .epochs = 3};
	struct as_visit v;
	struct as_sgd_epoch e;
	struct as_sgd *s, *t;
	if (as_sgd_new(&s, D, K, &HOW, NULL, &err) || as_sgd_new(&t, D, K, &HOW, NULL, &err) || as_order_open(&o, &err))
		abort();
	for (int i = 0; i < 3; i++)
		if (as_sgd_learn(s, &f, &e, &err))
			abort();
	while (as_order_next(&o, &v))
		if (as_sgd_row(t, x + v.image * D, y[v.image], &err) || (v.seq % N == N - 1 && as_sgd_end(t, &e, &err)))
			abort();
	as_sgd_weights(s, a);
	as_sgd_weights(t, b);
	ok(!memcmp(a, b, sizeof a), "each epoch has an order of its own, that of every shuffled stream");
	as_order_close(&o);
	as_sgd_free(s);
	as_sgd_free(t);
}

static void refuses(void)
{
	struct as_sgd *s;
	struct as_sgd_how how = HOW;
	const struct as_features f = {.n = N, .d = D, .x = x, .y = y};
	struct as_sgd_epoch e;
	how.lr = 1e38;
	if (as_sgd_new(&s, D, K, &how, NULL, &err))
		abort();
	int rc = as_sgd_learn(s, &f, &e, &err);
	for (int i = 0; i < 3 && !rc; i++)
		rc = as_sgd_learn(s, &f, &e, &err);
	ok(rc == AS_EDATA && strstr(err.text, "a learning rate of 1e+38 is too high"), "a loss that is not finite: %s", err.text);
	is_int(as_sgd_row(s, x, K, &err), AS_EARG, "a class that is not there");
	as_sgd_free(s);
	how.batch = 0;
	is_int(as_sgd_new(&s, D, K, &how, NULL, &err), AS_EARG, "batches of nothing");
}

int main(void)
{
	make_rows();
	twin();
	start();
	threads();
	order();
	shuffles();
	in_order();
	refuses();
	return done();
}
