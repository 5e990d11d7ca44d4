/* The pixel kernels, compiled once for each instruction set. Plain loops over
 * planes that the compiler vectorises; where it does not, vectors of the set's
 * width are spelled out. */
#include <math.h>
#include <string.h>

#include "kern/isa.h"
#include "kern/pix.h"

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

/* One output row over all source columns lo..hi-1: sum over taps of source rows,
 * as four floats a pixel so that the second pass needs no shuffles. */
static void resize_vertical(const struct as_pixels *src, const struct as_taps *v, int i, int64_t lo, int64_t hi,
			    float *restrict row)
{
	const float *w = v->weight + (size_t)i * (size_t)v->most;
	int64_t n = 3 * (hi - lo);
	for (int k = 0; k < v->count[i]; k++) {
		const uint8_t *restrict from = src->at + (v->start[i] + k) * src->stride + 3 * lo;
		float wk = w[k] * (1.f / 255);
		if (k == 0)
			for (int64_t x = 0; x < n; x++)
				row[x] = wk * (float)from[x];
		else
			for (int64_t x = 0; x < n; x++)
				row[x] += wk * (float)from[x];
	}
}

static void resize(const struct as_pixels *src, const struct as_taps *v, const struct as_taps *h, float *to, float *row)
{
	int64_t lo = h->start[0], hi = h->start[h->out - 1] + h->count[h->out - 1];
	int64_t plane = (int64_t)v->out * h->out;
	for (int i = 0; i < v->out; i++) {
		resize_vertical(src, v, i, lo, hi, row);
		float *out = to + (int64_t)i * h->out;
		for (int j = 0; j < h->out; j++) {
			const float *w = h->weight + (size_t)j * (size_t)h->most;
			const float *x = row + 3 * (h->start[j] - lo);
			float r = 0, g = 0, b = 0;
			for (int k = 0; k < h->count[j]; k++) {
				r += w[k] * x[3 * k];
				g += w[k] * x[3 * k + 1];
				b += w[k] * x[3 * k + 2];
			}
			out[j] = clamp(r);
			out[j + plane] = clamp(g);
			out[j + 2 * plane] = clamp(b);
		}
	}
}

static void flip(float *x, int64_t rows, int64_t width)
{
	for (int64_t y = 0; y < rows; y++, x += width)
		for (int64_t i = 0, j = width - 1; i < j; i++, j--) {
			float t = x[i];
			x[i] = x[j];
			x[j] = t;
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
	enum { LANES = 16, BLOCK = 1024 };
	const float *restrict g = x + n, *restrict b = x + 2 * n;
	double total = 0;
	for (int64_t at = 0; at < n; at += BLOCK) {
		int64_t end = at + BLOCK < n ? at + BLOCK : n, i = at;
		float lane[LANES] = {0};
		for (; i + LANES <= end; i += LANES)
			for (int l = 0; l < LANES; l++)
				lane[l] += .2989f * x[i + l] + .587f * g[i + l] + .114f * b[i + l];
		for (int l = 0; i < end; i++, l++)
			lane[l] += .2989f * x[i] + .587f * g[i] + .114f * b[i];
		for (int l = 0; l < LANES; l++)
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

/* V - D clamp(min(k, 4 - k)), k = 6H + offset mod 6: the six cases of SPEC's table in one. */
static inline float from_hue(float v, float d, float k)
{
	k = k >= 6 ? k - 6 : k;
	k = k >= 6 ? k - 6 : k;
	return v - d * clamp(min(k, 4 - k));
}

static void hue(float *restrict x, int64_t n, float turns)
{
	float *restrict r = x, *restrict g = x + n, *restrict b = x + 2 * n;
	float shift = 6 * (turns < 0 ? turns + 1 : turns);
	for (int64_t i = 0; i < n; i++) {
		float R = r[i], G = g[i], B = b[i];
		float v = max(max(R, G), B), d = v - min(min(R, G), B), over = 1 / max(d, 1e-30f);
		float h6 = v == R ? (G - B) * over : v == G ? 2 + (B - R) * over : 4 + (R - G) * over;
		h6 = h6 < 0 ? h6 + 6 : h6;
		h6 += shift;
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

/* Rows into scratch with a padded copy, then columns back. */
static void blur(float *x, float *scratch, int size, int radius, const float *taps)
{
	int64_t S = size, n = S * S;
	float line[2048 + 2 * AS_MAX_BLUR];
	for (int64_t y = 0; y < 3 * S; y++) {
		const float *from = x + y * S;
		float *restrict to = scratch + y * S, *mid = line + radius;
		memcpy(mid, from, (size_t)S * sizeof *mid);
		for (int k = 1; k <= radius; k++) {
			mid[-k] = from[k];
			mid[S - 1 + k] = from[S - 1 - k];
		}
		for (int64_t i = 0; i < S; i++)
			to[i] = taps[0] * mid[i];
		for (int k = 1; k <= radius; k++)
			for (int64_t i = 0; i < S; i++)
				to[i] += taps[k] * (mid[i - k] + mid[i + k]);
	}
	for (int c = 0; c < 3; c++)
		for (int64_t y = 0; y < S; y++) {
			const float *from = scratch + c * n;
			float *restrict to = x + c * n + y * S;
			for (int64_t i = 0; i < S; i++)
				to[i] = taps[0] * from[y * S + i];
			for (int k = 1; k <= radius; k++) {
				const float *up = from + (y - k < 0 ? k - y : y - k) * S;
				const float *down = from + (y + k >= S ? 2 * (S - 1) - y - k : y + k) * S;
				for (int64_t i = 0; i < S; i++)
					to[i] += taps[k] * (up[i] + down[i]);
			}
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
