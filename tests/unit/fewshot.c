/* The binary problem against its optimality condition in the primal; episodes on
 * clusters, on noise, on classes that are too small, under any number of threads. */
#include "eval/fewshot.h"

#include <stdlib.h>

#include "base/rng.h"

#include "../tap.h"

enum { N = 12, D = 30, ROWS = 700, CLASSES = 9 };

static struct as_error err;
static float x[ROWS * D];
static int64_t label[ROWS];

/* The largest entry of w - c sum_i y_i sigma(-y_i w.x_i) x_i at the solution. */
static double stationary(double scale, double c)
{
	static double v[N][D], gram[N * N], scratch[N * (N + 5)];
	double y[N], beta[N] = {0}, w[D] = {0}, worst = 0;
	struct as_rng r = as_rng_at(1, 2, 3, 4, 5);
	for (int i = 0; i < N; i++) {
		y[i] = i % 3 ? -1 : 1;
		for (int j = 0; j < D; j++)
			v[i][j] = scale * as_rng_between(&r, -1, 2);
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++) {
			gram[i * N + k] = 0;
			for (int j = 0; j < D; j++)
				gram[i * N + k] += v[i][j] * v[k][j];
		}
	as_span_logistic(gram, y, N, c, beta, scratch);
	for (int i = 0; i < N; i++)
		for (int j = 0; j < D; j++)
			w[j] += beta[i] * v[i][j];
	double g[D];
	memcpy(g, w, sizeof g);
	for (int i = 0; i < N; i++) {
		double m = 0;
		for (int j = 0; j < D; j++)
			m += w[j] * v[i][j];
		for (int j = 0; j < D; j++)
			g[j] -= c * y[i] / (1 + exp(y[i] * m)) * v[i][j];
	}
	for (int j = 0; j < D; j++)
		worst = fmax(worst, fabs(g[j]) / scale);
	return worst;
}

static struct as_fewshot_score run(struct as_fewshot o, int64_t rows, int threads)
{
	struct as_features f = {.n = rows, .d = D, .x = x, .label = label, .classes = CLASSES};
	struct as_fewshot_score s = {-1, -1, -1};
	if (as_pool_new(&o.pool, threads, &err) || as_fewshot_run(&f, &o, &s, &err))
		note("%s", err.text);
	as_pool_free(o.pool);
	return s;
}

static void fill(double noise)
{
	for (int i = 0; i < ROWS; i++) {
		struct as_rng r = as_rng_at(5, (uint64_t)i, 0, 0, 0);
		label[i] = i % CLASSES;
		for (int j = 0; j < D; j++)
			x[i * D + j] = (float)((j == label[i]) * (noise < 0 ? 0 : 1) +
					       fabs(noise) * as_rng_between(&r, -1, 1));
	}
}

int main(void)
{
	/* Newton stops when w.x moves by less than 1e-9, after a quadratic step */
	ok(stationary(1, 1) < 1e-9, "the gradient is zero (%.2g)", stationary(1, 1));
	ok(stationary(30, 1) < 1e-7, "with long rows too (%.2g)", stationary(30, 1));
	ok(stationary(0.01, 1000) < 1e-9, "with short rows too (%.2g)", stationary(0.01, 1000));

	struct as_fewshot o = {.way = 5, .shot = 1, .queries = 16, .episodes = 300, .c = 1, .seed = 4};
	fill(0.05);
	struct as_fewshot_score s = run(o, ROWS, 1);
	ok(s.mean == 100 && s.interval == 0 && s.classes == CLASSES, "clusters: 100 %%");
	fill(-1);
	s = run(o, ROWS, 1);
	ok(fabs(s.mean - 20) < 4 * s.interval / 1.96, "noise, 5-way: 20 %% (%.2f +- %.2f)", s.mean, s.interval);
	o.way = 2;
	s = run(o, ROWS, 1);
	ok(fabs(s.mean - 50) < 4 * s.interval / 1.96, "noise, 2-way: 50 %% (%.2f +- %.2f)", s.mean, s.interval);

	fill(0.7);
	o.way = 5;
	o.shot = 5;
	s = run(o, ROWS, 1);
	ok(s.mean > 30 && s.mean < 99.5, "between the two (%.2f)", s.mean);
	for (int threads = 2; threads <= 7; threads += 5) {
		struct as_fewshot_score t = run(o, ROWS, threads);
		ok(!memcmp(&s, &t, sizeof s), "%d threads: the same bytes", threads);
	}
	o.seed = 5;
	struct as_fewshot_score t = run(o, ROWS, 2);
	ok(t.mean != s.mean && fabs(t.mean - s.mean) < 3 * (t.interval + s.interval), "another seed: other episodes");

	fill(0.05);
	s = run(o, CLASSES * 6 - 2, 2); /* 6 rows a class, of two classes 5 */
	ok(s.classes == CLASSES - 2 && s.mean == 100, "few rows: queries repeat, classes without any are left out");
	struct as_features f = {.n = CLASSES * 5 + 2, .d = D, .x = x, .label = label, .classes = CLASSES};
	is_int(as_fewshot_run(&f, &o, &s, &err), AS_EDATA, "too few classes are refused");
	note("%s", err.text);
	o.shot = 2000;
	is_int(as_fewshot_run(&f, &o, &s, &err), AS_EARG, "so is too large a support");
	return done();
}
