/* Layers written the plain way, in double: what kernels and their backwards are
 * compared with. Layouts as in kern/kern.h: activations (n,h,w,c), weights as
 * PyTorch has them. */
#ifndef AS_TESTS_NAIVE_H
#define AS_TESTS_NAIVE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "kern/kern.h"

/* Memory that a test asks for is there, or the test cannot go on. */
static inline void *take(int64_t count, size_t size)
{
	void *p = calloc((size_t)(count > 0 ? count : 1), size);
	if (!p)
		abort();
	return p;
}

/* n floats U(lo, hi) of a stream of their own, as float and as double. */
static inline float *uniform(uint64_t stream, int64_t n, double lo, double hi)
{
	float *x = take(n, sizeof *x);
	struct as_rng rng = as_rng_at(stream, 0, 0, 0, 0);
	for (int64_t i = 0; i < n; i++) {
		if (i && i % (1 << 18) == 0) /* a stream ends after 2^18 words */
			rng = as_rng_at(stream, (uint64_t)i, 0, 0, 0);
		x[i] = (float)as_rng_between(&rng, lo, hi);
	}
	return x;
}

static inline double *widened(const float *x, int64_t n)
{
	double *d = take(n, sizeof *d);
	for (int64_t i = 0; i < n; i++)
		d[i] = x[i];
	return d;
}

/* The largest |got - want| over the largest |want|; infinite for a NaN. */
static inline double off_by(const float *got, const double *want, int64_t n)
{
	double worst = 0, scale = 0;
	for (int64_t i = 0; i < n; i++) {
		double d = fabs((double)got[i] - want[i]);
		worst = d != d ? INFINITY : fmax(worst, d);
		scale = fmax(scale, fabs(want[i]));
	}
	return worst / (scale > 0 ? scale : 1);
}

/* Calls visit(ctx, x index, w index, y index) for every product in a convolution. */
static inline void naive_conv_visit(const struct as_conv *s, void (*visit)(void *, int64_t, int64_t, int64_t), void *ctx)
{
	for (int64_t n = 0; n < s->n; n++)
	for (int64_t oy = 0; oy < s->oh; oy++)
	for (int64_t ox = 0; ox < s->ow; ox++)
	for (int64_t a = 0; a < s->r; a++)
	for (int64_t b = 0; b < s->r; b++) {
		int64_t iy = oy * s->stride - s->pad + a, ix = ox * s->stride - s->pad + b;
		if (iy < 0 || iy >= s->h || ix < 0 || ix >= s->w)
			continue;
		for (int64_t k = 0; k < s->k; k++)
			for (int64_t c = 0; c < s->c; c++)
				visit(ctx, ((n * s->h + iy) * s->w + ix) * s->c + c, ((k * s->c + c) * s->r + a) * s->r + b,
				      ((n * s->oh + oy) * s->ow + ox) * s->k + k);
	}
}

/* Three arrays of a product y = x * w, or of its two backwards. */
struct naive_triple {
	double *x, *w, *y;
};

static inline void naive_conv_y(void *ctx, int64_t x, int64_t w, int64_t y)
{
	struct naive_triple *t = ctx;
	t->y[y] += t->x[x] * t->w[w];
}

static inline void naive_conv_x(void *ctx, int64_t x, int64_t w, int64_t y)
{
	struct naive_triple *t = ctx;
	t->x[x] += t->y[y] * t->w[w];
}

static inline void naive_conv_w(void *ctx, int64_t x, int64_t w, int64_t y)
{
	struct naive_triple *t = ctx;
	t->w[w] += t->y[y] * t->x[x];
}

/* y (rows,out) = x (rows,in) w^T (out,in) + bias (or NULL). */
static inline void naive_linear(const double *x, int64_t rows, int64_t in, int64_t out, const double *w,
				const double *bias, double *y)
{
	for (int64_t i = 0; i < rows; i++)
		for (int64_t o = 0; o < out; o++) {
			double sum = bias ? bias[o] : 0;
			for (int64_t j = 0; j < in; j++)
				sum += x[i * in + j] * w[o * in + j];
			y[i * out + o] = sum;
		}
}

/* Mean and biased variance of each column of x (rows,c). */
static inline void naive_moments(const double *x, int64_t rows, int64_t c, double *mean, double *var)
{
	for (int64_t j = 0; j < c; j++) {
		mean[j] = var[j] = 0;
		for (int64_t i = 0; i < rows; i++)
			mean[j] += x[i * c + j] / (double)rows;
		for (int64_t i = 0; i < rows; i++)
			var[j] += (x[i * c + j] - mean[j]) * (x[i * c + j] - mean[j]) / (double)rows;
	}
}

/* y = relu?(gamma (x - mean) / sqrt(var + eps) + beta (+ add)). */
static inline void naive_norm(const double *x, int64_t rows, int64_t c, const double *mean, const double *var,
			      double eps, const double *gamma, const double *beta, const double *add, bool relu,
			      double *y)
{
	for (int64_t i = 0; i < rows * c; i++) {
		int64_t j = i % c;
		double v = gamma[j] * (x[i] - mean[j]) / sqrt(var[j] + eps) + beta[j] + (add ? add[i] : 0);
		y[i] = relu && v < 0 ? 0 : v;
	}
}

static inline void naive_maxpool(const struct as_conv *s, const double *x, double *y)
{
	for (int64_t i = 0; i < s->n * s->oh * s->ow * s->c; i++) {
		int64_t c = i % s->c, ox = i / s->c % s->ow, oy = i / s->c / s->ow % s->oh, n = i / s->c / s->ow / s->oh;
		y[i] = -INFINITY;
		for (int64_t a = 0; a < s->r; a++)
			for (int64_t b = 0; b < s->r; b++) {
				int64_t iy = oy * s->stride - s->pad + a, ix = ox * s->stride - s->pad + b;
				if (iy >= 0 && iy < s->h && ix >= 0 && ix < s->w)
					y[i] = fmax(y[i], x[((n * s->h + iy) * s->w + ix) * s->c + c]);
			}
	}
}

/* x (n,hw,c) to its means y (n,c). */
static inline void naive_avgpool(const double *x, int64_t n, int64_t hw, int64_t c, double *y)
{
	for (int64_t i = 0; i < n * c; i++) {
		y[i] = 0;
		for (int64_t p = 0; p < hw; p++)
			y[i] += x[(i / c * hw + p) * c + i % c] / (double)hw;
	}
}

/* The cosine of two rows of n; 0 if one is all zeros. */
static inline double naive_cosine(const float *a, const float *b, int64_t n)
{
	double ab = 0, aa = 0, bb = 0;
	for (int64_t i = 0; i < n; i++) {
		ab += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

#endif
