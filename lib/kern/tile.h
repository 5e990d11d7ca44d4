/* Tiles of a product that stay in registers, on whole vectors: what direct and
 * Winograd's convolution are made of. For .isa.c files alone. */
#ifndef AS_KERN_TILE_H
#define AS_KERN_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

#if defined(__AVX512F__)
enum { LANES = 16, ROWS2 = 12, ROWS1 = 24 }; /* 24 sums in 32 registers */
#elif defined(__AVX2__)
enum { LANES = 8, ROWS2 = 6, ROWS1 = 12 }; /* 12 sums in 16 registers */
#else
enum { LANES = 4, ROWS2 = 6, ROWS1 = 12 };
#endif
enum { WIDE = 2 * LANES };

typedef AS_VECTOR(LANES) vec;

static inline int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

static AS_INLINE vec load(const float *p)
{
	return *(const vec *)p;
}

static AS_INLINE void store(float *p, vec v, int64_t n, bool add)
{
	if (n >= LANES) {
		if (add)
			v += load(p);
		*(vec *)p = v;
		return;
	}
	for (int64_t i = 0; i < n; i++)
		p[i] = add ? p[i] + v[i] : v[i];
}

/* ROWS rows x VECS vectors: y[i][..] = (or +=) sum_c x[i][c] w[c][..], the row x[i] being
 * `runs` runs of `run` floats from px[i] on, `step` apart. Of the first `rows` rows `n`
 * columns go to py[i] + k. */
#define PRODUCT_TILE(NAME, ROWS, VECS)                                                                         \
	static AS_INLINE void NAME(const float *const *px, int64_t runs, int64_t run, int64_t step,            \
				   const float *w, float *const *py, int64_t k, int64_t rows, int64_t n,       \
				   bool add)                                                                   \
	{                                                                                                      \
		vec sum[ROWS][VECS] = {{{0}}};                                                                 \
		for (int64_t a = 0; a < runs; a++) {                                                           \
			const float *x[ROWS];                                                                  \
			AS_UNROLL for (int i = 0; i < ROWS; i++)                                               \
				x[i] = px[i] + a * step;                                                       \
			for (int64_t c = 0; c < run; c++, w += VECS * LANES)                                   \
				AS_UNROLL for (int i = 0; i < ROWS; i++)                                       \
					AS_UNROLL for (int j = 0; j < VECS; j++)                               \
						sum[i][j] += x[i][c] * load(w + j * LANES);                    \
		}                                                                                              \
		AS_UNROLL for (int i = 0; i < ROWS; i++)                                                       \
			AS_UNROLL for (int j = 0; j < VECS; j++)                                               \
				if (i < rows && n > j * LANES)                                                 \
					store(py[i] + k + j * LANES, sum[i][j], n - j * LANES, add);           \
	}

/* ROWS values i x VECS vectors: y[i][..] = (or +=) sum_p px[p][at + i] r[p][..], p in
 * 0..count-1, the rows r[p] being `step` apart. */
#define OUTER_TILE(NAME, ROWS, VECS)                                                                           \
	static AS_INLINE void NAME(const float *const *px, int64_t at, int64_t count, const float *r,          \
				   int64_t step, float *y, int64_t ld, int64_t rows, int64_t n, bool add)      \
	{                                                                                                      \
		vec sum[ROWS][VECS] = {{{0}}};                                                                 \
		for (int64_t p = 0; p < count; p++, r += step) {                                               \
			const float *x = px[p] + at;                                                           \
			AS_UNROLL for (int i = 0; i < ROWS; i++)                                               \
				AS_UNROLL for (int j = 0; j < VECS; j++)                                       \
					sum[i][j] += x[i] * load(r + j * LANES);                               \
		}                                                                                              \
		AS_UNROLL for (int i = 0; i < ROWS; i++)                                                       \
			AS_UNROLL for (int j = 0; j < VECS; j++)                                               \
				if (i < rows)                                                                  \
					store(y + i * ld + j * LANES, sum[i][j], n - j * LANES, add);          \
	}

#endif
