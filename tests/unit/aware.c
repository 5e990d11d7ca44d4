/* Awareness, invariance and effective rank of features against naive twins, and on features of which it is known what they
 * know. With arguments it makes features instead, for tests/cli/augprobe.t:
 *   aware.t known|noise SEED < samples > features
 * known: a turn of each view's omega; noise: nothing of it. Both are WIDE wide. */
#include "eval/aware.h"
#include "eval/invariance.h"
#include "eval/match.h"
#include "eval/rank.h"
#include "eval/read.h"
#include "kern/rank.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/rng.h"
#include "base/text.h"
#include "kern/gemm.h"

#include "../naive.h"
#include "../tap.h"

enum { WIDE = 12 };

static struct as_error err = {.record = -1};

/* ---- features ---- */

/* A view's features: sums of its omega with fixed weights, or noise. */
static void features_of(bool known, uint64_t seed, uint64_t id, int view, int64_t nomega, const float *omega, float *x)
{
	struct as_rng noise = as_rng_at(seed, id, (uint32_t)view, 0, 0), turn = as_rng_at(7, 0, 0, 0, 0);
	for (int j = 0; j < WIDE; j++) {
		double sum = 3;
		for (int64_t k = 0; k < nomega; k++)
			sum += (as_rng_between(&turn, -.4, .4) + (j % nomega == k)) * (double)omega[k];
		x[j] = known ? (float)sum : (float)as_rng_between(&noise, 1, 2);
	}
}

static int write_features(bool known, uint64_t seed)
{
	struct as_reader *r;
	struct as_writer *w;
	struct as_record rec;
	struct as_header h;
	int rc = as_reader_open(&r, 0, "(stdin)", "sample", &err);
	rc = rc ? rc : as_header_copy(&h, as_reader_header(r), &err);
	if (rc)
		return 1;
	snprintf(h.kind, sizeof h.kind, "feature");
	rc = as_writer_open(&w, 1, &h, &err);
	while (!rc && (rc = as_reader_next(r, &rec, &err)) > 0) {
		int64_t views = rec.role[0].omega.shape[0], n = rec.role[0].omega.shape[1];
		float omega[AS_MAX_OMEGA], x[AS_MAX_VIEWS * WIDE];
		for (int64_t v = 0; v < views; v++) {
			as_tensor_floats(&rec.role[0].omega, v * n, n, omega);
			features_of(known, seed, rec.id, (int)v, n, omega, x + v * WIDE);
		}
		rec.feature = (struct as_tensor){AS_F4, 2, {views, WIDE}, x};
		rec.height = rec.image.height;
		rec.width = rec.image.width;
		rec.image = (struct as_image){.height = 0};
		rc = as_writer_put(w, &rec, &err);
	}
	rc = rc ? rc : as_writer_close(w, NULL, &err);
	if (rc)
		fprintf(stderr, "aware.t: %s\n", err.text);
	as_header_clear(&h);
	as_reader_close(r);
	return rc != 0;
}

/* A policy of these presets' operations. */
static struct as_policy policy_of(const char *name)
{
	struct as_policy p;
	if (as_policy_preset(name, &p, &err))
		abort();
	p.count = 2;
	return p;
}

/* A set of n images with views drawn by the policy, of the features above. `each` records have one id. */
static struct as_features set_of(const struct as_policy *policy, int64_t n, int views, uint64_t seed, bool known, int each)
{
	struct as_features f = {.n = n * views, .d = WIDE, .drawn = take(1, sizeof(struct as_drawn))};
	struct as_drawn *d = f.drawn;
	d->policy = *policy;
	d->policy.count = views;
	f.x = take(f.n * WIDE, sizeof *f.x);
	f.id = take(f.n, sizeof *f.id);
	d->param = take(f.n * policy->nparam, sizeof *d->param);
	d->omega = take(f.n * policy->nomega, sizeof *d->omega);
	for (int64_t i = 0; i < n * views; i++) {
		int view = (int)(i % views);
		float *omega = d->omega + i * policy->nomega;
		f.id[i] = seed * 1000003 + (uint64_t)(i / views / each);
		as_policy_sample(policy, seed, (uint64_t)(i / views), 0, view, (struct as_size){32, 40}, d->param + i * policy->nparam,
				 omega);
		features_of(known, seed + 5, (uint64_t)(i / views), view, policy->nomega, omega, f.x + i * WIDE);
	}
	return f;
}

struct task {
	struct as_policy policy;
	struct as_features f[2];
	struct as_pairs train, test;
	unsigned char *part;
};

static void task_new(struct task *t, const char *policy, int64_t n, int64_t m, int views, bool known, double share)
{
	t->policy = policy_of(policy);
	t->f[0] = set_of(&t->policy, n, views, 1, known, 1);
	t->f[1] = set_of(&t->policy, m, views, 2, known, 1);
	if (as_pairs_new(&t->train, &t->f[0], &err) || as_pairs_new(&t->test, &t->f[1], &err))
		abort();
	t->part = take(t->train.n, 1);
	if (share > 0 && as_pairs_hold_out(&t->train, share, 3, t->part, &err))
		abort();
}

static void task_free(struct task *t)
{
	as_pairs_clear(&t->train);
	as_pairs_clear(&t->test);
	as_features_clear(&t->f[0]);
	as_features_clear(&t->f[1]);
	free(t->part);
}

static struct as_pairs_ops ops_of(const struct as_policy *p, const char *list)
{
	struct as_pairs_ops ops;
	if (as_pairs_choose(p, list, &ops, NULL, 0, &err))
		abort();
	return ops;
}

/* ---- naive twins ---- */

/* a (n,n) x = b (n) by Gauss's elimination with pivots; b becomes x. */
static void eliminate(int n, double *a, double *b)
{
	for (int i = 0; i < n; i++) {
		int best = i;
		for (int r = i + 1; r < n; r++)
			best = fabs(a[r * n + i]) > fabs(a[best * n + i]) ? r : best;
		for (int j = 0; j < n; j++) {
			double was = a[i * n + j];
			a[i * n + j] = a[best * n + j];
			a[best * n + j] = was;
		}
		double was = b[i];
		b[i] = b[best];
		b[best] = was;
		for (int r = 0; r < n; r++) {
			double by = r == i ? 0 : a[r * n + i] / a[i * n + i];
			for (int j = 0; j < n; j++)
				a[r * n + j] -= by * a[i * n + j];
			b[r] -= by * b[i];
		}
	}
	for (int i = 0; i < n; i++)
		b[i] /= a[i * n + i];
}

enum { COLUMNS = 2 * WIDE };

/* The row [y_a ; y_b] of a pair in an order. */
static void row_of(const struct as_pairs *p, int64_t row, double *x)
{
	for (int v = 0; v < 2; v++)
		for (int j = 0; j < WIDE; j++)
			x[v * WIDE + j] = (double)p->f->x[as_pairs_row(p, row / 2, v ^ (int)(row % 2)) * WIDE + j];
}

/* Component k of what ridge regression of both orders' rows, with the bias as a last column, predicts for the rows of
 * `asked`. Pairs with part above `most` are left out. */
static void naive_ridge(const struct task *t, const struct as_aug *aug, int k, double penalty, int most,
			const struct as_pairs *asked, double *predicted)
{
	enum { N = COLUMNS + 1 };
	double x[N] = {[COLUMNS] = 1}, a[N * N] = {0}, b[N] = {0}, n = 0, variance = 0;
	float d[AS_MAX_TARGET];
	for (int64_t row = 0; row < 2 * t->train.n; row++) {
		if (t->part[row / 2] > most)
			continue;
		row_of(&t->train, row, x);
		as_pairs_target(&t->train, aug, row / 2, (int)(row % 2), d);
		n++;
		for (int i = 0; i < N; i++) {
			b[i] += x[i] * (double)d[k];
			for (int j = 0; j < N; j++)
				a[i * N + j] += x[i] * x[j];
		}
	}
	for (int i = 0; i < COLUMNS; i++)
		variance += (a[i * N + i] / n - a[i * N + COLUMNS] * a[i * N + COLUMNS] / n / n) / COLUMNS;
	for (int i = 0; i < COLUMNS; i++)
		a[i * N + i] += n * penalty * variance;
	eliminate(N, a, b);
	for (int64_t row = 0; row < 2 * asked->n; row++) {
		row_of(asked, row, x);
		predicted[row] = 0;
		for (int i = 0; i < N; i++)
			predicted[row] += b[i] * x[i];
	}
}

/* The penalty that naive_ridge finds best on held-out pairs, for all components of an op. */
static double naive_penalty(const struct task *t, const struct as_aug *aug)
{
	double least = INFINITY, best = 0, *said = take(2 * t->train.n, sizeof *said);
	float d[AS_MAX_TARGET];
	for (int i = 0; i < AS_AWARE_PENALTIES; i++) {
		double penalty = pow(10, 2 - i / 2.0), sum = 0;
		for (int k = 0; k < aug->ntarget; k++) {
			naive_ridge(t, aug, k, penalty, 0, &t->train, said);
			for (int64_t row = 0; row < 2 * t->train.n; row++) {
				as_pairs_target(&t->train, aug, row / 2, (int)(row % 2), d);
				sum += t->part[row / 2] ? (said[row] - (double)d[k]) * (said[row] - (double)d[k]) : 0;
			}
		}
		if (sum < least) {
			least = sum;
			best = penalty;
		}
	}
	free(said);
	return best;
}

/* ---- ridge ---- */

/* All operations at once against each component alone. */
static void check_ridge(struct task *task, const char *list, bool share, const char *what)
{
	const struct task t = *task;
	struct as_pairs_ops ops = ops_of(&t.policy, list);
	float *predicted[AS_MAX_OPS] = {NULL};
	double penalty[AS_MAX_OPS], worst = 0, *said = take(2 * t.test.n, sizeof *said);
	bool chosen = true;
	for (int i = 0; i < ops.n; i++)
		predicted[i] = take(2 * t.test.n * ops.op[i]->ntarget, sizeof(float));
	if (!ok(!as_aware_ridge(&t.train, t.part, &t.test, &ops, NULL, predicted, penalty, &err), "ridge regression %s", err.text))
		return;
	for (int i = 0; i < ops.n; i++) {
		double want = share ? naive_penalty(&t, ops.op[i]) : 1e-2;
		chosen = chosen && fabs(penalty[i] / want - 1) < 1e-9;
		for (int k = 0; k < ops.op[i]->ntarget; k++) {
			naive_ridge(&t, ops.op[i], k, penalty[i], 1, &t.test, said);
			for (int64_t row = 0; row < 2 * t.test.n; row++)
				worst = fmax(worst, fabs((double)predicted[i][row * ops.op[i]->ntarget + k] - said[row]));
		}
		free(predicted[i]);
	}
	ok(chosen, "%s: the penalties are those of Gauss's elimination", what);
	/* predictions are floats of about 1 */
	ok(worst < 1e-6, "... and the predictions, to %.2g", worst);
	free(said);
}

static void test_ridge(const char *policy, int views, bool known, double share)
{
	struct task t;
	task_new(&t, policy, 700, 90, views, known, share);
	check_ridge(&t, known ? "color" : "crop,color,solarize", share > 0, policy);
	task_free(&t);
}

/* Held-out pairs that are not like the others: those whose crop is seen far to the right in both orders, as happens if one
 * view is mirrored. The first feature is a noisy sum of it and of a constant. */
static void test_biased(void)
{
	struct task t;
	const struct as_aug *crop = as_aug_find("crop", NULL);
	float d[2][AS_MAX_TARGET];
	task_new(&t, "cifar", 700, 90, 2, false, .2);
	for (int64_t i = 0; i < t.train.n; i++) {
		struct as_rng r = as_rng_at(3, (uint64_t)i, 0, 0, 0);
		as_pairs_target(&t.train, crop, i, 0, d[0]);
		as_pairs_target(&t.train, crop, i, 1, d[1]);
		float both = d[0][1] + d[1][1];
		for (int v = 0; v < 2; v++)
			t.f[0].x[as_pairs_row(&t.train, i, v) * WIDE] = 40 + .5f * both + (float)as_rng_between(&r, -1, 1);
		t.part[i] = both > .2f;
	}
	check_ridge(&t, "crop", true, "held-out pairs unlike the others");
	task_free(&t);
}

/* ---- logistic regression ---- */

/* The margins of `asked` by Newton's method on all rows in both orders. Pairs with part above `most` are left out. */
static void naive_flip(const struct task *t, const struct as_aug *aug, double penalty, int most, const struct as_pairs *asked,
		       double *margin)
{
	enum { N = COLUMNS + 1 };
	double w[N] = {0}, x[N] = {[COLUMNS] = 1};
	double n = 2 * (double)t->train.n, rows = 0, variance = 0, sum[COLUMNS] = {0}, squares[COLUMNS] = {0};
	float d[AS_MAX_TARGET];
	for (int64_t row = 0; row < 2 * t->train.n; row++) {
		row_of(&t->train, row, x);
		rows += t->part[row / 2] <= most;
		for (int i = 0; i < COLUMNS; i++) {
			sum[i] += x[i] / n;
			squares[i] += x[i] * x[i] / n;
		}
	}
	for (int i = 0; i < COLUMNS; i++)
		variance += (squares[i] - sum[i] * sum[i]) / COLUMNS;
	for (int step = 0; step < 30; step++) { /* Newton's; two classes of weights w/2 and -w/2: |W|^2 is |w|^2 / 2 */
		double a[N * N] = {0}, g[N] = {0};
		for (int64_t row = 0; row < 2 * t->train.n; row++) {
			double z = 0;
			if (t->part[row / 2] > most)
				continue;
			row_of(&t->train, row, x);
			as_pairs_target(&t->train, aug, row / 2, (int)(row % 2), d);
			for (int i = 0; i < N; i++)
				z += w[i] * x[i];
			double p = 1 / (1 + exp(-z));
			for (int i = 0; i < N; i++) {
				g[i] += (p - (double)d[0]) * x[i] / rows;
				for (int j = 0; j < N; j++)
					a[i * N + j] += p * (1 - p) * x[i] * x[j] / rows;
			}
		}
		for (int i = 0; i < N; i++) {
			g[i] += penalty * variance * w[i];
			a[i * N + i] += penalty * variance;
		}
		eliminate(N, a, g);
		for (int i = 0; i < N; i++)
			w[i] -= g[i];
	}
	for (int64_t row = 0; row < 2 * asked->n; row++) {
		row_of(asked, row, x);
		margin[row] = 0;
		for (int i = 0; i < N; i++)
			margin[row] += w[i] * x[i];
	}
}

/* The penalty with the most held-out rows right, of equal ones the largest. */
static double naive_choice(const struct task *t, const struct as_aug *flip)
{
	double *margin = take(2 * t->train.n, sizeof *margin), best = 0;
	int64_t most = -1;
	float d[AS_MAX_TARGET];
	for (int i = 0; i < 6; i++) {
		int64_t right = 0;
		naive_flip(t, flip, pow(10, -i), 0, &t->train, margin);
		for (int64_t row = 0; row < 2 * t->train.n; row++) {
			as_pairs_target(&t->train, flip, row / 2, (int)(row % 2), d);
			right += t->part[row / 2] && (margin[row] > 0) == (d[0] > 0);
		}
		if (right > most) {
			most = right;
			best = pow(10, -i);
		}
	}
	free(margin);
	return best;
}

/* Features with a coordinate that says whether both views are mirrored alike, as no single view can know: a sum of it and
 * noise, so that some rows are wrong. */
static void leak_flip(struct as_pairs *p, const struct as_aug *flip, uint64_t seed)
{
	float d[AS_MAX_TARGET];
	for (int64_t i = 0; i < p->n; i++)
		for (int v = 0; v < 2; v++) {
			struct as_rng r = as_rng_at(seed, (uint64_t)i, (uint32_t)v, 0, 9);
			as_pairs_target(p, flip, i, v, d);
			p->f->x[as_pairs_row(p, i, v) * WIDE] = d[0] + (float)as_rng_between(&r, -1, 1);
		}
}

static void test_logistic(void)
{
	struct task t;
	struct as_aware_score score;
	double penalty;
	task_new(&t, "cifar+rotation", 900, 300, 2, false, .2);
	const struct as_aug *flip = as_aug_find("flip", NULL), *rotation = as_aug_find("rotation", NULL);
	leak_flip(&t.train, flip, 1);
	leak_flip(&t.test, flip, 2);
	float *said = take(2 * t.test.n, sizeof *said);
	double *margin = take(2 * t.test.n, sizeof *margin);
	ok(!as_aware_logistic(&t.train, t.part, &t.test, flip, NULL, said, &penalty, &err), "logistic regression %s", err.text);
	is_close(penalty, naive_choice(&t, flip), 1e-12, "the penalty with the most held-out rows right");
	naive_flip(&t, flip, penalty, 1, &t.test, margin);
	int64_t other = 0, ones = 0;
	for (int64_t row = 0; row < 2 * t.test.n; row++) {
		other += fabs(margin[row]) > 1e-3 && said[row] != (margin[row] > 0 ? 1 : 0);
		ones += said[row] == 1;
	}
	ok(!other && ones > 200 && ones < 400, "a class that is symmetric: Newton's on all rows in both orders says the same");
	if (as_aware_score(&t.test, flip, said, 1, &score, &err))
		return;
	/* the sum of two uniform numbers is below 1 of 2 in 7 of 8 cases, and other features do not matter */
	ok(fabs(score.value[AS_AWARE_ACCURACY] - 87.5) < 2 * score.interval[AS_AWARE_ACCURACY], "... and is as often right as can be: %.1f",
	   score.value[AS_AWARE_ACCURACY]);
	if (as_aware_logistic(&t.train, t.part, &t.test, rotation, NULL, said, &penalty, &err) ||
	    as_aware_score(&t.test, rotation, said, 1, &score, &err))
		abort();
	ok(fabs(score.value[AS_AWARE_ACCURACY] - 40) < 8, "four classes of which noise knows nothing: near the most frequent: %.1f",
	   score.value[AS_AWARE_ACCURACY]);
	free(said);
	free(margin);
	task_free(&t);
}

/* ---- scores ---- */

/* Predictions that are the targets, plus .1 in the first component of color: known errors. */
static void test_scores(void)
{
	struct task t;
	struct as_aware_score s;
	task_new(&t, "cifar+rotation", 40, 500, 2, false, 0);
	const struct as_aug *color = as_aug_find("color", NULL), *rotation = as_aug_find("rotation", NULL);
	float *said = take(8 * t.test.n, sizeof *said), constant[AS_MAX_TARGET], d[AS_MAX_TARGET];
	double variance[4] = {0}, all = 0, mean[4] = {0};
	for (int pass = 0; pass < 2; pass++)
		for (int64_t row = 0; row < 2 * t.test.n; row++) {
			as_pairs_target(&t.test, color, row / 2, (int)(row % 2), said + row * 4);
			for (int k = 0; k < 4; k++) {
				double v = (double)said[row * 4 + k], n = 2 * (double)t.test.n;
				mean[k] += pass ? 0 : v / n;
				variance[k] += pass ? (v - mean[k]) * (v - mean[k]) / n : 0;
			}
			said[row * 4] += pass ? .1f : 0;
		}
	for (int k = 0; k < 4; k++)
		all += variance[k];
	ok(!as_aware_score(&t.test, color, said, 4, &s, &err), "scores of errors that are known");
	is_close(s.value[AS_AWARE_MSE], .01 / 4, 1e-8, "mse");
	is_close(s.value[AS_AWARE_RELATIVE], .01 / all, 1e-7, "relative error");
	is_close(s.value[AS_AWARE_R2], 1 - .01 / variance[0] / 4, 1e-7, "R2 is the mean of the components'");
	is_int(s.images, 500, "images");
	ok(isnan(s.value[AS_AWARE_ACCURACY]) && s.interval[AS_AWARE_MSE] < 1e-9, "no accuracy; errors all alike have no interval");
	as_aware_constant(&t.test, color, constant);
	ok(!as_aware_score(&t.test, color, constant, 0, &s, &err), "the constant predictor");
	/* both orders are there, so the mean is 0 */
	ok(fabs(s.value[AS_AWARE_MSE] - 2 * .8 / 12) < s.interval[AS_AWARE_MSE] && s.interval[AS_AWARE_MSE] < .02,
	   "... of color has 2 x 0.8 / 12 within its interval: %.4f +- %.4f", s.value[AS_AWARE_MSE], s.interval[AS_AWARE_MSE]);
	is_close(s.value[AS_AWARE_RELATIVE], 1, 1e-6, "... and error 1, relative to the variance");
	is_close(s.value[AS_AWARE_R2], 0, 1e-6, "... and R2 0");
	as_aware_constant(&t.test, rotation, constant);
	int64_t zero = 0;
	for (int64_t row = 0; row < 2 * t.test.n; row++) {
		as_pairs_target(&t.test, rotation, row / 2, (int)(row % 2), d);
		zero += d[0] == 0;
	}
	ok(!constant[0] && !as_aware_score(&t.test, rotation, constant, 0, &s, &err), "the most frequent class: no turn");
	is_close(s.value[AS_AWARE_ACCURACY], 100 * (double)zero / (2 * (double)t.test.n), 1e-9, "... is as often right as it occurs");
	/* two rows of a pair are right or wrong together, so the interval is that of n images, not of 2 n rows */
	double p = s.value[AS_AWARE_ACCURACY] / 100;
	is_close(s.interval[AS_AWARE_ACCURACY], 196 * sqrt(p * (1 - p) / 499), 1e-6, "... and its interval that of 500 images");
	free(said);
	task_free(&t);
}

/* A colour change without hue: three components vary, and the fourth is always right. */
static void test_still(void)
{
	struct as_policy policy = policy_of("cifar");
	if (as_policy_set(&policy, as_policy_find(&policy, "color"), "hue", 0, &err))
		abort();
	struct as_features f = set_of(&policy, 300, 2, 1, false, 1);
	struct as_pairs p;
	struct as_aware_score s;
	float zero[4] = {0};
	if (as_pairs_new(&p, &f, &err) || as_aware_score(&p, as_aug_find("color", NULL), zero, 0, &s, &err))
		abort();
	is_close(s.value[AS_AWARE_R2], 0, 1e-6, "a component that does not vary is not in R2");
	ok(fabs(s.value[AS_AWARE_MSE] - .1) < .02, "... but in the mse, with error 0: %.3f", s.value[AS_AWARE_MSE]);
	is_close(s.value[AS_AWARE_RELATIVE], 1, 1e-6, "... and changes no relative error");
	as_pairs_clear(&p);
	as_features_clear(&f);
}

/* Two records of each id, with the same error: half the images, and the interval of half as many. */
static void test_images(void)
{
	struct as_policy policy = policy_of("cifar");
	struct as_features one = set_of(&policy, 60, 2, 4, false, 1), two = set_of(&policy, 60, 2, 4, false, 2);
	struct as_pairs a, b;
	struct as_aware_score sa, sb;
	const struct as_aug *color = as_aug_find("color", NULL);
	unsigned char part[60], other[60];
	float zero[4] = {0};
	/* the second record of an id has the first one's draw */
	for (int64_t i = 2; i < two.n; i += 4)
		for (int v = 0; v < 2; v++) {
			memcpy(one.drawn->omega + (i + v) * policy.nomega, one.drawn->omega + (i - 2 + v) * policy.nomega,
			       (size_t)policy.nomega * sizeof(float));
			memcpy(two.drawn->omega + (i + v) * policy.nomega, two.drawn->omega + (i - 2 + v) * policy.nomega,
			       (size_t)policy.nomega * sizeof(float));
		}
	if (as_pairs_new(&a, &one, &err) || as_pairs_new(&b, &two, &err) || as_aware_score(&a, color, zero, 0, &sa, &err) ||
	    as_aware_score(&b, color, zero, 0, &sb, &err) || as_pairs_hold_out(&b, .3, 0, part, &err) ||
	    as_pairs_hold_out(&b, .3, 1, other, &err))
		abort();
	is_int(sb.images, 30, "pairs of one id are one image");
	is_close(sb.value[0], sa.value[0], 1e-12, "... with the same error");
	is_close(sb.interval[0] / sa.interval[0], sqrt(2 * 59. / 58), 1e-6, "... whose interval is that of half as many");
	int64_t held = 0, parted = 0;
	for (int i = 0; i < 60; i += 2) {
		held += part[i];
		parted += part[i] != part[i + 1];
	}
	ok(held == 9 && !parted && memcmp(part, other, sizeof part) != 0, "... and are held out together, 9 of 30, by the seed");
	as_pairs_clear(&a);
	as_pairs_clear(&b);
	as_features_clear(&one);
	as_features_clear(&two);
}

/* ---- heads ---- */

/* What is in the features a head finds, also where no linear map does; of noise it knows nothing. */
static void test_heads(void)
{
	struct task t;
	struct as_aware_score s;
	int64_t best;
	const struct as_aug *crop = as_aug_find("crop", NULL), *flip = as_aug_find("flip", NULL);
	struct as_aware_mlp how = {.hidden = 64, .epochs = 40, .seed = 1};
	task_new(&t, "cifar", 3000, 400, 2, true, .2);
	float *said = take(8 * t.test.n, sizeof *said), *again = take(8 * t.test.n, sizeof *again);
	ok(!as_aware_mlp(&how, &t.train, t.part, &t.test, crop, said, &best, &err), "a head %s", err.text);
	if (as_aware_score(&t.test, crop, said, 4, &s, &err))
		abort();
	ok(s.value[AS_AWARE_RELATIVE] < .25, "... finds crop's target: %.3f", s.value[AS_AWARE_RELATIVE]);
	how.pool = NULL;
	if (as_pool_new(&how.pool, 3, &err) || as_aware_mlp(&how, &t.train, t.part, &t.test, crop, again, &best, &err))
		abort();
	ok(!memcmp(said, again, (size_t)(8 * t.test.n) * sizeof *said), "... the same bits on 3 threads");
	how.seed = 2;
	if (as_aware_mlp(&how, &t.train, t.part, &t.test, crop, again, &best, &err))
		abort();
	ok(memcmp(said, again, (size_t)(8 * t.test.n) * sizeof *said) != 0, "... and others for another seed");
	as_pool_free(how.pool);
	how.pool = NULL;
	if (as_aware_mlp(&how, &t.train, t.part, &t.test, flip, said, &best, &err) || as_aware_score(&t.test, flip, said, 1, &s, &err))
		abort();
	ok(s.value[AS_AWARE_ACCURACY] > 95, "... whether both are mirrored alike, which no linear map can: %.1f",
	   s.value[AS_AWARE_ACCURACY]);
	task_free(&t);
	task_new(&t, "cifar", 600, 400, 2, false, .2);
	if (as_aware_mlp(&how, &t.train, t.part, &t.test, crop, said, &best, &err) || as_aware_score(&t.test, crop, said, 4, &s, &err))
		abort();
	ok(s.value[AS_AWARE_RELATIVE] < 1.1 && s.value[AS_AWARE_RELATIVE] > .98 && best < how.epochs - 1,
	   "of noise it knows nothing, and what it was at its best is what counts: %.3f, of epoch %d", s.value[AS_AWARE_RELATIVE],
	   (int)best);
	memset(t.part, 1, (size_t)t.train.n);
	is_int(as_aware_mlp(&how, &t.train, t.part, &t.test, crop, said, &best, &err), AS_EDATA, "nothing to learn from is said");
	free(said);
	free(again);
	task_free(&t);
}

/* Of 257 pairs a batch leaves one out, but in another epoch it comes: with another target it makes another head. And what
 * is said of far features is within -1 and 1. */
static void test_limits(void)
{
	struct task t;
	int64_t best;
	const struct as_aug *crop = as_aug_find("crop", NULL);
	const struct as_aware_mlp how = {.hidden = 8, .epochs = 3};
	task_new(&t, "cifar", 257, 20, 2, true, 0);
	float *said = take(8 * t.test.n, sizeof *said), *other = take(8 * t.test.n, sizeof *other), most = 0;
	for (int64_t i = 0; i < t.f[1].n * WIDE; i++)
		t.f[1].x[i] *= 1e6f;
	if (as_aware_mlp(&how, &t.train, t.part, &t.test, crop, said, &best, &err))
		abort();
	for (int64_t i = 0; i < 8 * t.test.n; i++)
		most = fmaxf(most, fabsf(said[i]));
	ok(most <= 1 && most > .99f, "a head's values are those of tanh, up to %.3f", (double)most);
	for (int64_t i = 0; i < t.f[1].n * WIDE; i++)
		t.f[1].x[i] *= 1e-6f;
	if (as_aware_mlp(&how, &t.train, t.part, &t.test, crop, said, &best, &err))
		abort();
	t.f[0].drawn->omega[as_pairs_row(&t.train, 256, 0) * t.policy.nomega] += 1;
	if (as_aware_mlp(&how, &t.train, t.part, &t.test, crop, other, &best, &err))
		abort();
	ok(memcmp(said, other, (size_t)(8 * t.test.n) * sizeof *said) != 0, "pairs come in another order in each epoch, the last too");
	free(said);
	free(other);
	task_free(&t);
}

/* ---- which operations ---- */

static void test_choice(void)
{
	struct as_policy p = policy_of("cifar+solarize");
	struct as_pairs_ops ops;
	char left[200] = "";
	ok(!as_pairs_choose(&p, NULL, &ops, left, sizeof left, &err) && ops.n == 4 && !strcmp(ops.op[3]->name, "solarize"),
	   "all that have a target, in the policy's order");
	is_text(left, "", "... no other could have been");
	if (as_policy_set(&p, as_policy_find(&p, "flip"), "p", 1, &err) || as_policy_set(&p, as_policy_find(&p, "color"), "p", 0, &err))
		abort();
	*left = '\0';
	ok(!as_pairs_choose(&p, NULL, &ops, left, sizeof left, &err) && ops.n == 2, "not what changes nothing, or all views alike");
	is_text(left, "flip (p is 1), color (p is 0)", "... and why");
	is_int(as_pairs_choose(&p, "crop,flip", &ops, NULL, 0, &err), AS_EARG, "asked for by name, that is an error");
	is_text(err.text, "ops: nothing of flip can be told from these views: p is 1", "... with the reason");
	is_int(as_pairs_choose(&p, "crop,blur", &ops, NULL, 0, &err), AS_EARG, "so is what the policy lacks");
	is_text(err.text, "ops: the views' policy has no 'blur', only crop, flip, color, solarize, gray", "... which is named");
	ok(!as_pairs_choose(&p, "solarize,crop", &ops, NULL, 0, &err) && ops.n == 2 && !strcmp(ops.op[0]->name, "crop"), "by name");
	struct as_drawn a = {.policy = policy_of("cifar")}, b = {.policy = policy_of("cifar")};
	snprintf(b.policy.name, sizeof b.policy.name, "other");
	b.policy.count = 4;
	ok(!as_drawn_same(&a, &b, &err), "policies of other names and counts are the same");
	if (as_policy_set(&b.policy, 0, "scale_min", .5, &err))
		abort();
	is_int(as_drawn_same(&a, &b, &err), AS_EDATA, "... not of other laws");
	ok(strstr(err.text, "scale_min=0.5") && strstr(err.text, "scale_min=0.2"), "... and both are quoted: %s", err.text);
}

/* ---- invariance ---- */

static void test_invariance(int views, bool twice)
{
	enum { IMAGES = 9, N = 12 };
	struct as_policy policy = policy_of("cifar");
	struct as_features f = set_of(&policy, N, views, 1, false, twice ? 2 : 1), o = set_of(&policy, IMAGES + N, 1, 1, false, 1);
	struct as_invariance got;
	double own = 0, other = 0, same = 0, apart = 0, n = 0, m = 0, k = 0, l = 0;
	for (int64_t i = 0; i < o.n; i++) /* originals in another order */
		o.id[i] = 1000003 + (uint64_t)(o.n - 1 - i);
	memset(f.x + 2 * WIDE, 0, WIDE * sizeof *f.x); /* a row of zeros */
	if (as_invariance(&f, &o, &got, &err))
		abort();
	for (int64_t i = 0; i < f.n; i++) {
		for (int64_t j = 0; j < o.n; j++) {
			bool seen = false; /* only images that have views count */
			for (int64_t r = 0; r < f.n; r++)
				seen = seen || f.id[r] == o.id[j];
			double c = naive_cosine(f.x + i * WIDE, o.x + j * WIDE, WIDE);
			*(f.id[i] == o.id[j] ? &own : &other) += seen ? c : 0;
			*(f.id[i] == o.id[j] ? &n : &m) += seen;
		}
		for (int64_t j = 0; j < f.n; j++) {
			if (i == j)
				continue;
			*(f.id[i] == f.id[j] ? &same : &apart) += naive_cosine(f.x + i * WIDE, f.x + j * WIDE, WIDE);
			*(f.id[i] == f.id[j] ? &k : &l) += 1;
		}
	}
	is_close(got.original.value, own / n, 1e-12, "mean cosine with the original");
	is_close(got.original.chance, other / m, 1e-12, "... with another image's");
	if (k > 0)
		is_close(got.views.value, same / k, 1e-12, "... of two views of one image");
	else
		ok(isnan(got.views.value), "... of two views: there is one of each");
	is_close(got.views.chance, apart / l, 1e-12, "... of different images");
	is_int(got.images, twice ? N / 2 : N, "images, by id");
	o.id[o.n - 1] = 5;
	is_int(as_invariance(&f, &o, &got, &err), AS_EDATA, "an image without an original is said");
	as_features_clear(&f);
	as_features_clear(&o);
}

/* ---- rank ---- */

/* A third of the rows each is a row of a Hadamard matrix, so that the three singular values are known. */
static void test_rank(int64_t n, int64_t d)
{
	struct as_features f = {.n = n, .d = d, .x = take(n * d, sizeof(float))};
	double s[3] = {5, 2, .5}, p[3], want = 0, rank = 0, rest = 0;
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < d; j++) {
			int64_t k = i * 3 / n;
			f.x[i * d + j] = (float)(s[k] * (__builtin_popcountll((unsigned long long)(j & (k + 1))) % 2 ? -1 : 1));
		}
	int64_t side = n < d ? n : d;
	for (int k = 0; k < 3; k++) {
		p[k] = s[k] / 7.5 + 1e-7;
		want -= p[k] * log(p[k]);
	}
	rest = (double)(side - 3) * 1e-7 * log(1e-7);
	ok(!as_features_rank(&f, NULL, &rank, &err), "effective rank of %d rows of %d", (int)n, (int)d);
	/* of 1e-7 for each singular value that is 0 rounding may make up to three times as much */
	is_close(rank, exp(want - rest), 3 * exp(want) * (-rest), "... of three singular values");
	is_close(as_rank_of((const double[]){0, 0}, 2), 0, 0, "of nothing it is 0");
	as_features_clear(&f);
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return write_features(!strcmp(argv[1], "known"), strtoull(argv[2], NULL, 10));
	if (as_blas_ready(NULL, NULL))
		return 1;
	test_ridge("cifar+solarize", 2, false, .25);
	test_ridge("cifar+solarize", 5, false, 0);
	test_ridge("cifar", 2, true, .2);
	test_biased();
	test_logistic();
	test_scores();
	test_still();
	test_images();
	test_heads();
	test_limits();
	test_choice();
	test_invariance(1, false);
	test_invariance(3, false);
	test_invariance(2, true);
	test_rank(1500, 16);
	test_rank(18, 1600);
	test_rank(1500, 2000);
	return done();
}
