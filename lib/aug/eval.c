/* eval: the evaluation transform as one cut. The shorter side becomes S, the
 * longer L = trunc(S long / short), and the middle S of it are kept. Resizing the
 * whole image and keeping rows o..o+S-1 of L is cutting the fractional box that
 * starts at o long / L and is S long / L long, so no second path to pixels is needed. */
#include <string.h>

#include "aug/policy.h"

enum { TOP, LEFT, HEIGHT, WIDTH };

static const char *const params[] = {"top", "left", "height", "width"};
static const struct as_range ranges[] = {
	{0, 1 << 24, false}, {0, 1 << 24, false}, {1e-6f, 1 << 24, false}, {1e-6f, 1 << 24, false}};

/* The part of a side of n pixels that is seen when the shorter side is m pixels. */
static void span(int64_t n, int64_t m, int64_t S, float *at, float *length)
{
	int64_t L = S * n / m, offset = (L - S + 1) / 2;
	*at = (float)((double)(offset * n) / (double)L);
	*length = (float)((double)(S * n) / (double)L);
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	(void)rng;
	int64_t shorter = size.height < size.width ? size.height : size.width;
	span(size.height, shorter, law->side, &param[TOP], &param[HEIGHT]);
	span(size.width, shorter, law->side, &param[LEFT], &param[WIDTH]);
}

static void box(const float *param, struct as_box *b)
{
	*b = (struct as_box){param[TOP], param[LEFT], param[HEIGHT], param[WIDTH]};
}

const struct as_aug as_aug_eval = {
	.name = "eval",
	.doc = "the middle of the image, its shorter side resized to S",
	.draw = 2,
	.param = params,
	.range = ranges,
	.nparam = 4,
	.beyond = true,
	.sample = sample,
	.box = box,
};

void as_policy_eval(int size, const float mean[3], const float std[3], enum as_filter filter, struct as_policy *p)
{
	*p = (struct as_policy){.name = "eval", .size = size, .filter = filter};
	memcpy(p->mean, mean, sizeof p->mean);
	memcpy(p->std, std, sizeof p->std);
	struct as_law law = {0};
	int rc = as_policy_add(p, &as_aug_eval, &law, NULL);
	(void)rc; /* a cut is always welcome as the first op */
}
