/* The losses' values and gradients against the formulas written in double. */
#include "ssl/loss.h"

#include "../engine.h"
#include "grad.h"

/* Losses are computed in double; the gradient is rounded to float32 once, 6e-8. */
static const double VALUE = 1e-12, GRADIENT = 1e-7;

struct loss {
	int64_t rows, n;
	double *p, *t;
};

/* As ssl/loss.h defines them. */
static double cosine(void *ctx)
{
	const struct loss *l = ctx;
	double mean = 0;
	for (int64_t i = 0; i < l->rows; i++) {
		double pp = 0, tt = 0, pt = 0;
		for (int64_t j = i * l->n; j < (i + 1) * l->n; j++) {
			pp += l->p[j] * l->p[j];
			tt += l->t[j] * l->t[j];
			pt += l->p[j] * l->t[j];
		}
		mean += pt / sqrt(fmax(pp * tt, 1e-16)) / (double)l->rows;
	}
	return mean;
}

static double mse_tanh(void *ctx)
{
	const struct loss *l = ctx;
	double mean = 0;
	for (int64_t i = 0; i < l->rows * l->n; i++)
		mean += (tanh(l->p[i]) - l->t[i]) * (tanh(l->p[i]) - l->t[i]) / (double)(l->rows * l->n);
	return mean;
}

/* --compat solarize-broadcast: every row against every target. */
static double mse_tanh_all(void *ctx)
{
	const struct loss *l = ctx;
	double mean = 0;
	for (int64_t i = 0; i < l->rows; i++)
		for (int64_t j = 0; j < l->rows; j++)
			for (int64_t k = 0; k < l->n; k++) {
				double gap = tanh(l->p[i * l->n + k]) - l->t[j * l->n + k];
				mean += gap * gap / (double)(l->rows * l->rows * l->n);
			}
	return mean;
}

/* -t log s(p) - (1-t) log(1 - s(p)), s the logistic function. */
static double bce(void *ctx)
{
	const struct loss *l = ctx;
	double mean = 0;
	for (int64_t i = 0; i < l->rows; i++)
		mean += (l->t[i] * log1p(exp(-l->p[i])) + (1 - l->t[i]) * log1p(exp(l->p[i]))) / (double)l->rows;
	return mean;
}

static double ce(void *ctx)
{
	const struct loss *l = ctx;
	double mean = 0;
	for (int64_t i = 0; i < l->rows; i++) {
		double sum = 0;
		for (int64_t j = 0; j < l->n; j++)
			sum += exp(l->p[i * l->n + j] - l->p[i * l->n + (int64_t)l->t[i]]);
		mean += log(sum) / (double)l->rows;
	}
	return mean;
}

static double ours(enum as_loss which, const struct loss *l, const float *p, const float *t, float weight, float *dp)
{
	if (which == AS_LOSS_NONE) /* stands for the cosine, which no augmentation has */
		return engine_of(true)->kern->cosine(engine_of(true), l->rows, l->n, p, t, weight, dp);
	return as_loss_of(engine_of(true), which, l->rows, l->n, p, t, t, weight, dp);
}

/* h: the step of the differences, which must stay on one side of a kink. */
static void check(const char *what, enum as_loss which, double (*f)(void *), int64_t rows, int64_t n, const float *p,
		  const float *t, int64_t targets, double h)
{
	const float weight = -1.5f;
	struct loss l = {rows, n, widened(p, rows * n), widened(t, targets)};
	float *dp = uniform(9, rows * n, -1, 1); /* set, not added to */
	double value = ours(which, &l, p, t, weight, dp), want = f(&l);
	for (int64_t i = 0; i < rows * n; i++)
		dp[i] /= weight;
	double e = slopes_off(f, &l, l.p, dp, rows * n, h), v = fabs(value - want) / fmax(1, fabs(want));
	ok(v <= VALUE && e <= 2 * GRADIENT, "%s: value off by %.2g, allowed %.2g; gradient %.2g, allowed %.2g", what, v, VALUE, e,
	   2 * GRADIENT);
	free(l.p);
	free(l.t);
	free(dp);
}

int main(void)
{
	enum { ROWS = 11, N = 4, D = 37 };
	float *p = uniform(1, ROWS * D, -2, 2), *t = uniform(2, ROWS * D, -1, 1);
	check("cosine", AS_LOSS_NONE, cosine, ROWS, D, p, t, ROWS * D, H);
	check("cosine of one row", AS_LOSS_NONE, cosine, 1, 2, p, t, 2, H);
	check("mse of tanh", AS_LOSS_MSE_TANH, mse_tanh, ROWS, N, p, t, ROWS * N, H);
	check("mse of tanh, all against all", AS_LOSS_MSE_TANH_ALL, mse_tanh_all, ROWS, N, p, t, ROWS * N, H);
	for (int i = 0; i < ROWS * N; i++)
		p[i] *= 10; /* logits from -20 to 20 */
	for (int i = 0; i < ROWS; i++)
		t[i] = t[i] > 0;
	check("binary cross-entropy", AS_LOSS_BCE, bce, ROWS, 1, p, t, ROWS, H);
	for (int i = 0; i < ROWS; i++)
		t[i] = (float)(i % N);
	check("cross-entropy", AS_LOSS_CE, ce, ROWS, N, p, t, ROWS, H);
	float tiny[D], dp[D], far[2] = {200, -200}, farther[2] = {-400, 400}, zero[2] = {0, 0};
	for (int i = 0; i < D; i++)
		tiny[i] = p[i] * 1e-12f;
	check("cosine below the floor of its norms", AS_LOSS_NONE, cosine, 1, D, tiny, t, D, 1e-12);
	ok(engine_of(true)->kern->cosine(engine_of(true), 1, 2, zero, far, 1, dp) == 0 && isfinite(dp[0]),
	   "the cosine of a zero is 0, its gradient finite");
	ok(engine_of(true)->kern->bce(engine_of(true), 2, far, zero, 1, dp) == 100 && dp[0] == .5f && dp[1] == 0,
	   "logits of 200 neither overflow nor vanish");
	ok(engine_of(true)->kern->ce(engine_of(true), 1, 2, far, (float[]){1}, 1, dp) == 400 && dp[0] == 1 && dp[1] == -1,
	   "... nor do two classes 400 apart");
	ok(engine_of(true)->kern->ce(engine_of(true), 1, 2, farther, (float[]){0}, 1, dp) == 800 && dp[0] == -1 && dp[1] == 1,
	   "... or 800, the other way round");
	free(p);
	free(t);
	return done();
}
