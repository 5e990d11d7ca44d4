/* eval: the evaluation transform as one cut. The shorter side becomes R, the longer L = trunc(R long /
 * short), and the middle S x S is kept. Resizing the whole image and keeping rows o..o+S-1 of L is the same
 * as cutting the fractional box that starts at o long / L and is S long / L long, so the code for crops
 * does this too. With `whole` nothing is cut off: both sides become S, so that a place in the image keeps
 * its fractions of height and width (linprobe --boxes). */
#include <string.h>

#include "aug/policy.h"

enum { RESIZE, HALF_UP, WHOLE };
enum { TOP, LEFT, HEIGHT, WIDTH };

static const struct as_setting settings[] = {
	{"resize", "R, what the shorter side becomes, not below S; 0: S", 0, 0, 65535, AS_WHOLE},
	{"half_up", "1: the middle is rounded up, 0: half to even", 0, 0, 1, AS_WHOLE},
	{"whole", "1: the whole image, stretched to S x S", 0, 0, 1, AS_WHOLE},
};
static const char *const params[] = {"top", "left", "height", "width"};
static const struct as_range ranges[] = {
	{0, 1 << 24, false}, {0, 1 << 24, false}, {1e-6f, 1 << 24, false}, {1e-6f, 1 << 24, false}};

/* S is not known yet while a policy's text is read. */
static const char *check(const struct as_law *law)
{
	if (law->value[WHOLE] != 0 && (law->value[RESIZE] != 0 || law->value[HALF_UP] != 0))
		return "whole cuts off nothing, so neither resize nor half_up goes with it";
	return law->value[RESIZE] != 0 && law->value[RESIZE] < law->side ? "resize is below the size of the views" : NULL;
}

/* Half of the d pixels that are cut off, in whole pixels. For 1, 5 and 9 that is 0, 2 and 4 in torchvision
 * since 0.9, and was 1, 3 and 5 in 0.8.2. */
static int64_t half(int64_t d, bool up)
{
	return d / 2 + (d & 1 & (up ? 1 : d / 2));
}

/* The part of a side of n pixels that is kept, if the shorter side has m pixels. */
static void span(int64_t n, int64_t m, const struct as_law *law, float *at, float *length)
{
	int64_t S = law->side, R = law->value[RESIZE] != 0 ? (int64_t)law->value[RESIZE] : S, L = R * n / m;
	*at = (float)((double)(half(L - S, law->value[HALF_UP] != 0) * n) / (double)L);
	*length = (float)((double)(S * n) / (double)L);
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)rng;
	if (law->value[WHOLE] != 0) {
		param[TOP] = param[LEFT] = 0;
		param[HEIGHT] = (float)size.height;
		param[WIDTH] = (float)size.width;
		return;
	}
	int64_t shorter = size.height < size.width ? size.height : size.width;
	span(size.height, shorter, law, &param[TOP], &param[HEIGHT]);
	span(size.width, shorter, law, &param[LEFT], &param[WIDTH]);
}

static const char *alike(const struct as_law *law)
{
	(void)law;
	return "nothing is drawn";
}

static void box(const float *param, struct as_box *b)
{
	*b = (struct as_box){param[TOP], param[LEFT], param[HEIGHT], param[WIDTH]};
}

static const struct as_compat crop_half_up = {
	.word = "crop-half-up",
	.doc = "the middle rounded up, as torchvision 0.8.2 did",
	.setting = "half_up",
};

const struct as_aug as_aug_eval = {
	.name = "eval",
	.doc = "the middle of the image, its shorter side resized to R",
	.draw = 2,
	.setting = settings,
	.nsetting = 3,
	.param = params,
	.range = ranges,
	.nparam = 4,
	.beyond = true,
	.check = check,
	.alike = alike,
	.sample = sample,
	.box = box,
	.compat = &crop_half_up,
};

void as_policy_eval(int size, const float mean[3], const float std[3], enum as_filter filter, struct as_policy *p)
{
	*p = (struct as_policy){.name = "eval", .size = size, .filter = filter};
	memcpy(p->mean, mean, sizeof p->mean);
	memcpy(p->std, std, sizeof p->std);
	struct as_law law;
	as_law_preset(&as_aug_eval, 1, &law);
	int rc = as_policy_add(p, &as_aug_eval, &law, NULL);
	(void)rc; /* a cut as the first op is always accepted */
}
