/* The reference of the pixel kernels: the formulas of aug-sample(1) word by word, in double and a
 * pixel at a time. The kernels are compared with it; it is the file to read first. */
#include "pix_ref.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double clamp(double x)
{
	return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Both axes at once, without an intermediate row. */
static void resize(const struct as_pixels *src, const struct as_taps *v, const struct as_taps *h, float *to, float *row)
{
	(void)row;
	for (int c = 0; c < 3; c++)
		for (int i = 0; i < v->out; i++)
			for (int j = 0; j < h->out; j++) {
				double sum = 0;
				for (int y = 0; y < v->count[i]; y++)
					for (int x = 0; x < h->count[j]; x++)
						sum += (double)v->weight[i * v->most + y] * (double)h->weight[j * h->most + x] *
						       src->at[(v->start[i] + y) * src->stride + 3 * (h->start[j] + x) + c];
				to[((int64_t)c * v->out + i) * h->out + j] = (float)clamp(sum / 255);
			}
}

static void flip(float *x, int64_t rows, int64_t width)
{
	for (int64_t y = 0; y < rows; y++)
		for (int64_t i = 0; i < width / 2; i++) {
			float t = x[y * width + i];
			x[y * width + i] = x[y * width + width - 1 - i];
			x[y * width + width - 1 - i] = t;
		}
}

static void brightness(float *x, int64_t n, float b)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)clamp((double)b * (double)x[i]);
}

static double luma(const float *x, int64_t n, int64_t i, double r)
{
	return r * (double)x[i] + .587 * (double)x[i + n] + .114 * (double)x[i + 2 * n];
}

static void contrast(float *x, int64_t n, float c)
{
	double mean = 0;
	for (int64_t i = 0; i < n; i++)
		mean += luma(x, n, i, .2989) / (double)n;
	for (int64_t i = 0; i < 3 * n; i++)
		x[i] = (float)clamp((double)c * (double)x[i] + (1 - (double)c) * mean);
}

/* H in turns. */
static void to_hsv(const double x[3], double *H, double *S, double *V)
{
	double D = fmax(fmax(x[0], x[1]), x[2]) - fmin(fmin(x[0], x[1]), x[2]);
	*V = fmax(fmax(x[0], x[1]), x[2]);
	*H = *S = 0;
	if (D <= 0)
		return;
	*S = D / *V;
	if (x[0] >= *V)
		*H = (x[1] - x[2]) / D / 6;
	else if (x[1] >= *V)
		*H = (2 + (x[2] - x[0]) / D) / 6;
	else
		*H = (4 + (x[0] - x[1]) / D) / 6;
	*H -= floor(*H);
}

static void from_hsv(double H, double S, double V, double x[3])
{
	int k = (int)floor(6 * H);
	double f = 6 * H - k, p = V * (1 - S), q = V * (1 - f * S), t = V * (1 - (1 - f) * S);
	const double table[6][3] = {{V, t, p}, {q, V, p}, {p, V, t}, {p, q, V}, {t, p, V}, {V, p, q}};
	memcpy(x, table[k % 6], sizeof table[0]);
}

static void round_trip(float *x, int64_t n, double s, double turns)
{
	for (int64_t i = 0; i < n; i++) {
		double p[3] = {(double)x[i], (double)x[i + n], (double)x[i + 2 * n]}, H, S, V;
		to_hsv(p, &H, &S, &V);
		H += turns;
		from_hsv(H - floor(H), clamp(S * s), V, p);
		for (int c = 0; c < 3; c++)
			x[i + c * n] = (float)p[c];
	}
}

static void saturation(float *x, int64_t n, float s)
{
	round_trip(x, n, (double)s, 0);
}

static void hue(float *x, int64_t n, float turns)
{
	round_trip(x, n, 1, (double)turns);
}

static void solarize(float *x, int64_t n, float t)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = x[i] < t ? x[i] : 1 - x[i];
}

static void gray(float *x, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		x[i] = x[i + n] = x[i + 2 * n] = (float)luma(x, n, i, .299);
}

static void tones(float *x, int64_t n, const struct as_tone *s, int count)
{
	for (; count-- > 0; s++)
		switch (s->change) {
		case AS_BRIGHTNESS: brightness(x, 3 * n, s->by); break;
		case AS_CONTRAST: contrast(x, n, s->by); break;
		case AS_SATURATION: saturation(x, n, s->by); break;
		case AS_HUE: hue(x, n, s->by); break;
		case AS_SOLARIZE: solarize(x, 3 * n, s->by); break;
		case AS_GRAY: gray(x, n); break;
		}
}

static int64_t reflect(int64_t i, int64_t n)
{
	return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
}

/* One pass along one axis; step: floats from one pixel to the next along it. */
static void blur_axis(const float *x, float *to, int64_t S, int64_t line, int64_t step, int radius, const float *taps)
{
	for (int64_t a = 0; a < S; a++)
		for (int64_t b = 0; b < S; b++) {
			double sum = 0;
			for (int k = -radius; k <= radius; k++)
				sum += (double)taps[abs(k)] * (double)x[a * line + reflect(b + k, S) * step];
			to[a * line + b * step] = (float)sum;
		}
}

static void blur(float *x, float *scratch, int size, int radius, const float *taps)
{
	int64_t S = size;
	for (int c = 0; c < 3; c++) {
		blur_axis(x + c * S * S, scratch, S, S, 1, radius, taps);
		blur_axis(scratch, x + c * S * S, S, 1, S, radius, taps);
	}
}

static void pack_f4(const float *x, int64_t n, float *rgb)
{
	for (int64_t i = 0; i < n; i++)
		for (int c = 0; c < 3; c++)
			rgb[3 * i + c] = (float)clamp((double)x[i + c * n]);
}

static void pack_u1(const float *x, int64_t n, uint8_t *rgb)
{
	for (int64_t i = 0; i < n; i++)
		for (int c = 0; c < 3; c++)
			rgb[3 * i + c] = (uint8_t)rint(255 * clamp((double)x[i + c * n]));
}

const struct as_pix as_pix_ref = {
	.isa = "reference",
	.resize = resize,
	.flip = flip,
	.tones = tones,
	.blur = blur,
	.pack_f4 = pack_f4,
	.pack_u1 = pack_u1,
};
