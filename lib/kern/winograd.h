/* Private to lib/kern: Winograd's convolution of 3x3 filters of stride 1 (Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks", CVPR 2016). F(m x m, 3x3) computes a tile of
 * m x m outputs from (m+2) x (m+2) inputs with (m+2)^2 products a channel, where the direct way
 * has 9 m^2: for m = 4 these are 36 instead of 144.
 *
 *   forward           y  = A' [ (G g G') . (B' d B) ] A
 *   backward data     the forward of dy with turned filters
 *   backward weights  dg = G' [ (A dy A') . (B' d B) ] G      summed over tiles
 *
 * g: 3x3 of a filter, d: the tile's inputs, . element by element and summed over input channels
 * (forward): at each of the (m+2)^2 places a product of matrices, (tiles,c) by (c,k).
 *
 * Here stand the matrices A, B, G of both sizes of tiles, as what they do to a row of values:
 * B' d B is `input` on all columns of d, then on all rows of that. For .isa.c files; all work on
 * LANES channels at once, from values `from` vectors apart to values `to` vectors apart. */
#ifndef AS_KERN_WINOGRAD_H
#define AS_KERN_WINOGRAD_H

#include "kern/tile.h"

enum { FILTER = 3, TAPS = FILTER * FILTER };
/* Outputs and inputs on a side of the larger tiles, and their places; the places of the smaller ones. */
enum { MOST_OUT = 4, MOST_IN = MOST_OUT + FILTER - 1, MOST_PLACES = MOST_IN * MOST_IN, LEAST_PLACES = 25 };

/* One size of tiles. */
struct tiles {
	int out, in;                                                 /* values on a side; in = out + 2 */
	void (*input)(const vec *x, int from, vec *y, int to);       /* B': from `in` values to `in` */
	void (*output)(const vec *m, int from, vec *y, int to);      /* A': from `in` products to `out` values */
	void (*output_back)(const vec *y, int from, vec *m, int to); /* A: from `out` gradients to `in` */
	void (*filter)(const vec *g, int from, vec *u, int to);      /* G: from three taps to `in` values */
	void (*filter_back)(const vec *u, int from, vec *g, int to); /* G': from `in` sums to three taps */
};

/* --- F(4x4, 3x3) --- From values at 0, 1, -1, 2, -2 and infinity. The outputs of a tile share rounding
 * errors: the result is wrong by some 1e-5 of the largest output, that of direct convolution by 1e-7. */

static AS_INLINE void input4(const vec *x, int from, vec *y, int to)
{
	vec x0 = x[0], x1 = x[from], x2 = x[2 * from], x3 = x[3 * from], x4 = x[4 * from], x5 = x[5 * from];
	vec even = x4 - 4 * x2, odd = x3 - 4 * x1, sum = x4 - x2, gap = 2 * (x3 - x1);
	y[0] = 4 * x0 - 5 * x2 + x4;
	y[to] = even + odd;
	y[2 * to] = even - odd;
	y[3 * to] = sum + gap;
	y[4 * to] = sum - gap;
	y[5 * to] = 4 * x1 - 5 * x3 + x5;
}

static AS_INLINE void output4(const vec *m, int from, vec *y, int to)
{
	vec s1 = m[from] + m[2 * from], d1 = m[from] - m[2 * from];
	vec s2 = m[3 * from] + m[4 * from], d2 = m[3 * from] - m[4 * from], m0 = m[0], m5 = m[5 * from];
	y[0] = m0 + s1 + s2;
	y[to] = d1 + 2 * d2;
	y[2 * to] = s1 + 4 * s2;
	y[3 * to] = d1 + 8 * d2 + m5;
}

static AS_INLINE void output_back4(const vec *y, int from, vec *m, int to)
{
	vec y0 = y[0], y3 = y[3 * from], even = y0 + y[2 * from], odd = y[from] + y3;
	vec even4 = y0 + 4 * y[2 * from], odd4 = 2 * y[from] + 8 * y3;
	m[0] = y0;
	m[to] = even + odd;
	m[2 * to] = even - odd;
	m[3 * to] = even4 + odd4;
	m[4 * to] = even4 - odd4;
	m[5 * to] = y3;
}

static AS_INLINE void filter4(const vec *g, int from, vec *u, int to)
{
	vec g0 = g[0], g1 = g[from], g2 = g[2 * from], sides = (g0 + g2) * (-1.f / 6), mid = g1 * (1.f / 6);
	vec far = g0 * (1.f / 24) + g2 * (1.f / 6), middle = g1 * (1.f / 12);
	u[0] = g0 * .25f;
	u[to] = sides - mid;
	u[2 * to] = sides + mid;
	u[3 * to] = far + middle;
	u[4 * to] = far - middle;
	u[5 * to] = g2;
}

static AS_INLINE void filter_back4(const vec *u, int from, vec *g, int to)
{
	vec s1 = u[from] + u[2 * from], d1 = u[2 * from] - u[from];
	vec s2 = u[3 * from] + u[4 * from], d2 = u[3 * from] - u[4 * from], u0 = u[0], u5 = u[5 * from];
	g[0] = u0 * .25f - s1 * (1.f / 6) + s2 * (1.f / 24);
	g[to] = d1 * (1.f / 6) + d2 * (1.f / 12);
	g[2 * to] = (s2 - s1) * (1.f / 6) + u5;
}

static const struct tiles tiles4 = {4, 6, input4, output4, output_back4, filter4, filter_back4};

/* --- F(3x3, 3x3) --- From values at 0, 1, -1, 2 and infinity: 25 products for 9 outputs; F(4x4, 3x3) needs
 * 36 for 16. Worse for large maps, better where tiles of 4x4 would reach beyond the map: a map of 3x3 is
 * one tile, one of 6x6 is four. */

static AS_INLINE void input3(const vec *x, int from, vec *y, int to)
{
	vec x0 = x[0], x1 = x[from], x2 = x[2 * from], x3 = x[3 * from], x4 = x[4 * from];
	y[0] = 2 * (x0 - x2) - x1 + x3;
	y[to] = x3 - x2 - 2 * x1;
	y[2 * to] = 2 * x1 - 3 * x2 + x3;
	y[3 * to] = x3 - x1;
	y[4 * to] = 2 * (x1 - x3) - x2 + x4;
}

static AS_INLINE void output3(const vec *m, int from, vec *y, int to)
{
	vec s1 = m[from] + m[2 * from], d1 = m[from] - m[2 * from], m3 = m[3 * from], m0 = m[0], m4 = m[4 * from];
	y[0] = m0 + s1 + m3;
	y[to] = d1 + 2 * m3;
	y[2 * to] = s1 + 4 * m3 + m4;
}

static AS_INLINE void output_back3(const vec *y, int from, vec *m, int to)
{
	vec y0 = y[0], y1 = y[from], y2 = y[2 * from], even = y0 + y2;
	m[0] = y0;
	m[to] = even + y1;
	m[2 * to] = even - y1;
	m[3 * to] = y0 + 2 * y1 + 4 * y2;
	m[4 * to] = y2;
}

static AS_INLINE void filter3(const vec *g, int from, vec *u, int to)
{
	vec g0 = g[0], g1 = g[from], g2 = g[2 * from], even = g0 + g2;
	u[0] = g0 * .5f;
	u[to] = (even + g1) * -.5f;
	u[2 * to] = (g1 - even) * (1.f / 6);
	u[3 * to] = (g0 + 2 * g1 + 4 * g2) * (1.f / 6);
	u[4 * to] = g2;
}

static AS_INLINE void filter_back3(const vec *u, int from, vec *g, int to)
{
	vec u0 = u[0], half = u[from] * .5f, u2 = u[2 * from] * (1.f / 6), u3 = u[3 * from] * (1.f / 6), u4 = u[4 * from];
	g[0] = u0 * .5f - half - u2 + u3;
	g[to] = u2 - half + 2 * u3;
	g[2 * to] = 4 * u3 - half - u2 + u4;
}

static const struct tiles tiles3 = {3, 5, input3, output3, output_back3, filter3, filter_back3};

/* Compiles f(t, ...) for each size of tiles. There t is a constant, and the functions that f, an AS_INLINE,
 * calls through it are inlined, so that values stay in registers. Long code stands in AS_NOINLINE functions
 * of its own: in a larger function the compiler would run out of registers. */
#define BY_TILES(f, t, ...) ((t) == &tiles4 ? f(&tiles4, __VA_ARGS__) : f(&tiles3, __VA_ARGS__))

#endif
