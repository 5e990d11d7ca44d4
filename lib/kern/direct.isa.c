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
 * two. Tasks are blocks of images and, where the shape has few of these, parts of the columns and rows. A sum
 * over pixels is made block by block, so the blocks of backward weights determine its bits; the rest determines none. */
#include <string.h>

#include "kern/conv.h"
#include "kern/direct.h"
#include "kern/tile.h"

/* The fewest pixels in a block, of which backward weights makes a sum, and forward and backward data do not; tasks that
 * a call should have; the most parts of the columns if each copies the images. */
enum { MIN_PIXELS = 256, SWEPT_PIXELS = 128, RUN_FLOATS = 1 << 17, TASKS = 256, COPIES = 4 };
/* Cells that tiles may read behind the frames. */
enum { MARGIN = 2 * ROWS1 + LANES };

/* --- images with a border --- */

/* of: the channels of a pixel of x, of which the frame has c. */
struct frame {
	int64_t h, w, c, pad, of;
};

static int64_t frame_row(const struct frame *f)
{
	return (f->w + 2 * f->pad) * f->c;
}

static int64_t frame_cells(const struct frame *f)
{
	return (f->h + 2 * f->pad) * frame_row(f);
}

/* Images as they lie: values of floats, or cells. */
struct source {
	const void *at;
	bool floats;
};

static const void *value_at(struct source x, int64_t n)
{
	return (const char *)x.at + (size_t)n * (x.floats ? sizeof(float) : sizeof(cell));
}

static void copy_cells(struct source x, int64_t at, int64_t n, cell *to)
{
	const void *from = value_at(x, at);
	const float *floats = from;
	if (!x.floats || !HALVED)
		memcpy(to, from, (size_t)n * sizeof *to);
	else
		for (int64_t i = 0; i < n; i++)
			to[i] = narrow(floats[i]);
}

static void copy_row(const struct frame *f, struct source x, int64_t at, cell *to)
{
	if (f->c == f->of)
		copy_cells(x, at, f->w * f->c, to);
	for (int64_t i = 0; i < f->w && f->c < f->of; i++)
		copy_cells(x, at + i * f->of, f->c, to + i * f->c);
}

/* The image of x whose first value is number `at`. */
static void copy_padded(const struct frame *f, struct source x, int64_t at, cell *to)
{
	size_t side = (size_t)(f->pad * f->c) * sizeof *to, whole = (size_t)frame_row(f) * sizeof *to;
	for (int64_t y = -f->pad; y < f->h + f->pad; y++, to += frame_row(f)) {
		if (y < 0 || y >= f->h) {
			memset(to, 0, whole);
			continue;
		}
		memset(to, 0, side);
		copy_row(f, x, at + y * f->w * f->of, to + f->pad * f->c);
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

/* Values in a phase's patch as weights are packed for it: each row of the filter is whole steps of a product. */
static int64_t patch_of(const struct plan *p, const struct phase *f)
{
	return f->ry * up(f->rx * p->in.c, PAIR);
}

/* --- blocks --- */

static int64_t blocks(const struct plan *p)
{
	return (p->s->n + p->group - 1) / p->group;
}

static int64_t floats_of(size_t bytes)
{
	return up((int64_t)((bytes + sizeof(float) - 1) / sizeof(float)), LANES);
}

/* Floats of a thread's scratch: the padded block (tiles may read past its end and ignore what they read),
 * then for each pixel of a phase a pointer to its patch and one to its outputs. */
static int64_t padded_floats(const struct plan *p)
{
	return floats_of((size_t)(p->group * frame_cells(&p->in) + MARGIN) * sizeof(cell));
}

static int64_t most_pixels(const struct plan *p)
{
	struct phase first = phase_of(p, 0); /* the first phase has the most pixels */
	return p->group * first.h * first.w;
}

static int64_t thread_floats(const struct plan *p)
{
	return padded_floats(p) + floats_of((size_t)(2 * most_pixels(p)) * sizeof(void *));
}

struct block {
	/* the block's first image, its number of images, the pixels of the current phase */
	int64_t image, images, pixels;
	const cell *padded;
	const cell **px; /* (pixels): pointers to patches */
	cell **py;       /* (pixels): pointers to outputs */
};

/* in_place: patches may lie in x itself if it is of cells and needs no border, all channels of a pixel are in the frame,
 * and a product's last step ends where a row of the filter does. */
static struct block open_block(const struct plan *p, struct source x, int64_t index, bool in_place, float *scratch)
{
	int64_t image = index * p->group, images = least(p->group, p->s->n - image);
	int64_t each = p->in.h * p->in.w * p->in.of;
	void *frames = scratch, *after = scratch + padded_floats(p);
	cell *to = frames;
	struct block b = {.image = image, .images = images, .padded = to, .px = after};
	in_place = in_place && !p->in.pad && !(HALVED && x.floats) && p->s->r * p->in.c % PAIR == 0;
	void *half = b.px + most_pixels(p);
	b.py = half;
	if (in_place)
		b.padded = value_at(x, image * each);
	for (int64_t n = 0; n < images && !in_place; n++)
		copy_padded(&p->in, x, (image + n) * each, to + n * frame_cells(&p->in));
	if (!in_place) /* what is read there is multiplied by nothing, which must give 0 */
		memset(to + images * frame_cells(&p->in), 0, MARGIN * sizeof *to);
	return b;
}

/* Lists the pixels of a phase. y: all images of the output, or NULL. */
static void open_phase(const struct plan *p, const struct phase *f, struct block *b, cell *y)
{
	int64_t at = 0;
	for (int64_t n = 0; n < b->images; n++) {
		const cell *in = b->padded + n * frame_cells(&p->in) + f->in_y * frame_row(&p->in) + f->in_x * p->in.c;
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

/* Values l and on of a row of the patch: at `from`, and from one column to the next by `step`. */
struct taps {
	const float *from[PAIR]; /* NULL: behind the row's end */
	int64_t step;
};

static struct taps taps_of(const struct plan *p, const struct phase *f, const float *w, int64_t row, int64_t l)
{
	int64_t r = p->s->r, rr = r * r, run = f->rx * p->in.c;
	struct taps t = {.step = p->back ? rr : p->in.c * rr};
	for (int64_t q = 0; q < PAIR && l + q < run; q++) {
		int64_t j = (l + q) / p->in.c, c = (l + q) % p->in.c;
		t.from[q] = w + (f->tap_y + f->tap * row) * r + f->tap_x + f->tap * j + (p->back ? c * p->c : c) * rr;
	}
	return t;
}

/* Columns k0.. of a phase's weights as (patch, n), padded with zeros; the values of a product's step stand together. */
static void pack_columns(const struct plan *p, const struct phase *f, const float *w, int64_t k0, int64_t n, cell *to)
{
	for (int64_t i = 0; i < f->ry; i++)
		for (int64_t l = 0; l < f->rx * p->in.c; l += PAIR) {
			struct taps t = taps_of(p, f, w, i, l);
			for (int64_t k = k0; k < k0 + n; k++)
				for (int q = 0; q < PAIR; q++)
					*to++ = k < p->c && t.from[q] ? narrow(t.from[q][k * t.step]) : 0;
		}
}

static int64_t columns(const struct plan *p)
{
	return (p->c + WIDE - 1) / WIDE;
}

/* Floats that hold all packed weights. */
static int64_t packed(const struct plan *p)
{
	int64_t cells = 0;
	for (int64_t n = 0; n < p->phases; n++) {
		struct phase f = phase_of(p, n);
		cells += patch_of(p, &f) * up(p->c, LANES);
	}
	return floats_of((size_t)cells * sizeof(cell));
}

struct pack {
	struct plan p;
	const float *w;
	cell *to;
};

static void pack_block(void *ctx, int64_t i, int thread)
{
	const struct pack *g = ctx;
	int64_t k0 = i * WIDE, n = least(WIDE, up(g->p.c - k0, LANES));
	cell *to = g->to;
	(void)thread;
	for (int64_t phase = 0; phase < g->p.phases; phase++) {
		struct phase f = phase_of(&g->p, phase);
		pack_columns(&g->p, &f, g->w, k0, n, to + k0 * patch_of(&g->p, &f));
		to += patch_of(&g->p, &f) * up(g->p.c, LANES);
	}
}

static void pack_all(struct as_pool *pool, const struct plan *p, const float *w, void *to)
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
static void fetch(const struct after *a, cell *const *py, int64_t rows, int64_t k0, int64_t n)
{
	for (int64_t i = 0; i < rows; i++)
		for (int64_t k = 0; k < n; k += LANES)
			AS_PREFETCH(a->add + (py[i] - a->y) + k0 + k);
}

/* Columns k0.. of the pixels first..last-1 of the current phase. */
static void sweep_columns(const struct plan *p, const struct phase *f, const struct block *b, int64_t first, int64_t last,
			  const cell *w, int64_t k0, const struct after *all)
{
	int64_t n = least(WIDE, p->c - k0), step = frame_row(&p->in);
	int tile = n > LANES ? ROWS2 : ROWS1;
	const cell *from = w + k0 * patch_of(p, f);
	bool part = n % LANES && all->shift; /* columns that fill no vector: shift and add are applied afterwards */
	const struct after *after = part ? &nothing : all;
	for (int64_t i = first; i < last; i += tile) {
		const cell *px[ROWS1];
		cell *py[ROWS1];
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
	struct source x;
	const cell *w;
	cell *y;
	float *scratch;
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

static void sweep_phase(const struct sweep *g, const struct phase *f, struct block *b, const cell *w, int64_t from, int64_t to)
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
	const cell *w = g->w;
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

void AS_ISA_NAME(as_direct_forward)(struct as_pool *pool, const struct as_conv *s, const void *x,
				    const float *prepared, void *y, const struct as_after *after, void *scratch)
{
	const void *w = prepared;
	struct sweep g = {plan_of(s, false), {x, s->floats}, w, y, scratch, after_of(after, y)};
	sweep_all(pool, &g);
}

void AS_ISA_NAME(as_direct_backward_data)(struct as_pool *pool, const struct as_conv *s, const void *dy, const float *w,
					  void *dx, bool add, void *scratch)
{
	struct plan back = plan_of(s, true);
	struct sweep g = {back, {dy, false}, scratch, dx, (float *)scratch + packed(&back), {.plus = add}};
	pack_all(pool, &back, w, scratch);
	sweep_all(pool, &g);
}

/* --- backward weights --- */

/* A slice of the input's channels: count of them, from `from` on. */
struct slice {
	int64_t from, count;
};

/* Columns k0..k1-1 of dW and of dy, at most TOGETHER times WIDE. */
struct columns {
	int64_t k0, k1;
	const cell *dy; /* (pixels,k); where cells are halved, packed */
};

/* --- of floats: patches and dy are read where they lie --- */

#if !defined(AS_NARROW)
enum { TOGETHER = 1 };

OUTER_TILE(weights_wide, ROWS2, 2)
OUTER_TILE(weights_thin, ROWS1, 1)

static int64_t dy_floats(int64_t pixels)
{
	(void)pixels;
	return 0;
}

static void take_dy(const struct as_conv *s, const struct block *b, const cell *dy, struct columns *c, void *scratch)
{
	(void)scratch;
	c->dy = dy + b->image * s->oh * s->ow * s->k + c->k0;
}

/* `run` rows of dW from `row` on, whose first value is number `at` of a patch; columns are whole vectors. */
static void weights_run(const struct as_conv *s, const struct block *b, int64_t at, int64_t run, int64_t row,
			const struct columns *c, float *dw, bool add)
{
	int64_t n = c->k1 - c->k0;
	int tile = n > LANES ? ROWS2 : ROWS1;
	for (int64_t i = 0; i < run; i += tile) {
		int64_t rows = least(tile, run - i);
		float *to = dw + (row + i) * s->k + c->k0;
		if (n > LANES)
			weights_wide(b->px, at + i, b->pixels, c->dy, s->k, to, s->k, rows, n, add);
		else
			weights_thin(b->px, at + i, b->pixels, c->dy, s->k, to, s->k, rows, n, add);
	}
}

#else /* --- of bfloat16: two pixels a step, which are packed side by side --- */

/* What a tile multiplies, packed so that it is read one line after the other: for each step of PAIR pixels, ROWS2 values
 * of their patches (as PANEL), of PACKED pixels at a time, and WIDE columns of dy; a step's pixels stand side by side. */
enum { PANEL = (ROWS2 + LANES - 1) / LANES * LANES, PACKED = 256, TOGETHER = 4 };

static int64_t steps_of(int64_t pixels)
{
	return (pixels + PAIR - 1) / PAIR;
}

/* The values from number `at` of the patches of pixels first..last-1. */
static void pack_panel(const struct block *b, int64_t first, int64_t last, int64_t at, cell *to)
{
	static const cell zeros[LANES] = {0};
	for (int64_t p = first; p < last; p += PAIR)
		for (int i = 0; i < PANEL; i += LANES, to += LANES * PAIR)
			store_step(to, b->px[p] + at + i, p + PAIR > last ? zeros : b->px[p + PAIR - 1] + at + i);
}

/* The n columns, at most WIDE, from k0 on of the block's rows of dy. */
static void pack_dy(const struct as_conv *s, const struct block *b, const cell *dy, int64_t k0, int64_t n, cell *to)
{
	static const cell zeros[WIDE] = {0};
	const cell *from = dy + b->image * s->oh * s->ow * s->k + k0;
	for (int64_t p = 0; p < b->pixels; p += PAIR)
		for (int64_t k = 0; k < WIDE; k += LANES, to += LANES * PAIR) {
			const cell *row = from + p * s->k + k, *next = p + PAIR > b->pixels ? zeros : row + (PAIR - 1) * s->k;
			if (k + LANES <= n)
				store_step(to, row, next);
			else
				for (int64_t i = 0; i < LANES; i++)
					for (int l = 0; l < PAIR; l++)
						to[i * PAIR + l] = k + i < n ? (l ? next : row)[i] : 0;
		}
}

/* ROWS2 rows of dW, WIDE columns: sum += the products of a panel and dy. */
static AS_NOINLINE void weights_tile(const cell *panel, const cell *dy, int64_t steps, float *sums)
{
	vec sum[ROWS2][2];
	AS_UNROLL for (int i = 0; i < ROWS2; i++)
		AS_UNROLL for (int j = 0; j < 2; j++)
			sum[i][j] = load(sums + i * WIDE + j * LANES);
	for (int64_t p = 0; p < steps; p++, panel += PANEL * PAIR, dy += WIDE * PAIR)
		AS_UNROLL for (int i = 0; i < ROWS2; i++)
			AS_UNROLL for (int j = 0; j < 2; j++)
				sum[i][j] = times_cell(sum[i][j], panel + i * PAIR, dy + j * LANES * PAIR);
	AS_UNROLL for (int i = 0; i < ROWS2; i++)
		AS_UNROLL for (int j = 0; j < 2; j++)
			*(vec *)(sums + i * WIDE + j * LANES) = sum[i][j];
}

/* Cells of a block's packed columns of dy, WIDE of them. */
static int64_t dy_cells(int64_t pixels)
{
	return steps_of(pixels) * WIDE * PAIR;
}

/* Floats of all columns that a task has. */
static int64_t dy_floats(int64_t pixels)
{
	return floats_of((size_t)(TOGETHER * dy_cells(pixels)) * sizeof(cell));
}

static void take_dy(const struct as_conv *s, const struct block *b, const cell *dy, struct columns *c, void *scratch)
{
	cell *to = scratch;
	c->dy = to;
	for (int64_t k = c->k0; k < c->k1; k += WIDE, to += dy_cells(b->pixels))
		pack_dy(s, b, dy, k, least(WIDE, c->k1 - k), to);
}

/* Stores or adds what a tile has of WIDE columns from k on. */
static void store_tile(const struct as_conv *s, const float *sums, int64_t rows, int64_t k, int64_t last, float *dw, bool add)
{
	for (int64_t j = 0; j < rows; j++)
		for (int64_t i = 0; i < WIDE && k + i < last; i += LANES)
			store_floats(dw + j * s->k + k + i, load(sums + j * WIDE + i), last - k - i, add);
}

/* `run` rows of dW from `row` on, whose first value is number `at` of a patch. */
static void weights_run(const struct as_conv *s, const struct block *b, int64_t at, int64_t run, int64_t row,
			const struct columns *c, float *dw, bool add)
{
	cell panel[PACKED * PANEL];
	for (int64_t i = 0; i < run; i += ROWS2) {
		float sums[TOGETHER][ROWS2 * WIDE] = {{0}};
		for (int64_t p = 0; p < b->pixels; p += PACKED) {
			int64_t last = least(p + PACKED, b->pixels);
			pack_panel(b, p, last, at + i, panel);
			for (int64_t k = c->k0, j = 0; k < c->k1; k += WIDE, j++)
				weights_tile(panel, c->dy + j * dy_cells(b->pixels) + p * WIDE, steps_of(last - p), sums[j]);
		}
		for (int64_t k = c->k0, j = 0; k < c->k1; k += WIDE, j++)
			store_tile(s, sums[j], least(ROWS2, run - i), k, c->k1, dw + (row + i) * s->k, add);
	}
}

#endif

struct weights {
	const struct as_conv *s;
	struct source x;
	const void *dy;
	float *part, *scratch;
	int64_t parts, columns, slices;
	int64_t taken, together; /* channels of a slice, in whole tiles; columns of a task, times WIDE */
};

static int64_t weights_parts(const struct as_conv *s)
{
	struct plan p = weights_plan(s, s->c);
	return as_conv_parts(s, blocks(&p));
}

/* A task packs patches for all its columns, which are as many as leave TASKS tasks. */
static struct weights weights_of(const struct as_conv *s)
{
	struct weights g = {.s = s, .parts = weights_parts(s)};
	int64_t columns = (s->k + WIDE - 1) / WIDE;
	g.together = least(TOGETHER, g.parts * columns / TASKS);
	g.together = g.together ? g.together : 1;
	g.columns = (columns + g.together - 1) / g.together;
	int64_t cuts = (TASKS + g.parts * g.columns - 1) / (g.parts * g.columns);
	g.taken = least(up((s->c + cuts - 1) / cuts, ROWS1), s->c);
	g.slices = (s->c + g.taken - 1) / g.taken;
	return g;
}

/* Floats of a thread's scratch: a block, and the columns of dy that a task has. */
static int64_t weights_floats(const struct plan *p)
{
	return thread_floats(p) + dy_floats(most_pixels(p));
}

/* A block's part of a slice of dW. In x itself tiles may read beyond a slice, but not beyond the last image. */
static void weights_block(const struct weights *g, int64_t i, struct slice c, struct columns k, float *dw, bool add, float *scratch)
{
	const struct as_conv *s = g->s;
	struct plan p = weights_plan(s, c.count);
	bool lies = s->r == 1 && !s->pad && (i + 1) * p.group < s->n;
	struct source x = {value_at(g->x, c.from), g->x.floats};
	struct phase f = phase_of(&p, 0);
	if (lies)
		p.in.c = s->c;
	struct block b = open_block(&p, x, i, lies, scratch);
	open_phase(&p, &f, &b, NULL);
	take_dy(s, &b, g->dy, &k, scratch + thread_floats(&p));
	for (int64_t a = 0; a < s->r; a++) {
		int64_t at = a * frame_row(&p.in), row = a * s->r * s->c;
		if (c.count == s->c) /* a row of the filter is one run */
			weights_run(s, &b, at, s->r * s->c, row, &k, dw, add);
		for (int64_t j = 0; j < s->r && c.count < s->c; j++)
			weights_run(s, &b, at + j * c.count, c.count, row + j * s->c + c.from, &k, dw, add);
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
	int64_t k0 = task % g->columns * g->together * WIDE;
	struct slice c = {at, least(g->taken, s->c - at)};
	struct columns k = {k0, least(k0 + g->together * WIDE, s->k), NULL};
	for (int64_t i = first; i < last; i++)
		weights_block(g, i, c, k, g->part + part * as_conv_patch(s) * s->k, i > first,
			      g->scratch + thread * weights_floats(&whole));
}

void AS_ISA_NAME(as_direct_backward_weights)(struct as_pool *pool, const struct as_conv *s, const void *x, const void *dy,
					     float *dw, void *scratch)
{
	if (!HALVED && s->k % LANES) {
		as_im2col_backward_weights(pool, s, x, dy, dw, scratch);
		return;
	}
	struct weights g = weights_of(s);
	g.x = (struct source){x, s->floats};
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
	int64_t weights = up(weights_parts(s) * as_conv_patch(s) * s->k, LANES) + threads * weights_floats(&whole);
	int64_t data = packed(&back) + threads * thread_floats(&back), forward = threads * thread_floats(&there);
	int64_t most = weights > data ? weights : data;
	size_t bytes = (size_t)(most > forward ? most : forward) * sizeof(float);
	size_t other = !HALVED && s->k % LANES ? as_im2col_scratch(s, threads) : 0;
	return bytes > other ? bytes : other;
}
