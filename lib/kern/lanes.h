/* Private to lib/kern: the few operations of the pixel kernels on vectors (kern/vector.h) that C cannot express. For
 * .isa.c files. */
#ifndef AS_KERN_LANES_H
#define AS_KERN_LANES_H

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kern/vector.h"

static inline void store(float *at, vec x)
{
	*(vec *)at = x;
}

static inline float clamp(float x)
{
	x = x > 0 ? x : 0;
	return x < 1 ? x : 1;
}

/* gcc 12 warns about its own header when the plain intrinsics of 512 bits are used; the masked ones with
 * all lanes chosen compile to the same instructions. */
enum { ALL = 0xffff };

/* LANES bytes as floats. */
static inline vec load_bytes(const uint8_t *at)
{
#if defined(__AVX512F__)
	__m512i whole = _mm512_maskz_cvtepu8_epi32(ALL, _mm_loadu_si128((const __m128i *)(const void *)at));
	return (vec)_mm512_maskz_cvtepi32_ps(ALL, whole);
#elif defined(__AVX2__)
	return (vec)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)at)));
#else
	const vec bytes = {(float)at[0], (float)at[1], (float)at[2], (float)at[3]};
	return bytes;
#endif
}

/* yes where the condition's lane has all bits set, no where it is 0. */
static inline vec choose(ivec condition, vec yes, vec no)
{
	return (vec)((condition & (ivec)yes) | (~condition & (ivec)no));
}

/* a < b ? a : b and a > b ? a : b, lane by lane. */
static inline vec lesser(vec a, vec b)
{
#if defined(__AVX512F__)
	return (vec)_mm512_maskz_min_ps(ALL, (__m512)a, (__m512)b);
#elif defined(__AVX2__)
	return (vec)_mm256_min_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
	return (vec)_mm_min_ps((__m128)a, (__m128)b);
#else
	return choose((ivec)(a < b), a, b);
#endif
}

static inline vec greater(vec a, vec b)
{
#if defined(__AVX512F__)
	return (vec)_mm512_maskz_max_ps(ALL, (__m512)a, (__m512)b);
#elif defined(__AVX2__)
	return (vec)_mm256_max_ps((__m256)a, (__m256)b);
#elif defined(__SSE2__)
	return (vec)_mm_max_ps((__m128)a, (__m128)b);
#else
	return choose((ivec)(a > b), a, b);
#endif
}

/* x in all lanes. */
static inline vec all(float x)
{
	return x - (vec){0};
}

/* Each lane in [0,1], as clamp. */
static inline vec clamp_lanes(vec x)
{
	return lesser(greater(x, all(0)), all(1));
}

/* Lane l becomes x[at[l]], with 0 <= at[l] < LANES * vectors. `vectors` is a constant: 1, 2 or 4 to choose
 * among the lanes of that many vectors, 0 for any distance, one lane at a time. */
static AS_INLINE vec pick(const float *x, ivec at, int vectors)
{
#if defined(__AVX512F__)
	__m512i i = (__m512i)at;
	if (vectors == 1)
		return (vec)_mm512_maskz_permutexvar_ps(ALL, i, (__m512)load(x));
	if (vectors == 0)
		return (vec)_mm512_mask_i32gather_ps(_mm512_setzero_ps(), ALL, i, x, 4);
	__m512 low = _mm512_permutex2var_ps((__m512)load(x), i, (__m512)load(x + LANES));
	if (vectors == 2)
		return (vec)low;
	__m512 high = _mm512_permutex2var_ps((__m512)load(x + 2 * LANES), i, (__m512)load(x + 3 * LANES));
	return (vec)_mm512_mask_blend_ps(_mm512_test_epi32_mask(i, _mm512_set1_epi32(2 * LANES)), low, high);
#elif defined(__AVX2__)
	__m256i i = (__m256i)at;
	if (vectors == 1)
		return (vec)_mm256_permutevar8x32_ps((__m256)load(x), i);
	if (vectors == 0 || vectors > 2)
		return (vec)_mm256_i32gather_ps(x, i, 4);
	__m256 low = _mm256_permutevar8x32_ps((__m256)load(x), i);
	__m256 high = _mm256_permutevar8x32_ps((__m256)load(x + LANES), i);
	/* moves bit 3 to the sign, which the blend looks at */
	return (vec)_mm256_blendv_ps(low, high, (__m256)_mm256_slli_epi32(i, 28));
#else
	(void)vectors;
	const vec picked = {x[at[0]], x[at[1]], x[at[2]], x[at[3]]};
	return picked;
#endif
}

#endif
