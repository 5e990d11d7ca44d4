/* The binary problem against its optimality condition in the primal; episodes on
 * clusters, on noise, on classes that are too small, under any number of threads. */
#include "eval/fewshot.h"

#include <stdlib.h>

#include "base/rng.h"
#include "kern/span.h"

#include "../tap.h"

enum { N = 12, D = 30, ROWS = 700, CLASSES = 9 };

static struct as_error err;
static float x[ROWS * D];
static int64_t label[ROWS];

/* The largest entry of w - c sum_i y_i sigma(-y_i w.x_i) x_i at a solution, of the largest in the sum. */
static double residue(double v[N][D], const double *y, const double *beta, double c)
{
	double w[D] = {0}, g[D], worst = 0, most = 0;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < D; j++)
			w[j] += beta[i] * v[i][j];
	memcpy(g, w, sizeof g);
	for (int i = 0; i < N; i++) {
		double m = 0;
		for (int j = 0; j < D; j++)
			m += w[j] * v[i][j];
		for (int j = 0; j < D; j++) {
			double pull = c * y[i] / (1 + exp(y[i] * m)) * v[i][j];
			g[j] -= pull;
			most = fmax(most, fmax(fabs(pull), fabs(w[j])));
		}
	}
	for (int j = 0; j < D; j++)
		worst = fmax(worst, fabs(g[j]));
	return worst / most;
}

/* That of both solvers, the worse one. Rows have `width` numbers and lengths of scale times up to 10^+-uneven. */
static double stationary(uint64_t stream, int width, double scale, double uneven, double c)
{
	enum { L = AS_SPAN_LANES };
	static double v[N][D], gram[N * N], scratch[L * N * (N + 7)];
	double y[N], beta[N] = {0}, lanes_y[N * L], lanes[N * L];
	struct as_rng r = as_rng_at(1, stream, 3, 4, 5);
	for (int i = 0; i < N; i++) {
		double size = scale * pow(10, as_rng_between(&r, -uneven, uneven));
		y[i] = as_rng_below(&r, 3) ? -1 : 1;
		for (int j = 0; j < D; j++)
			v[i][j] = j < width ? size * as_rng_between(&r, -1, 2) : 0;
	}
	for (int i = 0; i < N; i++)
		for (int k = 0; k < N; k++) {
			gram[i * N + k] = 0;
			for (int j = 0; j < D; j++)
				gram[i * N + k] += v[i][j] * v[k][j];
		}
	as_span_logistic(gram, y, N, c, beta, scratch);
	double worst = residue(v, y, beta, c);
	for (int i = 0; i < N * L; i++)
		lanes_y[i] = i % L == 3 ? y[i / L] : -y[i / L];
	as_span()->logistic(gram, lanes_y, N, c, lanes, scratch);
	for (int i = 0; i < N; i++)
		beta[i] = lanes[i * L + 3];
	return fmax(worst, residue(v, y, beta, c));
}

static struct as_fewshot_score run(struct as_fewshot o, int64_t rows, int threads)
{
	struct as_features f = {.n = rows, .d = D, .x = x, .y = label, .classes = CLASSES};
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

/* Episodes draw for themselves, so means of the first 1, 2, ... tell the accuracy of each, and these
 * the interval: 1.96 standard errors with the sample's deviation, which divides by n - 1. */
static void intervals(struct as_fewshot o)
{
	enum { MOST = 6 };
	double accuracy[MOST] = {0}, sum = 0;
	for (int64_t n = 1; n <= MOST; n++) {
		o.episodes = n;
		struct as_fewshot_score s = run(o, ROWS, 1);
		double squares = 0, before = sum;
		sum = s.mean * (double)n;
		accuracy[n - 1] = sum - before;
		for (int64_t e = 0; e < n; e++)
			squares += (accuracy[e] - s.mean) * (accuracy[e] - s.mean);
		double want = n > 1 ? 1.96 * sqrt(squares / (double)(n - 1)) / sqrt((double)n) : 0;
		ok(fabs(s.interval - want) < 1e-9 && (n == 1 || want > 0), "the interval of %lld episodes: %.3f", (long long)n, want);
	}
}

/* Labels far apart are the same classes. */
static void names(const struct as_fewshot *o, const struct as_fewshot_score *want)
{
	static int64_t far[ROWS], y[ROWS];
	struct as_features f = {.n = ROWS, .d = D, .x = x, .label = far, .y = y};
	struct as_classes classes = {0};
	struct as_fewshot_score s;
	for (int i = 0; i < ROWS; i++)
		far[i] = label[i] * 99999 + 7;
	if (!ok(!as_classes_add(&classes, far, ROWS, &err), "labels"))
		return;
	as_features_number(&f, &classes);
	ok(!as_fewshot_run(&f, o, &s, &err) && !memcmp(&s, want, sizeof s), "the same score whatever the classes are called");
	as_classes_clear(&classes);
}

int main(void)
{
	/* Newton stops when w.x moves by less than 1e-9, after a quadratic step */
	ok(stationary(2, D, 1, 0, 1) < 1e-9, "the gradient is zero (%.2g)", stationary(2, D, 1, 0, 1));
	ok(stationary(2, D, 30, 0, 1) < 1e-9, "with long rows too (%.2g)", stationary(2, D, 30, 0, 1));
	ok(stationary(2, D, 0.01, 0, 1000) < 1e-9, "with short rows too (%.2g)", stationary(2, D, 0.01, 0, 1000));
	/* Whole steps alone never arrive at some of these: they go over to the other side and back. */
	double worst = 0;
	for (uint64_t stream = 0; stream < 200; stream++)
		worst = fmax(worst, stationary(stream, 4, 1, 2, 1000));
	ok(worst < 1e-6, "with rows of all lengths that cannot be parted (%.2g)", worst);

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
	names(&o, &s);
	intervals(o);
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
	struct as_features f = {.n = CLASSES * 5 + 2, .d = D, .x = x, .y = label, .classes = CLASSES};
	is_int(as_fewshot_run(&f, &o, &s, &err), AS_EDATA, "too few classes are refused");
	note("%s", err.text);
	o.shot = 2000;
	is_int(as_fewshot_run(&f, &o, &s, &err), AS_EARG, "so is too large a support");
	return done();
}
