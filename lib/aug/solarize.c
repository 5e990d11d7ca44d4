/* solarize: inverts values from a threshold upward. */
#include "aug/aug.h"

enum { ON, THRESHOLD };

static const struct as_setting settings[] = {
	{"p", "probability", .5, 0, 1, 0},
};
static const char *const params[] = {"on", "threshold"};
static const struct as_range ranges[] = {{0, 1, true}, {0, 1, false}};
static const char *const components[] = {"threshold"};

static const char *idle(const struct as_law *law)
{
	return law->value[0] <= 0 ? "p is 0" : NULL;
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)size;
	param[ON] = as_rng_uniform(rng) < law->value[0];
	double threshold = as_rng_uniform(rng);
	param[THRESHOLD] = param[ON] != 0 ? (float)threshold : 1;
}

static void omega(const struct as_law *law, struct as_size size, const float *param, float *omega)
{
	(void)law, (void)size;
	*omega = param[THRESHOLD];
}

static int tones(const float *param, struct as_tone *tone)
{
	*tone = (struct as_tone){AS_SOLARIZE, param[THRESHOLD]};
	return param[ON] != 0;
}

static void target(const struct as_view *a, const struct as_view *b, float *d)
{
	*d = *as_view_omega(a, "solarize") - *as_view_omega(b, "solarize");
}

static const struct as_compat broadcast = {
	.word = "solarize-broadcast",
	.doc = "solarize's loss is the mean over all pairs i, j of (tanh p_i - d_j)^2",
	.loss = AS_LOSS_MSE_TANH_ALL,
};

const struct as_aug as_aug_solarize = {
	.name = "solarize",
	.doc = "invert what is not darker than a threshold",
	.draw = 5,
	.setting = settings,
	.nsetting = 1,
	.param = params,
	.range = ranges,
	.nparam = 2,
	.component = components,
	.nomega = 1,
	.ntarget = 1,
	.loss = AS_LOSS_MSE_TANH,
	.idle = idle,
	.sample = sample,
	.omega = omega,
	.tones = tones,
	.target = target,
	.compat = &broadcast,
};
