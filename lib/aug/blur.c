/* blur: a Gaussian filter of random width; its length is about a tenth of the view's side. */
#include "aug/aug.h"

enum { P, SIGMA_MIN, SIGMA_MAX };

static const struct as_setting settings[] = {
	{"p", "probability", .5, 0, 1, 0},
	{"sigma_min", "least standard deviation, pixels of the view", .1, .01, 100, 0},
	{"sigma_max", "greatest standard deviation", 2, .01, 100, 0},
};
static const char *const params[] = {"sigma"};
static const struct as_range ranges[] = {{0, 100, false}}; /* 0: no blur */

static const char *check(const struct as_law *law)
{
	return law->value[SIGMA_MIN] > law->value[SIGMA_MAX] ? "sigma_min is above sigma_max" : NULL;
}

static const char *idle(const struct as_law *law)
{
	float taps[AS_MAX_BLUR + 1];
	if (law->value[P] <= 0)
		return "p is 0";
	if (!as_blur_taps(law->side, 100, taps))
		return "views of less than 20 pixels leave it one tap";
	return as_blur_taps(law->side, law->value[SIGMA_MAX], taps) ? NULL : "sigma_max leaves it one tap";
}

static const char *alike(const struct as_law *law)
{
	bool one = (float)law->value[SIGMA_MIN] == (float)law->value[SIGMA_MAX];
	return law->value[P] >= 1 && one ? "p is 1 and sigma one value" : NULL;
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)size;
	bool on = as_rng_uniform(rng) < law->value[P];
	double sigma = as_rng_between(rng, law->value[SIGMA_MIN], law->value[SIGMA_MAX]);
	*param = on ? (float)sigma : 0;
}

static void omega(const struct as_law *law, struct as_size size, const float *param, float *omega)
{
	(void)size;
	*omega = *param / (float)law->value[SIGMA_MAX];
}

/* 2 floor(S/20) + 1 taps exp(-x^2 / 2 sigma^2), summing to 1: 23 for S = 224. Far taps that are too small
 * for a float are left out, so a small sigma costs less. */
static void apply(const struct as_pix *pix, const float *param, struct as_canvas *c)
{
	float taps[AS_MAX_BLUR + 1];
	if (*param == 0)
		return;
	int radius = as_blur_taps(c->size, *param, taps);
	pix->blur(c->at, c->scratch, c->size, radius, taps);
}

static void target(const struct as_view *a, const struct as_view *b, float *d)
{
	*d = *as_view_omega(a, "blur") - *as_view_omega(b, "blur");
}

/* The difference of sigma itself, up to 2, which is more than a tanh can reach. */
static void raw_target(const struct as_view *a, const struct as_view *b, float *d)
{
	*d = *as_view_param(a, "blur") - *as_view_param(b, "blur");
}

static const struct as_compat raw = {
	.word = "blur-raw",
	.doc = "blur's target is the difference of sigma, not of sigma/2",
	.target = raw_target,
};

const struct as_aug as_aug_blur = {
	.name = "blur",
	.doc = "a Gaussian of random width",
	.draw = 7,
	.setting = settings,
	.nsetting = 3,
	.param = params,
	.range = ranges,
	.nparam = 1,
	.component = params,
	.nomega = 1,
	.ntarget = 1,
	.loss = AS_LOSS_MSE_TANH,
	.check = check,
	.idle = idle,
	.alike = alike,
	.sample = sample,
	.omega = omega,
	.apply = apply,
	.target = target,
	.compat = &raw,
};
