/* rotation: quarter turns counter-clockwise. */
#include <string.h>

#include "aug/aug.h"

static const struct as_setting settings[] = {
	{"p", "probability (of a draw, which may be no turn)", .5, 0, 1, 0},
};
static const char *const params[] = {"quarters"};
static const struct as_range ranges[] = {{0, 3, true}};

static const char *idle(const struct as_law *law)
{
	if (law->value[0] <= 0)
		return "p is 0";
	return law->side < 2 ? "a view of one pixel has no sides to turn" : NULL;
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)size;
	bool on = as_rng_uniform(rng) < law->value[0];
	uint64_t quarters = as_rng_below(rng, 4);
	*param = on ? (float)quarters : 0;
}

static void omega(const struct as_law *law, struct as_size size, const float *param, float *omega)
{
	(void)law, (void)size;
	*omega = *param;
}

/* One quarter turn of a plane: row y of the result is column S-1-y of the source. */
static void quarter(const float *from, float *to, int64_t S)
{
	for (int64_t y = 0; y < S; y++)
		for (int64_t x = 0; x < S; x++)
			to[y * S + x] = from[x * S + (S - 1 - y)];
}

static void apply(const struct as_pix *pix, const float *param, struct as_canvas *c)
{
	(void)pix;
	int64_t n = (int64_t)c->size * c->size;
	for (int turn = 0; turn < (int)*param; turn++) {
		for (int k = 0; k < 3; k++)
			quarter(c->at + k * n, c->scratch + k * n, c->size);
		memcpy(c->at, c->scratch, (size_t)(3 * n) * sizeof *c->at);
	}
}

/* The class (q_a - q_b) mod 4. */
static void target(const struct as_view *a, const struct as_view *b, float *d)
{
	int turns = (int)*as_view_omega(a, "rotation") - (int)*as_view_omega(b, "rotation");
	*d = (float)(turns & 3); /* & 3, since the record may come from another sampler */
}

const struct as_aug as_aug_rotation = {
	.name = "rotation",
	.doc = "quarter turns counter-clockwise",
	.draw = 8,
	.setting = settings,
	.nsetting = 1,
	.param = params,
	.range = ranges,
	.nparam = 1,
	.component = params,
	.nomega = 1,
	.ntarget = 4,
	.loss = AS_LOSS_CE,
	.idle = idle,
	.sample = sample,
	.omega = omega,
	.apply = apply,
	.target = target,
};
