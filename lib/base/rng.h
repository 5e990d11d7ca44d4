/* Public since 0.2. Counter-based random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", SC 2011). A number depends only on what it is drawn for (image, epoch, view,
 * operation), never on earlier draws. So each record can be made again alone, and the number of threads
 * changes no byte. */
#ifndef AS_BASE_RNG_H
#define AS_BASE_RNG_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* A generator at one place; as_rng_at makes it. Copies go on independently. */
struct as_rng {
	uint32_t key[2];     /* the seed */
	uint32_t counter[4]; /* id low, id high, epoch, view << 24 | op << 16 | block */
	uint32_t out[4];
	int left; /* words of `out` not yet handed out */
};

/* One block of the generator: four words from counter and key. */
void as_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The random numbers of one draw. view and op are in 0..255; after 2^16 blocks of
 * four words they repeat. Each user of the generator has numbers of its own:
 *
 *     view          op           id                      user
 *     0..127        1..255       image                   augmentations (op: as_aug.draw)
 *     128..255      1..255       batch                   what a whole batch shares (compat)
 *     254           0..3         image                   img-synth
 *     254           4, 5         image, class            img-synth --layout
 *     255           255          65536 places            the order of a shuffled epoch
 *     255           255          hash of a name          start values of parameters
 *     0             0            episode                 fewshot
 *     0             1            0                       augprobe: the order of pairs in an epoch
 *
 * Where two rows overlap, the users are different programs. */
struct as_rng as_rng_at(uint64_t seed, uint64_t id, uint32_t epoch, uint32_t view, uint32_t op);

/* The next 32 bits. */
uint32_t as_rng_u32(struct as_rng *);
/* Uniform in [0,1), a multiple of 2^-32. */
double as_rng_uniform(struct as_rng *);
/* Uniform in [lo, hi). */
double as_rng_between(struct as_rng *, double lo, double hi);
/* Uniform in 0..n-1, without bias; 0 < n <= 2^32. */
uint64_t as_rng_below(struct as_rng *, uint64_t n);
/* Normal with mean 0 and variance 1 (Marsaglia's polar method, which gives two values; this is one). */
double as_rng_normal(struct as_rng *);

/* exp and log in our own arithmetic, so that random draws do not depend on the C library. Error at most 2
 * ulp for |x| < 700 and x > 0. */
double as_exp(double x);
double as_log(double x);

/* XXH64 with seed 0. The id of an image that has a name is the hash of its path inside the dataset. */
uint64_t as_hash64(const void *bytes, uint64_t count);

AS_END
#endif
