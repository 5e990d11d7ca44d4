/* Loops over rows for networks, in plain C that the compiler vectorises for AS_ISA. Each channel has an
 * accumulator of its own (dot: CHANNELS of them), so the order of a sum depends on the shape alone. */
#include <math.h>
#include <string.h>

#include "kern/cell.h"
#include "kern/conv.h"
#include "kern/direct.h"
#include "kern/loops.h"

enum { CHANNELS = 64 /* channels at a time: rows are read in long runs */ };

/* A group of up to CHANNELS channels: first the mean, then squared distances from it. */
static inline void moments_group(const cell *restrict x, int64_t rows, int64_t c, int many, float *mean, float *m2)
{
	float s[CHANNELS] = {0}, q[CHANNELS] = {0}, m[CHANNELS] = {0};
	for (int64_t i = 0; i < rows; i++)
		for (int j = 0; j < many; j++)
			s[j] += wide(x[i * c + j]);
	for (int j = 0; j < many; j++)
		m[j] = s[j] / (float)rows;
	for (int64_t i = 0; i < rows; i++)
		for (int j = 0; j < many; j++) {
			float d = wide(x[i * c + j]) - m[j];
			q[j] += d * d;
		}
	for (int j = 0; j < many; j++) {
		mean[j] = m[j];
		m2[j] = q[j];
	}
}

static void moments(const void *map, int64_t rows, int64_t c, float *mean, float *m2)
{
	const cell *x = map;
	for (int64_t j = 0; j < c; j += CHANNELS)
		if (j + CHANNELS <= c)
			moments_group(x + j, rows, c, CHANNELS, mean + j, m2 + j);
		else
			moments_group(x + j, rows, c, (int)(c - j), mean + j, m2 + j);
}

static inline float positive(float v)
{
	return v < 0 ? 0 : v; /* this order of the comparison keeps not-a-number */
}

enum { WORD = AS_ON_BITS };
_Static_assert(CHANNELS % WORD == 0, "a group of channels begins with a word of its own");

#define FOUR(k) 1u << (k), 1u << ((k) + 1), 1u << ((k) + 2), 1u << ((k) + 3)
static const uint32_t bit[WORD] = {FOUR(0), FOUR(4), FOUR(8), FOUR(12), FOUR(16), FOUR(20), FOUR(24), FOUR(28)};

/* Which of n values, of at most WORD, are above 0. */
static inline uint32_t on_of(const cell *y, int n)
{
	uint32_t on = 0;
	for (int k = 0; k < n; k++)
		on |= wide(y[k]) > 0 ? bit[k] : 0;
	return on;
}

static void note_on(const cell *y, int64_t c, uint32_t *on)
{
	int64_t j = 0;
	for (; j + WORD <= c; j += WORD)
		*on++ = on_of(y + j, WORD);
	if (j < c)
		*on = on_of(y + j, (int)(c - j));
}

static void affine(const void *from, int64_t rows, int64_t c, const float *restrict scale, const float *restrict shift,
		   const void *more, bool relu, void *to, uint32_t *on)
{
	const cell *x = from, *add = more;
	cell *y = to;
	for (int64_t i = 0; i < rows; i++, x += c, y += c, add = add ? add + c : NULL) {
		if (add && relu)
			for (int64_t j = 0; j < c; j++)
				y[j] = narrow(positive(wide(x[j]) * scale[j] + shift[j] + wide(add[j])));
		else if (relu)
			for (int64_t j = 0; j < c; j++)
				y[j] = narrow(positive(wide(x[j]) * scale[j] + shift[j]));
		else if (add)
			for (int64_t j = 0; j < c; j++)
				y[j] = narrow(wide(x[j]) * scale[j] + shift[j] + wide(add[j]));
		else
			for (int64_t j = 0; j < c; j++)
				y[j] = narrow(wide(x[j]) * scale[j] + shift[j]);
		if (on)
			note_on(y, c, as_on_at(on, i, c));
	}
}

/* The gradient that the ReLU lets through to channel k of a word's. */
static inline float passed(uint32_t on, int k, cell dy)
{
	return on & bit[k] ? wide(dy) : 0;
}

/* Adds n channels of a row, of at most WORD. */
static inline void add_sums(uint32_t on, const cell *restrict dy, const cell *restrict x, int n, const float *restrict mean,
			    float *restrict sum, float *restrict sumx)
{
	for (int k = 0; k < n; k++) {
		float g = passed(on, k, dy[k]);
		sum[k] += g;
		sumx[k] += g * (wide(x[k]) - mean[k]);
	}
}

static inline void sums_group(const cell *restrict dy, const uint32_t *on, const cell *restrict x, int64_t rows, int64_t c,
			      int many, const float *mean, const float *invstd, float *sum_g, float *sum_gx)
{
	float s[CHANNELS] = {0}, q[CHANNELS] = {0}, m[CHANNELS] = {0};
	for (int j = 0; j < many; j++)
		m[j] = mean[j];
	for (int64_t i = 0; i < rows; i++) {
		const uint32_t *row = as_on_at(on, i, c);
		int j = 0;
		for (; j + WORD <= many; j += WORD)
			add_sums(row ? row[j / WORD] : UINT32_MAX, dy + i * c + j, x + i * c + j, WORD, m + j, s + j, q + j);
		if (j < many)
			add_sums(row ? row[j / WORD] : UINT32_MAX, dy + i * c + j, x + i * c + j, many - j, m + j, s + j, q + j);
	}
	for (int j = 0; j < many; j++) {
		sum_g[j] = s[j];
		sum_gx[j] = q[j] * invstd[j];
	}
}

static void norm_sums(const void *dmap, const uint32_t *on, const void *xmap, int64_t rows, int64_t c, const float *mean,
		      const float *invstd, float *sum_g, float *sum_gx)
{
	const cell *dy = dmap, *x = xmap;
	for (int64_t j = 0; j < c; j += CHANNELS) {
		const uint32_t *onj = on ? on + j / WORD : NULL;
		if (j + CHANNELS <= c)
			sums_group(dy + j, onj, x + j, rows, c, CHANNELS, mean + j, invstd + j, sum_g + j, sum_gx + j);
		else
			sums_group(dy + j, onj, x + j, rows, c, (int)(c - j), mean + j, invstd + j, sum_g + j, sum_gx + j);
	}
}

/* n channels of a row, of at most WORD; dx may be dy. */
static inline void back_word(uint32_t on, const cell *dy, const cell *x, int n, const float *restrict a, const float *restrict b,
			     const float *restrict e, cell *dx, cell *dadd, bool add)
{
	if (dadd && add)
		for (int k = 0; k < n; k++)
			dadd[k] = narrow(wide(dadd[k]) + passed(on, k, dy[k]));
	else if (dadd)
		for (int k = 0; k < n; k++)
			dadd[k] = on & bit[k] ? dy[k] : 0;
	for (int k = 0; k < n; k++)
		dx[k] = narrow(a[k] * passed(on, k, dy[k]) + b[k] * wide(x[k]) + e[k]);
}

static void norm_back(const void *dmap, const uint32_t *on, const void *xmap, int64_t rows, int64_t c, const float *restrict a,
		      const float *restrict b, const float *restrict e, void *to, void *more, bool add)
{
	const cell *dy = dmap, *x = xmap;
	cell *dx = to, *dadd = more;
	for (int64_t i = 0; i < rows; i++, dy += c, x += c, dx += c, dadd = dadd ? dadd + c : NULL) {
		int64_t j = 0;
		for (; j + WORD <= c; j += WORD)
			back_word(on ? *on++ : UINT32_MAX, dy + j, x + j, WORD, a + j, b + j, e + j, dx + j,
				  dadd ? dadd + j : NULL, add);
		if (j < c)
			back_word(on ? *on++ : UINT32_MAX, dy + j, x + j, (int)(c - j), a + j, b + j, e + j, dx + j,
				  dadd ? dadd + j : NULL, add);
	}
}

/* The part of a pooling window that lies inside the image: rows top + a0..a1-1, and so on. */
struct window {
	int64_t top, left, a0, a1, b0, b1;
};

static struct window window_of(const struct as_conv *s, int64_t oy, int64_t ox)
{
	int64_t top = oy * s->stride - s->pad, left = ox * s->stride - s->pad;
	return (struct window){top, left, top < 0 ? -top : 0, s->h - top < s->r ? s->h - top : s->r,
			       left < 0 ? -left : 0, s->w - left < s->r ? s->w - left : s->r};
}

static inline int64_t pixel_at(const struct as_conv *s, const struct window *v, int64_t a, int64_t b)
{
	return ((v->top + a) * s->w + v->left + b) * s->c;
}

/* For up to CHANNELS channels: the largest value in the window, and the first tap that has it. */
static inline void largest(const struct as_conv *s, const struct window *v, const cell *restrict x, int many,
			   float *restrict best, int *restrict tap)
{
	for (int j = 0; j < many; j++) {
		best[j] = wide(x[pixel_at(s, v, v->a0, v->b0) + j]);
		tap[j] = (int)(v->a0 * s->r + v->b0);
	}
	for (int64_t a = v->a0; a < v->a1; a++)
		for (int64_t b = v->b0; b < v->b1; b++) {
			const cell *restrict from = x + pixel_at(s, v, a, b);
			for (int j = 0; j < many; j++) {
				float value = wide(from[j]);
				bool more = value > best[j] || value != value; /* keeps not-a-number */
				best[j] = more ? value : best[j];
				tap[j] = more ? (int)(a * s->r + b) : tap[j];
			}
		}
}

static void maxpool(const struct as_conv *s, const void *from, void *to)
{
	const cell *x = from;
	cell *y = to;
	for (int64_t p = 0; p < s->oh * s->ow; p++) {
		struct window v = window_of(s, p / s->ow, p % s->ow);
		for (int64_t c = 0; c < s->c; c += CHANNELS) {
			int many = c + CHANNELS <= s->c ? CHANNELS : (int)(s->c - c), tap[CHANNELS];
			float best[CHANNELS];
			largest(s, &v, x + c, many, best, tap);
			for (int j = 0; j < many; j++)
				y[p * s->c + c + j] = narrow(best[j]);
		}
	}
}

static void maxpool_back(const struct as_conv *s, const void *xmap, const void *dmap, void *to_map)
{
	const cell *x = xmap, *dy = dmap;
	cell *dx = to_map;
	memset(dx, 0, (size_t)(s->h * s->w * s->c) * sizeof *dx);
	for (int64_t p = 0; p < s->oh * s->ow; p++) {
		struct window v = window_of(s, p / s->ow, p % s->ow);
		for (int64_t c = 0; c < s->c; c += CHANNELS) {
			int many = c + CHANNELS <= s->c ? CHANNELS : (int)(s->c - c), tap[CHANNELS];
			float best[CHANNELS];
			const cell *restrict g = dy + p * s->c + c;
			largest(s, &v, x + c, many, best, tap);
			for (int64_t a = v.a0; a < v.a1; a++)
				for (int64_t b = v.b0; b < v.b1; b++) {
					cell *restrict to = dx + pixel_at(s, &v, a, b) + c;
					for (int j = 0; j < many; j++)
						to[j] = narrow(wide(to[j]) + (tap[j] == a * s->r + b ? wide(g[j]) : 0));
				}
		}
	}
}

static void avgpool(const void *map, int64_t hw, int64_t c, float *restrict y)
{
	const cell *x = map;
	for (int64_t j = 0; j < c; j++)
		y[j] = 0;
	for (int64_t p = 0; p < hw; p++)
		for (int64_t j = 0; j < c; j++)
			y[j] += wide(x[p * c + j]);
	for (int64_t j = 0; j < c; j++)
		y[j] /= (float)hw;
}

static void avgpool_back(const float *restrict dy, int64_t hw, int64_t c, void *map, bool add)
{
	cell *dx = map;
	for (int64_t p = 0; p < hw; p++, dx += c)
		for (int64_t j = 0; j < c; j++)
			dx[j] = narrow((add ? wide(dx[j]) : 0) + dy[j] / (float)hw);
}

static void sgd(int64_t n, float *restrict p, const float *restrict g, float *restrict v, float lr, float momentum,
		float decay, bool first)
{
	if (first)
		momentum = 0;
	for (int64_t i = 0; i < n; i++) {
		v[i] = momentum * v[i] + (g[i] + decay * p[i]);
		p[i] -= lr * v[i];
	}
}

static void adamw(int64_t n, float *restrict p, const float *restrict g, float *restrict m, float *restrict v,
		  const struct as_adamw_step *s)
{
	const struct as_adamw_step k = *s;
	for (int64_t i = 0; i < n; i++) {
		m[i] += k.rest1 * (g[i] - m[i]);
		v[i] = k.beta2 * v[i] + k.rest2 * g[i] * g[i];
		p[i] = k.keep * p[i] - k.size * (m[i] / (sqrtf(v[i]) / k.root + k.eps));
	}
}

static void ema(int64_t n, float *restrict slow, const float *restrict p, float rest)
{
	for (int64_t i = 0; i < n; i++)
		slow[i] += rest * (p[i] - slow[i]);
}

static double dot(int64_t n, const float *restrict a, const float *restrict b)
{
	double s[CHANNELS] = {0}, sum = 0;
	int64_t i = 0;
	for (; i + CHANNELS <= n; i += CHANNELS)
		for (int j = 0; j < CHANNELS; j++)
			s[j] += (double)a[i + j] * b[i + j];
	for (; i < n; i++)
		s[0] += (double)a[i] * b[i];
	for (int j = 0; j < CHANNELS; j++)
		sum += s[j];
	return sum;
}

static void add(int64_t n, float *restrict x, const float *restrict y)
{
	for (int64_t i = 0; i < n; i++)
		x[i] += y[i];
}

#if defined(__AVX2__) || defined(AS_NEON) || defined(AS_NARROW)
#define ISA_WAY(name)                                                                                          \
	{                                                                                                      \
		AS_ISA_NAME(name##_prepared), AS_ISA_NAME(name##_scratch), AS_ISA_NAME(name##_prepare),        \
			AS_ISA_NAME(name##_forward), AS_ISA_NAME(name##_backward_data),                        \
			AS_ISA_NAME(name##_backward_weights)                                                   \
	}
static const struct as_way direct = ISA_WAY(as_direct);

static const struct as_way *exact_way(const struct as_conv *s)
{
	(void)s;
	return &direct;
}

/* Winograd's convolution for the shapes that suit it. */
static const struct as_way *fast_way(const struct as_conv *s)
{
	static const struct as_way winograd = ISA_WAY(as_winograd);
	return AS_ISA_NAME(as_winograd_fits)(s) ? &winograd : &direct;
}
#else /* vectors have only four floats: a BLAS is faster */
static const struct as_way *exact_way(const struct as_conv *s)
{
	static const struct as_way im2col = {as_im2col_prepared, as_im2col_scratch, as_im2col_prepare, as_im2col_forward,
					     as_im2col_backward_data, as_im2col_backward_weights};
	(void)s;
	return &im2col;
}
#define fast_way exact_way
#endif

#define LOOPS(which)                                                                                           \
	{                                                                                                      \
		.way = which, .moments = moments, .affine = affine, .norm_sums = norm_sums,                    \
		.norm_back = norm_back, .maxpool = maxpool, .maxpool_back = maxpool_back, .avgpool = avgpool,  \
		.avgpool_back = avgpool_back, .sgd = sgd, .adamw = adamw, .ema = ema, .dot = dot, .add = add,  \
	}

extern const struct as_loops AS_ISA_NAME(as_loops_exact), AS_ISA_NAME(as_loops_fast);
const struct as_loops AS_ISA_NAME(as_loops_exact) = LOOPS(exact_way);
const struct as_loops AS_ISA_NAME(as_loops_fast) = LOOPS(fast_way);
