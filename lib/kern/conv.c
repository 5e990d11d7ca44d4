/* Convolution: calls what the table's instruction set has for a shape. */
#include "kern/conv.h"

#include "kern/cpu.h"
#include "kern/loops.h"

struct as_conv as_conv_shape(int64_t n, int64_t h, int64_t w, int64_t c, int64_t k, int64_t r, int64_t stride,
			     int64_t pad)
{
	return (struct as_conv){n, h, w, c, k, r, stride, pad, (h + 2 * pad - r) / stride + 1,
				(w + 2 * pad - r) / stride + 1, false, false};
}

static const struct as_way *way(const struct as_engine *e, const struct as_conv *s)
{
	return e->kern->loops->way(s);
}

size_t as_cpu_conv_prepared(const struct as_engine *e, const struct as_conv *s)
{
	return way(e, s)->prepared(s);
}

size_t as_cpu_conv_scratch(const struct as_engine *e, const struct as_conv *s)
{
	return way(e, s)->scratch(s, as_pool_threads(e->pool));
}

void as_cpu_conv_prepare(const struct as_engine *e, const struct as_conv *s, const float *w, float *prepared)
{
	way(e, s)->prepare(e->pool, s, w, prepared);
}

static struct as_conv part(const struct as_conv *s, int64_t parts)
{
	struct as_conv p = *s;
	p.n /= parts;
	return p;
}

static int64_t inputs(const struct as_conv *s)
{
	return s->n * s->h * s->w * s->c;
}

static int64_t outputs(const struct as_conv *s)
{
	return s->n * s->oh * s->ow * s->k;
}

/* Where the other images in a call may change an image's last bits, works on one grain at a time. */
static int64_t parts(const struct as_engine *e)
{
	return e->kern->steady ? 1 : e->grains;
}

/* Where part i of a map begins, each of n values. */
static void *piece(const struct as_engine *e, const void *map, int64_t i, int64_t n)
{
	return as_map_at(e->kern, map, i * n);
}

/* x, of part i: the network's images are floats. */
static const void *piece_of_x(const struct as_engine *e, const struct as_conv *p, const void *x, int64_t i)
{
	return p->floats ? (const float *)x + i * inputs(p) : piece(e, x, i, inputs(p));
}

void as_cpu_conv_forward(const struct as_engine *e, const struct as_conv *s, const void *x, const float *prepared, void *y,
			 const struct as_after *after, void *scratch)
{
	struct as_conv p = part(s, parts(e));
	for (int64_t i = 0; i < parts(e); i++) {
		struct as_after a = after ? *after : (struct as_after){0};
		a.add = piece(e, a.add, i, outputs(&p));
		way(e, s)->forward(e->pool, &p, piece_of_x(e, &p, x, i), prepared, piece(e, y, i, outputs(&p)), after ? &a : NULL,
				   scratch);
	}
}

void as_cpu_conv_backward_data(const struct as_engine *e, const struct as_conv *s, const void *dy, const float *w, void *dx,
			       bool add, void *scratch)
{
	struct as_conv p = part(s, parts(e));
	for (int64_t i = 0; i < parts(e); i++)
		way(e, s)->backward_data(e->pool, &p, piece(e, dy, i, outputs(&p)), w, piece(e, dx, i, inputs(&p)), add, scratch);
}

void as_cpu_conv_backward_weights(const struct as_engine *e, const struct as_conv *s, const void *x, const void *dy,
				  float *dw, int64_t leaf, void *scratch)
{
	struct as_conv p = part(s, e->grains);
	for (int64_t i = 0; i < e->grains; i++)
		way(e, s)->backward_weights(e->pool, &p, piece_of_x(e, &p, x, i), piece(e, dy, i, outputs(&p)), dw + i * leaf, scratch);
}
