/* Resizing: rows of bytes to three planes of floats, compiled once for each instruction set. Columns are
 * resized first, because that reads the source's bytes in order and leaves few rows; then rows, one vector
 * of outputs at a time. A sum adds one tap after the other, and the compiler may not fuse multiplications
 * with additions (lib/module.mk), so all sets give the same bytes. */
#include "kern/resize.h"

#include "kern/lanes.h"

/* Rows that are made at once: their planes are independent sums, and they share the weights along the row. */
enum { ROWS = LANES == 16 ? 4 : 2, LINES = 3 * ROWS };

/* LANES outputs side by side: the column where the leftmost begins, the number of taps, how far the others
 * reach. */
struct block {
	int first, taps, reach;
};

/* The scratch memory of one resize, which the caller gives. */
struct desk {
	int lo, columns;  /* columns of the source that are used */
	int64_t stride;   /* floats from one line to the next */
	float *mixed;     /* the columns of one row, R G B R G B ... */
	float *line;      /* LINES of them: the R, G and B lines of the rows; zeros from `columns` on */
	float *weight;    /* by block, tap, lane */
	int32_t *from;    /* by block, lane: where its taps begin, relative to the block's first column */
	struct block block[AS_MAX_SIDE / LANES + 1];
};

static int64_t round_up(int64_t n)
{
	return (n + AS_RESIZE_LANES - 1) / AS_RESIZE_LANES * AS_RESIZE_LANES;
}

/* Transposes the weights of the outputs from j on so that each tap is a vector; a lane with fewer taps has
 * zeros. */
static void lay_block(struct desk *d, const struct as_taps *h, int j)
{
	int n = j + LANES <= h->out ? LANES : h->out - j;
	struct block b = {.first = h->start[j]};
	float *weight = d->weight + (int64_t)j * h->most;
	for (int l = 0; l < n; l++) {
		b.first = h->start[j + l] < b.first ? h->start[j + l] : b.first;
		b.taps = h->count[j + l] > b.taps ? h->count[j + l] : b.taps;
	}
	memset(weight, 0, LANES * (size_t)b.taps * sizeof *weight);
	memset(d->from + j, 0, LANES * sizeof *d->from);
	for (int l = 0; l < n; l++) {
		int from = h->start[j + l] - b.first;
		d->from[j + l] = from;
		b.reach = from >= b.reach ? from + 1 : b.reach;
		for (int k = 0; k < h->count[j + l]; k++)
			weight[k * LANES + l] = h->weight[(size_t)(j + l) * (size_t)h->most + (size_t)k];
	}
	b.first -= d->lo;
	d->block[j / LANES] = b;
}

static void lay(struct desk *d, const struct as_taps *h, float *row)
{
	int hi = 0;
	d->lo = h->start[0];
	for (int j = 0; j < h->out; j++) {
		d->lo = h->start[j] < d->lo ? h->start[j] : d->lo;
		hi = h->start[j] + h->count[j] > hi ? h->start[j] + h->count[j] : hi;
	}
	d->columns = hi - d->lo;
	d->stride = round_up(d->columns + h->most) + AS_RESIZE_REACH;
	d->mixed = row;
	d->line = d->mixed + round_up(3 * d->columns);
	d->weight = d->line + LINES * d->stride;
	d->from = (int32_t *)(void *)(d->weight + round_up(h->out) * h->most);
	for (int p = 0; p < LINES; p++)
		memset(d->line + p * d->stride + d->columns, 0, (size_t)(d->stride - d->columns) * sizeof *d->line);
	for (int j = 0; j < h->out; j += LANES)
		lay_block(d, h, j);
}

/* Sums the taps of one output row over `vectors` vectors of source bytes. */
static AS_INLINE void down_run(const uint8_t *from, int64_t stride, const float *w, int taps,
							   int vectors, float *to)
{
	vec sum[4] = {{0}};
	for (int k = 0; k < taps; k++, from += stride) {
		float weight = w[k] * (1.f / 255);
		AS_UNROLL_BY(4)
		for (int i = 0; i < vectors; i++)
			sum[i] += weight * load_bytes(from + i * LANES);
	}
	AS_UNROLL_BY(4)
	for (int i = 0; i < vectors; i++)
		store(to + i * LANES, sum[i]);
}

/* For fewer bytes than a vector has, beyond which nothing may be read. */
static void down_narrow(const uint8_t *from, int64_t stride, const float *w, int taps, int bytes, float *to)
{
	for (int x = 0; x < bytes; x++) {
		float sum = 0;
		for (int k = 0; k < taps; k++)
			sum += w[k] * (1.f / 255) * (float)from[k * stride + x];
		to[x] = sum;
	}
}

/* Output row i, all its source columns, into line `row` of each plane. */
static void down(const struct as_pixels *src, const struct as_taps *v, int i, const struct desk *d, int row)
{
	const float *w = v->weight + (size_t)i * (size_t)v->most;
	const uint8_t *from = src->at + v->start[i] * src->stride + 3 * (int64_t)d->lo;
	int64_t bytes = 3 * (int64_t)d->columns, x = 0;
	float *restrict r = d->line + row * d->stride, *restrict g = r + ROWS * d->stride,
		       *restrict b = g + ROWS * d->stride;
	const float *restrict mixed = d->mixed;
	if (bytes < LANES)
		down_narrow(from, src->stride, w, v->count[i], (int)bytes, d->mixed);
	for (; x + 4 * LANES <= bytes; x += 4 * LANES)
		down_run(from + x, src->stride, w, v->count[i], 4, d->mixed + x);
	/* The last run overlaps the one before, so that it does not end beyond the row. */
	for (; x < bytes && bytes >= LANES; x += LANES) {
		int64_t at = x + LANES <= bytes ? x : bytes - LANES;
		down_run(from + at, src->stride, w, v->count[i], 1, d->mixed + at);
	}
	for (int64_t c = 0; c < d->columns; c++) {
		r[c] = mixed[3 * c];
		g[c] = mixed[3 * c + 1];
		b[c] = mixed[3 * c + 2];
	}
}

/* The outputs from j on of `rows` rows of each plane; vectors as in pick. */
static AS_INLINE void across_block(const struct desk *d, int j, int width, int most, int rows,
							       float *to, int64_t plane, int vectors)
{
	const struct block *b = &d->block[j / LANES];
	const float *weight = d->weight + (int64_t)j * most;
	ivec from;
	memcpy(&from, d->from + j, sizeof from);
	vec sum[LINES] = {{0}};
	for (int k = 0; k < b->taps; k++) {
		const float *x = d->line + b->first + k;
		vec w = load(weight + k * LANES);
		AS_UNROLL_BY(12)
		for (int p = 0; p < LINES; p++)
			sum[p] += w * pick(x + p * d->stride, from, vectors);
	}
	size_t n = (size_t)(j + LANES <= width ? LANES : width - j);
	AS_UNROLL_BY(12)
	for (int p = 0; p < LINES; p++) {
		float *out = to + p / ROWS * plane + p % ROWS * width + j;
		vec y = clamp_lanes(sum[p]);
		if (p % ROWS < rows && n == LANES)
			store(out, y);
		else if (p % ROWS < rows)
			memcpy(out, &y, n * sizeof *out);
	}
}

static void across(const struct desk *d, const struct as_taps *h, int rows, float *to, int64_t plane)
{
	for (int j = 0; j < h->out; j += LANES) {
		int reach = d->block[j / LANES].reach;
		if (reach <= LANES)
			across_block(d, j, h->out, h->most, rows, to, plane, 1);
		else if (reach <= 2 * LANES)
			across_block(d, j, h->out, h->most, rows, to, plane, 2);
		else if (reach <= 4 * LANES)
			across_block(d, j, h->out, h->most, rows, to, plane, 4);
		else
			across_block(d, j, h->out, h->most, rows, to, plane, 0);
	}
}

void AS_ISA_NAME(as_resize)(const struct as_pixels *src, const struct as_taps *v, const struct as_taps *h, float *to,
			    float *row)
{
	struct desk d;
	lay(&d, h, row);
	for (int i = 0; i < v->out; i += ROWS) {
		int rows = i + ROWS <= v->out ? ROWS : v->out - i;
		for (int r = 0; r < ROWS; r++) /* if there are fewer rows, the last one is repeated */
			down(src, v, r < rows ? i + r : v->out - 1, &d, r);
		across(&d, h, rows, to + (int64_t)i * h->out, (int64_t)v->out * h->out);
	}
}
