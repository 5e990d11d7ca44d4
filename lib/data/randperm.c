#include "data/randperm.h"

/* MT19937, Matsumoto and Nishimura 1998: 624 words, init_genrand. */
enum { N = 624, M = 397 };

struct twister {
	uint32_t word[N];
	int at;
};

static void start(struct twister *t, uint32_t seed)
{
	t->word[0] = seed;
	for (uint32_t i = 1; i < N; i++)
		t->word[i] = 1812433253u * (t->word[i - 1] ^ t->word[i - 1] >> 30) + i;
	t->at = N;
}

static void renew(uint32_t *w)
{
	for (int i = 0; i < N; i++) {
		uint32_t y = (w[i] & 0x80000000u) | (w[(i + 1) % N] & 0x7fffffffu);
		w[i] = w[(i + M) % N] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
	}
}

static uint32_t next(struct twister *t)
{
	if (t->at == N) {
		renew(t->word);
		t->at = 0;
	}
	uint32_t y = t->word[t->at++];
	y ^= y >> 11;
	y ^= y << 7 & 0x9d2c5680u;
	y ^= y << 15 & 0xefc60000u;
	return y ^ y >> 18;
}

void as_randperm(uint32_t seed, int64_t n, int64_t *r)
{
	struct twister t;
	start(&t, seed);
	for (int64_t i = 0; i < n; i++)
		r[i] = i;
	for (int64_t i = 0; i + 1 < n; i++) {
		int64_t z = next(&t) % (n - i), was = r[i];
		r[i] = r[i + z];
		r[i + z] = was;
	}
}
