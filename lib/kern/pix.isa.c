/* The pixel kernels, compiled once for each instruction set. Most are plain loops
 * over planes that the compiler vectorises; resize and blur name their vectors. Without
 * contraction (lib/module.mk), and with every sum in an order that the width of a
 * vector has no part in, all of them give the same bytes. */
#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kern/isa.h"
#include "kern/pix.h"

/* A vector of LANES floats, and the two halves of a riffle of two: a0 b0 a1 b1 ... */
#if defined(__AVX512F__)
enum { LANES = 16 };
typedef float vec __attribute__((vector_size(64), aligned(4), may_alias));
#define RIFFLE_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define RIFFLE_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif defined(__AVX2__)
enum { LANES = 8 };
typedef float vec __attribute__((vector_size(32), aligned(4), may_alias));
#define RIFFLE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define RIFFLE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
enum { LANES = 4 };
typedef float vec __attribute__((vector_size(16), aligned(4), may_alias));
#define RIFFLE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define RIFFLE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

static inline vec load(const float *at)
{
	return *(const vec *)at;
}

static inline void store(float *at, vec x)
{
	*(vec *)at = x;
}

/* LANES bytes as floats. */
static inline vec load_bytes(const uint8_t *at)
{
#if defined(__AVX512F__)
	/* maskz with all lanes: the plain forms make gcc 12 warn of its own header */
	__m512i whole = _mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128((const __m128i *)(const void *)at));
	return (vec)_mm512_maskz_cvtepi32_ps(0xffff, whole);
#elif defined(__AVX2__)
	return (vec)_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)at)));
#else
	return (vec){at[0], at[1], at[2], at[3]};
#endif
}

/* Rows become columns. A riffle of the first half of the rows with the second
 * rotates the bits of an element's index (row, lane) by one; half as many rounds
 * as the index has bits exchange row and lane. */
static inline void transpose(vec r[LANES])
{
#pragma GCC unroll 4
	for (int round = 1; round < LANES; round *= 2) {
		vec t[LANES];
#pragma GCC unroll 8
		for (int i = 0; i < LANES / 2; i++) {
			t[2 * i] = RIFFLE_LOW(r[i], r[i + LANES / 2]);
			t[2 * i + 1] = RIFFLE_HIGH(r[i], r[i + LANES / 2]);
		}
#pragma GCC unroll 16
		for (int i = 0; i < LANES; i++)
			r[i] = t[i];
	}
}

static inline float clamp(float x)
{
	x = x > 0 ? x : 0;
	return x < 1 ? x : 1;
}

static inline float min(float a, float b)
{
	return a < b ? a : b;
}

static inline float max(float a, float b)
{
	return a > b ? a : b;
}

/* Output rows first..first+LANES-1 (the last again where there are fewer) over one
 * run of LANES source bytes: columns of them, LANES floats a byte. */
static void resize_vertical(const struct as_pixels *src, const struct as_taps *v, int first, int64_t at, int64_t bytes,
			    float *to)
{
	vec r[LANES];
	uint8_t few[LANES] = {0};
	for (int l = 0; l < LANES; l++) {
		int i = first + l < v->out ? first + l : v->out - 1;
		const float *w = v->weight + (size_t)i * (size_t)v->most;
		const uint8_t *from = src->at + v->start[i] * src->stride + at;
		vec sum = {0};
		for (int k = 0; k < v->count[i]; k++, from += src->stride) {
			if (bytes < LANES) /* an image that narrow: nothing beyond it may be read */
				memcpy(few, from, (size_t)bytes);
			sum += w[k] * (1.f / 255) * load_bytes(bytes < LANES ? few : from);
		}
		r[l] = sum;
	}
	transpose(r);
	for (int l = 0; l < LANES; l++)
		store(to + l * LANES, r[l]);
}

/* Outputs j..j+n-1 of LANES rows, from columns to planes. */
static void resize_horizontal(const float *columns, const struct as_taps *h, int j, int n, int rows, float *to,
			      int64_t plane)
{
	vec r[3][LANES] = {0};
	for (int l = 0; l < n; l++) {
		const float *w = h->weight + (size_t)(j + l) * (size_t)h->most;
		const float *x = columns + 3 * LANES * (h->start[j + l] - h->start[0]);
		vec a = {0}, b = {0}, c = {0};
		for (int k = 0; k < h->count[j + l]; k++, x += 3 * LANES) {
			a += w[k] * load(x);
			b += w[k] * load(x + LANES);
			c += w[k] * load(x + 2 * LANES);
		}
		r[0][l] = a;
		r[1][l] = b;
		r[2][l] = c;
	}
	for (int c = 0; c < 3; c++) {
		transpose(r[c]);
		for (int y = 0; y < rows; y++) {
			float *out = to + c * plane + (int64_t)y * h->out + j;
			float line[LANES];
			store(line, r[c][y]);
			for (int l = 0; l < LANES; l++)
				line[l] = clamp(line[l]);
			if (n == LANES)
				store(out, load(line));
			else
				memcpy(out, line, (size_t)n * sizeof *out);
		}
	}
}

/* Vertically first, as that reads source bytes in order and leaves few rows for the
 * second pass; LANES rows at a time and turned, so that each step of the second pass
 * is one tap of as many rows. */
static void resize(const struct as_pixels *src, const struct as_taps *v, const struct as_taps *h, float *to, float *row)
{
	int64_t lo = h->start[0], hi = h->start[h->out - 1] + h->count[h->out - 1], bytes = 3 * (hi - lo);
	for (int i = 0; i < v->out; i += LANES) {
		for (int64_t x = 0; x < bytes; x += LANES) {
			/* The last run overlaps the one before it, rather than end beyond the row. */
			int64_t at = x + LANES <= bytes ? x : bytes > LANES ? bytes - LANES : 0;
			resize_vertical(src, v, i, 3 * lo + at, bytes - at, row + at * LANES);
		}
		int rows = i + LANES <= v->out ? LANES : v->out - i;
		for (int j = 0; j < h->out; j += LANES)
			resize_horizontal(row, h, j, j + LANES <= h->out ? LANES : h->out - j, rows, to + (int64_t)i * h->out,
					  (int64_t)v->out * h->out);
	}
}

static void flip(float *x, int64_t rows, int64_t width)
{
	float line[AS_MAX_SIDE];
	for (int64_t y = 0; y < rows; y++, x += width) {
		memcpy(line, x, (size_t)width * sizeof *x);
		for (int64_t i = 0; i < width; i++)
			x[i] = line[width - 1 - i];
	}
}

static void brightness(float *x, int64_t n, float b)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = clamp(b * x[i]);
}

/* Sums in 16 lanes and blocks, the same cut for every instruction set. */
static double mean_luma(const float *restrict x, int64_t n)
{
	enum { SUMS = 16, BLOCK = 1024 };
	const float *restrict g = x + n, *restrict b = x + 2 * n;
	double total = 0;
	for (int64_t at = 0; at < n; at += BLOCK) {
		int64_t end = at + BLOCK < n ? at + BLOCK : n, i = at;
		float lane[SUMS] = {0};
		for (; i + SUMS <= end; i += SUMS)
			for (int l = 0; l < SUMS; l++)
				lane[l] += .2989f * x[i + l] + .587f * g[i + l] + .114f * b[i + l];
		for (int l = 0; i < end; i++, l++)
			lane[l] += .2989f * x[i] + .587f * g[i] + .114f * b[i];
		for (int l = 0; l < SUMS; l++)
			total += (double)lane[l];
	}
	return total / (double)n;
}

static void contrast(float *x, int64_t n, float c)
{
	float shift = (float)((1 - (double)c) * mean_luma(x, n));
	for (int64_t i = 0; i < 3 * n; i++)
		x[i] = clamp(c * x[i] + shift);
}

/* With V and H as they are, S' = min(1, s S) moves each channel along the line to
 * V: x' = V - (V - x) S'/S, S'/S = min(s, 1/S) = min(s, V/D). */
static void saturation(float *restrict x, int64_t n, float s)
{
	float *restrict r = x, *restrict g = x + n, *restrict b = x + 2 * n;
	for (int64_t i = 0; i < n; i++) {
		float v = max(max(r[i], g[i]), b[i]), d = v - min(min(r[i], g[i]), b[i]);
		float ratio = min(s, v / max(d, 1e-30f));
		r[i] = v - (v - r[i]) * ratio;
		g[i] = v - (v - g[i]) * ratio;
		b[i] = v - (v - b[i]) * ratio;
	}
}

/* V - D clamp(min(k, 4 - k)), k = 6H + offset mod 6: the six cases of from_hsv (pix_ref.c) in
 * one. Here k is in [0,16), and as the curve is 0 from 4 to 6, min(k, 4 - k) of k, k - 6
 * and k - 12, whichever is largest, is that of k mod 6. */
static inline float from_hue(float v, float d, float k)
{
	float a = min(k, 4 - k), b = min(k - 6, 10 - k), c = min(k - 12, 16 - k);
	return v - d * clamp(max(max(a, b), c));
}

static void hue(float *restrict x, int64_t n, float turns)
{
	float *restrict r = x, *restrict g = x + n, *restrict b = x + 2 * n;
	float shift = 6 * (turns < 0 ? turns + 1 : turns); /* 0 to 6, on top of h6 from -1 to 5 */
	for (int64_t i = 0; i < n; i++) {
		float R = r[i], G = g[i], B = b[i];
		float v = max(max(R, G), B), d = v - min(min(R, G), B), over = 1 / max(d, 1e-30f);
		float red = (G - B) * over, green = 2 + (B - R) * over, blue = 4 + (R - G) * over;
		float h6 = v == G ? green : blue;
		h6 = (v == R ? red : h6) + shift;
		r[i] = from_hue(v, d, h6 + 5);
		g[i] = from_hue(v, d, h6 + 3);
		b[i] = from_hue(v, d, h6 + 1);
	}
}

static void solarize(float *x, int64_t n, float t)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = x[i] < t ? x[i] : 1 - x[i];
}

static void gray(float *restrict x, int64_t n)
{
	float *restrict r = x, *restrict g = x + n, *restrict b = x + 2 * n;
	for (int64_t i = 0; i < n; i++)
		r[i] = g[i] = b[i] = .299f * r[i] + .587f * g[i] + .114f * b[i];
}

/* One line of sums taps[0] mid[0][i] + taps[k] (up[k][i] + down[k][i]), in blocks
 * that stay in registers. */
static void blur_line(const float *const *up, const float *const *down, int radius, const float *taps, int64_t n,
		      float *restrict to)
{
	int64_t i = 0;
	for (; i + 2 * LANES <= n; i += 2 * LANES) {
		vec a = taps[0] * load(up[0] + i), b = taps[0] * load(up[0] + i + LANES);
		for (int k = 1; k <= radius; k++) {
			a += taps[k] * (load(up[k] + i) + load(down[k] + i));
			b += taps[k] * (load(up[k] + i + LANES) + load(down[k] + i + LANES));
		}
		store(to + i, a);
		store(to + i + LANES, b);
	}
	for (; i < n; i++) {
		float a = taps[0] * up[0][i];
		for (int k = 1; k <= radius; k++)
			a += taps[k] * (up[k][i] + down[k][i]);
		to[i] = a;
	}
}

/* Rows into scratch, by way of a copy with reflected ends, then columns back. */
static void blur(float *x, float *scratch, int size, int radius, const float *taps)
{
	int64_t S = size;
	float line[AS_MAX_SIDE + 2 * AS_MAX_BLUR], *mid = line + radius;
	const float *up[AS_MAX_BLUR + 1], *down[AS_MAX_BLUR + 1];
	for (int k = 0; k <= radius; k++) {
		up[k] = mid - k;
		down[k] = mid + k;
	}
	for (int64_t y = 0; y < 3 * S; y++) {
		const float *from = x + y * S;
		memcpy(mid, from, (size_t)S * sizeof *mid);
		for (int k = 1; k <= radius; k++) {
			mid[-k] = from[k];
			mid[S - 1 + k] = from[S - 1 - k];
		}
		blur_line(up, down, radius, taps, S, scratch + y * S);
	}
	for (int64_t y = 0; y < 3 * S; y++) {
		int64_t row = y % S;
		const float *from = scratch + (y - row) * S;
		for (int k = 0; k <= radius; k++) {
			up[k] = from + (row - k < 0 ? k - row : row - k) * S;
			down[k] = from + (row + k >= S ? 2 * (S - 1) - row - k : row + k) * S;
		}
		blur_line(up, down, radius, taps, S, x + y * S);
	}
}

static void pack_f4(const float *restrict x, int64_t n, float *restrict rgb)
{
	for (int64_t i = 0; i < n; i++) {
		rgb[3 * i] = clamp(x[i]);
		rgb[3 * i + 1] = clamp(x[i + n]);
		rgb[3 * i + 2] = clamp(x[i + 2 * n]);
	}
}

/* Adding 2^23 leaves no bits for a fraction: the sum rounds to the nearest whole
 * number, halves to the even, and its low bits are that number. */
static inline uint8_t to_byte(float x)
{
	float y = clamp(x) * 255 + 8388608.f;
	uint32_t bits;
	memcpy(&bits, &y, sizeof bits);
	return (uint8_t)bits;
}

static void pack_u1(const float *restrict x, int64_t n, uint8_t *restrict rgb)
{
	for (int64_t i = 0; i < n; i++) {
		rgb[3 * i] = to_byte(x[i]);
		rgb[3 * i + 1] = to_byte(x[i + n]);
		rgb[3 * i + 2] = to_byte(x[i + 2 * n]);
	}
}

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)

const struct as_pix AS_ISA_NAME(as_pix) = {
	.isa = TEXT(AS_ISA),
	.resize = resize,
	.flip = flip,
	.brightness = brightness,
	.contrast = contrast,
	.saturation = saturation,
	.hue = hue,
	.solarize = solarize,
	.gray = gray,
	.blur = blur,
	.pack_f4 = pack_f4,
	.pack_u1 = pack_u1,
};
