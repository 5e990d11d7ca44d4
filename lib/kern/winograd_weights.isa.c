/* Winograd's convolution (kern/winograd.h) backward to the filters:
 *
 *   dw += G' [ sum over tiles (A dy A') . (B' d B) ] G */
#include "kern/direct.h"
#include "kern/slabs.h"

/* The most bytes of the slabs of a chunk of tiles; the fewest tiles; the most, which occur with the smaller
 * size and the fewest channels; tasks that a chunk is cut into, since it is soon done; the most tiles in a transform
 * task; input channels in a task that adds taps. */
enum {
	CHUNK_BYTES = 1 << 23,
	LEAST_TILES = 64,
	MOST_TILES = CHUNK_BYTES / (LEAST_PLACES * 2 * (LEAST_CHANNELS + LANES) * (int)sizeof(float)),
	TASKS = 256,
	MOST_SHARE = 16,
	TAKEN = 4 * BLOCK
};

/* The number of tiles that are transformed at a time, for all places: their slabs stay in the cache that
 * cores share. */
static int64_t chunk(const struct tiles *t, const struct as_conv *s)
{
	int64_t most = CHUNK_BYTES / (places(t) * (row(s->c) + row(s->k)) * (int64_t)sizeof(float));
	most = most < LEAST_TILES ? LEAST_TILES : most;
	int64_t chunks = (tiles_in(t, s) + most - 1) / most;
	return (tiles_in(t, s) + chunks - 1) / chunks;
}

OUTER_TILE(outer_wide, ROWS2, 2)
OUTER_TILE(outer_thin, ROWS1, 1)

struct weights {
	const struct tiles *t;
	const struct as_conv *s;
	const cell *x, *dy;
	float *d, *m, *sum;     /* slabs; [places](c,k) */
	int64_t most;           /* the most tiles in a chunk */
	int64_t from, count;    /* of the current chunk */
	const float *const *px; /* (count): rows of place 0 */
	float *dw;
};

static AS_NOINLINE void inputs_of(const struct weights *g, int64_t at, int64_t n)
{
	BY_TILES(input_slabs, g->t, g->s, g->x, g->from + at, n, g->most, g->d + at * row(g->s->c));
}

static AS_NOINLINE void gradients_of(const struct weights *g, int64_t at, int64_t n)
{
	BY_TILES(gradient_slabs, g->t, g->s, g->dy, g->from + at, n, g->most, g->m + at * row(g->s->k));
}

static int64_t share(const struct weights *g)
{
	return least(MOST_SHARE, (g->count + TASKS / 2 - 1) / (TASKS / 2));
}

static int64_t shares(const struct weights *g)
{
	return (g->count + share(g) - 1) / share(g);
}

/* A share's inputs, or its gradients. */
static void transform_share(void *ctx, int64_t i, int thread)
{
	const struct weights *g = ctx;
	int64_t at = i % shares(g) * share(g), n = least(share(g), g->count - at);
	(void)thread;
	(i < shares(g) ? inputs_of : gradients_of)(g, at, n);
}

/* Input channels of a task, whole tiles, of two at least: so that there are TASKS tasks where the shape has them. */
static int64_t taken(const struct weights *g)
{
	int64_t cuts = (TASKS + places(g->t) * columns(g->s) - 1) / (places(g->t) * columns(g->s));
	return up((g->s->c + cuts - 1) / cuts, ROWS1);
}

static int64_t cuts(const struct weights *g)
{
	return (g->s->c + taken(g) - 1) / taken(g);
}

/* Task (place, cut, column): WIDE output channels of some input channels at a place. */
static void sum_part(void *ctx, int64_t task, int thread)
{
	const struct weights *g = ctx;
	const struct as_conv *s = g->s;
	int64_t p = task / columns(s) / cuts(g), k0 = task % columns(s) * WIDE, n = least(WIDE, s->k - k0);
	int64_t from = task / columns(s) % cuts(g) * taken(g), to = least(s->c, from + taken(g));
	const float *m = g->m + p * g->most * row(s->k) + k0;
	float *sum = g->sum + p * matrix(s) + k0;
	bool add = g->from > 0;
	int tile = n > LANES ? ROWS2 : ROWS1;
	(void)thread;
	for (int64_t c = from; c < to; c += tile) {
		int64_t rows = least(tile, to - c), at = p * g->most * row(s->c) + c;
		if (n > LANES)
			outer_wide(g->px, at, g->count, m, row(s->k), sum + c * s->k, s->k, rows, n, add);
		else
			outer_thin(g->px, at, g->count, m, row(s->k), sum + c * s->k, s->k, rows, n, add);
	}
}

/* G' sum G for LANES output channels from k on, input channel c. */
static AS_INLINE void taps_of(const struct tiles *t, const struct weights *g, int64_t c, int64_t k, vec *taps)
{
	vec u[MOST_PLACES], half[FILTER * MOST_IN];
	for (int p = 0; p < places(t); p++)
		u[p] = load(g->sum + p * matrix(g->s) + c * g->s->k + k);
	for (int j = 0; j < t->in; j++)
		t->filter_back(u + j, t->in, half + j, t->in);
	for (int i = 0; i < FILTER; i++)
		t->filter_back(half + i * t->in, 1, taps + i * FILTER, 1);
}

/* dw += G' sum G for LANES output channels and TAKEN input channels, BLOCK at a time. */
static void add_taps(void *ctx, int64_t task, int thread)
{
	const struct weights *g = ctx;
	int64_t across = g->s->k / LANES, k = task % across * LANES, from = task / across * TAKEN;
	(void)thread;
	for (int64_t c = from; c < least(from + TAKEN, g->s->c); c += BLOCK) {
		vec taps[BLOCK][TAPS];
		for (int i = 0; i < BLOCK; i++)
			BY_TILES(taps_of, g->t, g, c + i, k, taps[i]);
		for (int l = 0; l < LANES; l++) {
			float *to = g->dw + ((k + l) * g->s->c + c) * TAPS;
			for (int i = 0; i < BLOCK; i++)
				for (int tap = 0; tap < TAPS; tap++)
					to[i * TAPS + tap] += taps[i][tap][l];
		}
	}
}

void AS_ISA_NAME(as_winograd_backward_weights)(struct as_pool *pool, const struct as_conv *s, const void *x,
					       const void *dy, float *dw, void *scratch)
{
	const float *px[MOST_TILES];
	const struct tiles *t = tiles_of(s);
	struct weights g = {.t = t, .s = s, .x = x, .dy = dy, .px = px, .dw = dw, .sum = scratch, .most = chunk(t, s)};
	g.d = g.sum + places(t) * matrix(s);
	g.m = g.d + places(t) * g.most * row(s->c);
	for (int64_t i = 0; i < g.most; i++)
		px[i] = g.d + i * row(s->c);
	for (g.from = 0; g.from < tiles_in(t, s); g.from += g.most) {
		g.count = least(g.most, tiles_in(t, s) - g.from);
		as_each(pool, 2 * shares(&g), transform_share, &g);
		as_each(pool, places(t) * cuts(&g) * columns(s), sum_part, &g);
	}
	as_each(pool, s->k / LANES * ((s->c + TAKEN - 1) / TAKEN), add_taps, &g);
}

/* ROWS1 more rows, because a product's last tile reads beyond the end. */
size_t AS_ISA_NAME(as_winograd_weights_scratch)(const struct as_conv *s)
{
	const struct tiles *t = tiles_of(s);
	return (size_t)(places(t) * (matrix(s) + (chunk(t, s) + ROWS1) * (row(s->c) + row(s->k)))) * sizeof(float);
}
