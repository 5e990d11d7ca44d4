/* Private to lib/kern: the tiles of Winograd's convolution (kern/winograd.h) and their slabs. There is one
 * slab for each place; its row t has the channels of tile t at that place, so that the work at a place is a
 * matrix product. A slab's rows are padded by a vector, so that they do not fall on the same lines of a
 * cache. For .isa.c files. */
#ifndef AS_KERN_SLABS_H
#define AS_KERN_SLABS_H

#include "kern/winograd.h"

/* The fewest channels, of input and of output, for which the transforms are worth it; input channels whose
 * taps are transformed at a time. */
enum { LEAST_CHANNELS = 32, BLOCK = 8 };

/* Products for each channel of a map of s; its last tiles may reach beyond it. */
static inline int64_t products(const struct tiles *t, const struct as_conv *s)
{
	return (s->oh + t->out - 1) / t->out * ((s->ow + t->out - 1) / t->out) * t->in * t->in;
}

/* The size of tiles that needs fewer products; NULL if direct convolution is better: it needs as many, or
 * the map is smaller than a tile. */
static inline const struct tiles *tiles_of(const struct as_conv *s)
{
	int64_t with4 = products(&tiles4, s), with3 = products(&tiles3, s);
	const struct tiles *t = with4 < with3 ? &tiles4 : &tiles3;
	return with4 == with3 || s->oh < t->out || s->ow < t->out ? NULL : t;
}

static inline int places(const struct tiles *t)
{
	return t->in * t->in;
}

static inline int64_t down(const struct tiles *t, const struct as_conv *s)
{
	return (s->oh + t->out - 1) / t->out;
}

static inline int64_t across(const struct tiles *t, const struct as_conv *s)
{
	return (s->ow + t->out - 1) / t->out;
}

static inline int64_t tiles_in(const struct tiles *t, const struct as_conv *s)
{
	return s->n * down(t, s) * across(t, s);
}

/* Blocks of WIDE output channels, the last one or two vectors wide. */
static inline int64_t columns(const struct as_conv *s)
{
	return (s->k + WIDE - 1) / WIDE;
}

/* Floats in a slab's row of c channels. */
static inline int64_t row(int64_t c)
{
	return c + LANES;
}

/* Floats from one place's matrix (c,k) to the next: a few more than it has, so that the distance of places
 * is not a power of 2. */
static inline int64_t matrix(const struct as_conv *s)
{
	return s->c * s->k + 3 * LANES;
}

/* Where the outputs of a tile begin. */
struct place {
	int64_t n, y, x;
};

static inline struct place place_of(const struct tiles *t, const struct as_conv *s, int64_t tile)
{
	int64_t each = down(t, s) * across(t, s), in = tile % each;
	return (struct place){tile / each, in / across(t, s) * t->out, in % across(t, s) * t->out};
}

/* The size x size pixels from (y,x) on: where the channels of each begin, or zeros outside of the image
 * (channel & mask stays 0 there). */
struct window {
	const cell *at[MOST_PLACES];
	int64_t mask[MOST_PLACES];
};

static AS_INLINE struct window window_of(const cell *image, int64_t h, int64_t w, int64_t c, int64_t y, int64_t x,
					 int size)
{
	static const cell zeros[LANES] = {0};
	struct window v;
	for (int i = 0; i < size; i++)
		for (int j = 0; j < size; j++) {
			bool in = y + i >= 0 && y + i < h && x + j >= 0 && x + j < w;
			v.at[i * size + j] = in ? image + ((y + i) * w + x + j) * c : zeros;
			v.mask[i * size + j] = in ? -1 : 0;
		}
	return v;
}

/* LANES channels of a pixel, from c on. */
static AS_INLINE vec pixel(const struct window *v, int place, int64_t c)
{
	return load_cells(v->at[place] + (c & v->mask[place]));
}

static AS_INLINE struct window input_window(const struct tiles *t, const struct as_conv *s, const cell *x,
					    int64_t tile)
{
	struct place p = place_of(t, s, tile);
	return window_of(x + p.n * s->h * s->w * s->c, s->h, s->w, s->c, p.y - 1, p.x - 1, t->in);
}

/* The columns' half of B' d B. Meanwhile it prefetches the pixels that the next tile adds: they lie in as
 * many rows of the image as a tile has, which the CPU does not predict. */
static AS_INLINE void input_columns(const struct tiles *t, const struct window *v, const struct window *next, int64_t c,
				    vec *half)
{
	for (int j = 0; j < t->in; j++) {
		vec d[MOST_IN];
		for (int i = 0; i < t->in; i++) {
			int place = i * t->in + j;
			d[i] = pixel(v, place, c);
			if (j >= t->in - t->out)
				AS_PREFETCH(next->at[place] + (c & next->mask[place]));
		}
		t->input(d, 1, half + j, t->in);
	}
}

/* B' d B of tiles from..from+count-1, into slabs [places][most][row(c)]. */
static AS_INLINE void input_slabs(const struct tiles *t, const struct as_conv *s, const cell *x, int64_t from,
				  int64_t count, int64_t most, float *slab)
{
	struct window v[2] = {input_window(t, s, x, from)};
	for (int64_t n = 0; n < count; n++) {
		v[(n + 1) % 2] = input_window(t, s, x, from + least(n + 1, count - 1));
		for (int64_t c = 0; c < s->c; c += LANES) {
			vec half[MOST_PLACES], line[MOST_IN];
			input_columns(t, &v[n % 2], &v[(n + 1) % 2], c, half);
			float *to = slab + n * row(s->c) + c;
			for (int i = 0; i < t->in; i++) {
				t->input(half + i * t->in, 1, line, 1);
				for (int j = 0; j < t->in; j++)
					*(vec *)(to + (i * t->in + j) * most * row(s->c)) = line[j];
			}
		}
	}
}

/* A dy A' of tiles, into slabs [places][most][row(k)]. */
static AS_INLINE void gradient_slabs(const struct tiles *t, const struct as_conv *s, const cell *dy, int64_t from,
				     int64_t count, int64_t most, float *slab)
{
	for (int64_t n = 0; n < count; n++) {
		struct place p = place_of(t, s, from + n);
		struct window v = window_of(dy + p.n * s->oh * s->ow * s->k, s->oh, s->ow, s->k, p.y, p.x, t->out);
		for (int64_t k = 0; k < s->k; k += LANES) {
			vec d[MOST_OUT], half[MOST_IN * MOST_OUT], line[MOST_IN];
			for (int j = 0; j < t->out; j++) {
				for (int i = 0; i < t->out; i++)
					d[i] = pixel(&v, i * t->out + j, k);
				t->output_back(d, 1, half + j, t->out);
			}
			float *to = slab + n * row(s->k) + k;
			for (int i = 0; i < t->in; i++) {
				t->output_back(half + i * t->out, 1, line, 1);
				for (int j = 0; j < t->in; j++)
					*(vec *)(to + (i * t->in + j) * most * row(s->k)) = line[j];
			}
		}
	}
}

/* y = A' m A for the channels k0..k1-1, from the products m in slabs [places][most][row(k)], then what `after` says. */
static AS_INLINE void outputs(const struct tiles *t, const struct as_conv *s, const float *slab, int64_t from,
			      int64_t count, int64_t most, int64_t k0, int64_t k1, cell *y, const struct after *after)
{
	for (int64_t n = 0; n < count; n++) {
		struct place p = place_of(t, s, from + n);
		int64_t high = least(t->out, s->oh - p.y), wide = least(t->out, s->ow - p.x);
		cell *corner = y + ((p.n * s->oh + p.y) * s->ow + p.x) * s->k;
		for (int64_t k = k0; k < k1; k += LANES) {
			vec m[MOST_IN], half[MOST_OUT * MOST_IN], line[MOST_OUT];
			const float *at = slab + n * row(s->k) + k;
			for (int j = 0; j < t->in; j++) {
				vec column[MOST_OUT];
				for (int i = 0; i < t->in; i++)
					m[i] = load(at + (i * t->in + j) * most * row(s->k));
				t->output(m, 1, column, 1);
				for (int i = 0; i < t->out; i++)
					half[i * t->in + j] = column[i];
			}
			for (int i = 0; i < high; i++) {
				t->output(half + i * t->in, 1, line, 1);
				for (int j = 0; j < wide; j++)
					line[j] = finished(line[j], corner + (i * s->ow + j) * s->k + k, k, after);
				for (int j = 0; j < wide; j++)
					store(corner + (i * s->ow + j) * s->k + k, line[j], LANES, after->plus);
			}
		}
	}
}

#endif
