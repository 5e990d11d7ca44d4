/* Private to lib/kern: a value of a map as it lies in memory. Files of convolutions and of batch norm are compiled
 * twice for each instruction set: once with floats, and once with AS_NARROW, where a cell is a bfloat16, the upper
 * half of a float. Sums are of floats either way. For .isa.c files. */
#ifndef AS_KERN_CELL_H
#define AS_KERN_CELL_H

#include <stdbool.h>
#include <string.h>
#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

#include "kern/vector.h"

static AS_INLINE float float_of_bits(uint32_t bits)
{
	float x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

static AS_INLINE uint32_t bits_of_float(float x)
{
	uint32_t bits;
	memcpy(&bits, &x, sizeof bits);
	return bits;
}

#ifdef AS_NARROW

typedef uint16_t cell;
typedef AS_VECTOR_OF(uint16_t, LANES) cell_vec;
typedef AS_VECTOR_OF(uint32_t, LANES) words;

/* PAIR: channels that one step of a product takes; two cells are as wide as a float. */
enum { HALVED = 1, PAIR = 2 };

static AS_INLINE float wide(cell x)
{
	return float_of_bits((uint32_t)x << 16);
}

/* The nearest bfloat16, of two the even one; what is not a number stays so. */
static AS_INLINE cell narrow(float x)
{
	uint32_t u = bits_of_float(x), even = u + 0x7fff + (u >> 16 & 1);
	return (cell)((x == x ? even : u | 0x400000) >> 16);
}

static AS_INLINE vec load_cells(const cell *p)
{
	return (vec)(AS_CONVERT(*(const cell_vec *)p, words) << 16);
}

static AS_INLINE void store_cells(cell *p, vec v)
{
#if defined(__AVX512BF16__)
	*(cell_vec *)p = (cell_vec)_mm512_cvtneps_pbh((__m512)v);
#else
	words u = (words)v, even = u + 0x7fff + (u >> 16 & 1), number = (words)(v == v);
	*(cell_vec *)p = AS_CONVERT(((even & number) | ((u | 0x400000) & ~number)) >> 16, cell_vec);
#endif
}

/* LANES steps of PAIR cells: a[0] b[0], a[1] b[1], ... */
static AS_INLINE void store_step(cell *p, const cell *a, const cell *b)
{
	*(words *)(void *)p = AS_CONVERT(*(const cell_vec *)a, words) | AS_CONVERT(*(const cell_vec *)b, words) << 16;
}

/* sum + x[0] w[..][0] + x[1] w[..][1] for LANES pairs of weights w; the second product is added first, as the CPU's own
 * instruction does. */
static AS_INLINE vec times_cell(vec sum, const cell *x, const cell *w)
{
	uint32_t pair;
	memcpy(&pair, x, sizeof pair);
	words both = *(const words *)(const void *)w;
#if defined(__AVX512BF16__)
	return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)((words){0} + pair), (__m512bh)both);
#else
	sum += float_of_bits(pair & 0xffff0000) * (vec)(both & 0xffff0000);
	return sum + float_of_bits(pair << 16) * (vec)(both << 16);
#endif
}

#else

typedef float cell;
enum { HALVED = 0, PAIR = 1 };

static AS_INLINE float wide(cell x)
{
	return x;
}

static AS_INLINE cell narrow(float x)
{
	return x;
}

static AS_INLINE vec load_cells(const cell *p)
{
	return load(p);
}

static AS_INLINE void store_cells(cell *p, vec v)
{
	*(vec *)p = v;
}

/* LANES cells of a. */
static AS_INLINE void store_step(cell *p, const cell *a, const cell *b)
{
	(void)b;
	*(vec *)p = load(a);
}

/* sum + x[0] w[..] */
static AS_INLINE vec times_cell(vec sum, const cell *x, const cell *w)
{
	return sum + *x * load(w);
}

#endif

#endif
