/* color: changes brightness, contrast, saturation and hue, each once, in a random order: torchvision's
 * ColorJitter with new numbers for every view. */
#include <math.h>

#include "aug/aug.h"

enum { BRIGHTNESS, CONTRAST, SATURATION, HUE, CHANGES };
enum { ON, FACTOR, ORDER = FACTOR + CHANGES, PARAMS };

static const struct as_setting settings[] = {
	{"brightness", "factor from U(1-x, 1+x), within [0,2]", .4, 0, 100, AS_SCALES},
	{"contrast", "factor from U(1-x, 1+x), not below 0", .4, 0, 100, AS_SCALES},
	{"saturation", "factor from U(1-x, 1+x), not below 0", .4, 0, 100, AS_SCALES},
	{"hue", "turns from U(-x, x), within half a turn", .1, 0, 100, AS_SCALES},
	{"p", "probability", .8, 0, 1, 0},
};
enum { P = 4 };

static const char *const params[] = {"on", "brightness", "contrast", "saturation", "hue", "order"};
static const struct as_range ranges[] = {{0, 1, true}, {0, 2, false}, {0, 101, false}, {0, 101, false},
					 {-.5f, .5f, false}, {0, 23, true}};
static const char *const components[] = {"brightness", "contrast", "saturation", "hue"};

/* The range of a change's random number, with its limits. */
static void range(const struct as_law *law, int change, double *lo, double *hi)
{
	double x = law->value[change];
	if (change == HUE) {
		*hi = fmin(x, .5);
		*lo = -*hi;
	} else {
		*lo = fmax(1 - x, 0);
		*hi = change == BRIGHTNESS ? fmin(1 + x, 2) : 1 + x;
	}
}

/* Factors are floats: if the range rounds to 1 alone, nothing changes. */
static const char *idle(const struct as_law *law)
{
	bool none = true;
	for (int k = 0; k < CHANGES; k++) {
		double lo, hi, rest = k == HUE ? 0 : 1;
		range(law, k, &lo, &hi);
		none = none && (float)lo == (float)rest && (float)hi == (float)rest;
	}
	if (law->value[P] <= 0)
		return "p is 0";
	return none ? "all four ranges are 0" : NULL;
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)size;
	param[ON] = as_rng_uniform(rng) < law->value[P];
	for (int k = 0; k < CHANGES; k++) {
		double lo, hi;
		range(law, k, &lo, &hi);
		double x = as_rng_between(rng, lo, hi);
		param[FACTOR + k] = param[ON] != 0 ? (float)x : k == HUE ? 0 : 1;
	}
	uint64_t order = as_rng_below(rng, 24);
	param[ORDER] = param[ON] != 0 ? (float)order : 0;
}

static void omega(const struct as_law *law, struct as_size size, const float *param, float *omega)
{
	(void)size;
	for (int k = 0; k < CHANGES; k++) {
		double lo, hi, rest = k == HUE ? 0 : 1;
		range(law, k, &lo, &hi);
		omega[k] = hi > lo ? (float)((param[FACTOR + k] - rest) / (hi - lo)) : 0;
	}
}

/* The order with this index among the 24 orders of four, in lexicographic order: 0 is 0123, 23 is 3210. */
static void permutation(int index, int order[CHANGES])
{
	int left[CHANGES] = {0, 1, 2, 3};
	for (int i = 0, rows = 6; i < CHANGES; i++) {
		int k = index / rows;
		index %= rows;
		order[i] = left[k];
		for (; k + 1 < CHANGES - i; k++)
			left[k] = left[k + 1];
		rows /= CHANGES - 1 - i > 0 ? CHANGES - 1 - i : 1;
	}
}

static int tones(const float *param, struct as_tone *tone)
{
	static const enum as_change change[CHANGES] = {AS_BRIGHTNESS, AS_CONTRAST, AS_SATURATION, AS_HUE};
	int order[CHANGES];
	if (param[ON] == 0)
		return 0;
	permutation((int)param[ORDER], order);
	for (int i = 0; i < CHANGES; i++)
		tone[i] = (struct as_tone){change[order[i]], param[FACTOR + order[i]]};
	return CHANGES;
}

static void target(const struct as_view *a, const struct as_view *b, float *d)
{
	const float *oa = as_view_omega(a, "color"), *ob = as_view_omega(b, "color");
	for (int k = 0; k < CHANGES; k++)
		d[k] = oa[k] - ob[k];
}

/* Draws only the order, and only if the colours change. */
static void share(const struct as_law *law, struct as_rng *rng, float *param)
{
	(void)law;
	float order = (float)as_rng_below(rng, 24);
	param[ORDER] = param[ON] != 0 ? order : 0;
}

static const struct as_compat batch_order = {
	.word = "color-batch-order",
	.doc = "one order of the four changes for each batch and view",
	.share = share,
};

const struct as_aug as_aug_color = {
	.name = "color",
	.doc = "brightness, contrast, saturation and hue in a random order",
	.draw = 4,
	.setting = settings,
	.nsetting = 5,
	.param = params,
	.range = ranges,
	.nparam = PARAMS,
	.component = components,
	.nomega = CHANGES,
	.ntarget = CHANGES,
	.loss = AS_LOSS_MSE_TANH,
	.idle = idle,
	.sample = sample,
	.omega = omega,
	.tones = tones,
	.target = target,
	.compat = &batch_order,
};
