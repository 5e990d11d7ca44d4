/* Policies as text, presets, and what the sampler draws against its laws: the
 * distribution of every parameter, the fallback crop, the identities of SPEC section 2. */
#include "aug/aug.h"

#include <stdlib.h>

#include "../tap.h"
#include "aug/policy.h"

enum { DRAWS = 100000 };

static void check_texts(void)
{
	static const char *const names[] = {"cifar", "stl10:weak", "imagenet:strong", "cifar:strong+rotation+solarize",
					    "stl10:default+rotation", "cifar+blur"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct as_policy p, q;
		struct as_error err;
		bool good = as_policy_preset(names[i], &p, &err) == 0;
		char *text = good ? as_policy_text(&p) : NULL;
		good = good && text && as_policy_parse(text, &q, &err) == 0;
		char *again = good ? as_policy_text(&q) : NULL;
		is_text(again, text, names[i]);
		ok(good && p.nparam == q.nparam && p.nop == q.nop && !memcmp(p.mean, q.mean, sizeof p.mean) &&
			   !memcmp(p.op[1].law.value, q.op[1].law.value, sizeof q.op[1].law.value),
		   "%s: the same after reading", names[i]);
		free(text);
		free(again);
	}
	static const char *const wrong[] = {"", "cifar:", "cifar:huge", "cifa", "cifar10", "cifar+", "cifar+crop", "cifar+eval",
					    "cifar:weak:strong", "cifar+rotation+"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct as_policy p;
		struct as_error err;
		ok(as_policy_preset(wrong[i], &p, &err) == AS_EARG, "no preset is called '%s'", wrong[i]);
	}
}

/* SPEC section 1's order and strengths. */
static void check_presets(void)
{
	struct as_policy p;
	struct as_error err;
	char ops[128] = "";
	if (as_policy_preset("imagenet:strong+rotation+solarize", &p, &err))
		ok(false, "%s", err.text);
	for (int i = 0; i < p.nop; i++)
		strcat(strcat(ops, p.op[i].aug->name), " ");
	is_text(ops, "crop flip color solarize gray blur rotation ", "a preset's order");
	const double *color = p.op[2].law.value;
	ok(color[0] == .8 && color[1] == .8 && color[2] == .8 && color[3] == .2 && color[4] == .8, "strong doubles color");
	ok(p.op[4].law.value[0] == .4, "strong doubles gray");
	is_int(p.size, 224, "imagenet's size");
	bool unique = true;
	for (int i = 0; as_augs[i]; i++)
		for (int k = 0; k < i; k++)
			unique &= as_augs[i]->draw != as_augs[k]->draw && as_augs[i]->draw > 0 && as_augs[i]->draw < 256;
	ok(unique, "every augmentation has its own place in the counter");
}

static int by_value(const void *a, const void *b)
{
	double x, y;
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov against U(lo, hi): sqrt(n) D is above 1.95 once in a thousand.
 * The seed is fixed, so this passes always or never. */
static void is_uniform(double *x, int n, double lo, double hi, const char *what)
{
	double worst = 0;
	qsort(x, (size_t)n, sizeof *x, by_value);
	for (int i = 0; i < n; i++) {
		double f = (x[i] - lo) / (hi - lo);
		worst = fmax(worst, fmax(fabs(f - (double)i / n), fabs(f - (i + 1.) / n)));
	}
	bool inside = n && x[0] >= lo - 1e-7 && x[n - 1] <= hi + 1e-7;
	ok(inside && sqrt(n) * worst < 1.95, "%s is uniform on %g..%g (%d draws, sqrt(n) D %.2f)", what, lo, hi, n, sqrt(n) * worst);
}

/* k of n at probability p: within 3.9 standard deviations, once in ten thousand. */
static void is_share(int k, int n, double p, const char *what)
{
	double sd = sqrt(p * (1 - p) / n);
	ok(fabs((double)k / n - p) <= 3.9 * sd, "%s: %.4f of the draws, %.4f expected", what, (double)k / n, p);
}

/* DRAWS rows of a policy's parameters and omega, ids 0.. on an image of that size. */
static float *draw(const char *preset, struct as_policy *p, struct as_size size, float **omega)
{
	struct as_error err;
	if (as_policy_preset(preset, p, &err))
		exit(1);
	float *param = malloc((size_t)DRAWS * (size_t)p->nparam * sizeof *param);
	*omega = malloc((size_t)DRAWS * (size_t)p->nomega * sizeof **omega);
	for (int i = 0; i < DRAWS; i++)
		as_policy_sample(p, 11, (uint64_t)i / 2, 0, i % 2, size, param + i * p->nparam, *omega + i * p->nomega);
	return param;
}

/* The column's values in rows where the `on` column (or the value, on < 0) is not 0. */
static int gather(const float *param, int width, int column, int on, double *out)
{
	int n = 0;
	for (int i = 0; i < DRAWS; i++)
		if (param[i * width + (on < 0 ? column : on)] != 0)
			out[n++] = (double)param[i * width + column];
	return n;
}

static void check_color(const char *preset, double k)
{
	static double x[DRAWS];
	struct as_policy p;
	float *omega, *param = draw(preset, &p, (struct as_size){32, 32}, &omega);
	int at = p.op[as_policy_find(&p, "color")].param_at, wat = p.op[as_policy_find(&p, "color")].omega_at;
	static const char *const names[] = {"brightness", "contrast", "saturation", "hue"};
	for (int c = 0; c < 4; c++) {
		int n = gather(param, p.nparam, at + 1 + c, at, x);
		if (!c)
			is_share(n, DRAWS, .8, "color is on");
		double wide = c == 3 ? .1 * k : .4 * k, mid = c == 3 ? 0 : 1;
		is_uniform(x, n, mid - wide, mid + wide, names[c]);
	}
	int count[24] = {0}, n = gather(param, p.nparam, at + 5, at, x);
	double chi = 0;
	for (int i = 0; i < n; i++)
		count[(int)x[i]]++;
	for (int i = 0; i < 24; i++)
		chi += (count[i] - n / 24.) * (count[i] - n / 24.) / (n / 24.);
	ok(chi < 49.7, "the 24 orders are alike (chi square %.1f, 23 degrees, p = .001 at 49.7)", chi);
	/* E (w_a - w_b)^2 = 2 Var w = 2 x .8 / 12 whatever the strength. */
	double error = 0;
	for (int i = 0; i + 1 < DRAWS; i += 2)
		for (int c = 0; c < 4; c++) {
			double d = (double)omega[i * p.nomega + wat + c] - (double)omega[(i + 1) * p.nomega + wat + c];
			error += d * d / 4 / (DRAWS / 2.);
		}
	is_close(error, .8 / 6, .8 / 6 * .01, "a constant predictor's error is 2 x .8/12");
	free(param);
	free(omega);
}

static void check_others(void)
{
	static double x[DRAWS];
	struct as_policy p;
	float *omega, *param = draw("imagenet+solarize+rotation", &p, (struct as_size){32, 32}, &omega);
	int at = p.op[as_policy_find(&p, "flip")].param_at;
	is_share(gather(param, p.nparam, at, -1, x), DRAWS, .5, "flip");
	at = p.op[as_policy_find(&p, "gray")].param_at;
	is_share(gather(param, p.nparam, at, -1, x), DRAWS, .2, "gray");
	at = p.op[as_policy_find(&p, "blur")].param_at;
	int n = gather(param, p.nparam, at, -1, x);
	is_share(n, DRAWS, .5, "blur");
	is_uniform(x, n, .1, 2, "sigma");
	at = p.op[as_policy_find(&p, "solarize")].param_at;
	n = gather(param, p.nparam, at + 1, at, x);
	is_share(n, DRAWS, .5, "solarize");
	is_uniform(x, n, 0, 1, "threshold");
	at = p.op[as_policy_find(&p, "rotation")].param_at;
	n = gather(param, p.nparam, at, -1, x);
	is_share(n, DRAWS, .375, "rotation, a quarter of which is none");
	int quarters[4] = {0};
	for (int i = 0; i < n; i++)
		quarters[(int)x[i]]++;
	for (int q = 1; q < 4; q++)
		is_share(quarters[q], DRAWS, .125, "each number of quarter turns");
	free(param);
	free(omega);
}

/* On an image so large that rounding is nothing, and that nearly every first try fits:
 * area and log ratio are uniform among boxes of ratio close to 1 - all that fit. */
static void check_crop(void)
{
	static double area[DRAWS], ratio[DRAWS], top[DRAWS], left[DRAWS];
	struct as_policy p;
	struct as_size size = {1 << 20, 1 << 20};
	float *omega, *param = draw("cifar", &p, size, &omega);
	int n = 0, places = 0;
	for (int i = 0; i < DRAWS; i++) {
		const float *w = omega + i * p.nomega;
		double a = (double)w[2] * (double)w[3], r = log((double)w[3] / (double)w[2]);
		if (w[2] < 1) {
			top[places] = (double)w[0] / (1 - (double)w[2]);
			left[places++] = w[3] < 1 ? (double)w[1] / (1 - (double)w[3]) : 0.5;
		}
		/* Every ratio fits when the area is below 3/4. */
		if (a < .75) {
			area[n] = a;
			ratio[n++] = r;
		}
	}
	/* The ratios that fit at area a are |r| <= min(log 4/3, -log a); a try fits with that share. */
	double fits = .55 / .8, log43 = log(4. / 3);
	for (int i = 0; i < 100000; i++)
		fits += fmin(1, -log(.75 + .25 * (i + .5) / 100000) / log43) * .25 / .8 / 100000;
	is_share(n, DRAWS, .55 / .8 / fits, "the crop's area is below 3/4");
	is_uniform(area, n, .2, .75, "the crop's area");
	is_uniform(ratio, n, -log43, log43, "the log of its ratio");
	is_uniform(top, places, 0, 1, "its place from top to bottom");
	is_uniform(left, places, 0, 1, "its place from left to right");
	free(param);
	free(omega);
}

/* Sides so unlike that no try fits: the middle, 4/3 at most. */
static void check_fallback(void)
{
	static const struct {
		int64_t h, w;
		float box[4];
	} cases[] = {
	    {1000, 10, {493, 0, 13, 10}}, {10, 1000, {0, 493, 10, 13}}, {1, 64, {0, 31, 1, 1}},
	    {64, 1, {31, 0, 1, 1}},       {3, 200, {0, 98, 3, 4}},      {201, 6, {96, 0, 8, 6}},
	    {300, 6000, {0, 2800, 300, 400}}, {6001, 301, {2800, 0, 401, 301}}, {30, 30, {0, 0, 30, 30}},
	};
	struct as_policy p;
	struct as_error err;
	/* Areas of the whole image's size alone: nothing that is long can fit. */
	if (as_policy_parse("size = 8\nop = crop scale_min=1\n", &p, &err))
		ok(false, "%s", err.text);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		float param[4], omega[4];
		as_policy_sample(&p, 0, i, 0, 0, (struct as_size){cases[i].h, cases[i].w}, param, omega);
		bool good = !memcmp(param, cases[i].box, sizeof param);
		if (!ok(good, "the middle of %lld x %lld", (long long)cases[i].h, (long long)cases[i].w))
			note("%g %g %g %g", (double)param[0], (double)param[1], (double)param[2], (double)param[3]);
	}
	bool inside = true;
	if (as_policy_preset("cifar", &p, &err))
		ok(false, "%s", err.text);
	for (uint64_t i = 0; i < 20000; i++) {
		struct as_size size = {1 + (int64_t)(i * 7919 % 97), 1 + (int64_t)(i * 104729 % 89)};
		float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		as_policy_sample(&p, 5, i, 0, 0, size, param, omega);
		inside &= as_policy_check(&p, size, param, &err) == 0;
	}
	ok(inside, "no box leaves an image of whatever size");
}

/* SPEC section 2: what changes, and how, when the two views are exchanged. */
static void check_identities(void)
{
	struct as_policy p;
	float *omega, *param = draw("stl10+solarize+rotation", &p, (struct as_size){96, 80}, &omega);
	int bad[6] = {0}, same_flip = 0;
	for (int i = 0; i + 1 < DRAWS; i += 2) {
		struct as_view a = {&p, param + i * p.nparam, omega + i * p.nomega};
		struct as_view b = {&p, param + (i + 1) * p.nparam, omega + (i + 1) * p.nomega};
		static const char *const heads[] = {"crop", "color", "blur", "solarize", "flip", "rotation"};
		float ab[6][4], ba[6][4];
		for (int k = 0; k < 6; k++) {
			as_aug_find(heads[k])->target(&a, &b, ab[k]);
			as_aug_find(heads[k])->target(&b, &a, ba[k]);
		}
		bool equal = *as_view_omega(&a, "flip") == *as_view_omega(&b, "flip");
		same_flip += equal;
		for (int c = 0; c < 4; c++) {
			bad[0] += ab[0][c] != (c == 1 && !equal ? ba[0][c] : -ba[0][c]);
			bad[1] += ab[1][c] != -ba[1][c];
		}
		bad[2] += ab[2][0] != -ba[2][0];
		bad[3] += ab[3][0] != -ba[3][0];
		bad[4] += ab[4][0] != ba[4][0] || ab[4][0] != (float)equal;
		bad[5] += ((int)ab[5][0] + (int)ba[5][0]) % 4 != 0 || ab[5][0] < 0 || ab[5][0] > 3;
	}
	is_int(bad[0], 0, "crop: y, h, w antisymmetric; x symmetric where the flips differ");
	is_int(bad[1] + bad[2] + bad[3], 0, "color, blur and solarize: antisymmetric");
	is_int(bad[4], 0, "flip: symmetric");
	is_int(bad[5], 0, "rotation: negative mod 4");
	is_share(same_flip, DRAWS / 2, .5, "the flips of a pair are equal");
	free(param);
	free(omega);
}

/* omega where an op is not applied: what SPEC section 2 says. */
static void check_off(void)
{
	struct as_policy p;
	float *omega, *param = draw("imagenet+solarize+rotation", &p, (struct as_size){32, 32}, &omega);
	int bad = 0, off[4] = {0};
	for (int i = 0; i < DRAWS; i++) {
		struct as_view v = {&p, param + i * p.nparam, omega + i * p.nomega};
		const float *w = as_view_omega(&v, "color");
		if (as_view_param(&v, "color")[0] == 0 && ++off[0])
			bad += w[0] != 0 || w[1] != 0 || w[2] != 0 || w[3] != 0;
		if (as_view_param(&v, "solarize")[0] == 0 && ++off[1])
			bad += *as_view_omega(&v, "solarize") != 1;
		if (*as_view_param(&v, "blur") == 0 && ++off[2])
			bad += *as_view_omega(&v, "blur") != 0;
		if (*as_view_param(&v, "rotation") == 0 && ++off[3])
			bad += *as_view_omega(&v, "rotation") != 0;
	}
	ok(!bad && off[0] && off[1] && off[2] && off[3], "omega of what is not applied: 0, for solarize 1");
	ok(as_view_omega(&(struct as_view){&p, param, omega}, "eval") == NULL, "an op that is not in the policy has no columns");
	free(param);
	free(omega);
}

/* An op's draws are its own: they stay when another op comes or goes. */
static void check_streams(void)
{
	struct as_policy p, q;
	struct as_error err;
	float a[AS_MAX_PARAM], b[AS_MAX_PARAM], w[AS_MAX_OMEGA];
	if (as_policy_preset("cifar", &p, &err) || as_policy_preset("cifar+solarize+blur", &q, &err))
		ok(false, "%s", err.text);
	bool same = true, views = false, epochs = false, seeds = false;
	for (uint64_t id = 0; id < 50; id++) {
		struct as_size size = {32, 32};
		as_policy_sample(&p, 1, id, 4, 1, size, a, w);
		as_policy_sample(&q, 1, id, 4, 1, size, b, w);
		same &= !memcmp(a, b, 11 * sizeof *a) && a[11] == b[q.op[as_policy_find(&q, "gray")].param_at];
		as_policy_sample(&p, 1, id, 4, 0, size, b, w);
		views |= a[0] != b[0];
		as_policy_sample(&p, 1, id, 5, 1, size, b, w);
		epochs |= a[0] != b[0];
		as_policy_sample(&p, 2, id, 4, 1, size, b, w);
		seeds |= a[0] != b[0];
	}
	ok(same, "an added augmentation redraws nothing else");
	ok(views && epochs && seeds, "view, epoch and seed do");
}

static void check_refusals(void)
{
	static const struct {
		int at;
		float value;
		const char *want;
	} cases[] = {
	    {0, -1, "crop: top is -1"}, {0, NAN, "crop: top is "},    {0, 1.5f, "crop: top is 1.5, not a whole number"},
	    {2, 33, "crop: the box"},   {3, 0, "crop: width is 0"},  {4, .5f, "flip: flip is 0.5"},
	    {10, 24, "color: order is 24"}, {9, .6f, "color: hue is 0.6"}, {6, INFINITY, "color: brightness is inf"},
	};
	struct as_policy p;
	struct as_error err;
	if (as_policy_preset("cifar", &p, &err))
		ok(false, "%s", err.text);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		struct as_size size = {32, 32};
		as_policy_sample(&p, 1, 2, 3, 0, size, param, omega);
		int rc = as_policy_check(&p, size, param, &err);
		param[cases[i].at] = cases[i].value;
		ok(rc == 0 && as_policy_check(&p, size, param, &err) == AS_EDATA &&
			   !strncmp(err.text, cases[i].want, strlen(cases[i].want)),
		   "refused: %s...", cases[i].want);
	}
}

int main(void)
{
	check_texts();
	check_presets();
	check_color("cifar:weak", .5);
	check_color("cifar", 1);
	check_color("cifar:strong", 2);
	check_others();
	check_crop();
	check_fallback();
	check_identities();
	check_off();
	check_streams();
	check_refusals();
	return done();
}
