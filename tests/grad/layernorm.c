/* Layer normalisation against the formula in double: what comes out, and its gradients against differences;
 * for every number of grains, and set or added. */
#include "../engine.h"
#include "grad.h"

static const double FORWARD = 5e-7; /* of the largest output: a few roundings to float32 */
static const double ALLOWED = 1e-6; /* of the largest gradient; mean and invstd are rounded */
static const float EPS = 1e-5f;

struct layernorm {
	double *x, *gamma, *beta, *r, *y;
	int64_t rows, c;
	bool relu;
};

static double value(void *ctx)
{
	struct layernorm *l = ctx;
	for (int64_t i = 0; i < l->rows; i++) {
		const double *x = l->x + i * l->c;
		double mean = 0, var = 0;
		for (int64_t j = 0; j < l->c; j++)
			mean += x[j] / (double)l->c;
		for (int64_t j = 0; j < l->c; j++)
			var += (x[j] - mean) * (x[j] - mean) / (double)l->c;
		for (int64_t j = 0; j < l->c; j++) {
			double v = (x[j] - mean) / sqrt(var + EPS) * l->gamma[j] + l->beta[j];
			l->y[i * l->c + j] = l->relu && v < 0 ? 0 : v;
		}
	}
	return weighted(l->y, l->r, l->rows * l->c);
}

static void test(int64_t rows, int64_t c, bool relu, int64_t grains)
{
	const struct as_engine *e = &(struct as_engine){as_kern_chosen(true), NULL, grains, NULL};
	int64_t n = rows * c, leaf = 2 * c + 5;
	float *x = uniform(1, n, -2, 3), *gamma = uniform(2, c, .5, 1.5), *beta = uniform(3, c, -1, 1), *dy = uniform(4, n, -1, 1);
	float *y = take(n, sizeof *y), *dx = uniform(5, n, -1, 1), *before = uniform(5, n, -1, 1);
	float *grad = take(grains * leaf, sizeof *grad);
	float *mean = take(rows, sizeof *mean), *invstd = take(rows, sizeof *invstd);
	struct layernorm l = {widened(x, n), widened(gamma, c), widened(beta, c), widened(dy, n), take(n, sizeof(double)), rows, c,
			      relu};
	e->kern->layernorm_forward(e, x, rows, c, gamma, beta, EPS, relu, mean, invstd, y);
	value(&l);
	double there = off_by(y, l.y, n);
	e->kern->layernorm_backward(e, dy, relu ? y : NULL, x, rows, c, gamma, mean, invstd, grad, grad + c, leaf, dx, true);
	for (int64_t i = 0; i < n; i++)
		dx[i] -= before[i];
	double ea = slopes_off(value, &l, l.x, dx, n, H);
	float *again = take(grains * leaf, sizeof *again);
	e->kern->layernorm_backward(e, dy, relu ? y : NULL, x, rows, c, gamma, mean, invstd, again, again + c, leaf, dx, false);
	e->kern->tree(e, 2 * c, grad, leaf);
	double ex = slopes_off(value, &l, l.x, dx, n, H);
	double ep = fmax(slopes_off(value, &l, l.gamma, grad, c, H), slopes_off(value, &l, l.beta, grad + c, c, H));
	ok(there <= FORWARD && fmax(ex, ep) <= ALLOWED && ea <= 2 * ALLOWED,
	   "layer norm (%d,%d)%s, %d grains: %.2g, allowed %.2g; dx %.2g, added %.2g, dgamma and dbeta %.2g, allowed %.2g", (int)rows,
	   (int)c, relu ? " relu" : "", (int)grains, there, FORWARD, ex, ea, ep, ALLOWED);
	void *owned[] = {x, gamma, beta, dy, y, dx, before, grad, again, mean, invstd, l.x, l.gamma, l.beta, l.r, l.y};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
}

int main(void)
{
	for (int64_t grains = 1; grains <= 4; grains *= 2) {
		test(12, 7, false, grains);
		test(12, 7, true, grains);
		test(20, 150, false, grains);
		test(40, 65, true, grains);
	}
	test(1, 2, false, 1);
	return done();
}
