/* Winograd's convolution (kern/winograd.h): the filters at each place, forward and backward data.
 *
 * The work is divided into groups of tiles whose slabs stay in a core's cache. */
#include "kern/conv.h"
#include "kern/direct.h"
#include "kern/slabs.h"

/* The most bytes of a group's slabs; channels must be a multiple of CHANNELS: whole vectors, whole BLOCKs; input
 * channels in a task that packs weights. Fewer groups than FEW are halved by output channels, if there are so many
 * input channels (MANY) that transforming the inputs twice costs little. */
enum { GROUP_BYTES = 5 << 18, CHANNELS = 16, PACKED = 4 * BLOCK, FEW = 64, MANY = 256 };

bool AS_ISA_NAME(as_winograd_fits)(const struct as_conv *s)
{
	return s->r == FILTER && !s->floats && s->stride == 1 && s->pad == 1 && s->c >= LEAST_CHANNELS && s->k >= LEAST_CHANNELS &&
	       s->c % CHANNELS == 0 && s->k % CHANNELS == 0 && tiles_of(s);
}

/* --- groups --- */

/* The most tiles in a group: a multiple of ROWS2, as many as GROUP_BYTES of slabs hold, at least three
 * times ROWS2, so that loading the weights is worth it. */
static int64_t most_tiles(const struct tiles *t, const struct as_conv *s)
{
	int64_t most = GROUP_BYTES / (places(t) * (row(s->c) + row(s->k)) * (int64_t)sizeof(float)) / ROWS2 * ROWS2;
	return most < 3 * ROWS2 ? 3 * ROWS2 : most;
}

/* Tiles in each group; all groups are alike. */
static int64_t group(const struct tiles *t, const struct as_conv *s)
{
	int64_t most = most_tiles(t, s), groups = (tiles_in(t, s) + most - 1) / most;
	return up((tiles_in(t, s) + groups - 1) / groups, ROWS2);
}

static int64_t groups(const struct tiles *t, const struct as_conv *s)
{
	return (tiles_in(t, s) + group(t, s) - 1) / group(t, s);
}

/* Enough for fewer images too, though their groups may be larger. */
static int64_t thread_floats(const struct tiles *t, const struct as_conv *s)
{
	return places(t) * least(most_tiles(t, s), up(tiles_in(t, s), ROWS2)) * (row(s->c) + row(s->k));
}

/* --- filters --- */

/* Prepared weights: at each place the weights (c,k) as blocks of WIDE columns, the last possibly of LANES. */
static int64_t prepared_floats(const struct tiles *t, const struct as_conv *s)
{
	return places(t) * matrix(s);
}

size_t AS_ISA_NAME(as_winograd_prepared)(const struct as_conv *s)
{
	return (size_t)prepared_floats(tiles_of(s), s);
}

struct pack {
	const struct tiles *t;
	struct as_conv s;
	const float *w; /* PyTorch's (k,c,3,3) */
	bool turn;      /* s is backward data: its c is the filter's k */
	float *to;
};

/* The taps of LANES output channels from k on and of BLOCK input channels from c on. In w they lie together
 * for each output channel or, if turned, for each input channel. */
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

/* Writes G g G' to its places, `apart` floats from each other. */
static AS_INLINE void transform_taps(const struct tiles *t, const vec *g, float *to, int64_t apart)
{
	vec half[MOST_IN * FILTER], u[MOST_IN];
	for (int j = 0; j < FILTER; j++)
		t->filter(g + j, FILTER, half + j, FILTER);
	for (int i = 0; i < t->in; i++) {
		t->filter(half + i * FILTER, 1, u, 1);
		for (int j = 0; j < t->in; j++)
			*(vec *)(to + (i * t->in + j) * apart) = u[j];
	}
}

/* WIDE output channels and PACKED input channels. */
static void pack_block(void *ctx, int64_t block, int thread)
{
	const struct pack *p = ctx;
	const struct as_conv *s = &p->s;
	int64_t k0 = block % columns(s) * WIDE, wide = least(WIDE, s->k - k0), from = block / columns(s) * PACKED;
	(void)thread;
	for (int64_t c = from; c < least(from + PACKED, s->c); c += BLOCK)
		for (int64_t k = 0; k < wide; k += LANES) {
			vec g[BLOCK][TAPS];
			gather_taps(p, c, k0 + k, g);
			for (int i = 0; i < BLOCK; i++)
				BY_TILES(transform_taps, p->t, g[i], p->to + k0 * s->c + (c + i) * wide + k, matrix(s));
		}
}

static void pack_all(struct as_pool *pool, struct pack *p)
{
	as_each(pool, columns(&p->s) * ((p->s.c + PACKED - 1) / PACKED), pack_block, p);
}

void AS_ISA_NAME(as_winograd_prepare)(struct as_pool *pool, const struct as_conv *s, const float *w, float *prepared)
{
	struct pack there = {tiles_of(s), *s, w, false, prepared};
	pack_all(pool, &there);
}

/* --- forward, and backward data --- */

SLAB_TILE(product_wide, ROWS2, 2)
SLAB_TILE(product_thin, ROWS1, 1)

/* m (count,k) = d (count,c) w (c,k), rows of slabs, for the columns from..to-1; w as prepared. */
static void product(const struct as_conv *s, const float *d, int64_t count, const float *w, float *m, int64_t from, int64_t to)
{
	for (int64_t k0 = from; k0 < to; k0 += WIDE) {
		int64_t n = least(WIDE, s->k - k0);
		int tile = n > LANES ? ROWS2 : ROWS1;
		for (int64_t t = 0; t < count; t += tile) {
			const float *px[ROWS1];
			float *py[ROWS1];
			int64_t rows = least(tile, count - t);
			for (int i = 0; i < tile; i++) { /* beyond the end, repeat the last row */
				px[i] = d + (t + least(i, rows - 1)) * row(s->c);
				py[i] = m + (t + i) * row(s->k);
			}
			if (n > LANES)
				product_wide(px, s->c, w + k0 * s->c, py, k0, rows);
			else
				product_thin(px, s->c, w + k0 * s->c, py, k0, rows);
		}
	}
}

struct forward {
	const struct tiles *t;
	const struct as_conv *s;
	const cell *x;
	const float *w;
	cell *y;
	float *scratch;
	struct after after;
};

static AS_NOINLINE void inputs_of(const struct forward *f, int64_t from, int64_t count, int64_t most, float *d)
{
	BY_TILES(input_slabs, f->t, f->s, f->x, from, count, most, d);
}

static AS_NOINLINE void outputs_of(const struct forward *f, const float *m, int64_t from, int64_t count, int64_t most,
				   int64_t k0, int64_t k1)
{
	BY_TILES(outputs, f->t, f->s, m, from, count, most, k0, k1, f->y, &f->after);
}

static int64_t halves(const struct tiles *t, const struct as_conv *s)
{
	return groups(t, s) < FEW && s->c >= MANY && s->k % (2 * WIDE) == 0 ? 2 : 1;
}

/* Task (group, half): all output channels, or half of them. */
static void forward_group(void *ctx, int64_t i, int thread)
{
	const struct forward *f = ctx;
	const struct tiles *t = f->t;
	const struct as_conv *s = f->s;
	int64_t parts = halves(t, s), wide = s->k / parts, k0 = i % parts * wide, k1 = k0 + wide;
	int64_t most = group(t, s), from = i / parts * most, count = least(most, tiles_in(t, s) - from);
	float *d = f->scratch + thread * thread_floats(t, s), *m = d + places(t) * most * row(s->c);
	inputs_of(f, from, count, most, d);
	for (int p = 0; p < places(t); p++)
		product(s, d + p * most * row(s->c), count, f->w + p * matrix(s), m + p * most * row(s->k), k0, k1);
	outputs_of(f, m, from, count, most, k0, k1);
}

static void forward_all(struct as_pool *pool, struct forward *f)
{
	as_each(pool, groups(f->t, f->s) * halves(f->t, f->s), forward_group, f);
}

void AS_ISA_NAME(as_winograd_forward)(struct as_pool *pool, const struct as_conv *s, const void *x,
				      const float *prepared, void *y, const struct as_after *after, void *scratch)
{
	struct forward f = {tiles_of(s), s, x, prepared, y, scratch, after_of(after, y)};
	forward_all(pool, &f);
}

void AS_ISA_NAME(as_winograd_backward_data)(struct as_pool *pool, const struct as_conv *s, const void *dy,
					    const float *w, void *dx, bool add, void *scratch)
{
	const struct tiles *t = tiles_of(s);
	struct as_conv back = as_conv_turned(s);
	float *turned = scratch;
	struct pack filters = {t, back, w, true, turned};
	struct forward f = {t, &back, dy, turned, dx, turned + prepared_floats(t, &back), {.plus = add}};
	pack_all(pool, &filters);
	forward_all(pool, &f);
}

size_t AS_ISA_NAME(as_winograd_scratch)(const struct as_conv *s, int threads)
{
	const struct tiles *t = tiles_of(s);
	struct as_conv back = as_conv_turned(s);
	size_t forward = (size_t)(threads * thread_floats(t, s)) * sizeof(float);
	if (s->forward_only)
		return forward;
	size_t data = (size_t)(prepared_floats(t, &back) + threads * thread_floats(t, &back)) * sizeof(float);
	size_t weights = AS_ISA_NAME(as_winograd_weights_scratch)(s), most = data > forward ? data : forward;
	return most > weights ? most : weights;
}
