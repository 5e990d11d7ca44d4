/* im2col: a block of output pixels becomes a matrix whose row p holds the
 * (r,r,c) patch of input under pixel p; the convolution is then one product.
 *
 *   forward           y (P,k)      =  col (P,rrc)  WF (rrc,k)
 *   backward weights  dW (rrc,k)   =  col^T (rrc,P)  dy (P,k)
 *   backward data     stride 1: the forward of dy with turned weights WB (rrk,c);
 *                     else      dcol (P,rrc) = dy (P,k) WF^T, added back patch by patch
 *
 * Tasks are blocks of pixels. */
#include "kern/conv.h"

#include <string.h>

#include "kern/gemm.h"

enum { CHUNK = 128, MAX_PARTS = 32, TURN = 16 };

int64_t as_conv_patch(const struct as_conv *s)
{
	return s->r * s->r * s->c;
}

struct as_conv as_conv_turned(const struct as_conv *s)
{
	return as_conv_shape(s->n, s->oh, s->ow, s->k, s->c, s->r, 1, s->r - 1 - s->pad);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t pixels(const struct as_conv *s)
{
	return s->n * s->oh * s->ow;
}

/* Pixels in a task: the patches should stay in the L2 cache, but OpenBLAS packs the weights for each
 * product, which thin products do not repay. */
static int64_t block(const struct as_conv *s)
{
	int64_t b = (1 << 17) / as_conv_patch(s) / 16 * 16;
	return b < 256 ? 256 : least(b, 1024);
}

static int64_t blocks(const struct as_conv *s)
{
	return (pixels(s) + block(s) - 1) / block(s);
}

/* A 1x1 convolution of stride 1 reads its input as it lies. */
static bool is_plain(const struct as_conv *s)
{
	return s->r == 1 && s->stride == 1 && s->pad == 0;
}

/* Row p of the matrix: the patch under output pixel p = (n, oy, ox). */
static void gather(const struct as_conv *s, const float *x, int64_t p, float *row)
{
	int64_t ox = p % s->ow, oy = p / s->ow % s->oh, n = p / (s->ow * s->oh);
	int64_t left = ox * s->stride - s->pad, top = oy * s->stride - s->pad;
	int64_t b0 = left < 0 ? -left : 0, b1 = least(s->r, s->w - left);
	size_t pixel = (size_t)s->c * sizeof *row;
	for (int64_t a = 0; a < s->r; a++, row += s->r * s->c) {
		int64_t y = top + a;
		if (y < 0 || y >= s->h || b0 >= b1) {
			memset(row, 0, (size_t)s->r * pixel);
			continue;
		}
		memset(row, 0, (size_t)b0 * pixel);
		memcpy(row + b0 * s->c, x + ((n * s->h + y) * s->w + left + b0) * s->c, (size_t)(b1 - b0) * pixel);
		memset(row + b1 * s->c, 0, (size_t)(s->r - b1) * pixel);
	}
}

/* The matrix of pixels p..p+m-1: in `col`, or in x itself where it already lies there. */
static const float *im2col(const struct as_conv *s, const float *x, int64_t p, int64_t m, float *col)
{
	if (is_plain(s))
		return x + p * s->c;
	for (int64_t i = 0; i < m; i++)
		gather(s, x, p + i, col + i * as_conv_patch(s));
	return col;
}

size_t as_im2col_prepared(const struct as_conv *s)
{
	return (size_t)(as_conv_patch(s) * s->k);
}

struct prepare {
	const struct as_conv *s;
	const float *w;
	float *to;
	bool turn;
};

/* One place (a,b) of the filter: its (c,k) plane of WF, or the (k,c) plane of WB. */
static void prepare_plane(void *ctx, int64_t ab, int thread)
{
	const struct prepare *p = ctx;
	int64_t c = p->s->c, k = p->s->k, rr = p->s->r * p->s->r;
	float *to = p->to + (p->turn ? rr - 1 - ab : ab) * c * k;
	(void)thread;
	for (int64_t i = 0; i < c; i++)
		for (int64_t o = 0; o < k; o++)
			to[p->turn ? o * c + i : i * k + o] = p->w[(o * c + i) * rr + ab];
}

void as_im2col_prepare(struct as_pool *pool, const struct as_conv *s, const float *w, float *prepared)
{
	struct prepare p = {s, w, prepared, false};
	as_each(pool, s->r * s->r, prepare_plane, &p);
}

/* The number of parts bounds the memory and the number of tasks. */
int64_t as_conv_parts(const struct as_conv *s, int64_t pieces)
{
	int64_t p = (1 << 21) / (as_conv_patch(s) * s->k);
	p = p < 1 ? 1 : least(p, MAX_PARTS);
	return least(p, pieces);
}

static int64_t parts(const struct as_conv *s)
{
	return as_conv_parts(s, blocks(s));
}

static int64_t chunks(const struct as_conv *s)
{
	return (s->k + CHUNK - 1) / CHUNK;
}

size_t as_im2col_scratch(const struct as_conv *s, int threads)
{
	int64_t col = is_plain(s) ? 0 : block(s) * as_conv_patch(s);
	int64_t forward = threads * col;
	if (s->forward_only)
		return (size_t)forward * sizeof(float);
	int64_t weights = forward + parts(s) * as_conv_patch(s) * s->k;
	int64_t data = threads * s->oh * s->ow * as_conv_patch(s);
	if (s->stride == 1) {
		struct as_conv t = as_conv_turned(s);
		data = is_plain(&t) ? 0 : threads * block(&t) * as_conv_patch(&t);
	}
	data += as_conv_patch(s) * s->k;
	int64_t most = forward > weights ? forward : weights;
	most = most > data ? most : data;
	return (size_t)most * sizeof(float);
}

struct forward {
	const struct as_conv *s;
	const float *x, *w;
	float *y, *scratch;
	float keep; /* 1: add to y */
	const struct as_after *after;
};

/* Finishes the rows of y from pixel p on. */
static void finish(const struct as_conv *s, const struct as_after *a, int64_t p, int64_t rows, float *y)
{
	const float *add = a->add;
	for (int64_t i = 0; i < rows; i++)
		for (int64_t k = 0; k < s->k; k++) {
			float v = y[i * s->k + k] + a->shift[k] + (add ? add[(p + i) * s->k + k] : 0);
			y[i * s->k + k] = a->relu && v < 0 ? 0 : v;
		}
}

static void forward_block(void *ctx, int64_t i, int thread)
{
	const struct forward *f = ctx;
	const struct as_conv *s = f->s;
	int64_t p = i * block(s), m = least(block(s), pixels(s) - p);
	const float *col = im2col(s, f->x, p, m, f->scratch + thread * block(s) * as_conv_patch(s));
	as_gemm(false, false, m, s->k, as_conv_patch(s), 1, col, as_conv_patch(s), f->w, s->k, f->keep, f->y + p * s->k, s->k);
	if (f->after)
		finish(s, f->after, p, m, f->y + p * s->k);
}

void as_im2col_forward(struct as_pool *pool, const struct as_conv *s, const void *x, const float *prepared, void *y,
		       const struct as_after *after, void *scratch)
{
	struct forward f = {s, x, prepared, y, scratch, 0, after};
	as_each(pool, blocks(s), forward_block, &f);
}

struct back {
	const struct as_conv *s;
	const float *dy, *w;
	float *dx, *scratch;
	bool add;
};

static void scatter(const struct as_conv *s, const float *row, int64_t oy, int64_t ox, float *dx)
{
	for (int64_t a = 0; a < s->r; a++) {
		int64_t y = oy * s->stride - s->pad + a;
		for (int64_t b = 0; b < s->r; b++, row += s->c) {
			int64_t x = ox * s->stride - s->pad + b;
			if (y < 0 || y >= s->h || x < 0 || x >= s->w)
				continue;
			float *to = dx + (y * s->w + x) * s->c;
			for (int64_t i = 0; i < s->c; i++)
				to[i] += row[i];
		}
	}
}

/* One image a task: its patches overlap, so one task adds all of them. */
static void back_image(void *ctx, int64_t n, int thread)
{
	const struct back *b = ctx;
	const struct as_conv *s = b->s;
	int64_t out = s->oh * s->ow;
	float *dcol = b->scratch + thread * out * as_conv_patch(s), *dx = b->dx + n * s->h * s->w * s->c;
	as_gemm(false, true, out, as_conv_patch(s), s->k, 1, b->dy + n * out * s->k, s->k, b->w, s->k, 0, dcol, as_conv_patch(s));
	if (!b->add)
		memset(dx, 0, (size_t)(s->h * s->w * s->c) * sizeof *dx);
	for (int64_t p = 0; p < out; p++)
		scatter(s, dcol + p * as_conv_patch(s), p / s->ow, p % s->ow, dx);
}

void as_im2col_backward_data(struct as_pool *pool, const struct as_conv *s, const void *dy, const float *w, void *dx,
			     bool add, void *scratch)
{
	float *weights = scratch, *rest = weights + as_conv_patch(s) * s->k;
	struct prepare p = {s, w, weights, s->stride == 1};
	as_each(pool, s->r * s->r, prepare_plane, &p);
	if (s->stride == 1) {
		struct as_conv t = as_conv_turned(s);
		struct forward f = {&t, dy, weights, dx, rest, add ? 1 : 0, NULL};
		as_each(pool, blocks(&t), forward_block, &f);
		return;
	}
	struct back b = {s, dy, weights, dx, rest, add};
	as_each(pool, s->n, back_image, &b);
}

struct weights {
	const struct as_conv *s;
	const float *x, *dy;
	float *part, *col;
};

/* Task (part, chunk): the part's blocks of pixels, CHUNK columns of dW. */
static void weights_part(void *ctx, int64_t task, int thread)
{
	const struct weights *g = ctx;
	const struct as_conv *s = g->s;
	int64_t part = task / chunks(s), from = task % chunks(s) * CHUNK, wide = least(CHUNK, s->k - from);
	int64_t first = part * blocks(s) / parts(s), last = (part + 1) * blocks(s) / parts(s);
	float *sum = g->part + part * as_conv_patch(s) * s->k + from;
	for (int64_t i = first; i < last; i++) {
		int64_t p = i * block(s), m = least(block(s), pixels(s) - p);
		const float *col = im2col(s, g->x, p, m, g->col + thread * block(s) * as_conv_patch(s));
		as_gemm(true, false, as_conv_patch(s), wide, m, 1, col, as_conv_patch(s), g->dy + p * s->k + from, s->k,
			i == first ? 0 : 1, sum, s->k);
	}
}

struct sum {
	const struct as_conv *s;
	int64_t parts;
	const float *part;
	float *dw;
};

static int64_t turns(int64_t n)
{
	return (n + TURN - 1) / TURN;
}

/* TURN rows of the sums, in the order of dw (k,c,r,r), are transposed to its layout in blocks of TURN
 * columns, so that whole cache lines are used on both sides. A task is such a block. */
static void sum_block(void *ctx, int64_t task, int thread)
{
	const struct sum *g = ctx;
	int64_t patch = as_conv_patch(g->s), rr = g->s->r * g->s->r, k = g->s->k;
	int64_t i0 = task / turns(k) * TURN, high = least(TURN, patch - i0), k0 = task % turns(k) * TURN, wide = least(TURN, k - k0);
	float sum[TURN][TURN] = {{0}};
	(void)thread;
	for (int64_t p = 0; p < g->parts; p++)
		for (int64_t i = 0; i < high; i++) {
			const float *from = g->part + (p * patch + (i0 + i) % rr * g->s->c + (i0 + i) / rr) * k + k0;
			for (int64_t o = 0; o < wide; o++)
				sum[i][o] += from[o];
		}
	for (int64_t o = 0; o < wide; o++)
		for (int64_t i = 0; i < high; i++)
			g->dw[(k0 + o) * patch + i0 + i] += sum[i][o];
}

void as_conv_add_parts(struct as_pool *pool, const struct as_conv *s, int64_t n, const float *part, float *dw)
{
	struct sum g = {s, n, part, dw};
	as_each(pool, turns(as_conv_patch(s)) * turns(s->k), sum_block, &g);
}

void as_im2col_backward_weights(struct as_pool *pool, const struct as_conv *s, const void *x, const void *dy,
				float *dw, void *scratch)
{
	struct weights g = {s, x, dy, scratch, (float *)scratch + parts(s) * as_conv_patch(s) * s->k};
	as_each(pool, parts(s) * chunks(s), weights_part, &g);
	as_conv_add_parts(pool, s, parts(s), g.part, dw);
}
