/* Direct convolution. A block of whole images is copied once with its border of
 * zeros. Then every output pixel's patch is r runs of r*c floats in place, and no
 * matrix of patches is written. Tiles of outputs stay in registers:
 *
 *   forward           y[p][k]  = sum_i x_p[i] w[i][k]      rows p, columns k
 *   backward data     dx[p][c] = sum_i dy_p[i] w[i][c]     the same over dy, a phase at a time
 *   backward weights  dW[i][k] = sum_p x_p[i] dy[p][k]     rows i, columns k
 *
 * i runs over the patch (r,r,c). With stride 2, an input pixel uses one of four parts of
 * the filter, depending on whether its row and its column are even or odd. Each of these
 * phases is a convolution of stride 1 over dy. Columns are two vectors wide, the last one or
 * two. Tasks are blocks of images and, where the shape has few of these, parts of the columns and rows. A sum over
 * pixels is made block by block, so the blocks of backward weights determine its bits; the rest determines none. */
#include <string.h>

#include "kern/conv.h"
#include "kern/direct.h"
#include "kern/tile.h"

/* The fewest pixels in a block, of which backward weights makes a sum, and forward and backward data do not; tasks that
 * a call should have; the most parts of the columns if each copies the images. */
enum { MIN_PIXELS = 256, SWEPT_PIXELS = 128, RUN_FLOATS = 1 << 17, TASKS = 256, COPIES = 4 };

/* --- images with a border --- */

/* of: the channels of a pixel of x, of which the frame has c. */
struct frame {
	int64_t h, w, c, pad, of;
};

static int64_t frame_row(const struct frame *f)
{
	return (f->w + 2 * f->pad) * f->c;
}

static int64_t frame_floats(const struct frame *f)
{
	return (f->h + 2 * f->pad) * frame_row(f);
}

static void copy_row(const struct frame *f, const float *x, float *to)
{
	size_t pixel = (size_t)f->c * sizeof *x;
	if (f->c == f->of)
		memcpy(to, x, (size_t)f->w * pixel);
	for (int64_t i = 0; i < f->w && f->c < f->of; i++)
		memcpy(to + i * f->c, x + i * f->of, pixel);
}

static void copy_padded(const struct frame *f, const float *x, float *to)
{
	size_t side = (size_t)(f->pad * f->c) * sizeof *x, whole = (size_t)frame_row(f) * sizeof *x;
	for (int64_t y = -f->pad; y < f->h + f->pad; y++, to += frame_row(f)) {
		if (y < 0 || y >= f->h) {
			memset(to, 0, whole);
			continue;
		}
		memset(to, 0, side);
		copy_row(f, x + y * f->w * f->of, to + f->pad * f->c);
		memset(to + f->pad * f->c + f->w * f->c, 0, side);
	}
}

/* --- phases --- */

/* h x w pixels and their patches. Pixel (y,x) lies at (out y + out_y, out x + out_x) of the output, its
 * patch at (in y + in_y, in x + in_x) of the padded input; tap (i,j) of the patch, ry x rx, is the filter's
 * (tap_y + tap i, tap_x + tap j). */
struct phase {
	int64_t h, w, ry, rx;
	int64_t in, in_y, in_x, out, out_y, out_x, tap, tap_y, tap_x;
};

static struct phase forward_phase(const struct as_conv *s)
{
	return (struct phase){.h = s->oh, .w = s->ow, .ry = s->r, .rx = s->r, .in = s->stride, .out = 1, .tap = 1};
}

/* One dimension of a phase of backward data. The taps a for which (from + pad - a) is divisible by the
 * stride belong to the rows from, from + stride, ... of dx; the last of these taps comes first in dy. */
struct side {
	int64_t count, taps, last, first; /* rows; taps; the last tap; where the row `from` meets it in dy */
};

static struct side side_of(const struct as_conv *s, int64_t from, int64_t size)
{
	int64_t a = (from + s->pad) % s->stride, taps = a < s->r ? (s->r - a + s->stride - 1) / s->stride : 0;
	int64_t last = a + (taps - 1) * s->stride;
	return (struct side){from < size ? (size - from + s->stride - 1) / s->stride : 0, taps, last,
			     (from + s->pad) / s->stride - (taps - 1)};
}

/* How far patches reach beyond the edges of dy. */
static int64_t margin(const struct as_conv *s)
{
	int64_t most = 0;
	for (int64_t from = 0; from < s->stride; from++) {
		struct side y = side_of(s, from, s->h), x = side_of(s, from, s->w);
		int64_t over[] = {-y.first, y.first + y.count + y.taps - 1 - s->oh, x.first + x.count + x.taps - 1 - s->ow};
		for (int i = 0; y.taps && i < 3; i++)
			most = over[i] > most ? over[i] : most;
	}
	return most;
}

static struct phase back_phase(const struct as_conv *s, int64_t from_y, int64_t from_x)
{
	struct side y = side_of(s, from_y, s->h), x = side_of(s, from_x, s->w);
	int64_t pad = margin(s);
	return (struct phase){.h = y.count, .w = x.count, .ry = x.taps ? y.taps : 0, .rx = y.taps ? x.taps : 0,
			      .in = 1, .in_y = pad + y.first, .in_x = pad + x.first,
			      .out = s->stride, .out_y = from_y, .out_x = from_x,
			      .tap = -s->stride, .tap_y = y.last, .tap_x = x.last};
}

/* What a convolution, forward or backward data, runs over. */
struct plan {
	const struct as_conv *s;
	bool back;
	struct frame in; /* the input's images */
	int64_t h, w, c; /* the output's images */
	int64_t phases, group; /* group: the number of images in a block */
};

static int64_t images_for(const struct as_conv *s, int64_t pixels)
{
	int64_t each = s->oh * s->ow;
	return least((pixels + each - 1) / each, s->n);
}

static struct plan plan_of(const struct as_conv *s, bool back)
{
	int64_t group = images_for(s, SWEPT_PIXELS);
	if (back)
		return (struct plan){s, back, {s->oh, s->ow, s->k, margin(s), s->k}, s->h, s->w, s->c, s->stride * s->stride, group};
	return (struct plan){s, back, {s->h, s->w, s->c, s->pad, s->c}, s->oh, s->ow, s->k, 1, group};
}

/* The same for backward weights, over this many of the input's channels. */
static struct plan weights_plan(const struct as_conv *s, int64_t channels)
{
	struct plan p = plan_of(s, false);
	p.in.c = channels;
	p.group = images_for(s, MIN_PIXELS);
	return p;
}

static struct phase phase_of(const struct plan *p, int64_t i)
{
	return p->back ? back_phase(p->s, i / p->s->stride, i % p->s->stride) : forward_phase(p->s);
}

static int64_t patch_of(const struct plan *p, const struct phase *f)
{
	return f->ry * f->rx * p->in.c;
}

/* --- blocks --- */

static int64_t blocks(const struct plan *p)
{
	return (p->s->n + p->group - 1) / p->group;
}

/* Floats of a thread's scratch: the padded block (tiles may read past its end and ignore what they read),
 * then for each pixel of a phase a pointer to its patch and one to its outputs. */
static int64_t padded_floats(const struct plan *p)
{
	return up(p->group * frame_floats(&p->in) + ROWS1, LANES);
}

static int64_t most_pixels(const struct plan *p)
{
	struct phase first = phase_of(p, 0); /* the first phase has the most pixels */
	return p->group * first.h * first.w;
}

static int64_t thread_floats(const struct plan *p)
{
	return padded_floats(p) + up(2 * most_pixels(p) * (int64_t)sizeof(void *) / (int64_t)sizeof(float), LANES);
}

struct block {
	/* the block's first image, its number of images, the pixels of the current phase */
	int64_t image, images, pixels;
	const float *padded;
	const float **px; /* (pixels): pointers to patches */
	float **py;       /* (pixels): pointers to outputs */
};

/* in_place: patches may lie in x itself if it needs no border, and all channels of a pixel are in the frame. */
static struct block open_block(const struct plan *p, const float *x, int64_t index, bool in_place, float *scratch)
{
	int64_t image = index * p->group, images = least(p->group, p->s->n - image);
	int64_t each = p->in.h * p->in.w * p->in.of;
	void *after = scratch + padded_floats(p);
	struct block b = {.image = image, .images = images, .padded = scratch, .px = after};
	in_place = in_place && !p->in.pad;
	void *half = b.px + most_pixels(p);
	b.py = half;
	if (in_place)
		b.padded = x + image * each;
	for (int64_t n = 0; n < images && !in_place; n++)
		copy_padded(&p->in, x + (image + n) * each, scratch + n * frame_floats(&p->in));
	return b;
}

/* Lists the pixels of a phase. y: all images of the output, or NULL. */
static void open_phase(const struct plan *p, const struct phase *f, struct block *b, float *y)
{
	int64_t at = 0;
	for (int64_t n = 0; n < b->images; n++) {
		const float *in = b->padded + n * frame_floats(&p->in) + f->in_y * frame_row(&p->in) + f->in_x * p->in.c;
		int64_t out = (((b->image + n) * p->h + f->out_y) * p->w + f->out_x) * p->c;
		for (int64_t i = 0; i < f->h; i++)
			for (int64_t j = 0; j < f->w; j++, at++) {
				b->px[at] = in + f->in * (i * frame_row(&p->in) + j * p->in.c);
				if (y)
					b->py[at] = y + out + f->out * (i * p->w + j) * p->c;
			}
	}
	b->pixels = at;
}

/* --- weights --- */

/* Columns k0.. of a phase's weights as (patch, wide), padded with zeros. */
static void pack_columns(const struct plan *p, const struct phase *f, const float *w, int64_t k0, int64_t wide, float *to)
{
	int64_t r = p->s->r, rr = r * r;
	for (int64_t i = 0; i < f->ry; i++)
		for (int64_t j = 0; j < f->rx; j++) {
			const float *tap = w + (f->tap_y + f->tap * i) * r + f->tap_x + f->tap * j;
			for (int64_t c = 0; c < p->in.c; c++, to += wide)
				for (int64_t k = k0; k < k0 + wide; k++)
					to[k - k0] = k >= p->c ? 0 : tap[(p->back ? c * p->c + k : k * p->in.c + c) * rr];
		}
}

static int64_t columns(const struct plan *p)
{
	return (p->c + WIDE - 1) / WIDE;
}

static int64_t packed(const struct plan *p)
{
	return as_conv_patch(p->s) / p->s->c * p->in.c * up(p->c, LANES);
}

struct pack {
	struct plan p;
	const float *w;
	float *to;
};

static void pack_block(void *ctx, int64_t i, int thread)
{
	const struct pack *g = ctx;
	int64_t k0 = i * WIDE, wide = least(WIDE, up(g->p.c - k0, LANES));
	float *to = g->to;
	(void)thread;
	for (int64_t n = 0; n < g->p.phases; n++) {
		struct phase f = phase_of(&g->p, n);
		pack_columns(&g->p, &f, g->w, k0, wide, to + k0 * patch_of(&g->p, &f));
		to += patch_of(&g->p, &f) * up(g->p.c, LANES);
	}
}

static void pack_all(struct as_pool *pool, const struct plan *p, const float *w, float *to)
{
	struct pack g = {*p, w, to};
	as_each(pool, columns(p), pack_block, &g);
}

size_t AS_ISA_NAME(as_direct_prepared)(const struct as_conv *s)
{
	struct plan there = plan_of(s, false);
	return (size_t)packed(&there);
}

void AS_ISA_NAME(as_direct_prepare)(struct as_pool *pool, const struct as_conv *s, const float *w, float *prepared)
{
	struct plan there = plan_of(s, false);
	pack_all(pool, &there, w, prepared);
}

/* --- forward, and backward data --- */

PRODUCT_TILE(product_wide, ROWS2, 2)
PRODUCT_TILE(product_thin, ROWS1, 1)

/* Prefetches what the next tile will add while this one is computed. */
static void fetch(const struct after *a, float *const *py, int64_t rows, int64_t k0, int64_t n)
{
	for (int64_t i = 0; i < rows; i++)
		for (int64_t k = 0; k < n; k += LANES)
			AS_PREFETCH(a->add + (py[i] - a->y) + k0 + k);
}

/* Columns k0.. of the pixels first..last-1 of the current phase. */
static void sweep_columns(const struct plan *p, const struct phase *f, const struct block *b, int64_t first, int64_t last,
			  const float *w, int64_t k0, const struct after *all)
{
	int64_t n = least(WIDE, p->c - k0), step = frame_row(&p->in);
	int tile = n > LANES ? ROWS2 : ROWS1;
	const float *from = w + k0 * patch_of(p, f);
	bool part = n % LANES && all->shift; /* columns that fill no vector: shift and add are applied afterwards */
	const struct after *after = part ? &nothing : all;
	for (int64_t i = first; i < last; i += tile) {
		const float *px[ROWS1];
		float *py[ROWS1];
		int64_t rows = least(tile, last - i);
		for (int j = 0; j < tile; j++) { /* beyond the end, repeat the last pixel */
			px[j] = b->px[i + least(j, rows - 1)];
			py[j] = b->py[i + least(j, rows - 1)];
		}
		if (all->add)
			fetch(all, b->py + i + tile, least(tile, last - i - tile), k0, n);
		if (n > LANES)
			product_wide(px, f->ry, f->rx * p->in.c, step, from, py, k0, rows, n, after);
		else
			product_thin(px, f->ry, f->rx * p->in.c, step, from, py, k0, rows, n, after);
		for (int j = 0; j < rows && part; j++)
			finish_part(py[j], k0, n, all);
	}
}

struct sweep {
	struct plan p;
	const float *x, *w;
	float *y, *scratch;
	struct after after;
};

/* The number of pixels of which all columns are computed before the next pixels. It is large enough that
 * loading the weights for each run costs little, and small enough that the inputs stay in the L2 cache. */
static int64_t run_of(const struct plan *p)
{
	int64_t pixels = RUN_FLOATS / p->in.c / ROWS1 * ROWS1;
	return pixels < 4 * ROWS1 ? 4 * ROWS1 : least(pixels, 8 * ROWS1);
}

/* The parts of the columns, so that there are TASKS tasks. */
static int64_t column_parts(const struct plan *p)
{
	int64_t parts = least((TASKS + blocks(p) - 1) / blocks(p), columns(p));
	return p->in.pad ? least(parts, COPIES) : parts;
}

static void sweep_phase(const struct sweep *g, const struct phase *f, struct block *b, const float *w, int64_t from, int64_t to)
{
	const struct plan *p = &g->p;
	open_phase(p, f, b, g->y);
	for (int64_t at = 0; at < b->pixels; at += run_of(p))
		for (int64_t k0 = from; k0 < to; k0 += WIDE)
			sweep_columns(p, f, b, at, least(at + run_of(p), b->pixels), w, k0, &g->after);
}

/* Task (block, part). */
static void sweep_block(void *ctx, int64_t task, int thread)
{
	const struct sweep *g = ctx;
	const struct plan *p = &g->p;
	int64_t parts = column_parts(p), part = task % parts;
	int64_t from = part * columns(p) / parts * WIDE, to = least((part + 1) * columns(p) / parts * WIDE, p->c);
	struct block b = open_block(p, g->x, task / parts, true, g->scratch + thread * thread_floats(p));
	const float *w = g->w;
	for (int64_t n = 0; n < p->phases; n++) {
		struct phase f = phase_of(p, n);
		sweep_phase(g, &f, &b, w, from, to);
		w += patch_of(p, &f) * up(p->c, LANES);
	}
}

static void sweep_all(struct as_pool *pool, struct sweep *g)
{
	as_each(pool, blocks(&g->p) * column_parts(&g->p), sweep_block, g);
}

void AS_ISA_NAME(as_direct_forward)(struct as_pool *pool, const struct as_conv *s, const float *x,
				    const float *prepared, float *y, const struct as_after *after, void *scratch)
{
	struct sweep g = {plan_of(s, false), x, prepared, y, scratch, after_of(after, y)};
	sweep_all(pool, &g);
}

void AS_ISA_NAME(as_direct_backward_data)(struct as_pool *pool, const struct as_conv *s, const float *dy, const float *w,
					  float *dx, bool add, void *scratch)
{
	float *turned = scratch;
	struct plan back = plan_of(s, true);
	struct sweep g = {back, dy, turned, dx, turned + packed(&back), {.plus = add}};
	pack_all(pool, &back, w, turned);
	sweep_all(pool, &g);
}

/* --- backward weights --- */

OUTER_TILE(weights_wide, ROWS2, 2)
OUTER_TILE(weights_thin, ROWS1, 1)

/* A slice of the input's channels: count of them, from `from` on. */
struct slice {
	int64_t from, count;
};

/* `run` rows of dW from `row` on, whose first value is `at` floats into a patch, for the columns k0..k0+n-1, which are
 * whole vectors. */
static void weights_run(const struct as_conv *s, const struct block *b, int64_t at, int64_t run, int64_t row, int64_t k0,
			int64_t n, const float *dy, float *dw, bool add)
{
	const float *from = dy + b->image * s->oh * s->ow * s->k + k0;
	int tile = n > LANES ? ROWS2 : ROWS1;
	for (int64_t i = 0; i < run; i += tile) {
		int64_t rows = least(tile, run - i);
		float *to = dw + (row + i) * s->k + k0;
		if (n > LANES)
			weights_wide(b->px, at + i, b->pixels, from, s->k, to, s->k, rows, n, add);
		else
			weights_thin(b->px, at + i, b->pixels, from, s->k, to, s->k, rows, n, add);
	}
}

struct weights {
	const struct as_conv *s;
	const float *x, *dy;
	float *part, *scratch;
	int64_t parts, columns, slices, taken; /* taken: channels of a slice, in whole tiles */
};

static int64_t weights_parts(const struct as_conv *s)
{
	struct plan p = weights_plan(s, s->c);
	return as_conv_parts(s, blocks(&p));
}

static struct weights weights_of(const struct as_conv *s)
{
	struct weights g = {.s = s, .parts = weights_parts(s), .columns = (s->k + WIDE - 1) / WIDE};
	int64_t cuts = (TASKS + g.parts * g.columns - 1) / (g.parts * g.columns);
	g.taken = least(up((s->c + cuts - 1) / cuts, ROWS1), s->c);
	g.slices = (s->c + g.taken - 1) / g.taken;
	return g;
}

/* A block's part of a slice of dW. In x itself tiles may read beyond a slice, but not beyond the last image. */
static void weights_block(const struct weights *g, int64_t i, struct slice c, int64_t k0, float *dw, bool add, float *scratch)
{
	const struct as_conv *s = g->s;
	struct plan p = weights_plan(s, c.count);
	bool lies = s->r == 1 && !s->pad && (i + 1) * p.group < s->n;
	struct phase f = phase_of(&p, 0);
	int64_t n = least(WIDE, s->k - k0);
	if (lies)
		p.in.c = s->c;
	struct block b = open_block(&p, g->x + c.from, i, lies, scratch);
	open_phase(&p, &f, &b, NULL);
	for (int64_t a = 0; a < s->r; a++) {
		int64_t at = a * frame_row(&p.in), row = a * s->r * s->c;
		if (c.count == s->c) /* a row of the filter is one run */
			weights_run(s, &b, at, s->r * s->c, row, k0, n, g->dy, dw, add);
		for (int64_t j = 0; j < s->r && c.count < s->c; j++)
			weights_run(s, &b, at + j * c.count, c.count, row + j * s->c + c.from, k0, n, g->dy, dw, add);
	}
}

/* Task (part, slice, i): the part's blocks, a slice of the channels, columns i WIDE.. of dW. */
static void weights_part(void *ctx, int64_t task, int thread)
{
	const struct weights *g = ctx;
	const struct as_conv *s = g->s;
	struct plan whole = weights_plan(s, s->c);
	int64_t part = task / g->columns / g->slices, at = task / g->columns % g->slices * g->taken;
	int64_t first = part * blocks(&whole) / g->parts, last = (part + 1) * blocks(&whole) / g->parts;
	struct slice c = {at, least(g->taken, s->c - at)};
	for (int64_t i = first; i < last; i++)
		weights_block(g, i, c, task % g->columns * WIDE, g->part + part * as_conv_patch(s) * s->k, i > first,
			      g->scratch + thread * thread_floats(&whole));
}

void AS_ISA_NAME(as_direct_backward_weights)(struct as_pool *pool, const struct as_conv *s, const float *x,
					     const float *dy, float *dw, void *scratch)
{
	if (s->k % LANES) {
		as_im2col_backward_weights(pool, s, x, dy, dw, scratch);
		return;
	}
	struct weights g = weights_of(s);
	g.x = x;
	g.dy = dy;
	g.part = scratch;
	g.scratch = g.part + up(g.parts * as_conv_patch(s) * s->k, LANES);
	as_each(pool, g.parts * g.slices * g.columns, weights_part, &g);
	as_conv_add_parts(pool, s, g.parts, g.part, dw);
}

size_t AS_ISA_NAME(as_direct_scratch)(const struct as_conv *s, int threads)
{
	struct plan there = plan_of(s, false), back = plan_of(s, true), whole = weights_plan(s, s->c);
	if (s->forward_only)
		return (size_t)(threads * thread_floats(&there)) * sizeof(float);
	int64_t weights = up(weights_parts(s) * as_conv_patch(s) * s->k, LANES) + threads * thread_floats(&whole);
	int64_t data = packed(&back) + threads * thread_floats(&back), forward = threads * thread_floats(&there);
	int64_t most = weights > data ? weights : data;
	size_t bytes = (size_t)(most > forward ? most : forward) * sizeof(float), other = s->k % LANES ? as_im2col_scratch(s, threads) : 0;
	return bytes > other ? bytes : other;
}
