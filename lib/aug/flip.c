/* flip: mirror left-right. */
#include "aug/aug.h"

static const struct as_setting settings[] = {
	{"p", "probability", .5, 0, 1, 0},
};
static const char *const params[] = {"flip"};
static const struct as_range ranges[] = {{0, 1, true}};

static const char *idle(const struct as_law *law)
{
	if (law->value[0] <= 0)
		return "p is 0";
	return law->side < 2 ? "a view of one pixel is its own mirror image" : NULL;
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

static void apply(const struct as_pix *pix, const float *param, struct as_canvas *c)
{
	if (*param != 0)
		pix->flip(c->at, 3 * (int64_t)c->size, c->size);
}

/* 1 if both or neither are mirrored. */
static void target(const struct as_view *a, const struct as_view *b, float *d)
{
	*d = *as_view_omega(a, "flip") == *as_view_omega(b, "flip");
}

const struct as_aug as_aug_flip = {
	.name = "flip",
	.doc = "mirror left-right",
	.draw = 3,
	.setting = settings,
	.nsetting = 1,
	.param = params,
	.range = ranges,
	.nparam = 1,
	.component = params,
	.nomega = 1,
	.ntarget = 1,
	.loss = AS_LOSS_BCE,
	.idle = idle,
	.alike = alike,
	.sample = sample,
	.omega = omega,
	.apply = apply,
	.target = target,
};
