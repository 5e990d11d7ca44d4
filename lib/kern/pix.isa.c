/* The pixel kernels, compiled once for each instruction set. Most are plain loops over planes that the
 * compiler vectorises; blur uses vectors explicitly. All sets give the same bytes, because the compiler may
 * not fuse multiplications with additions (lib/module.mk), and no sum's order depends on the width of a
 * vector. */
#include <string.h>

#include "kern/lanes.h"
#include "kern/resize.h"

static void flip(float *x, int64_t rows, int64_t width)
{
	float line[AS_MAX_SIDE];
	for (int64_t y = 0; y < rows; y++, x += width) {
		memcpy(line, x, (size_t)width * sizeof *x);
		for (int64_t i = 0; i < width; i++)
			x[i] = line[width - 1 - i];
	}
}

/* Tones of LANES pixels; p holds their channels. */
static inline void brightness(vec p[3], float b, float unused)
{
	(void)unused;
	for (int c = 0; c < 3; c++)
		p[c] = clamp_lanes(b * p[c]);
}

static inline void contrast(vec p[3], float factor, float shift)
{
	for (int c = 0; c < 3; c++)
		p[c] = clamp_lanes(factor * p[c] + shift);
}

/* V and H stay, S' = min(1, s S). This moves each channel along the line to V: x' = V - (V - x) S'/S, with
 * S'/S = min(s, 1/S) = min(s, V/D). */
static inline void saturation(vec p[3], float s, float unused)
{
	(void)unused;
	vec v = greater(greater(p[0], p[1]), p[2]), d = v - lesser(lesser(p[0], p[1]), p[2]);
	vec ratio = lesser(all(s), v / greater(d, all(1e-30f)));
	for (int c = 0; c < 3; c++)
		p[c] = v - (v - p[c]) * ratio;
}

/* V - D clamp(min(k, 4 - k)) with k = 6H + offset mod 6: the six cases of from_hsv (tests/pix_ref.c) in one
 * formula. Here k is in [0,16). As the curve is 0 from 4 to 6, the largest of min(k, 4 - k) for k, k - 6
 * and k - 12 is the value for k mod 6. */
static inline vec from_hue(vec v, vec d, vec k)
{
	vec a = lesser(k, 4 - k), b = lesser(k - 6, 10 - k), c = lesser(k - 12, 16 - k);
	return v - d * clamp_lanes(greater(greater(a, b), c));
}

static inline void hue(vec p[3], float turns, float unused)
{
	(void)unused;
	vec r = p[0], g = p[1], b = p[2];
	float shift = 6 * (turns < 0 ? turns + 1 : turns); /* 0 to 6, added to h6 of -1 to 5 */
	vec v = greater(greater(r, g), b), d = v - lesser(lesser(r, g), b), over = 1 / greater(d, all(1e-30f));
	vec red = (g - b) * over, green = 2 + (b - r) * over, blue = 4 + (r - g) * over;
	vec h6 = choose(v == r, red, choose(v == g, green, blue)) + shift;
	p[0] = from_hue(v, d, h6 + 5);
	p[1] = from_hue(v, d, h6 + 3);
	p[2] = from_hue(v, d, h6 + 1);
}

static inline void solarize(vec p[3], float t, float unused)
{
	(void)unused;
	for (int c = 0; c < 3; c++)
		p[c] = choose(p[c] < t, p[c], 1 - p[c]);
}

static inline void gray(vec p[3], float unused, float unused_too)
{
	(void)unused, (void)unused_too;
	p[0] = p[1] = p[2] = .299f * p[0] + .587f * p[1] + .114f * p[2];
}

/* Applies one tone to n pixels whose planes are `plane` floats apart. */
static AS_INLINE void over(float *x, int64_t plane, int64_t n, float by, float shift,
						       void (*tone)(vec p[3], float by, float shift))
{
	vec p[3] = {{0}};
	int64_t i = 0;
	for (; i + LANES <= n; i += LANES) {
		for (int c = 0; c < 3; c++)
			p[c] = load(x + c * plane + i);
		tone(p, by, shift);
		for (int c = 0; c < 3; c++)
			store(x + c * plane + i, p[c]);
	}
	size_t rest = (size_t)(n - i) * sizeof *x;
	if (!rest)
		return;
	for (int c = 0; c < 3; c++)
		memcpy(&p[c], x + c * plane + i, rest);
	tone(p, by, shift);
	for (int c = 0; c < 3; c++)
		memcpy(x + c * plane + i, &p[c], rest);
}

/* shift: for a contrast, (1 - c) times the mean. */
static void change(float *x, int64_t plane, int64_t n, const struct as_tone *t, float shift)
{
	switch (t->change) {
	case AS_BRIGHTNESS: over(x, plane, n, t->by, 0, brightness); break;
	case AS_CONTRAST: over(x, plane, n, t->by, shift, contrast); break;
	case AS_SATURATION: over(x, plane, n, t->by, 0, saturation); break;
	case AS_HUE: over(x, plane, n, t->by, 0, hue); break;
	case AS_SOLARIZE: over(x, plane, n, t->by, 0, solarize); break;
	case AS_GRAY: over(x, plane, n, 0, 0, gray); break;
	}
}

/* Adds the luma of n pixels to the total, in 16 partial sums for every instruction set. */
static void add_luma(const float *restrict x, int64_t plane, int64_t n, double *total)
{
	enum { SUMS = 16 };
	const float *restrict g = x + plane, *restrict b = x + 2 * plane;
	float lane[SUMS] = {0};
	int64_t i = 0;
	for (; i + SUMS <= n; i += SUMS)
		for (int l = 0; l < SUMS; l++)
			lane[l] += .2989f * x[i + l] + .587f * g[i + l] + .114f * b[i + l];
	for (int l = 0; i < n; i++, l++)
		lane[l] += .2989f * x[i] + .587f * g[i] + .114f * b[i];
	for (int l = 0; l < SUMS; l++)
		*total += (double)lane[l];
}

/* A tile of pixels goes through all tones while it is in the L1 cache. A contrast ends a round, because its
 * mean is taken after the tones before it; it begins the next round. */
static void tones(float *x, int64_t n, const struct as_tone *s, int count)
{
	enum { TILE = 1024 };
	float shift = 0;
	for (int first = 0, known = 0; first < count; known = 1) {
		int end = first + known;
		double total = 0;
		while (end < count && s[end].change != AS_CONTRAST)
			end++;
		for (int64_t at = 0; at < n; at += TILE) {
			int64_t pixels = n - at < TILE ? n - at : TILE;
			for (int i = first; i < end; i++)
				change(x + at, n, pixels, &s[i], shift);
			if (end < count)
				add_luma(x + at, n, pixels, &total);
		}
		if (end < count)
			shift = (float)((1 - (double)s[end].by) * (total / (double)n));
		first = end;
	}
}

/* Computes `vectors` vectors of taps[0] mid[0] + taps[k] (up[k] + down[k]) from column i on: enough
 * independent sums that the CPU need not wait. */
static AS_INLINE void blur_run(const float *const *up, const float *const *down, int radius,
							   const float *taps, int64_t i, int vectors, float *to)
{
	vec sum[4];
	AS_UNROLL_BY(4)
	for (int v = 0; v < vectors; v++)
		sum[v] = taps[0] * load(up[0] + i + v * LANES);
	for (int k = 1; k <= radius; k++) {
		const float *a = up[k] + i, *b = down[k] + i;
		AS_UNROLL_BY(4)
		for (int v = 0; v < vectors; v++)
			sum[v] += taps[k] * (load(a + v * LANES) + load(b + v * LANES));
	}
	AS_UNROLL_BY(4)
	for (int v = 0; v < vectors; v++)
		store(to + i + v * LANES, sum[v]);
}

/* Blurs one line, in blocks that stay in registers. */
static void blur_line(const float *const *up, const float *const *down, int radius, const float *taps, int64_t n,
		      float *restrict to)
{
	int64_t i = 0;
	for (; i + 4 * LANES <= n; i += 4 * LANES)
		blur_run(up, down, radius, taps, i, 4, to);
	for (; i + 2 * LANES <= n; i += 2 * LANES)
		blur_run(up, down, radius, taps, i, 2, to);
	for (; i + LANES <= n; i += LANES)
		blur_run(up, down, radius, taps, i, 1, to);
	for (; i < n; i++) {
		float a = taps[0] * up[0][i];
		for (int k = 1; k <= radius; k++)
			a += taps[k] * (up[k][i] + down[k][i]);
		to[i] = a;
	}
}

/* Blurs a plane's rows into scratch, by a copy with reflected ends; then its columns back. */
static void blur_plane(float *x, float *scratch, int64_t S, int radius, const float *taps)
{
	float line[AS_MAX_SIDE + 2 * AS_MAX_BLUR], *mid = line + radius;
	const float *up[AS_MAX_BLUR + 1], *down[AS_MAX_BLUR + 1];
	for (int k = 0; k <= radius; k++) {
		up[k] = mid - k;
		down[k] = mid + k;
	}
	for (int64_t y = 0; y < S; y++) {
		const float *from = x + y * S;
		memcpy(mid, from, (size_t)S * sizeof *mid);
		for (int k = 1; k <= radius; k++) {
			mid[-k] = from[k];
			mid[S - 1 + k] = from[S - 1 - k];
		}
		blur_line(up, down, radius, taps, S, scratch + y * S);
	}
	for (int64_t y = 0; y < S; y++) {
		for (int k = 0; k <= radius; k++) {
			up[k] = scratch + (y - k < 0 ? k - y : y - k) * S;
			down[k] = scratch + (y + k >= S ? 2 * (S - 1) - y - k : y + k) * S;
		}
		blur_line(up, down, radius, taps, S, x + y * S);
	}
}

/* One plane after the other, so that scratch stays in the L2 cache. */
static void blur(float *x, float *scratch, int size, int radius, const float *taps)
{
	for (int c = 0; c < 3; c++)
		blur_plane(x + c * (int64_t)size * size, scratch, size, radius, taps);
}

static void pack_f4(const float *restrict x, int64_t n, float *restrict rgb)
{
	for (int64_t i = 0; i < n; i++) {
		rgb[3 * i] = clamp(x[i]);
		rgb[3 * i + 1] = clamp(x[i + n]);
		rgb[3 * i + 2] = clamp(x[i + 2 * n]);
	}
}

/* Adding 2^23 leaves no bits for a fraction: the sum is rounded to the nearest whole number, halves to the
 * even one, and its low bits are that number. */
static inline uint8_t to_byte(float x)
{
	float y = clamp(x) * 255 + 8388608.f;
	uint32_t bits;
	memcpy(&bits, &y, sizeof bits);
	return (uint8_t)bits;
}

#if defined(__AVX2__)
/* Interleaves 16 pixels of three channels: byte o of 48 is channel o % 3 of pixel o / 3. Each 16 bytes need
 * one shuffle of each channel. */
static void riffle(const uint8_t channel[3][16], __m128i shuffle[3][3], uint8_t *rgb)
{
	for (int v = 0; v < 3; v++) {
		__m128i sum = _mm_setzero_si128();
		for (int c = 0; c < 3; c++) {
			__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)channel[c]);
			sum = _mm_or_si128(sum, _mm_shuffle_epi8(bytes, shuffle[v][c]));
		}
		_mm_storeu_si128((__m128i *)(void *)(rgb + 16 * v), sum);
	}
}

/* Packs the pixels up to the last multiple of 16, and returns that multiple. */
static int64_t pack_sixteens(const float *x, int64_t n, uint8_t *rgb)
{
	uint8_t from[3][3][16];
	__m128i shuffle[3][3];
	for (int o = 0; o < 48; o++)
		for (int c = 0; c < 3; c++)
			from[o / 16][c][o % 16] = o % 3 == c ? (uint8_t)(o / 3) : 0x80;
	memcpy(shuffle, from, sizeof shuffle);
	int64_t i = 0;
	for (; i + 16 <= n; i += 16) {
		uint8_t channel[3][16];
		for (int c = 0; c < 3; c++)
			for (int l = 0; l < 16; l += LANES) {
				vec y = clamp_lanes(load(x + c * n + i + l)) * 255 + 8388608.f;
#if defined(__AVX512F__)
				_mm_storeu_si128((__m128i *)(void *)channel[c], _mm512_maskz_cvtepi32_epi8(ALL, (__m512i)y));
#else
				__m256i low = _mm256_and_si256((__m256i)y, _mm256_set1_epi32(255));
				__m128i words = _mm_packus_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
				_mm_storel_epi64((__m128i *)(void *)(channel[c] + l), _mm_packus_epi16(words, words));
#endif
			}
		riffle(channel, shuffle, rgb + 3 * i);
	}
	return i;
}
#else
static int64_t pack_sixteens(const float *x, int64_t n, uint8_t *rgb)
{
	(void)x, (void)n, (void)rgb;
	return 0;
}
#endif

static void pack_u1(const float *restrict x, int64_t n, uint8_t *restrict rgb)
{
	for (int64_t i = pack_sixteens(x, n, rgb); i < n; i++) {
		rgb[3 * i] = to_byte(x[i]);
		rgb[3 * i + 1] = to_byte(x[i + n]);
		rgb[3 * i + 2] = to_byte(x[i + 2 * n]);
	}
}

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)

const struct as_pix AS_ISA_NAME(as_pix) = {
	.isa = TEXT(AS_ISA),
	.resize = AS_ISA_NAME(as_resize),
	.flip = flip,
	.tones = tones,
	.blur = blur,
	.pack_f4 = pack_f4,
	.pack_u1 = pack_u1,
};
