/* The collapse figures against pair-by-pair sums, and at their ends. */
#include <stdlib.h>

#include "base/rng.h"

#include "../engine.h"
#include "../tap.h"

enum { N = 7, D = 12 };

static double cosine(const float *a, const float *b)
{
	double ab = 0, aa = 0, bb = 0;
	for (int i = 0; i < D; i++) {
		ab += (double)a[i] * b[i];
		aa += (double)a[i] * a[i];
		bb += (double)b[i] * b[i];
	}
	return ab / sqrt(aa * bb);
}

int main(void)
{
	const struct as_engine *e = engine_of(true);
	float y1[N * D], y2[N * D], unit[2 * N * D];
	struct as_rng r = as_rng_at(1, 2, 3, 4, 5);
	for (int i = 0; i < N * D; i++) {
		y1[i] = (float)as_rng_between(&r, -1, 2);
		y2[i] = (float)as_rng_between(&r, -1, 2);
	}
	double together = 0, apart = 0;
	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++)
			*(i == j ? &together : &apart) += cosine(y1 + i * D, y2 + j * D);
	struct as_collapse f = e->kern->collapse(e, N, D, y1, y2, unit);
	is_close(f.together, together / N, 1e-6, "mean cosine of pairs that belong together");
	is_close(f.apart, apart / (N * (N - 1)), 1e-6, "mean cosine of pairs that do not");

	for (int i = 0; i < N * D; i++)
		y1[i] = y2[i] = 3 + (float)(i % D);
	f = e->kern->collapse(e, N, D, y1, y2, unit);
	is_close(f.spread, 0, 1e-3, "features all alike spread 0");
	is_close(f.apart, 1, 1e-6, "and are no further apart than together");

	enum { MANY = 4000 };
	float *wide = malloc(4 * MANY * D * sizeof *wide);
	if (!wide)
		return 1;
	for (int i = 0; i < 2 * MANY * D; i++) { /* near enough a normal draw */
		double sum = -6;
		for (int j = 0; j < 12; j++)
			sum += as_rng_uniform(&r);
		wide[i] = (float)sum;
	}
	f = e->kern->collapse(e, MANY, D, wide, wide + MANY * D, wide + 2 * MANY * D);
	is_close(f.spread, 1, .01, "features in all directions alike spread 1");
	free(wide);
	return done();
}
