/* What the sampler draws, against its laws (aug-sample(1)), which a new augmentation adds
 * here; what is true of all of them stands in aug.c. The distribution of every parameter,
 * the exact law of the crop with its ten tries and its fallback, what is drawn
 * independently; and the identities of omega and targets on drawn pairs.
 * Seeds are fixed, so a bound that chance breaks once in a thousand holds always or never. */
#include "aug/aug.h"

#include <stdlib.h>

#include "../tap.h"
#include "aug/policy.h"

enum { DRAWS = 100000 };

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
	int at = p.op[as_policy_find(&p, "color")].param_at;
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
	free(param);
	free(omega);
}

/* What a constant predictor gets wrong of the color head, mean over the four of
 * E (w_a - w_b)^2 = 2 Var w = 2 x .8 / 12: the exact value, whatever the
 * strength. Its own deviation over DRAWS pairs is the bound. */
static void check_chance(const char *preset)
{
	struct as_policy p;
	struct as_error err;
	double sum = 0, squares = 0;
	if (as_policy_preset(preset, &p, &err))
		exit(1);
	for (uint64_t i = 0; i < DRAWS; i++) {
		float param[AS_MAX_PARAM], omega[2][AS_MAX_OMEGA], d[AS_MAX_TARGET];
		struct as_view v[2] = {{&p, param, omega[0]}, {&p, param, omega[1]}};
		for (int k = 0; k < 2; k++)
			as_policy_sample(&p, 3, i, 0, k, (struct as_size){32, 32}, param, omega[k]);
		as_aug_find("color", NULL)->target(&v[0], &v[1], d);
		double e = 0;
		for (int c = 0; c < 4; c++)
			e += (double)d[c] * (double)d[c] / 4;
		sum += e / DRAWS;
		squares += e * e / DRAWS;
	}
	double sd = sqrt((squares - sum * sum) / DRAWS);
	ok(fabs(sum - .8 / 6) <= 3.3 * sd && sd < 6e-4, "%s: a constant predictor of color is off by %.5f, %.5f expected (+- %.5f)",
	   preset, sum, .8 / 6, sd);
}

/* Ranges beyond their clips: b within [0,2], c and s not below 0, h within half a turn. */
static void check_clipped(void)
{
	static double x[DRAWS];
	static const double lo[4] = {0, 0, 0, -.5}, hi[4] = {2, 2.5, 4, .5};
	static const char *const names[] = {"clipped brightness", "clipped contrast", "clipped saturation", "clipped hue"};
	struct as_policy p;
	struct as_error err;
	if (as_policy_parse("size = 8\nop = crop\nop = color brightness=1.5 contrast=1.5 saturation=3 hue=.7 p=1\n", &p, &err))
		exit(1);
	for (int c = 0; c < 4; c++) {
		bool normal = true;
		for (uint64_t i = 0; i < DRAWS; i++) {
			float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
			as_policy_sample(&p, 17, i, 0, 0, (struct as_size){8, 8}, param, omega);
			x[i] = (double)param[5 + c];
			double w = (x[i] - (c < 3)) / (hi[c] - lo[c]);
			normal &= fabs((double)omega[4 + c] - w) < 1e-6;
		}
		is_uniform(x, DRAWS, lo[c], hi[c], names[c]);
		ok(normal, "its omega is over the clipped range");
	}
}

/* Every probability, of both presets, at every strength: only gray's scales. */
static void check_shares(void)
{
	static const char *const presets[] = {"cifar:weak", "cifar:default", "cifar:strong", "stl10:weak", "stl10:default",
					      "stl10:strong"};
	static const struct {
		const char *op;
		double p;
	} want[] = {{"flip", .5}, {"color", .8}, {"solarize", .5}, {"gray", 0}, {"blur", .5}, {"rotation", .375}};
	for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
		struct as_policy p;
		char name[64];
		snprintf(name, sizeof name, "%s+solarize+rotation", presets[i]);
		float *omega, *param = draw(name, &p, (struct as_size){32, 32}, &omega);
		for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
			int op = as_policy_find(&p, want[k].op), on = 0;
			for (int n = 0; op >= 0 && n < DRAWS; n++)
				on += param[n * p.nparam + p.op[op].param_at] != 0;
			snprintf(name, sizeof name, "%s, %s", presets[i], want[k].op);
			if (op >= 0)
				is_share(on, DRAWS, want[k].p > 0 ? want[k].p : i % 3 == 0 ? .1 : i % 3 == 1 ? .2 : .4, name);
		}
		free(param);
		free(omega);
	}
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

/* The chance that one try gives w x h, of all that it can give: the share of (u, log r) for
 * which sqrt(W H u r) and sqrt(W H u / r) round to w and h. Exact in u, the midpoint rule
 * in log r. */
static double try_gives(struct as_size size, int w, int h)
{
	enum { STEPS = 4000 };
	double most = log(4. / 3), area = (double)(size.height * size.width), sum = 0;
	for (int i = 0; i < STEPS; i++) {
		double r = exp(most * (2 * (i + .5) / STEPS - 1));
		double lo = fmax((w - .5) * (w - .5) / r, (h - .5) * (h - .5) * r) / area;
		double hi = fmin((w + .5) * (w + .5) / r, (h + .5) * (h + .5) * r) / area;
		sum += fmax(0, fmin(hi, 1) - fmax(lo, .2)) / .8 / STEPS;
	}
	return sum;
}

/* The crop's law on an image of H x W: what one try gives, that it fits, that all ten miss,
 * and the box that is taken then. */
struct crop_law {
	int H, W, h, w; /* h, w: the fallback's */
	double side[65][65], fits, misses;
};

static void fill_law(struct crop_law *c, struct as_size size)
{
	int H = (int)size.height, W = (int)size.width;
	*c = (struct crop_law){.H = H, .W = W, .h = H, .w = W};
	if (4 * W < 3 * H)
		c->h = (int)rint(W * 4. / 3);
	if (3 * W > 4 * H)
		c->w = (int)rint(H * 4. / 3);
	for (int h = 1; h <= H; h++)
		for (int w = 1; w <= W; w++)
			c->fits += c->side[h][w] = try_gives(size, w, h);
	c->misses = pow(1 - c->fits, 10);
}

/* The chance of a box. */
static double chance(const struct crop_law *c, int t, int l, int h, int w)
{
	bool fallback = h == c->h && w == c->w && t == (c->H - h) / 2 && l == (c->W - w) / 2;
	double place = t + h <= c->H && l + w <= c->W ? 1. / ((c->H - h + 1) * (c->W - w + 1)) : 0;
	return c->side[h][w] / c->fits * (1 - c->misses) * place + (fallback ? c->misses : 0);
}

/* Chi square over every box that the crop can give, those below 5 expected draws together:
 * its ten tries, the rounding of sides, the place, and the fallback when all ten miss. */
static double chi_square(const struct crop_law *c, const int *count, int *classes)
{
	double chi = 0, rest = 0, few = 0;
	*classes = 0;
	for (int at = 0; at < c->H * c->W * c->H * c->W; at++) {
		int l = at % c->W, t = at / c->W % c->H, w = at / c->W / c->H % c->W + 1, h = at / c->W / c->H / c->W + 1;
		double want = DRAWS * chance(c, t, l, h, w);
		if (want < 5) {
			few += count[at];
			rest += want;
		} else {
			chi += (count[at] - want) * (count[at] - want) / want;
			++*classes;
		}
	}
	return chi + (few - rest) * (few - rest) / fmax(rest, 1);
}

static void check_crop_law(void)
{
	static const struct as_size sizes[] = {{5, 7}, {16, 64}, {47, 16}, {9, 17}, {1, 1}};
	static struct crop_law c;
	struct as_policy p;
	struct as_error err;
	if (as_policy_parse("size = 8\nop = crop\n", &p, &err))
		exit(1);
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		fill_law(&c, sizes[k]);
		int *count = calloc((size_t)(c.H * c.W * c.H * c.W), sizeof *count), classes;
		for (uint64_t i = 0; i < DRAWS; i++) {
			float b[4], omega[4];
			as_policy_sample(&p, 23, i, 0, 0, sizes[k], b, omega);
			count[(((int)b[2] - 1) * c.W + (int)b[3] - 1) * c.H * c.W + (int)b[0] * c.W + (int)b[1]]++;
		}
		/* A chi square of n degrees is about normal, mean n and variance 2n. */
		double chi = chi_square(&c, count, &classes);
		ok(fabs(chi - classes) < 3.3 * sqrt(2. * classes), "%d x %d: chi square %.0f over %d boxes; %.2f %% of the tries fit",
		   c.H, c.W, chi, classes, 100 * c.fits);
		int t = (c.H - c.h) / 2, l = (c.W - c.w) / 2;
		is_share(count[((c.h - 1) * c.W + c.w - 1) * c.H * c.W + t * c.W + l], DRAWS, chance(&c, t, l, c.h, c.w),
			 "the fallback's box");
		free(count);
	}
}

/* Sides round halves to the even, as torchvision's round() does: in a try and in the fallback. */
static void check_ties(void)
{
	static const struct {
		const char *law;
		int64_t h, w;
		float height, width;
	} cases[] = {
	    {"scale_min=.25 scale_max=.25 ratio_min=1 ratio_max=1", 5, 5, 2, 2},   /* 2.5 */
	    {"scale_min=.49 scale_max=.49 ratio_min=1 ratio_max=1", 5, 5, 4, 4},   /* 3.5 */
	    {"scale_min=1 ratio_min=1 ratio_max=1.5", 3, 900, 3, 4},               /* 4.5 */
	    {"scale_min=1 ratio_min=1 ratio_max=1.5", 5, 900, 5, 8},               /* 7.5 */
	    {"scale_min=1 ratio_min=.4 ratio_max=1", 900, 1, 2, 1},                /* 2.5 */
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[160];
		float b[4], omega[4];
		struct as_policy p;
		struct as_error err;
		snprintf(text, sizeof text, "size = 8\nop = crop %s\n", cases[i].law);
		if (as_policy_parse(text, &p, &err))
			exit(1);
		as_policy_sample(&p, 1, i, 0, 0, (struct as_size){cases[i].h, cases[i].w}, b, omega);
		if (!ok(b[2] == cases[i].height && b[3] == cases[i].width, "%s on %lld x %lld", cases[i].law,
			(long long)cases[i].h, (long long)cases[i].w))
			note("%g x %g", (double)b[2], (double)b[3]);
	}
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
	if (as_policy_preset("cifar", &p, &err))
		ok(false, "%s", err.text);
	int middle = 0;
	for (uint64_t i = 0; i < DRAWS; i++) { /* the least area, 2000, is 39 pixels high at 4/3 */
		float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		as_policy_sample(&p, 29, i, 0, 0, (struct as_size){10, 1000}, param, omega);
		middle += !memcmp(param, cases[1].box, sizeof cases[1].box);
	}
	is_int(middle, DRAWS, "where no try can fit, every draw is the middle");
	bool inside = true;
	for (uint64_t i = 0; i < 20000; i++) {
		struct as_size size = {1 + (int64_t)(i * 7919 % 97), 1 + (int64_t)(i * 104729 % 89)};
		float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		as_policy_sample(&p, 5, i, 0, 0, size, param, omega);
		inside &= as_policy_check(&p, size, param, &err) == 0;
	}
	ok(inside, "no box leaves an image of whatever size");
}

/* Nothing that is drawn for one op or view tells of another's: all correlations between
 * columns of different ops, or of the two views, within 4.5 deviations (561 of them). */
static void check_independence(void)
{
	enum { ROWS = DRAWS / 2 };
	struct as_policy p;
	float *omega, *param = draw("imagenet+solarize+rotation", &p, (struct as_size){200, 300}, &omega);
	int n = 2 * p.nparam, op_of[2 * AS_MAX_PARAM], pairs = 0;
	double mean[2 * AS_MAX_PARAM] = {0}, sd[2 * AS_MAX_PARAM] = {0}, worst = 0;
	for (int i = 0; i < p.nop; i++)
		for (int k = 0; k < p.op[i].aug->nparam; k++)
			for (int v = 0; v < 2; v++)
				op_of[v * p.nparam + p.op[i].param_at + k] = v * p.nop + i;
	for (int a = 0; a < n; a++) {
		for (int i = 0; i < ROWS; i++)
			mean[a] += (double)param[i * n + a] / ROWS;
		for (int i = 0; i < ROWS; i++)
			sd[a] += ((double)param[i * n + a] - mean[a]) * ((double)param[i * n + a] - mean[a]) / ROWS;
		sd[a] = sqrt(sd[a]);
	}
	for (int a = 0; a < n; a++)
		for (int b = 0; b < a; b++) {
			double sum = 0;
			if (op_of[a] == op_of[b])
				continue;
			for (int i = 0; i < ROWS; i++)
				sum += ((double)param[i * n + a] - mean[a]) * ((double)param[i * n + b] - mean[b]) / ROWS;
			worst = fmax(worst, fabs(sum / (sd[a] * sd[b])) * sqrt(ROWS));
			pairs++;
		}
	ok(pairs > 400 && worst < 4.5, "%d pairs of columns of different ops or views: correlations within %.1f deviations",
	   pairs, worst);
	free(param);
	free(omega);
}

/* What changes, and how, when the two views are exchanged. */
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
			as_aug_find(heads[k], NULL)->target(&a, &b, ab[k]);
			as_aug_find(heads[k], NULL)->target(&b, &a, ba[k]);
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

/* omega where an op is not applied: what aug-sample(1) says. */
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

/* What is left off before the middle, when d pixels are: torchvision's today, and 0.8.2's. The
 * image is 40 wide and its shorter side becomes 40, so a pixel of it is one of the source. */
static void check_middle(void)
{
	static const struct {
		int d, even, up;
	} want[] = {{0, 0, 0}, {1, 0, 1}, {2, 1, 1}, {3, 2, 2}, {5, 2, 3}, {7, 4, 4}, {9, 4, 5}, {11, 6, 6}, {13, 6, 7}};
	struct as_policy p, up;
	struct as_error err;
	unsigned shared;
	float a[4], b[4];
	ok(!as_policy_parse("size = 40\nop = eval\n", &p, &err), "the evaluation");
	up = p;
	ok(!as_policy_compat(&up, "crop-half-up", &shared, &err) && !shared && up.op[0].law.value[1] == 1 &&
	       p.op[0].law.value[1] == 0, "crop-half-up is a setting, and another one than the default");
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct as_size size = {40 + want[i].d, 40};
		as_policy_sample(&p, 0, 0, 0, 0, size, a, NULL);
		as_policy_sample(&up, 0, 0, 0, 0, size, b, NULL);
		ok((int)a[0] == want[i].even && (int)b[0] == want[i].up && a[1] == 0 && a[2] == 40 && a[3] == 40,
		   "of %d pixels %g are above the middle, and once %g", want[i].d, (double)a[0], (double)b[0]);
	}
	/* 256 and 224: of 512 x 256, doubled in width, 16 and (512 - 224) / 2 = 144 are left off. */
	ok(!as_policy_resize(&p, 224, &err) && !as_policy_set(&p, 0, "resize", 256, &err), "resized to 256, cut to 224");
	as_policy_sample(&p, 0, 0, 0, 0, (struct as_size){256, 512}, a, NULL);
	ok(a[0] == 16 && a[1] == 144 && a[2] == 224 && a[3] == 224, "a box of %g %g %g %g", (double)a[0], (double)a[1],
	   (double)a[2], (double)a[3]);
	ok(as_policy_set(&p, 0, "resize", 223, &err) == AS_EARG, "refused: %s", err.text);
	ok(as_policy_set(&p, 0, "scale_min", .5, &err) == AS_EARG, "refused: %s", err.text);
	ok(as_policy_set(&p, 0, "resize", 1e6, &err) == AS_EARG, "refused: %s", err.text);
	ok(as_policy_parse("op = eval resize=256\nsize = 257\n", &p, &err) == AS_EDATA, "refused: %s", err.text);
	ok(!as_policy_parse("op = eval resize=256\nsize = 256\n", &p, &err), "resized and not cut");
	ok(as_policy_resize(&p, 257, &err) == AS_EARG, "refused: %s", err.text);
}

int main(void)
{
	check_middle();
	check_color("cifar:weak", .5);
	check_color("cifar", 1);
	check_color("cifar:strong", 2);
	check_chance("cifar:weak");
	check_chance("cifar");
	check_chance("cifar:strong");
	check_clipped();
	check_shares();
	check_others();
	check_crop();
	check_crop_law();
	check_fallback();
	check_ties();
	check_independence();
	check_identities();
	check_off();
	check_streams();
	return done();
}
