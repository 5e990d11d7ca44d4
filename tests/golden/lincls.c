/* A linear classifier that learns by gradient descent, against NumPy in float64 (lincls.py), epoch by epoch. */
#include "eval/sgd.h"

#include "../engine.h"
#include "reference.h"

enum { N = 50, D = 6, K = 4, EPOCHS = 5 };

/* float32 logits, and some twenty steps whose errors add up: 3e-7 is found. */
static const double ALLOWED = 3e-6;

int main(void)
{
	static float x[N * D], label[N], start[K * D];
	double w[K * (D + 1)] = {0}, want[3];
	struct as_sgd_how how = {.lr = 3, .momentum = .9, .batch = 16, .drop = {2, 4}, .drops = 2};
	struct as_sgd_epoch e;
	struct as_sgd *s;
	struct as_error err;
	FILE *f = fopen("tests/golden/lincls.txt", "r");
	if (!ok(f && !as_sgd_new(&s, D, K, &how, NULL, &err), "the reference file, and a classifier"))
		return done();
	draw("lincls.x", N * D, -1, 1, x);
	draw("lincls.y", N, 0, K, label);
	draw("lincls.w", K * D, -.02, .02, start);
	for (int i = 0; i < N; i++)
		x[i * D + (int)label[i]] += 1;
	for (int i = 0; i < K * D; i++)
		w[i / D * (D + 1) + i % D] = start[i];
	as_sgd_start(s, w);
	for (int epoch = 0; epoch < EPOCHS; epoch++) {
		double off = 0, size = 0, v;
		for (int i = 0; i < N; i++)
			if (as_sgd_row(s, x + i * D, (int)label[i], &err))
				abort();
		if (as_sgd_end(s, &e, &err) || fscanf(f, "%lf %lf %lf", &want[0], &want[1], &want[2]) != 3)
			abort();
		as_sgd_weights(s, w);
		for (int i = 0; i < K * (D + 1) && fscanf(f, "%lf", &v) == 1; i++) {
			off = fmax(off, fabs(w[i] - v));
			size = fmax(size, fabs(v));
		}
		ok(size > 0 && off <= ALLOWED * size, "epoch %d: weights off by %.2g of the largest, allowed %.2g", epoch, off / size,
		   ALLOWED);
		ok(fabs(e.lr - want[0]) <= 1e-15 && fabs(e.loss - want[1]) <= ALLOWED && fabs(e.top1 - want[2]) <= 1e-9 && e.rows == N &&
			   e.steps == 4 && e.epoch == epoch, "... lr %g, loss %.6f, top1 %g", e.lr, e.loss, e.top1);
	}
	as_sgd_free(s);
	fclose(f);
	return done();
}
