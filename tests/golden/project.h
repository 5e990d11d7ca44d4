/* A view against a reference of which 16 figures are kept, D_k = sum_i s_ki x_i with
 * signs s_ki by a hash of i (views.py). For a view that is off by e the D_k are off
 * by d_k = sum_i s_ki e_i, of mean 0 and mean square |e|^2, and
 *
 *     max |e_i| <= |e| <= 2 sqrt(mean d_k^2),  but for 1 in 1500 (chi square of 16 below 4).
 *
 * So when sqrt(mean d_k^2) is at most 5e-5, every pixel is within 1e-4. */
#ifndef AS_TESTS_PROJECT_H
#define AS_TESTS_PROJECT_H

#include <math.h>
#include <stdint.h>

enum { FIGURES = 16 };
static const double PROJECTED = 5e-5;

/* splitmix64: bit k of the hash of i is the sign of x[i] in figure k. */
static inline uint64_t hash_of(uint64_t i)
{
	uint64_t z = (i + 1) * 0x9E3779B97F4A7C15u;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static inline void project(const float *x, int64_t n, double figure[FIGURES])
{
	for (int k = 0; k < FIGURES; k++)
		figure[k] = 0;
	for (int64_t i = 0; i < n; i++) {
		uint64_t h = hash_of((uint64_t)i);
		for (int k = 0; k < FIGURES; k++)
			figure[k] += h >> k & 1 ? -(double)x[i] : (double)x[i];
	}
}

/* sqrt(mean d_k^2): an estimate of |e|. NaN in a view gives NaN. */
static inline double projected(const float *x, int64_t n, const double want[FIGURES])
{
	double got[FIGURES], sum = 0;
	project(x, n, got);
	for (int k = 0; k < FIGURES; k++)
		sum += (got[k] - want[k]) * (got[k] - want[k]) / FIGURES;
	return sqrt(sum);
}

#endif
