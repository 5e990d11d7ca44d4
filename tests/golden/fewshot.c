/* One-vs-rest weights in the span against liblinear's (fewshot.py). */
#include "eval/fewshot.h"

#include <stdlib.h>

#include "../tap.h"

enum { MAX_N = 32, MAX_D = 32 };

struct problem {
	long way, shot, d;
	double x[MAX_N][MAX_D + 1]; /* the bias's 1 last */
	double w[MAX_N][MAX_D + 1];
};

static bool read_problem(FILE *f, struct problem *p)
{
	if (fscanf(f, "%ld %ld %ld", &p->way, &p->shot, &p->d) != 3 || p->way * p->shot > MAX_N || p->d > MAX_D)
		return false;
	for (long i = 0; i < p->way * p->shot; i++) {
		for (long j = 0; j < p->d; j++) {
			if (fscanf(f, "%lf", &p->x[i][j]) != 1)
				return false;
			p->x[i][j] /= 64;
		}
		p->x[i][p->d] = 1;
	}
	for (long i = 0; i < (p->way == 2 ? 1 : p->way); i++)
		for (long j = 0; j <= p->d; j++)
			if (fscanf(f, "%lf", &p->w[i][j]) != 1)
				return false;
	return true;
}

/* The largest difference of a weight of class c from liblinear's. */
static double worst(const struct problem *p, long c)
{
	static double gram[MAX_N * MAX_N], scratch[MAX_N * (MAX_N + 5)];
	double y[MAX_N], beta[MAX_N] = {0}, most = 0;
	long n = p->way * p->shot;
	for (long i = 0; i < n; i++) {
		y[i] = i / p->shot == c ? 1 : -1;
		for (long j = 0; j < n; j++) {
			gram[i * n + j] = 0;
			for (long k = 0; k <= p->d; k++)
				gram[i * n + j] += p->x[i][k] * p->x[j][k];
		}
	}
	int steps = as_span_logistic(gram, y, n, 1, beta, scratch);
	for (long k = 0; k <= p->d; k++) {
		double w = 0;
		for (long i = 0; i < n; i++)
			w += beta[i] * p->x[i][k];
		most = fmax(most, fabs(w - p->w[c][k]));
	}
	/* a wrong Hessian still arrives, but not quadratically */
	ok(steps <= 9, "class %ld: %d Newton steps", c, steps);
	return most;
}

int main(void)
{
	FILE *f = fopen("tests/golden/fewshot.txt", "r");
	static struct problem p;
	if (!ok(f != NULL, "fewshot.txt is there"))
		return done();
	for (int i = 0; i < 2; i++) {
		if (!ok(read_problem(f, &p), "problem %d is read", i))
			continue;
		for (long c = 0; c < (p.way == 2 ? 1 : p.way); c++) {
			double most = worst(&p, c);
			/* both in double; liblinear stops at 1e-12 of its first gradient, 5e-8 from here */
			ok(most < 1e-6, "%ld-way %ld-shot, weights of class %ld (worst %.2g)", p.way, p.shot, c, most);
		}
	}
	p.w[0][0] *= 1.01;
	ok(worst(&p, 0) > 1e-4, "a reference weight wrong by 1 %% is noticed");
	fclose(f);
	return done();
}
