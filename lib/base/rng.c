#include "base/rng.h"

#include <math.h>
#include <string.h>
#include <xxhash.h>

void as_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
	uint32_t c[4], k0 = key[0], k1 = key[1];
	memcpy(c, counter, sizeof c);
	for (int round = 0; round < 10; round++) {
		uint64_t p0 = (uint64_t)0xD2511F53u * c[0];
		uint64_t p1 = (uint64_t)0xCD9E8D57u * c[2];
		uint32_t c1 = c[1], c3 = c[3];
		c[0] = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
		c[1] = (uint32_t)p1;
		c[2] = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
		c[3] = (uint32_t)p0;
		k0 += 0x9E3779B9u; /* the golden ratio */
		k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
	}
	memcpy(out, c, sizeof c);
}

struct as_rng as_rng_at(uint64_t seed, uint64_t id, uint32_t epoch, uint32_t view, uint32_t op)
{
	return (struct as_rng){
	    .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
	    .counter = {(uint32_t)id, (uint32_t)(id >> 32), epoch, (view & 255) << 24 | (op & 255) << 16},
	};
}

uint32_t as_rng_u32(struct as_rng *r)
{
	if (!r->left) {
		as_philox(r->counter, r->key, r->out);
		uint32_t block = (r->counter[3] + 1) & 0xffff;
		r->counter[3] = (r->counter[3] & 0xffff0000u) | block;
		r->left = 4;
	}
	return r->out[4 - r->left--];
}

double as_rng_uniform(struct as_rng *r)
{
	return as_rng_u32(r) * (1.0 / 4294967296.0);
}

double as_rng_between(struct as_rng *r, double lo, double hi)
{
	return lo + (hi - lo) * as_rng_uniform(r);
}

/* Lemire's method: the high word of u * n; draws again where the result would be biased. */
uint64_t as_rng_below(struct as_rng *r, uint64_t n)
{
	uint64_t sliver = (UINT64_C(1) << 32) % n;
	uint64_t product;
	do
		product = as_rng_u32(r) * n;
	while ((uint32_t)product < sliver);
	return product >> 32;
}

static double from_bits(uint64_t u)
{
	double d;
	memcpy(&d, &u, sizeof d);
	return d;
}

static const double LN2_HI = 0x1.62e42fefa0000p-1; /* ln 2 as the sum of two numbers: */
static const double LN2_LO = 0x1.cf79abc9e3b3ap-40; /* k * LN2_HI is exact */

/* x = k ln 2 + r, |r| <= ln 2 / 2; exp r by its series. */
double as_exp(double x)
{
	if (x < -700 || x > 700)
		return x < 0 ? 0 : from_bits(UINT64_C(0x7ff0000000000000));
	double scaled = x * 1.4426950408889634;
	int64_t k = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
	double r = (x - (double)k * LN2_HI) - (double)k * LN2_LO;
	double sum = 1;
	for (int i = 17; i > 0; i--)
		sum = 1 + sum * r / i;
	return sum * from_bits((uint64_t)(k + 1023) << 52);
}

/* x = 2^k m, m in [sqrt 1/2, sqrt 2); log m = 2 atanh s, s = (m-1)/(m+1). */
double as_log(double x)
{
	uint64_t u;
	memcpy(&u, &x, sizeof u);
	int64_t k = (int64_t)(u >> 52) - 1023;
	double m = from_bits((u & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000));
	if (m > 1.4142135623730951) {
		m *= 0.5;
		k++;
	}
	double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
	for (int i = 23; i > 0; i -= 2)
		sum = sum * s2 + 1.0 / i;
	return (double)k * LN2_HI + ((double)k * LN2_LO + 2 * s * sum);
}

double as_rng_normal(struct as_rng *r)
{
	double x, y, s;
	do {
		x = as_rng_between(r, -1, 1);
		y = as_rng_between(r, -1, 1);
		s = x * x + y * y;
	} while (s >= 1 || s == 0);
	return x * sqrt(-2 * as_log(s) / s);
}

uint64_t as_hash64(const void *bytes, uint64_t count)
{
	return XXH64(bytes, (size_t)count, 0);
}
