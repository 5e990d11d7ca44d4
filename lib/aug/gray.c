/* gray: all three channels become the luma. It has no target. */
#include "aug/aug.h"

static const struct as_setting settings[] = {
	{"p", "probability", .2, 0, 1, AS_SCALES},
};
static const char *const params[] = {"gray"};
static const struct as_range ranges[] = {{0, 1, true}};

static const char *idle(const struct as_law *law)
{
	return law->value[0] <= 0 ? "p is 0" : NULL;
}

static const char *alike(const struct as_law *law)
{
	return law->value[0] >= 1 ? "p is 1" : NULL;
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)size;
	*param = as_rng_uniform(rng) < law->value[0];
}

static void omega(const struct as_law *law, struct as_size size, const float *param, float *omega)
{
	(void)law, (void)size;
	*omega = *param;
}

static int tones(const float *param, struct as_tone *tone)
{
	*tone = (struct as_tone){AS_GRAY, 0};
	return *param != 0;
}

const struct as_aug as_aug_gray = {
	.name = "gray",
	.doc = "the luma in all three channels",
	.draw = 6,
	.setting = settings,
	.nsetting = 1,
	.param = params,
	.range = ranges,
	.nparam = 1,
	.component = params,
	.nomega = 1,
	.idle = idle,
	.alike = alike,
	.sample = sample,
	.omega = omega,
	.tones = tones,
};
