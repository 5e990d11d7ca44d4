/* Private to lib/kern: tiles of a matrix product that stay in registers, in whole vectors; direct and
 * Winograd's convolution are made of them. For .isa.c files. */
#ifndef AS_KERN_TILE_H
#define AS_KERN_TILE_H

#include <stdbool.h>

#include "kern/cell.h"
#include "kern/kern.h"

/* Rows of a tile that is two vectors wide, and of one that is one wide. */
#if defined(__AVX512F__) || defined(AS_NEON)
enum { ROWS2 = 12, ROWS1 = 24 }; /* 24 sums in 32 registers */
#else
enum { ROWS2 = 6, ROWS1 = 12 }; /* 12 sums in 16 registers */
#endif
enum { WIDE = 2 * LANES };

static inline int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

static AS_INLINE vec times_float(vec sum, const float *x, const float *w)
{
	return sum + *x * load(w);
}

/* The first n columns, or all LANES, to p. */
static AS_INLINE void store_floats(float *p, vec v, int64_t n, bool add)
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

static AS_INLINE void store(cell *p, vec v, int64_t n, bool add)
{
	if (n >= LANES) {
		if (add)
			v += load_cells(p);
		store_cells(p, v);
		return;
	}
	for (int64_t i = 0; i < n; i++)
		p[i] = narrow(add ? wide(p[i]) + v[i] : v[i]);
}

/* What happens to the sums: struct as_after, or += (plus). `y` is the beginning of the output, so that a
 * place in it gives the same place in `add`. */
struct after {
	const float *shift;
	const cell *add, *y;
	bool relu, plus;
};

static const struct after nothing = {0, 0, 0, false, false}, adding = {0, 0, 0, false, true};

static inline struct after after_of(const struct as_after *a, const cell *y)
{
	struct after all = nothing;
	if (a) {
		all.shift = a->shift;
		all.add = (const cell *)a->add;
		all.y = y;
		all.relu = a->relu;
	}
	return all;
}

static AS_INLINE vec rectified(vec v)
{
	ivec below = v < 0; /* this order of the comparison keeps not-a-number */
	return (vec)((ivec)v & ~below);
}

/* Applies this to a sum of LANES columns from k on that will be stored at p. */
static AS_INLINE vec finished(vec v, const cell *p, int64_t k, const struct after *a)
{
	if (a->shift)
		v += load(a->shift + k);
	if (a->add)
		v += load_cells(a->add + (p - a->y));
	return a->relu ? rectified(v) : v;
}

/* Applies it to n columns from k on of a row p of y, which are no whole vectors. */
static inline void finish_part(cell *p, int64_t k, int64_t n, const struct after *a)
{
	for (int64_t i = k; i < k + n; i++) {
		float v = wide(p[i]) + a->shift[i] + (a->add ? wide(a->add[p - a->y + i]) : 0);
		p[i] = narrow(a->relu && v < 0 ? 0 : v);
	}
}

/* The sums of a tile, ROWS rows x VECS vectors: sum[i][..] = `sum` + sum_c x[i][c] w[c][..]. The row x[i] is `runs` runs
 * of `run` TYPEs from px[i] on, `step` apart; times_TYPE takes `each` of them at once. */
#define PRODUCT_SUMS(ROWS, VECS, TYPE, each)                                                                   \
	for (int64_t a = 0; a < runs; a++) {                                                                   \
		const TYPE *x[ROWS];                                                                           \
		AS_UNROLL for (int i = 0; i < ROWS; i++)                                                       \
			x[i] = px[i] + a * step;                                                               \
		for (int64_t c = 0; c < run; c += each, w += each * VECS * LANES)                              \
			AS_UNROLL for (int i = 0; i < ROWS; i++)                                               \
				AS_UNROLL for (int j = 0; j < VECS; j++)                                       \
					sum[i][j] = times_##TYPE(sum[i][j], x[i] + c, w + each * j * LANES);   \
	}

/* y[i][..] = (or +=) sum_c x[i][c] w[c][..], then what `after` says. `n` columns of the first `rows` rows are
 * stored at py[i] + k; shift and add work on whole vectors. Everything to be added is loaded before the
 * first store: `add` is often a multiple of 4 KiB away from y, and the CPU delays a load whose low address
 * bits equal those of a recent store. */
#define PRODUCT_TILE(NAME, ROWS, VECS)                                                                         \
	static AS_INLINE void NAME(const cell *const *px, int64_t runs, int64_t run, int64_t step,             \
				   const cell *w, cell *const *py, int64_t k, int64_t rows, int64_t n,         \
				   const struct after *after)                                                  \
	{                                                                                                      \
		vec sum[ROWS][VECS] = {{{0}}};                                                                 \
		if (after->shift) {                                                                            \
			AS_UNROLL for (int i = 0; i < ROWS; i++)                                               \
				AS_UNROLL for (int j = 0; j < VECS; j++)                                       \
					sum[i][j] = load(after->shift + k + j * LANES);                        \
		}                                                                                              \
		PRODUCT_SUMS(ROWS, VECS, cell, PAIR)                                                           \
		if (after->add) {                                                                              \
			AS_UNROLL for (int i = 0; i < ROWS; i++)                                               \
				AS_UNROLL for (int j = 0; j < VECS; j++)                                       \
					sum[i][j] += load_cells(after->add + (py[i] - after->y) + k + j * LANES);  \
		}                                                                                              \
		if (after->relu) {                                                                             \
			AS_UNROLL for (int i = 0; i < ROWS; i++)                                               \
				AS_UNROLL for (int j = 0; j < VECS; j++)                                       \
					sum[i][j] = rectified(sum[i][j]);                                      \
		}                                                                                              \
		AS_UNROLL for (int i = 0; i < ROWS; i++)                                                       \
			AS_UNROLL for (int j = 0; j < VECS; j++)                                               \
				if (i < rows && n > j * LANES)                                                 \
					store(py[i] + k + j * LANES, sum[i][j], n - j * LANES, after->plus);   \
	}

/* The same of slabs, which are floats in whole vectors: one run, and nothing after it. */
#define SLAB_TILE(NAME, ROWS, VECS)                                                                            \
	static AS_INLINE void NAME(const float *const *px, int64_t run, const float *w, float *const *py,      \
				   int64_t k, int64_t rows)                                                    \
	{                                                                                                      \
		const int64_t runs = 1, step = 0;                                                              \
		vec sum[ROWS][VECS] = {{{0}}};                                                                 \
		PRODUCT_SUMS(ROWS, VECS, float, 1)                                                             \
		AS_UNROLL for (int i = 0; i < ROWS; i++)                                                       \
			AS_UNROLL for (int j = 0; j < VECS; j++)                                               \
				if (i < rows)                                                                  \
					*(vec *)(py[i] + k + j * LANES) = sum[i][j];                           \
	}

/* ROWS values i x VECS vectors: y[i][..] = (or +=) sum_p px[p][at + i] r[p][..], for p in 0..count-1; the
 * rows r[p] are `step` apart. */
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
					store_floats(y + i * ld + j * LANES, sum[i][j], n - j * LANES, add);   \
	}

#endif
