/* Logistic regression against Newton's method in float64 (logreg.py): objectives,
 * test scores, and the gradient against differences of the value. */
#include "eval/linear.h"

#include <stdlib.h>

#include "../tap.h"

struct golden {
	struct as_features train, test;
	int64_t classes;
	double w[AS_PATH], objective[AS_PATH];
	int64_t right[AS_PATH];
};

static bool read_rows(FILE *f, struct as_features *out, int64_t n, int64_t d, int64_t classes)
{
	*out = (struct as_features){.n = n, .d = d, .classes = classes};
	out->x = malloc((size_t)(n * d) * sizeof *out->x);
	out->label = malloc((size_t)n * sizeof *out->label);
	out->y = malloc((size_t)n * sizeof *out->y);
	for (int64_t i = 0; i < n; i++) {
		long v;
		if (fscanf(f, "%ld", &v) != 1)
			return false;
		out->label[i] = out->y[i] = v;
		for (int64_t j = 0; j < d; j++) {
			if (fscanf(f, "%ld", &v) != 1)
				return false;
			out->x[i * d + j] = (float)v / 64;
		}
	}
	return true;
}

static bool read_golden(struct golden *g)
{
	FILE *f = fopen("tests/golden/logreg.txt", "r");
	long n, m, d, k, right;
	bool good = f && fscanf(f, "%ld %ld %ld %ld", &n, &m, &d, &k) == 4 && read_rows(f, &g->train, n, d, k) &&
		    read_rows(f, &g->test, m, d, k);
	for (int i = 0; good && i < AS_PATH; i++) {
		good = fscanf(f, "%lf %lf %ld", &g->w[i], &g->objective[i], &right) == 3;
		g->right[i] = right;
	}
	if (f)
		fclose(f);
	g->classes = k;
	return good;
}

/* Walks the path, to the tolerance at every w; the worst relative error of the objective for w >= 0.01 into
 * *objective, the worst difference of the test score in points into *score. */
static bool walk(const struct golden *g, double tolerance, double *objective, double *score)
{
	const struct as_linear o = {.tolerance = tolerance};
	struct as_path_point path[AS_PATH];
	struct as_error err;
	int best;
	double weights[512];
	int64_t label[8] = {0, 1, 2, 3, 4, 5, 6, 7};
	const struct as_classes classes = {g->classes, label};
	*objective = *score = 0;
	if (as_linear_path(&o, &g->train, &g->test, &classes, path, &best, weights, &err)) {
		note("%s", err.text);
		return false;
	}
	double top = 0;
	for (int i = 0; i < AS_PATH; i++) {
		double got = path[i].found.value * (double)g->train.n;
		double want = 100 * (double)g->right[i] / (double)g->test.n;
		if (fabs(path[i].w / g->w[i] - 1) > 1e-12 || !path[i].found.reached || path[i].found.gradient > tolerance)
			return false;
		if (g->w[i] >= 0.0099)
			*objective = fmax(*objective, fabs(got / g->objective[i] - 1));
		*score = fmax(*score, fabs(path[i].score.top1 - want));
		top = fmax(top, path[i].score.top1);
	}
	int first = 0;
	while (path[first].score.top1 < top)
		first++;
	is_int(best, first, "the chosen w is the first best in ascending order");
	return true;
}

static void gradients(const struct golden *g)
{
	const struct as_features *set[] = {&g->train, &g->test};
	struct as_logreg *l;
	struct as_error err;
	int64_t n = g->classes * (g->train.d + 1);
	static double at[512], gradient[512], ignored[512];
	if (!ok(!as_logreg_new(&l, set, 2, g->classes, NULL, &err), "two sets make one problem"))
		return;
	for (int64_t i = 0; i < n; i++)
		at[i] = 0.3 * sin((double)i);
	as_logreg_value(l, 5, at, gradient);
	double worst = 0, scale = 0;
	for (int64_t i = 0; i < n; i++) {
		double x = at[i], h = 0.02, f[4];
		for (int s = 0; s < 4; s++) {
			at[i] = x + h * (double[]){-2, -1, 1, 2}[s];
			f[s] = as_logreg_value(l, 5, at, ignored);
		}
		at[i] = x;
		worst = fmax(worst, fabs((f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h) - gradient[i]));
		scale = fmax(scale, fabs(gradient[i]));
	}
	/* float32 logits: values good to 1e-8, over h = 0.02; h^4 is 2e-7 */
	ok(worst < 5e-6 * scale, "gradient against four-point differences (worst %.2g of the largest)", worst / scale);
	as_logreg_free(l);
}

int main(void)
{
	struct golden g;
	double objective, score;
	if (!ok(read_golden(&g), "logreg.txt is read"))
		return done();
	if (ok(walk(&g, 1e-5, &objective, &score), "the path at the usual tolerance of 1e-5")) {
		ok(objective < 1e-6, "objectives for w >= 0.01 (worst %.2g)", objective);
		/* one row of 500 may fall on the other side of a boundary */
		ok(score < 0.2001, "scores within 0.2 points at every w (worst %.2g)", score);
	}
	if (ok(walk(&g, 1e-6, &objective, &score), "the path at a tolerance of 1e-6")) {
		/* float32 features and products against float64 */
		ok(objective < 1e-6, "objectives for w >= 0.01 (worst %.2g)", objective);
		ok(score < 0.2001, "scores within 0.2 points at every w (worst %.2g)", score);
	}
	g.objective[30] *= 1.01;
	g.right[3] += 5;
	bool walked = walk(&g, 1e-6, &objective, &score);
	ok(walked && objective > 0.009 && score > 0.9, "a reference value wrong by 1 %% is noticed");
	gradients(&g);
	as_features_clear(&g.train);
	as_features_clear(&g.test);
	return done();
}
