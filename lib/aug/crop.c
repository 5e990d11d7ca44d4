/* crop: a random part of the image, torchvision's RandomResizedCrop. All training policies begin with it. */
#include <math.h>

#include "aug/aug.h"

enum { SCALE_MIN, SCALE_MAX, RATIO_MIN, RATIO_MAX };
enum { TOP, LEFT, HEIGHT, WIDTH };
enum { TRIES = 10 };

static const struct as_setting settings[] = {
	{"scale_min", "least area, of the image's", .2, 1e-6, 1, 0},
	{"scale_max", "greatest area", 1, 1e-6, 1, 0},
	{"ratio_min", "least width / height", 3. / 4, 1e-3, 1e3, 0},
	{"ratio_max", "greatest width / height", 4. / 3, 1e-3, 1e3, 0},
};
static const char *const params[] = {"top", "left", "height", "width"};
static const struct as_range ranges[] = {{0, 1 << 24, true}, {0, 1 << 24, true}, {1, 1 << 24, true}, {1, 1 << 24, true}};
static const char *const components[] = {"top", "left", "height", "width"};

static const char *check(const struct as_law *law)
{
	if (law->value[SCALE_MIN] > law->value[SCALE_MAX])
		return "scale_min is above scale_max";
	return law->value[RATIO_MIN] > law->value[RATIO_MAX] ? "ratio_min is above ratio_max" : NULL;
}

static const char *idle(const struct as_law *law)
{
	return law->value[SCALE_MIN] >= 1 ? "scale_min is 1: it is always the whole" : NULL;
}

/* No random box fitted: takes the whole image, or its middle if the image is too long for the ratios. */
static void settle(const struct as_law *law, struct as_size size, double *h, double *w)
{
	double H = (double)size.height, W = (double)size.width;
	*h = H;
	*w = W;
	if (W / H < law->value[RATIO_MIN])
		*h = fmax(1, rint(W / law->value[RATIO_MIN]));
	else if (W / H > law->value[RATIO_MAX])
		*w = fmax(1, rint(H * law->value[RATIO_MAX]));
}

static void sample(const struct as_law *law, struct as_size size, struct as_rng *rng, float *param)
{
	double H = (double)size.height, W = (double)size.width;
	double lo = as_log(law->value[RATIO_MIN]), hi = as_log(law->value[RATIO_MAX]);
	for (int try = 0; try < TRIES; try++) {
		double area = H * W * as_rng_between(rng, law->value[SCALE_MIN], law->value[SCALE_MAX]);
		double ratio = as_exp(as_rng_between(rng, lo, hi));
		double w = rint(sqrt(area * ratio)), h = rint(sqrt(area / ratio));
		if (w < 1 || w > W || h < 1 || h > H)
			continue;
		param[TOP] = (float)as_rng_below(rng, (uint64_t)(H - h) + 1);
		param[LEFT] = (float)as_rng_below(rng, (uint64_t)(W - w) + 1);
		param[HEIGHT] = (float)h;
		param[WIDTH] = (float)w;
		return;
	}
	double h, w;
	settle(law, size, &h, &w);
	param[TOP] = (float)floor((H - h) / 2);
	param[LEFT] = (float)floor((W - w) / 2);
	param[HEIGHT] = (float)h;
	param[WIDTH] = (float)w;
}

/* The same part of another image: all four numbers in proportion, rounded to whole pixels within the image. */
static void rescale(struct as_size from, struct as_size to, float *param)
{
	const double old[2] = {(double)from.height, (double)from.width}, now[2] = {(double)to.height, (double)to.width};
	for (int k = 0; k < 2; k++) {
		double length = fmin(now[k], fmax(1, rint((double)param[HEIGHT + k] * now[k] / old[k])));
		param[TOP + k] = (float)fmin(rint((double)param[TOP + k] * now[k] / old[k]), now[k] - length);
		param[HEIGHT + k] = (float)length;
	}
}

static void omega(const struct as_law *law, struct as_size size, const float *param, float *omega)
{
	(void)law;
	float H = (float)size.height, W = (float)size.width;
	omega[TOP] = param[TOP] / H;
	omega[LEFT] = param[LEFT] / W;
	omega[HEIGHT] = param[HEIGHT] / H;
	omega[WIDTH] = param[WIDTH] / W;
}

static void box(const float *param, struct as_box *b)
{
	*b = (struct as_box){param[TOP], param[LEFT], param[HEIGHT], param[WIDTH]};
}

/* Where b's centre lies as seen from a, in a's displayed frame: if a is mirrored, left and right are
 * exchanged. omega itself refers to the source, not mirrored. */
static void target(const struct as_view *a, const struct as_view *b, float *d)
{
	const float *oa = as_view_omega(a, "crop"), *ob = as_view_omega(b, "crop"), *flip = as_view_omega(a, "flip");
	float dy = (oa[TOP] + oa[HEIGHT] / 2) - (ob[TOP] + ob[HEIGHT] / 2);
	float dx = (oa[LEFT] + oa[WIDTH] / 2) - (ob[LEFT] + ob[WIDTH] / 2);
	d[0] = dy;
	d[1] = flip && *flip != 0 ? -dx : dx;
	d[2] = oa[HEIGHT] - ob[HEIGHT];
	d[3] = oa[WIDTH] - ob[WIDTH];
}

const struct as_aug as_aug_crop = {
	.name = "crop",
	.doc = "a random part of the image, resized",
	.draw = 1,
	.setting = settings,
	.nsetting = 4,
	.param = params,
	.range = ranges,
	.nparam = 4,
	.component = components,
	.nomega = 4,
	.ntarget = 4,
	.loss = AS_LOSS_MSE_TANH,
	.check = check,
	.idle = idle,
	.sample = sample,
	.rescale = rescale,
	.omega = omega,
	.box = box,
	.target = target,
};
