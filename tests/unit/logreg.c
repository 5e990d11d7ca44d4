/* The objective and its gradient against plain loops in double; the same bytes for
 * any number of threads; predictions and their scores. */
#include "eval/centre.h"
#include "eval/linear.h"
#include "eval/predict.h"

#include <stdlib.h>

#include "base/rng.h"

#include "../tap.h"

enum { A = 5000, B = 300, D = 21, K = 6, W = K * (D + 1) };

static float x[(A + B) * D];
static int64_t label[A + B];
static const struct as_features a = {.n = A, .d = D, .x = x, .label = label, .y = label, .classes = K},
				b = {.n = B, .d = D, .x = x + A * D, .label = label + A, .y = label + A, .classes = K};
static int64_t name[K] = {0, 1, 2, 3, 4, 5};
static const struct as_classes classes = {K, name};
static struct as_error err;

static double naive(double w, const double *at, double *g)
{
	double sum = 0;
	memset(g, 0, W * sizeof *g);
	for (int i = 0; i < A + B; i++) {
		double z[K], total = 0;
		for (int c = 0; c < K; c++) {
			z[c] = at[c * (D + 1) + D];
			for (int j = 0; j < D; j++)
				z[c] += at[c * (D + 1) + j] * (double)x[i * D + j];
			total += exp(z[c]);
		}
		sum += log(total) - z[label[i]];
		for (int c = 0; c < K; c++) {
			double r = exp(z[c]) / total - (c == label[i]);
			for (int j = 0; j < D; j++)
				g[c * (D + 1) + j] += r * (double)x[i * D + j];
			g[c * (D + 1) + D] += r;
		}
	}
	for (int i = 0; i < W; i++) {
		sum += w * at[i] * at[i];
		g[i] = (g[i] + 2 * w * at[i]) / (A + B);
	}
	return sum / (A + B);
}

/* How many predictions of b's rows are the argmax of plain loops. */
static int64_t right(const double *weights, const int64_t *predicted)
{
	int64_t same = 0;
	for (int i = 0; i < B; i++) {
		int best = 0;
		double z[K];
		for (int c = 0; c < K; c++) {
			z[c] = weights[c * (D + 1) + D];
			for (int j = 0; j < D; j++)
				z[c] += weights[c * (D + 1) + j] * (double)b.x[i * D + j];
			best = z[c] > z[best] ? c : best;
		}
		same += best == predicted[i];
	}
	return same;
}

static void fit(int threads, double *weights, struct as_descent *found)
{
	struct as_linear o = {.tolerance = 1e-6};
	memset(weights, 0, W * sizeof *weights);
	if (as_pool_new(&o.pool, threads, &err) || as_linear_fit(&o, &a, &b, K, 0.5, weights, found, &err))
		note("%s", err.text);
	as_pool_free(o.pool);
}

/* What a solve says is true of the weights it leaves, also where rounding stops it. */
static void hopeless(void)
{
	static double g[W];
	const struct as_features *const set[] = {&b};
	struct as_logreg *l;
	struct as_descent found;
	if (!ok(!as_logreg_new(&l, set, 1, K, NULL, &err), "a small problem"))
		return;
	ok(!as_logreg_solve(l, 0.01, 0, &found, &err), "a tolerance of 0 is no error");
	double f = as_logreg_value(l, 0.01, as_logreg_weights(l), g), largest = 0;
	for (int i = 0; i < W; i++)
		largest = fmax(largest, fabs(g[i]));
	ok(!found.reached && found.gradient < 1e-6, "but out of reach of float32 (%.2g after %d)", found.gradient,
	   found.evaluations);
	ok(found.value == f && found.gradient == largest, "value and gradient are those of the weights");
	as_logreg_weights(l)[3] = 1e10;
	is_int(as_logreg_solve(l, 1e300, 1e-5, &found, &err), AS_EDATA, "a value that is not finite is refused");
	as_logreg_free(l);
}

static struct as_features copy(const struct as_features *f)
{
	struct as_features c = {.n = f->n, .d = D, .y = f->y, .label = f->label, .classes = K};
	c.x = malloc((size_t)(f->n * D) * sizeof *c.x);
	memcpy(c.x, f->x, (size_t)(f->n * D) * sizeof *c.x);
	return c;
}

/* Rows with an offset of 3,000, of which float products would leave nothing: the objective stays theirs,
 * and its minimum is as near as without. */
static void offset(void)
{
	static double at[W], g[W], want[W], weights[W];
	static int64_t predicted[B];
	struct as_features a3 = {0}, b3 = {0}, *const set[] = {&a3, &b3};
	const struct as_features *const same[] = {&a3, &b3}, *const other[] = {&a3, &b};
	const struct as_linear o = {.tolerance = 1e-6};
	struct as_descent found, plain;
	struct as_logreg *l;
	a3 = copy(&a);
	ok(!as_features_centre(set, 1, &err) && !a3.centre && !memcmp(a3.x, a.x, A * D * sizeof *x), "no offset: nothing moves");
	bool fitted = !as_linear_fit(&o, &a, &b, K, 0.5, weights, &plain, &err);
	ok(fitted, "a fit without an offset");
	for (int i = 0; i < (A + B) * D; i++)
		x[i] += 3000;
	free(a3.x);
	a3 = copy(&a);
	b3 = copy(&b);
	if (!ok(!as_features_centre(set, 2, &err) && a3.centre && b3.centre, "an offset is taken away") ||
	    !ok(!as_logreg_new(&l, same, 2, K, NULL, &err), "a problem of what is left"))
		return;
	for (int i = 0; i < W; i++)
		at[i] = sin(i) * 1e-4;
	is_close(as_logreg_value(l, 30, at, g) / naive(30, at, want), 1, 1e-7, "its value is that of the rows as they were");
	double worst = 0, most = 0;
	for (int i = 0; i < W; i++) {
		worst = fmax(worst, fabs(g[i] - want[i]));
		most = fmax(most, fabs(want[i]));
	}
	ok(worst < 1e-6 * most, "and so is the gradient (%.2g of the largest)", worst / most);
	as_logreg_free(l);
	is_int(as_logreg_new(&l, other, 2, K, NULL, &err), AS_EARG, "sets with other centres are refused");
	memset(weights, 0, sizeof weights);
	fitted = !as_linear_fit(&o, &a3, &b3, K, 0.5, weights, &found, &err);
	ok(fitted && found.reached && found.evaluations < 2 * plain.evaluations + 10,
	   "the minimum in %d evaluations, %d without an offset", found.evaluations, plain.evaluations);
	naive(0.5, weights, want);
	worst = 0;
	for (int i = 0; i < W; i++) /* W's by the bias of the rows without their centre, as it is sought */
		worst = fmax(worst, fabs(want[i] - (i % (D + 1) < D ? want[i / (D + 1) * (D + 1) + D] * a3.centre[i % (D + 1)] : 0)));
	ok(worst < 1.2e-6, "the gradient there in double (%.2g)", worst);
	ok(!as_logreg_predict(weights, &classes, &b3, predicted, NULL, &err), "predicted");
	is_int(right(weights, predicted), B, "argmax as plain loops have it");
	for (int s = 0; s < 2; s++) {
		free(set[s]->x);
		free(set[s]->centre);
	}
}

/* A million times as far from 0 as from one another: the bias's gradient is only rounding long before that of the
 * weights, which is a million times as large, is below the tolerance. */
static void far(void)
{
	struct as_features f = copy(&b), *const set[] = {&f};
	const struct as_features *const same[] = {&f};
	struct as_logreg *l;
	struct as_descent found;
	for (int i = 0; i < B * D; i++)
		f.x[i] += 1e6f;
	if (as_features_centre(set, 1, &err) || as_logreg_new(&l, same, 1, K, NULL, &err) ||
	    as_logreg_solve(l, 1e4, 1e-6, &found, &err))
		abort();
	ok(!found.reached && found.evaluations < 2500, "far out of reach it is given up after %d evaluations, not 5000",
	   found.evaluations);
	as_logreg_free(l);
	free(f.x);
	free(f.centre);
}

static void scores(void)
{
	struct as_accuracy s;
	static const int64_t got[] = {0, 0, 1, 3, 3, 3, 3}, want[] = {0, 0, 0, 1, 3, 3, -1};
	static const int64_t far[] = {5, 5, 6, INT64_MAX, INT64_MAX, INT64_MAX}, from[] = {5, 5, 5, 6, INT64_MAX, INT64_MAX};
	struct as_classes learnt = {0};
	ok(!as_accuracy(far, from, 6, NULL, &s, &err) && s.classes == 3 && fabs(s.top1 - 100.0 * 4 / 6) < 1e-9,
	   "whatever the classes are called");
	ok(!as_classes_add(&learnt, (const int64_t[]){0, 1, 8, 9}, 4, &err) &&
		   !as_accuracy(got, want, 7, &learnt, &s, &err), "of four classes learnt, two are asked for, and one more");
	is_close(s.top1_chance, 25.0 * 4 / 6, 1e-9, "a guess is right for a quarter of their rows");
	is_close(s.per_class_chance, 25.0 * 2 / 3, 1e-9, "and of their classes");
	as_classes_clear(&learnt);
	ok(!as_accuracy(got, want, 7, NULL, &s, &err) && s.n == 6 && s.classes == 3, "classes that do not occur are skipped");
	is_close(s.top1_chance, 100.0 / 3, 1e-9, "of those that do, a guess knows a third");
	is_close(s.top1, 100.0 * 4 / 6, 1e-9, "top-1");
	is_close(s.per_class, 100.0 * (2.0 / 3 + 0 + 1) / 3, 1e-9, "mean per class");
	is_close(s.top1_interval, 196 * sqrt(4.0 / 6 * 2 / 6 / 6), 1e-9, "interval of top-1");
	is_close(s.per_class_interval, 196 * sqrt(2.0 / 9 / 3) / 3, 1e-9, "interval of the mean per class");
	const struct as_accuracy draws[] = {{.top1 = 50, .per_class = 41, .n = 9, .classes = 3, .top1_chance = 20},
					    {.top1 = 56, .per_class = 41}, {.top1 = 53, .per_class = 41}};
	as_accuracy_mean(draws, 3, &s);
	/* deviation 3, over the root of 3, times the 4.3027 of Student's t with 2 degrees of freedom */
	ok(fabs(s.top1 - 53) < 1e-12 && fabs(s.top1_interval - 4.302653 * 3 / sqrt(3)) < 1e-5 && s.per_class_interval < 1e-12,
	   "the mean of three draws, and Student's interval");
	ok(s.n == 9 && s.classes == 3 && s.top1_chance == 20, "... of the same rows");
	as_accuracy_mean(draws, 1, &s);
	ok(s.top1 == 50 && isnan(s.top1_interval) && isnan(s.per_class_interval), "one draw does not tell how certain it is");
}

int main(void)
{
	struct as_rng r = as_rng_at(2, 7, 1, 8, 2);
	for (int i = 0; i < A + B; i++) {
		label[i] = (int64_t)as_rng_below(&r, K);
		for (int j = 0; j < D; j++)
			x[i * D + j] = (float)(as_rng_between(&r, 0, 2) + (j % K == label[i]) * 0.3);
	}
	static double at[W], g[W], want_g[W], one[W], more[W];
	float g32[W], want32[W];
	const struct as_features *const set[] = {&a, &b};
	struct as_logreg *l;
	if (!ok(!as_logreg_new(&l, set, 2, K, NULL, &err), "a problem of two sets"))
		return done();
	for (int i = 0; i < W; i++)
		at[i] = as_rng_between(&r, -0.5, 0.5);
	double want = naive(30, at, want_g), got = as_logreg_value(l, 30, at, g);
	/* float32 logits, sums in double */
	is_close(got / want, 1, 1e-7, "value against plain loops");
	for (int i = 0; i < W; i++) {
		g32[i] = (float)g[i];
		want32[i] = (float)want_g[i];
	}
	is_near(g32, want32, W, 1e-6, "gradient against plain loops");
	as_logreg_free(l);

	struct as_descent found, again;
	fit(1, one, &found);
	ok(found.reached && found.gradient <= 1e-6, "reached the tolerance in %d evaluations", found.evaluations);
	naive(0.5, one, want_g);
	double worst = 0;
	for (int i = 0; i < W; i++)
		worst = fmax(worst, fabs(want_g[i]));
	ok(worst < 1.2e-6, "the gradient there in double (%.2g)", worst); /* and what float32 adds */
	for (int threads = 2; threads <= 7; threads++) {
		fit(threads, more, &again);
		ok(!memcmp(one, more, sizeof one) && again.evaluations == found.evaluations,
		   "%d threads find the same bytes", threads);
	}

	static int64_t predicted[B];
	ok(!as_logreg_predict(one, &classes, &b, predicted, NULL, &err), "predicted");
	is_int(right(one, predicted), B, "argmax as plain loops have it");
	memset(one, 0, sizeof one);
	ok(!as_logreg_predict(one, &classes, &b, predicted, NULL, &err) && predicted[5] == 0, "ties go to the lowest class");
	is_int(as_logreg_new(&l, set, 2, K - 1, NULL, &err), AS_EARG, "a row beyond the classes is refused");
	label[7] = -1;
	is_int(as_logreg_new(&l, set, 2, K, NULL, &err), AS_EARG, "and one of no class");
	label[7] = K - 1;
	hopeless();
	scores();
	far();
	offset();
	return done();
}
