/* Winograd's convolution F(4x4, 3x3) for 3x3 filters of stride 1 (Lavin and Gray, "Fast
 * Algorithms for Convolutional Neural Networks", CVPR 2016): a tile of 4x4 outputs comes
 * from 6x6 inputs with 36 products where the direct way has 144,
 *
 *   forward           y  = A' [ (G g G') . (B' d B) ] A
 *   backward data     the forward of dy with turned weights
 *   backward weights  dg = G' [ (A dy A') . (B' d B) ] G      summed over tiles
 *
 * g: 3x3 of a filter, d: 6x6 of the input, . element by element and summed over input
 * channels (forward): at each of the 36 places a product of matrices, (tiles,c) by (c,k).
 * All transforms work on LANES channels at once. Sums of 4x4 outputs share roundings: the
 * result is off by some 1e-5 of the largest output where the direct way is off by 1e-7.
 *
 * The work is cut into groups of tiles whose 36 slabs stay in a core's cache. Slabs are
 * padded by a vector, so that their rows do not fall on the same lines of it. */
#include <string.h>

#include "kern/conv.h"
#include "kern/direct.h"
#include "kern/tile.h"

/* winograd3.isa.c has the same with tiles of 3x3, which fit maps of 3, 5, 6 and 9 better. */
#ifndef OUT
#define OUT 4
#define OTHER 3
#define WINOGRAD(x) AS_ISA_NAME(as_winograd_##x)
#endif

enum { IN = OUT + 2, PLACES = IN * IN, TAPS = 9, BLOCK = 8, GROUP_BYTES = 5 << 18, LEAST_CHANNELS = 32, CHANNELS = 16 /* whole vectors, whole BLOCKs */, CHUNK_BYTES = 1 << 23 };

/* Products a channel that tiles of `out` take for a map; its last tiles may stand out. */
static int64_t products(const struct as_conv *s, int64_t out)
{
	return (s->oh + out - 1) / out * ((s->ow + out - 1) / out) * (out + 2) * (out + 2);
}

bool WINOGRAD(fits)(const struct as_conv *s)
{
	return s->r == 3 && s->stride == 1 && s->pad == 1 && s->oh >= OUT && s->ow >= OUT && s->c >= LEAST_CHANNELS &&
	       s->k >= LEAST_CHANNELS && s->c % CHANNELS == 0 && s->k % CHANNELS == 0 &&
	       products(s, OUT) < products(s, OTHER);
}

/* --- shapes --- */

static int64_t down(const struct as_conv *s)
{
	return (s->oh + OUT - 1) / OUT;
}

static int64_t across(const struct as_conv *s)
{
	return (s->ow + OUT - 1) / OUT;
}

static int64_t tiles(const struct as_conv *s)
{
	return s->n * down(s) * across(s);
}

/* Floats of a slab's row of c channels. */
static int64_t row(int64_t c)
{
	return c + LANES;
}

/* Floats of a place's matrix (c,k), and again a bit more: places are no power of 2 apart. */
static int64_t matrix(const struct as_conv *s)
{
	return s->c * s->k + 3 * LANES;
}

/* The most tiles of a group: whole ROWS2, as many as GROUP_BYTES of slabs hold, at least
 * three times ROWS2 so that weights are not fetched for too little. */
static int64_t most_tiles(const struct as_conv *s)
{
	int64_t most = GROUP_BYTES / (PLACES * (row(s->c) + row(s->k)) * (int64_t)sizeof(float)) / ROWS2 * ROWS2;
	return most < 3 * ROWS2 ? 3 * ROWS2 : most;
}

/* Tiles of each group: all groups alike. */
static int64_t group(const struct as_conv *s)
{
	int64_t most = most_tiles(s), groups = (tiles(s) + most - 1) / most;
	return up((tiles(s) + groups - 1) / groups, ROWS2);
}

static int64_t groups(const struct as_conv *s)
{
	return (tiles(s) + group(s) - 1) / group(s);
}

/* Fewer images need no more, though their groups may be larger. */
static int64_t lane_floats(const struct as_conv *s)
{
	return PLACES * least(most_tiles(s), up(tiles(s), ROWS2)) * (row(s->c) + row(s->k));
}

/* --- transforms of LANES channels, from values `from` apart to values `to` apart --- */

#if OUT == 4
/* B': six values to six. */
static AS_INLINE void b_transform(const vec *x, int from, vec *y, int to)
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

/* A': six products to four outputs. */
static AS_INLINE void a_transform(const vec *m, int from, vec *y, int to)
{
	vec s1 = m[from] + m[2 * from], d1 = m[from] - m[2 * from];
	vec s2 = m[3 * from] + m[4 * from], d2 = m[3 * from] - m[4 * from], m0 = m[0], m5 = m[5 * from];
	y[0] = m0 + s1 + s2;
	y[to] = d1 + 2 * d2;
	y[2 * to] = s1 + 4 * s2;
	y[3 * to] = d1 + 8 * d2 + m5;
}

/* A: four gradients to six. */
static AS_INLINE void a_back(const vec *y, int from, vec *m, int to)
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

/* G: three taps to six. */
static AS_INLINE void g_transform(const vec *g, int from, vec *u, int to)
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

/* G': six to three taps. */
static AS_INLINE void g_back(const vec *u, int from, vec *g, int to)
{
	vec s1 = u[from] + u[2 * from], d1 = u[2 * from] - u[from];
	vec s2 = u[3 * from] + u[4 * from], d2 = u[3 * from] - u[4 * from], u0 = u[0], u5 = u[5 * from];
	g[0] = u0 * .25f - s1 * (1.f / 6) + s2 * (1.f / 24);
	g[to] = d1 * (1.f / 6) + d2 * (1.f / 12);
	g[2 * to] = (s2 - s1) * (1.f / 6) + u5;
}
#else
/* The same for F(3x3, 3x3), from values at 0, 1, -1, 2 and infinity. */
static AS_INLINE void b_transform(const vec *x, int from, vec *y, int to)
{
	vec x0 = x[0], x1 = x[from], x2 = x[2 * from], x3 = x[3 * from], x4 = x[4 * from];
	y[0] = 2 * (x0 - x2) - x1 + x3;
	y[to] = x3 - x2 - 2 * x1;
	y[2 * to] = 2 * x1 - 3 * x2 + x3;
	y[3 * to] = x3 - x1;
	y[4 * to] = 2 * (x1 - x3) - x2 + x4;
}

static AS_INLINE void a_transform(const vec *m, int from, vec *y, int to)
{
	vec s1 = m[from] + m[2 * from], d1 = m[from] - m[2 * from], m3 = m[3 * from], m0 = m[0], m4 = m[4 * from];
	y[0] = m0 + s1 + m3;
	y[to] = d1 + 2 * m3;
	y[2 * to] = s1 + 4 * m3 + m4;
}

static AS_INLINE void a_back(const vec *y, int from, vec *m, int to)
{
	vec y0 = y[0], y1 = y[from], y2 = y[2 * from], even = y0 + y2;
	m[0] = y0;
	m[to] = even + y1;
	m[2 * to] = even - y1;
	m[3 * to] = y0 + 2 * y1 + 4 * y2;
	m[4 * to] = y2;
}

static AS_INLINE void g_transform(const vec *g, int from, vec *u, int to)
{
	vec g0 = g[0], g1 = g[from], g2 = g[2 * from], even = g0 + g2;
	u[0] = g0 * .5f;
	u[to] = (even + g1) * -.5f;
	u[2 * to] = (g1 - even) * (1.f / 6);
	u[3 * to] = (g0 + 2 * g1 + 4 * g2) * (1.f / 6);
	u[4 * to] = g2;
}

static AS_INLINE void g_back(const vec *u, int from, vec *g, int to)
{
	vec u0 = u[0], half = u[from] * .5f, u2 = u[2 * from] * (1.f / 6), u3 = u[3 * from] * (1.f / 6), u4 = u[4 * from];
	g[0] = u0 * .5f - half - u2 + u3;
	g[to] = u2 - half + 2 * u3;
	g[2 * to] = 4 * u3 - half - u2 + u4;
}
#endif

/* --- tiles of an image --- */

/* Where a tile's 4x4 outputs begin. */
struct place {
	int64_t n, y, x;
};

static struct place place_of(const struct as_conv *s, int64_t tile)
{
	int64_t each = down(s) * across(s), in = tile % each;
	return (struct place){tile / each, in / across(s) * OUT, in % across(s) * OUT};
}

/* The size x size pixels from (y,x) on: where each one's channels begin, or zeros where
 * it lies outside (channel & mask stays 0 there). */
struct window {
	const float *at[PLACES];
	int64_t mask[PLACES];
};

static struct window window_of(const float *image, int64_t h, int64_t w, int64_t c, int64_t y, int64_t x, int size)
{
	static const vec zeros;
	struct window v;
	for (int i = 0; i < size; i++)
		for (int j = 0; j < size; j++) {
			bool in = y + i >= 0 && y + i < h && x + j >= 0 && x + j < w;
			v.at[i * size + j] = in ? image + ((y + i) * w + x + j) * c : (const float *)&zeros;
			v.mask[i * size + j] = in ? -1 : 0;
		}
	return v;
}

/* LANES channels from c on of pixels. */
static AS_INLINE vec pixel(const struct window *v, int place, int64_t c)
{
	return load(v->at[place] + (c & v->mask[place]));
}

static struct window input_window(const struct as_conv *s, const float *x, int64_t tile)
{
	struct place p = place_of(s, tile);
	return window_of(x + p.n * s->h * s->w * s->c, s->h, s->w, s->c, p.y - 1, p.x - 1, IN);
}

/* The columns' half of B' d B; meanwhile the pixels that the next tile adds come nearer:
 * they lie in six rows of the image, which no prefetcher of a CPU foresees. */
static AS_INLINE void input_columns(const struct window *v, const struct window *next, int64_t c, vec *half)
{
	for (int j = 0; j < IN; j++) {
		vec d[IN];
		for (int i = 0; i < IN; i++) {
			int place = i * IN + j;
			d[i] = pixel(v, place, c);
			if (j >= IN - OUT)
				__builtin_prefetch(next->at[place] + (c & next->mask[place]));
		}
		b_transform(d, 1, half + j, IN);
	}
}

/* B' d B of tiles from..from+count-1 into slabs [PLACES][most][row(c)]. */
static void input_slabs(const struct as_conv *s, const float *x, int64_t from, int64_t count, int64_t most, float *slab)
{
	struct window v[2] = {input_window(s, x, from)};
	for (int64_t t = 0; t < count; t++) {
		v[(t + 1) % 2] = input_window(s, x, from + least(t + 1, count - 1));
		for (int64_t c = 0; c < s->c; c += LANES) {
			vec half[PLACES], line[IN];
			input_columns(&v[t % 2], &v[(t + 1) % 2], c, half);
			float *to = slab + t * row(s->c) + c;
			for (int i = 0; i < IN; i++) {
				b_transform(half + i * IN, 1, line, 1);
				for (int j = 0; j < IN; j++)
					*(vec *)(to + (i * IN + j) * most * row(s->c)) = line[j];
			}
		}
	}
}

/* A dy A' of tiles into slabs [PLACES][most][row(k)]. */
static void output_slabs(const struct as_conv *s, const float *dy, int64_t from, int64_t count, int64_t most, float *slab)
{
	for (int64_t t = 0; t < count; t++) {
		struct place p = place_of(s, from + t);
		struct window v = window_of(dy + p.n * s->oh * s->ow * s->k, s->oh, s->ow, s->k, p.y, p.x, OUT);
		for (int64_t k = 0; k < s->k; k += LANES) {
			vec d[OUT], half[IN * OUT], line[IN];
			for (int j = 0; j < OUT; j++) {
				for (int i = 0; i < OUT; i++)
					d[i] = pixel(&v, i * OUT + j, k);
				a_back(d, 1, half + j, OUT);
			}
			float *to = slab + t * row(s->k) + k;
			for (int i = 0; i < IN; i++) {
				a_back(half + i * OUT, 1, line, 1);
				for (int j = 0; j < IN; j++)
					*(vec *)(to + (i * IN + j) * most * row(s->k)) = line[j];
			}
		}
	}
}

/* y = A' m A of the group's products, and what comes after. */
static void outputs(const struct as_conv *s, const float *slab, int64_t from, int64_t count, int64_t most, float *y,
		    const struct after *after)
{
	for (int64_t t = 0; t < count; t++) {
		struct place p = place_of(s, from + t);
		int64_t high = least(OUT, s->oh - p.y), wide = least(OUT, s->ow - p.x);
		float *corner = y + ((p.n * s->oh + p.y) * s->ow + p.x) * s->k;
		for (int64_t k = 0; k < s->k; k += LANES) {
			vec m[IN], half[OUT * IN], line[OUT];
			const float *at = slab + t * row(s->k) + k;
			for (int j = 0; j < IN; j++) {
				vec column[OUT];
				for (int i = 0; i < IN; i++)
					m[i] = load(at + (i * IN + j) * most * row(s->k));
				a_transform(m, 1, column, 1);
				for (int i = 0; i < OUT; i++)
					half[i * IN + j] = column[i];
			}
			for (int i = 0; i < high; i++) {
				a_transform(half + i * IN, 1, line, 1);
				for (int j = 0; j < wide; j++)
					line[j] = finished(line[j], corner + (i * s->ow + j) * s->k + k, k, after);
				for (int j = 0; j < wide; j++)
					store(corner + (i * s->ow + j) * s->k + k, line[j], LANES, after->plus);
			}
		}
	}
}

/* --- weights --- */

/* Prepared: at each place the weights (c,k) as blocks of WIDE columns, the last perhaps of LANES. */
static int64_t prepared_floats(const struct as_conv *s)
{
	return PLACES * matrix(s);
}

size_t WINOGRAD(prepared)(const struct as_conv *s)
{
	return (size_t)prepared_floats(s);
}

struct pack {
	struct as_conv s;
	const float *w; /* PyTorch's (k,c,3,3) */
	bool turn;      /* s is the way back: its c is the filter's k */
	float *to;
};

/* The taps of LANES output channels from k on and of BLOCK input channels from c on, which
 * in w lie together for each output channel, or, turned, for each input channel. */
static void gather_taps(const struct pack *p, int64_t c, int64_t k, vec (*g)[TAPS])
{
	if (p->turn) {
		for (int i = 0; i < BLOCK; i++) {
			const float *from = p->w + ((c + i) * p->s.k + k) * TAPS;
			for (int l = 0; l < LANES; l++)
				for (int tap = 0; tap < TAPS; tap++)
					g[i][tap][l] = from[l * TAPS + TAPS - 1 - tap];
		}
		return;
	}
	for (int l = 0; l < LANES; l++) {
		const float *from = p->w + ((k + l) * p->s.c + c) * TAPS;
		for (int i = 0; i < BLOCK; i++)
			for (int tap = 0; tap < TAPS; tap++)
				g[i][tap][l] = from[i * TAPS + tap];
	}
}

/* G g G' to the 36 places, `apart` floats from each other. */
static void transform_taps(const vec *g, float *to, int64_t apart)
{
	vec half[IN * 3], u[IN];
	for (int j = 0; j < 3; j++)
		g_transform(g + j, 3, half + j, 3);
	for (int i = 0; i < IN; i++) {
		g_transform(half + i * 3, 1, u, 1);
		for (int j = 0; j < IN; j++)
			*(vec *)(to + (i * IN + j) * apart) = u[j];
	}
}

static void pack_block(void *ctx, int64_t block, int lane)
{
	const struct pack *p = ctx;
	const struct as_conv *s = &p->s;
	int64_t k0 = block * WIDE, wide = least(WIDE, s->k - k0);
	(void)lane;
	for (int64_t c = 0; c < s->c; c += BLOCK)
		for (int64_t k = 0; k < wide; k += LANES) {
			vec g[BLOCK][TAPS];
			gather_taps(p, c, k0 + k, g);
			for (int i = 0; i < BLOCK; i++)
				transform_taps(g[i], p->to + k0 * s->c + (c + i) * wide + k, matrix(s));
		}
}

void WINOGRAD(prepare)(struct as_pool *pool, const struct as_conv *s, const float *w, float *prepared)
{
	struct pack there = {*s, w, false, prepared};
	as_each(pool, (s->k + WIDE - 1) / WIDE, pack_block, &there);
}

/* --- forward --- */

PRODUCT_TILE(product_wide, ROWS2, 2)
PRODUCT_TILE(product_thin, ROWS1, 1)

/* m (count,k) = d (count,c) w (c,k), rows of slabs; w as prepared. */
static void product(const struct as_conv *s, const float *d, int64_t count, const float *w, float *m)
{
	for (int64_t k0 = 0; k0 < s->k; k0 += WIDE) {
		int64_t n = least(WIDE, s->k - k0);
		int tile = n > LANES ? ROWS2 : ROWS1;
		for (int64_t t = 0; t < count; t += tile) {
			const float *px[ROWS1];
			float *py[ROWS1];
			int64_t rows = least(tile, count - t);
			for (int i = 0; i < tile; i++) { /* past the end, the last row again */
				px[i] = d + (t + least(i, rows - 1)) * row(s->c);
				py[i] = m + (t + i) * row(s->k);
			}
			if (n > LANES)
				product_wide(px, 1, s->c, 0, w + k0 * s->c, py, k0, rows, n, &nothing);
			else
				product_thin(px, 1, s->c, 0, w + k0 * s->c, py, k0, rows, n, &nothing);
		}
	}
}

struct forward {
	const struct as_conv *s;
	const float *x, *w;
	float *y, *scratch;
	struct after after;
};

static void forward_group(void *ctx, int64_t i, int lane)
{
	const struct forward *f = ctx;
	const struct as_conv *s = f->s;
	int64_t most = group(s), from = i * most, count = least(most, tiles(s) - from);
	float *d = f->scratch + lane * lane_floats(s), *m = d + PLACES * most * row(s->c);
	input_slabs(s, f->x, from, count, most, d);
	for (int p = 0; p < PLACES; p++)
		product(s, d + p * most * row(s->c), count, f->w + p * matrix(s), m + p * most * row(s->k));
	outputs(s, m, from, count, most, f->y, &f->after);
}

void WINOGRAD(forward)(struct as_pool *pool, const struct as_conv *s, const float *x, const float *prepared,
				      float *y, const struct as_after *after, void *scratch)
{
	struct forward f = {s, x, prepared, y, scratch, after_of(after, y)};
	as_each(pool, groups(s), forward_group, &f);
}

void WINOGRAD(backward_data)(struct as_pool *pool, const struct as_conv *s, const float *dy,
			     const float *w, float *dx, bool add, void *scratch)
{
	float *turned = scratch;
	struct as_conv t = as_conv_turned(s);
	struct pack back = {t, w, true, turned};
	struct forward f = {&t, dy, turned, dx, turned + prepared_floats(&t), {.plus = add}};
	as_each(pool, (t.k + WIDE - 1) / WIDE, pack_block, &back);
	as_each(pool, groups(&t), forward_group, &f);
}

/* --- backward weights --- */

/* Tiles that are transformed at a time, for all 36 places: their slabs stay in the cache
 * that cores share. */
static int64_t chunk(const struct as_conv *s)
{
	int64_t most = CHUNK_BYTES / (PLACES * (row(s->c) + row(s->k)) * (int64_t)sizeof(float));
	most = most < 64 ? 64 : most;
	int64_t chunks = (tiles(s) + most - 1) / most;
	return (tiles(s) + chunks - 1) / chunks;
}

enum { SHARE = 16 /* tiles of a task's transforms */, MOST = CHUNK_BYTES / (PLACES * 2 * (LEAST_CHANNELS + 4) * 4) };

OUTER_TILE(outer_wide, ROWS2, 2)
OUTER_TILE(outer_thin, ROWS1, 1)

struct weights {
	const struct as_conv *s;
	const float *x, *dy;
	float *d, *m, *sum;   /* slabs; [PLACES](c,k) */
	int64_t from, count;  /* tiles of this chunk */
	const float *const *px; /* (count): rows of place 0 */
	float *dw;
};

static void transform_share(void *ctx, int64_t i, int lane)
{
	const struct weights *g = ctx;
	const struct as_conv *s = g->s;
	int64_t t = i * SHARE, n = least(SHARE, g->count - t);
	(void)lane;
	input_slabs(s, g->x, g->from + t, n, chunk(s), g->d + t * row(s->c));
	output_slabs(s, g->dy, g->from + t, n, chunk(s), g->m + t * row(s->k));
}

static void sum_place(void *ctx, int64_t p, int lane)
{
	const struct weights *g = ctx;
	const struct as_conv *s = g->s;
	const float *m = g->m + p * chunk(s) * row(s->k);
	float *sum = g->sum + p * matrix(s);
	bool add = g->from > 0;
	(void)lane;
	for (int64_t k0 = 0; k0 < s->k; k0 += WIDE) {
		int64_t n = least(WIDE, s->k - k0);
		int tile = n > LANES ? ROWS2 : ROWS1;
		for (int64_t c = 0; c < s->c; c += tile) {
			int64_t rows = least(tile, s->c - c), at = p * chunk(s) * row(s->c) + c;
			if (n > LANES)
				outer_wide(g->px, at, g->count, m + k0, row(s->k), sum + c * s->k + k0, s->k, rows, n, add);
			else
				outer_thin(g->px, at, g->count, m + k0, row(s->k), sum + c * s->k + k0, s->k, rows, n, add);
		}
	}
}

/* G' sum G of LANES output channels from k on, input channel c. */
static void turn_back(const struct weights *g, int64_t c, int64_t k, vec *taps)
{
	vec u[PLACES], half[3 * IN];
	for (int p = 0; p < PLACES; p++)
		u[p] = load(g->sum + p * matrix(g->s) + c * g->s->k + k);
	for (int j = 0; j < IN; j++)
		g_back(u + j, IN, half + j, IN);
	for (int i = 0; i < 3; i++)
		g_back(half + i * IN, 1, taps + i * 3, 1);
}

/* dw += G' sum G of LANES output channels, BLOCK input channels at a time. */
static void turn_channels(void *ctx, int64_t block, int lane)
{
	const struct weights *g = ctx;
	int64_t k = block * LANES;
	(void)lane;
	for (int64_t c = 0; c < g->s->c; c += BLOCK) {
		vec taps[BLOCK][TAPS];
		for (int i = 0; i < BLOCK; i++)
			turn_back(g, c + i, k, taps[i]);
		for (int l = 0; l < LANES; l++) {
			float *to = g->dw + ((k + l) * g->s->c + c) * TAPS;
			for (int i = 0; i < BLOCK; i++)
				for (int tap = 0; tap < TAPS; tap++)
					to[i * TAPS + tap] += taps[i][tap][l];
		}
	}
}

void WINOGRAD(backward_weights)(struct as_pool *pool, const struct as_conv *s, const float *x, const float *dy,
					       float *dw, void *scratch)
{
	const float *px[MOST];
	struct weights g = {.s = s, .x = x, .dy = dy, .px = px, .dw = dw, .sum = scratch};
	g.d = g.sum + PLACES * matrix(s);
	g.m = g.d + PLACES * chunk(s) * row(s->c);
	for (int64_t t = 0; t < chunk(s); t++)
		px[t] = g.d + t * row(s->c);
	for (g.from = 0; g.from < tiles(s); g.from += chunk(s)) {
		g.count = least(chunk(s), tiles(s) - g.from);
		as_each(pool, (g.count + SHARE - 1) / SHARE, transform_share, &g);
		as_each(pool, PLACES, sum_place, &g);
	}
	as_each(pool, s->k / LANES, turn_channels, &g);
}

size_t WINOGRAD(scratch)(const struct as_conv *s, int lanes)
{
	struct as_conv t = as_conv_turned(s);
	if (s->forward_only)
		return (size_t)(lanes * lane_floats(s)) * sizeof(float);
	int64_t weights = PLACES * (matrix(s) + (chunk(s) + ROWS1) * (row(s->c) + row(s->k)));
	int64_t data = prepared_floats(&t) + lanes * lane_floats(&t), forward = lanes * lane_floats(s);
	int64_t most = data > forward ? data : forward;
	return (size_t)(most > weights ? most : weights) * sizeof(float);
}
