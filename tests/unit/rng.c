/* Philox against the published vectors, our exp and log against the C library's. */
#include "base/rng.h"

#include "../tap.h"

static void philox_vector(uint32_t c, uint32_t k, const uint32_t want[4])
{
	uint32_t counter[4] = {c, c, c, c}, key[2] = {k, k}, out[4];
	as_philox(counter, key, out);
	ok(!memcmp(out, want, sizeof out), "philox4x32-10 of counter and key %08x", c);
}

int main(void)
{
	philox_vector(0, 0, (uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
	philox_vector(0xffffffff, 0xffffffff, (uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});

	double worst_exp = 0, worst_log = 0;
	for (int i = 1; i <= 20000; i++) {
		double x = (i - 10000) * 0.01, y = i * 0.0137;
		worst_exp = fmax(worst_exp, fabs(as_exp(x) / exp(x) - 1));
		worst_log = fmax(worst_log, fabs(as_log(y) - log(y)) / fmax(1, fabs(log(y))));
	}
	ok(worst_exp < 5e-16, "exp within 2 ulp (worst %.2g)", worst_exp);
	ok(worst_log < 5e-16, "log within 2 ulp (worst %.2g)", worst_log);

	struct as_rng a = as_rng_at(7, 123456789012345, 3, 1, 2), b = a, c = as_rng_at(7, 123456789012345, 3, 0, 2);
	int same = 0, differ = 0, count[5] = {0};
	for (int i = 0; i < 100; i++) {
		uint32_t u = as_rng_u32(&a);
		same += u == as_rng_u32(&b);
		differ += u != as_rng_u32(&c);
	}
	ok(same == 100 && differ > 95, "a stream repeats itself; another view has another");
	for (int i = 0; i < 50000; i++)
		count[as_rng_below(&a, 5)]++;
	double chi = 0;
	for (int i = 0; i < 5; i++)
		chi += (count[i] - 1e4) * (count[i] - 1e4) / 1e4;
	ok(chi < 18.5, "below(5) is uniform (chi square %.2f, 4 degrees, p = .001 at 18.5)", chi);
	return done();
}
