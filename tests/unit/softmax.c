/* Softmax and cross-entropy against libm in double. */
#include "kern/softmax.h"

#include "base/rng.h"

#include "../tap.h"

int main(void)
{
	static float z[64 * 129], p[64 * 129];
	int64_t label[64];
	struct as_rng r = as_rng_at(1, 1, 1, 1, 1);
	static const int64_t width[] = {1, 2, 10, 16, 100, 129};
	for (int t = 0; t < 6; t++) {
		int64_t k = width[t];
		double want = 0, spread = t == 3 ? 300 : 10;
		for (int64_t i = 0; i < 64; i++) {
			label[i] = (int64_t)as_rng_below(&r, (uint64_t)k);
			double sum = 0, high = -1e9;
			for (int64_t j = 0; j < k; j++) {
				z[i * k + j] = (float)as_rng_between(&r, -spread, spread);
				high = fmax(high, (double)z[i * k + j]);
			}
			for (int64_t j = 0; j < k; j++)
				sum += exp((double)z[i * k + j] - high);
			for (int64_t j = 0; j < k; j++)
				p[i * k + j] = (float)(exp((double)z[i * k + j] - high) / sum);
			want += log(sum) - ((double)z[i * k + label[i]] - high);
		}
		double got = as_softmax_ce(z, 64, k, label);
		/* float arithmetic: a few 6e-8 */
		is_near(z, p, 64 * k, 1e-6, "probabilities");
		is_close(got, want, 1e-6 * fmax(want, 64), "cross-entropy");
	}
	float odd[3] = {1, NAN, 2};
	label[0] = 0;
	ok(isnan(as_softmax_ce(odd, 1, 3, label)), "what is no number makes a loss that is none");
	return done();
}
