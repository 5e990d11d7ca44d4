/* The pixel kernels, compiled once for each instruction set. Most are plain loops
 * over planes that the compiler vectorises; blur names its vectors. Without
 * contraction (lib/module.mk), and with every sum in an order that the width of a
 * vector has no part in, all of them give the same bytes. */
#include <math.h>
#include <string.h>

#include "kern/lanes.h"
#include "kern/resize.h"

static inline float min(float a, float b)
{
	return a < b ? a : b;
}

static inline float max(float a, float b)
{
	return a > b ? a : b;
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

/* Changes of `n` pixels whose planes lie `plane` floats apart. */
static void brightness(float *x, int64_t plane, int64_t n, float b)
{
	for (int c = 0; c < 3; c++, x += plane)
		for (int64_t i = 0; i < n; i++)
			x[i] = clamp(b * x[i]);
}

static void contrast(float *x, int64_t plane, int64_t n, float c, float shift)
{
	for (int p = 0; p < 3; p++, x += plane)
		for (int64_t i = 0; i < n; i++)
			x[i] = clamp(c * x[i] + shift);
}

/* The luma's sum in 16 lanes, the same cut for every instruction set, added to the total. */
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

/* With V and H as they are, S' = min(1, s S) moves each channel along the line to
 * V: x' = V - (V - x) S'/S, S'/S = min(s, 1/S) = min(s, V/D). */
static void saturation(float *restrict r, int64_t plane, int64_t n, float s)
{
	float *restrict g = r + plane, *restrict b = r + 2 * plane;
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

static void hue(float *restrict r, int64_t plane, int64_t n, float turns)
{
	float *restrict g = r + plane, *restrict b = r + 2 * plane;
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

static void solarize(float *x, int64_t plane, int64_t n, float t)
{
	for (int c = 0; c < 3; c++, x += plane)
		for (int64_t i = 0; i < n; i++)
			x[i] = x[i] < t ? x[i] : 1 - x[i];
}

static void gray(float *restrict r, int64_t plane, int64_t n)
{
	float *restrict g = r + plane, *restrict b = r + 2 * plane;
	for (int64_t i = 0; i < n; i++)
		r[i] = g[i] = b[i] = .299f * r[i] + .587f * g[i] + .114f * b[i];
}

/* shift: of a contrast, (1 - c) times the mean. */
static void change(float *x, int64_t plane, int64_t n, const struct as_tone *s, float shift)
{
	switch (s->change) {
	case AS_BRIGHTNESS: brightness(x, plane, n, s->by); break;
	case AS_CONTRAST: contrast(x, plane, n, s->by, shift); break;
	case AS_SATURATION: saturation(x, plane, n, s->by); break;
	case AS_HUE: hue(x, plane, n, s->by); break;
	case AS_SOLARIZE: solarize(x, plane, n, s->by); break;
	case AS_GRAY: gray(x, plane, n); break;
	}
}

/* A tile of pixels goes through all tones while it is in the first cache. A contrast ends a
 * round: its mean is summed behind the tones before it, and it begins the next round. */
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
	.resize = AS_ISA_NAME(as_resize),
	.flip = flip,
	.tones = tones,
	.blur = blur,
	.pack_f4 = pack_f4,
	.pack_u1 = pack_u1,
};
