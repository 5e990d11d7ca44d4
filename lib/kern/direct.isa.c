/* Direct convolution: a block of whole images is copied once with its border of
 * zeros, and then every output pixel's patch is r runs of r*c floats in place - no
 * matrix of patches is ever written. Tiles of outputs stay in registers:
 *
 *   forward           y[p][k]  = sum_i x_p[i] w[i][k]      rows p, columns k
 *   backward weights  dW[i][k] = sum_p x_p[i] dy[p][k]     rows i, columns k
 *   backward data     stride 1: the forward of dy with turned weights; else as im2col
 *
 * i runs over the patch (r,r,c). Columns are two vectors wide, the last one or two.
 * Tasks are blocks of images; a block is a function of the shape alone. */
#include <string.h>

#include "kern/conv.h"
#include "kern/direct.h"
#include "kern/tile.h"

enum { MIN_PIXELS = 256, CHUNK = 4 * WIDE };

/* --- shapes --- */

static int64_t padded_row(const struct as_conv *s)
{
	return (s->w + 2 * s->pad) * s->c;
}

static int64_t padded_image(const struct as_conv *s)
{
	return (s->h + 2 * s->pad) * padded_row(s);
}

/* Images of a block. */
static int64_t group(const struct as_conv *s)
{
	int64_t pixels = s->oh * s->ow;
	return least((MIN_PIXELS + pixels - 1) / pixels, s->n);
}

static int64_t blocks(const struct as_conv *s)
{
	return (s->n + group(s) - 1) / group(s);
}

/* Floats of a lane's scratch: the padded block (tiles may read past its end, and
 * throw away what they read there), then a pointer to each pixel's patch. */
static int64_t padded_floats(const struct as_conv *s)
{
	return up(group(s) * padded_image(s) + ROWS1, LANES);
}

static int64_t lane_floats(const struct as_conv *s)
{
	int64_t pointers = group(s) * s->oh * s->ow * (int64_t)sizeof(float *);
	return padded_floats(s) + up(pointers / (int64_t)sizeof(float), LANES);
}

/* --- a block of images --- */

struct block {
	int64_t first, pixels; /* first output pixel of all, and how many */
	const float **px;      /* (pixels): each one's patch */
};

static void copy_padded(const struct as_conv *s, const float *x, float *to)
{
	size_t row = (size_t)(s->w * s->c) * sizeof *x, side = (size_t)(s->pad * s->c) * sizeof *x;
	size_t whole = (size_t)padded_row(s) * sizeof *x;
	for (int64_t y = -s->pad; y < s->h + s->pad; y++, to += padded_row(s)) {
		if (y < 0 || y >= s->h) {
			memset(to, 0, whole);
			continue;
		}
		memset(to, 0, side);
		memcpy(to + s->pad * s->c, x + y * s->w * s->c, row);
		memset(to + s->pad * s->c + s->w * s->c, 0, side);
	}
}

static struct block open_block(const struct as_conv *s, const float *x, int64_t index, float *scratch)
{
	int64_t image = index * group(s), images = least(group(s), s->n - image), each = s->oh * s->ow;
	void *after = scratch + padded_floats(s);
	struct block b = {image * each, images * each, after};
	const float **px = b.px;
	for (int64_t n = 0; n < images; n++) {
		float *to = scratch + n * padded_image(s);
		copy_padded(s, x + (image + n) * s->h * s->w * s->c, to);
		for (int64_t oy = 0; oy < s->oh; oy++)
			for (int64_t ox = 0; ox < s->ow; ox++)
				*px++ = to + oy * s->stride * padded_row(s) + ox * s->stride * s->c;
	}
	return b;
}

/* --- weights --- */

/* Columns k0.. of w, the filter turned or not, as (patch, wide): zeros beyond k. */
static void pack_columns(const struct as_conv *s, const float *w, bool turn, int64_t k0, int64_t wide, float *to)
{
	int64_t rr = s->r * s->r;
	for (int64_t ab = 0; ab < rr; ab++)
		for (int64_t c = 0; c < s->c; c++, to += wide)
			for (int64_t j = 0; j < wide; j++) {
				int64_t k = k0 + j;
				/* turned: s is the way back, so its c is the filter's k */
				to[j] = k >= s->k ? 0 : turn ? w[(c * s->k + k) * rr + rr - 1 - ab] : w[(k * s->c + c) * rr + ab];
			}
}

static int64_t packed(const struct as_conv *s)
{
	return as_conv_patch(s) * up(s->k, LANES);
}

static int64_t columns(const struct as_conv *s)
{
	return (s->k + WIDE - 1) / WIDE;
}

struct pack {
	struct as_conv s;
	const float *w;
	bool turn;
	float *to;
};

static void pack_block(void *ctx, int64_t i, int lane)
{
	const struct pack *p = ctx;
	int64_t k0 = i * WIDE, wide = least(WIDE, up(p->s.k - k0, LANES));
	(void)lane;
	pack_columns(&p->s, p->w, p->turn, k0, wide, p->to + k0 * as_conv_patch(&p->s));
}

size_t AS_ISA_NAME(as_direct_prepared)(const struct as_conv *s)
{
	struct as_conv t = as_conv_turned(s);
	return (size_t)(packed(s) + (s->stride == 1 ? packed(&t) : (int64_t)as_im2col_prepared(s)));
}

void AS_ISA_NAME(as_direct_prepare)(struct as_pool *pool, const struct as_conv *s, const float *w, float *prepared)
{
	struct pack p = {*s, w, false, prepared};
	as_each(pool, columns(s), pack_block, &p);
	if (s->stride != 1) {
		as_im2col_prepare(pool, s, w, prepared + packed(s));
		return;
	}
	struct pack t = {as_conv_turned(s), w, true, prepared + packed(s)};
	as_each(pool, columns(&t.s), pack_block, &t);
}

/* --- tiles in registers --- */

PRODUCT_TILE(forward_wide, ROWS2, 2)
PRODUCT_TILE(forward_thin, ROWS1, 1)

/* Columns k0.. of all pixels of a block. */
static void forward_columns(const struct as_conv *s, const struct block *b, const float *w, int64_t k0, float *y, bool add)
{
	int64_t n = least(WIDE, s->k - k0);
	int tile = n > LANES ? ROWS2 : ROWS1;
	const float *from = w + k0 * as_conv_patch(s);
	for (int64_t p = 0; p < b->pixels; p += tile) {
		const float *px[ROWS1];
		int64_t rows = least(tile, b->pixels - p);
		for (int i = 0; i < tile; i++) /* past the end, the last pixel again */
			px[i] = b->px[p + least(i, rows - 1)];
		float *to = y + (b->first + p) * s->k + k0;
		if (n > LANES)
			forward_wide(px, s->r, s->r * s->c, padded_row(s), from, to, s->k, rows, n, add);
		else
			forward_thin(px, s->r, s->r * s->c, padded_row(s), from, to, s->k, rows, n, add);
	}
}

struct forward {
	const struct as_conv *s;
	const float *x, *w;
	float *y, *scratch;
	bool add;
};

static void forward_block(void *ctx, int64_t i, int lane)
{
	const struct forward *f = ctx;
	struct block b = open_block(f->s, f->x, i, f->scratch + lane * lane_floats(f->s));
	for (int64_t k0 = 0; k0 < f->s->k; k0 += WIDE)
		forward_columns(f->s, &b, f->w, k0, f->y, f->add);
}

void AS_ISA_NAME(as_direct_forward)(struct as_pool *pool, const struct as_conv *s, const float *x,
				    const float *prepared, float *y, void *scratch)
{
	struct forward f = {s, x, prepared, y, scratch, false};
	as_each(pool, blocks(s), forward_block, &f);
}

void AS_ISA_NAME(as_direct_backward_data)(struct as_pool *pool, const struct as_conv *s, const float *dy,
					  const float *prepared, float *dx, bool add, void *scratch)
{
	if (s->stride != 1) {
		as_im2col_backward_data(pool, s, dy, prepared + packed(s), dx, add, scratch);
		return;
	}
	struct as_conv t = as_conv_turned(s);
	struct forward f = {&t, dy, prepared + packed(s), dx, scratch, add};
	as_each(pool, blocks(&t), forward_block, &f);
}

OUTER_TILE(weights_wide, ROWS2, 2)
OUTER_TILE(weights_thin, ROWS1, 1)

/* One run of the patch (filter row a) for columns k0..k0+n-1, which are whole vectors. */
static void weights_run(const struct as_conv *s, const struct block *b, int64_t a, int64_t k0, int64_t n,
			const float *dy, float *dw, bool add)
{
	int64_t run = s->r * s->c;
	int tile = n > LANES ? ROWS2 : ROWS1;
	for (int64_t i = 0; i < run; i += tile) {
		int64_t rows = least(tile, run - i), at = a * padded_row(s) + i;
		const float *from = dy + b->first * s->k + k0;
		float *to = dw + (a * run + i) * s->k + k0;
		if (n > LANES)
			weights_wide(b->px, at, b->pixels, from, s->k, to, s->k, rows, n, add);
		else
			weights_thin(b->px, at, b->pixels, from, s->k, to, s->k, rows, n, add);
	}
}

struct weights {
	const struct as_conv *s;
	const float *x, *dy;
	float *part, *scratch;
};

static int64_t chunks(const struct as_conv *s)
{
	return (s->k + CHUNK - 1) / CHUNK;
}

/* Task (part, chunk): the part's blocks, CHUNK columns of dW. */
static void weights_part(void *ctx, int64_t task, int lane)
{
	const struct weights *g = ctx;
	const struct as_conv *s = g->s;
	int64_t parts = as_conv_parts(s, blocks(s)), part = task / chunks(s), from = task % chunks(s) * CHUNK;
	int64_t first = part * blocks(s) / parts, last = (part + 1) * blocks(s) / parts;
	for (int64_t i = first; i < last; i++) {
		struct block b = open_block(s, g->x, i, g->scratch + lane * lane_floats(s));
		for (int64_t k0 = from; k0 < least(from + CHUNK, s->k); k0 += WIDE)
			for (int64_t a = 0; a < s->r; a++)
				weights_run(s, &b, a, k0, least(WIDE, s->k - k0), g->dy, g->part + part * as_conv_patch(s) * s->k,
					    i > first);
	}
}

void AS_ISA_NAME(as_direct_backward_weights)(struct as_pool *pool, const struct as_conv *s, const float *x,
					     const float *dy, float *dw, void *scratch)
{
	if (s->k % LANES) {
		as_im2col_backward_weights(pool, s, x, dy, dw, scratch);
		return;
	}
	int64_t parts = as_conv_parts(s, blocks(s));
	struct weights g = {s, x, dy, scratch, (float *)scratch + up(parts * as_conv_patch(s) * s->k, LANES)};
	as_each(pool, parts * chunks(s), weights_part, &g);
	as_conv_add_parts(pool, s, parts, g.part, dw);
}

size_t AS_ISA_NAME(as_direct_scratch)(const struct as_conv *s, int lanes)
{
	struct as_conv t = as_conv_turned(s);
	size_t most = as_im2col_scratch(s, lanes);
	size_t weights = (size_t)(up(as_conv_parts(s, blocks(s)) * as_conv_patch(s) * s->k, LANES) + lanes * lane_floats(s));
	size_t data = s->stride == 1 ? (size_t)(lanes * lane_floats(&t)) : 0;
	most = weights * sizeof(float) > most ? weights * sizeof(float) : most;
	return data * sizeof(float) > most ? data * sizeof(float) : most;
}
