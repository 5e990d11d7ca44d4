#include "kern/pix.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "kern/isa.h"

#define TABLE(NAME, name) extern const struct as_pix as_pix_##name;
AS_ISA_EACH(TABLE)

const struct as_pix *as_pix_at(int isa)
{
#define ENTRY(NAME, name) &as_pix_##name,
	static const struct as_pix *const table[AS_ISAS] = {AS_ISA_EACH(ENTRY)};
	return table[isa];
}

const struct as_pix *as_pix_chosen(void)
{
	return as_pix_at(as_isa_chosen());
}

static double triangle(double x)
{
	x = fabs(x);
	return x < 1 ? 1 - x : 0;
}

/* Keys' cubic with a = -0.5. */
static double cubic(double x)
{
	x = fabs(x);
	if (x < 1)
		return (1.5 * x - 2.5) * x * x + 1;
	return x < 2 ? ((-.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

static double radius(enum as_filter filter, double scale)
{
	return (filter == AS_BICUBIC ? 2 : 1) * fmax(scale, 1);
}

int as_taps_most(enum as_filter filter, double length, int out)
{
	return (int)ceil(radius(filter, length / out)) * 2 + 1;
}

size_t as_resize_row(enum as_filter filter, double length, int out)
{
	enum { LINES = 12, BESIDE = 3 }; /* rows of each kernel at most; columns that rounding may add */
	size_t most = (size_t)as_taps_most(filter, length, out), pad = AS_RESIZE_LANES;
	size_t columns = (size_t)ceil(length + 2 * radius(filter, length / out)) + BESIDE;
	return 3 * columns + pad + LINES * (columns + most + pad + AS_RESIZE_REACH) + ((size_t)out + pad) * (most + 1);
}

void as_taps_fill(struct as_taps *t, enum as_filter filter, double at, double length, int64_t lo, int64_t hi)
{
	double scale = length / t->out, R = radius(filter, scale), F = fmax(scale, 1);
	for (int i = 0; i < t->out; i++) {
		double centre = at + (i + .5) * scale, sum = 0;
		int64_t from = (int64_t)(centre - R + .5), to = (int64_t)(centre + R + .5);
		from = from < lo ? lo : from > hi - 1 ? hi - 1 : from;
		to = to > hi ? hi : to <= from ? from + 1 : to;
		if (to - from > t->most)
			to = from + t->most;
		float *w = t->weight + (size_t)i * (size_t)t->most;
		for (int64_t x = from; x < to; x++) {
			double f = ((double)x - centre + .5) / F;
			sum += filter == AS_BICUBIC ? cubic(f) : triangle(f);
		}
		for (int64_t x = from; x < to; x++) {
			double f = ((double)x - centre + .5) / F;
			w[x - from] = (float)(sum != 0 ? (filter == AS_BICUBIC ? cubic(f) : triangle(f)) / sum : x == from);
		}
		t->start[i] = (int32_t)from;
		t->count[i] = (int32_t)(to - from);
	}
}

int as_blur_taps(int size, double sigma, float *taps)
{
	double t[AS_MAX_BLUR + 1], sum = 0;
	int most = size / 20, used = 0;
	most = most > AS_MAX_BLUR ? AS_MAX_BLUR : most;
	for (int x = 0; x <= most; x++) {
		t[x] = as_exp(-(double)(x * x) / (2 * sigma * sigma));
		sum += x ? 2 * t[x] : t[x];
	}
	for (int x = 0; x <= most; x++) {
		taps[x] = (float)(t[x] / sum);
		used = taps[x] >= 1e-9f ? x : used;
	}
	return used;
}
