/* Policies as text, presets, what every augmentation in the table owes, and which
 * parameters are refused; what each law is said to change, and what it does. */
#include "aug/aug.h"

#include <stdlib.h>

#include "../pix_ref.h"
#include "../tap.h"
#include "aug/policy.h"

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

/* Every augmentation added at every strength: the name has room, and what a preset's strength
 * makes of a setting is what a policy may say. */
static void check_strengths(void)
{
	static const char *const strengths[] = {"weak", "default", "strong"};
	for (size_t i = 0; i < sizeof strengths / sizeof *strengths; i++) {
		struct as_policy p, q;
		struct as_error err = {.text = ""};
		char name[256];
		size_t used = (size_t)snprintf(name, sizeof name, "imagenet:%s", strengths[i]);
		for (const struct as_aug *const *a = as_augs; *a; a++)
			if (!(*a)->box)
				used += (size_t)snprintf(name + used, sizeof name - used, "+%s", (*a)->name);
		bool good = as_policy_preset(name, &p, &err) == 0;
		char *text = good ? as_policy_text(&p) : NULL;
		ok(text && as_policy_parse(text, &q, &err) == 0, "%s: %s", name, err.text);
		free(text);
	}
}

/* A setting that scales and is whole. */
static void check_law(void)
{
	static const struct as_setting settings[] = {{"bits", "", 5, 4, 8, AS_SCALES | AS_WHOLE}, {"p", "", .3, 0, 1, 0}};
	static const struct as_aug aug = {.name = "x", .setting = settings, .nsetting = 2};
	static const double want[3][2] = {{.9, 4}, {1.1, 6}, {2, 8}}; /* 4.5 to the even; 5.5; 10 */
	for (int i = 0; i < 3; i++) {
		struct as_law law;
		as_law_preset(&aug, want[i][0], &law);
		ok(law.value[0] == want[i][1] && law.value[1] == .3, "a whole setting of 5 at %g is %g", want[i][0],
		   law.value[0]);
	}
}

/* The order and the strengths of presets. */
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
	static const struct {
		const char *name, *ops;
		int size;
		float mean[3], std[3];
	} want[] = { /* as the page says, typed once more */
		{"cifar", "crop flip color gray ", 32, {.4914f, .4822f, .4465f}, {.2470f, .2435f, .2616f}},
		{"stl10", "crop flip color gray blur ", 96, {.43f, .42f, .39f}, {.27f, .26f, .27f}},
		{"imagenet", "crop flip color gray blur ", 224, {.485f, .456f, .406f}, {.229f, .224f, .225f}},
	};
	for (int i = 0; i < 3; i++) {
		bool good = !as_policy_preset(want[i].name, &p, &err) && p.size == want[i].size;
		for (int c = 0; c < 3; c++)
			good = good && !(p.mean[c] < want[i].mean[c] || p.mean[c] > want[i].mean[c]) &&
			       !(p.std[c] < want[i].std[c] || p.std[c] > want[i].std[c]);
		*ops = 0;
		for (int k = 0; k < p.nop; k++)
			strcat(strcat(ops, p.op[k].aug->name), " ");
		ok(good && !strcmp(ops, want[i].ops), "preset %s: size, mean, standard deviation; %s", want[i].name, ops);
	}
	bool unique = true;
	for (int i = 0; as_augs[i]; i++)
		for (int k = 0; k < i; k++)
			unique &= as_augs[i]->draw != as_augs[k]->draw && as_augs[i]->draw > 0 && as_augs[i]->draw < 256;
	ok(unique, "every augmentation has its own place in the counter");
}

/* aug-sample(1) has an entry for each augmentation, with its settings and their presets. */
static void check_page(void)
{
	static char page[1 << 16];
	FILE *f = fopen("man/aug-sample.1", "r");
	size_t n = f ? fread(page, 1, sizeof page - 1, f) : 0;
	ok(n > 0 && !fclose(f), "the page is there");
	for (int i = 0; as_augs[i]; i++) {
		char entry[160];
		snprintf(entry, sizeof entry, "\n.It Cm %s%s", as_augs[i]->name, as_augs[i]->nsetting ? " Cm" : "\n");
		const char *at = strstr(page, entry);
		bool good = at != NULL;
		at += good ? strlen(entry) : 0;
		for (int k = 0; good && k < as_augs[i]->nsetting; k++) {
			const struct as_setting *s = &as_augs[i]->setting[k];
			int used = snprintf(entry, sizeof entry, " %s=", s->name);
			char *end = NULL;
			good = !strncmp(at, entry, (size_t)used) && fabs(strtod(at + used, &end) - s->preset) < 1e-3;
			at = end;
		}
		ok(good, "aug-sample(1) has %s and its settings", as_augs[i]->name);
	}
}

/* A policy of it alone, behind a crop when it is no cut itself. */
static int alone(const struct as_aug *aug, struct as_policy *p, struct as_error *err)
{
	const struct as_aug *ops[] = {as_aug_find("crop", NULL), aug};
	int rc = 0;
	*p = (struct as_policy){.size = 8};
	for (int i = aug->box ? 1 : 0; i < 2 && !rc; i++) {
		struct as_law law;
		as_law_preset(ops[i], 1, &law);
		rc = as_policy_add(p, ops[i], &law, err);
	}
	return rc;
}

/* All of a target's numbers: finite, and, of a view and itself, those of no difference. */
static bool target_holds(const struct as_aug *aug, const struct as_view *a, const struct as_view *b)
{
	float d[AS_MAX_TARGET], same[AS_MAX_TARGET];
	bool good = true;
	aug->target(a, b, d);
	aug->target(a, a, same);
	for (int c = 0; c < (aug->loss == AS_LOSS_CE ? 1 : aug->ntarget); c++)
		good &= isfinite(d[c]) && same[c] == (aug->loss == AS_LOSS_BCE);
	return good;
}

/* What every augmentation owes to the arrays that its numbers go to, to records, whose
 * parameters as_policy_check passes, and to its head. */
static void check_each(const struct as_aug *aug)
{
	struct as_policy p;
	struct as_error err = {0};
	if (!ok(aug->nsetting <= AS_MAX_LAW && aug->ntarget <= AS_MAX_TARGET && !aug->omega == !aug->nomega &&
			!aug->target == !aug->ntarget && (aug->apply || aug->tones) == !aug->box,
		"%s: not too much of anything, and a function for all that it has", aug->name))
		return;
	int rc = alone(aug, &p, &err);
	bool holds = true;
	for (uint64_t id = 0; !rc && id < 1000; id++) {
		float param[2][AS_MAX_PARAM], omega[2][AS_MAX_OMEGA];
		struct as_size size = {40, 30};
		struct as_view v[2] = {{&p, param[0], omega[0]}, {&p, param[1], omega[1]}};
		for (int k = 0; k < 2 && !rc; k++) {
			as_policy_sample(&p, 5, id, 0, k, size, param[k], omega[k]);
			rc = as_policy_check(&p, size, param[k], &err);
		}
		holds = holds && (!aug->target || target_holds(aug, &v[0], &v[1]));
	}
	ok(!rc, "%s: what is drawn is in range %s", aug->name, err.text);
	ok(holds, "%s: targets are numbers; of a view and itself, those of no difference", aug->name);
}

/* A view of the picture by the second op of a policy whose cut is the whole image. */
static void view_of(const struct as_policy *p, const uint8_t *picture, uint64_t id, struct as_work *work, float *out)
{
	struct as_pixels pixels = {.at = picture, .height = p->size, .width = p->size, .stride = 3 * (int64_t)p->size};
	float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
	struct as_error err;
	as_policy_sample(p, 7, id, 0, 0, (struct as_size){p->size, p->size}, param, omega);
	if (as_policy_apply(p, &as_pix_ref, param, &pixels, work, out, &err))
		abort();
}

/* Whether views that a law makes of noise differ from the picture, and from each other. */
struct effect {
	bool changed, differ;
};

enum { TRIED = 40, MOST = 20 };

static struct effect effect_of(const struct as_aug *aug, const struct as_law *law, int side)
{
	static uint8_t picture[3 * MOST * MOST];
	static float plain[3 * MOST * MOST], first[3 * MOST * MOST], other[3 * MOST * MOST];
	struct as_policy whole, p;
	struct as_work work = {0};
	struct as_error err;
	struct effect e = {false, false};
	struct as_rng rng = as_rng_at(4, 0, 0, 0, 0);
	size_t bytes = 3 * (size_t)(side * side) * sizeof *plain;
	for (int i = 0; i < 3 * side * side; i++) /* blacks, whites and colours, an orange first */
		picture[i] = i < 3 ? (uint8_t)(250 - 110 * i) : (uint8_t)(as_rng_below(&rng, 3) * 255 / 2);
	as_policy_eval(side, (float[3]){0}, (float[3]){1, 1, 1}, AS_BILINEAR, &whole);
	p = whole;
	if (as_policy_add(&p, aug, law, &err))
		abort();
	view_of(&whole, picture, 0, &work, plain);
	view_of(&p, picture, 0, &work, first);
	for (uint64_t id = 0; id < TRIED; id++) {
		view_of(&p, picture, id, &work, other);
		e.changed = e.changed || memcmp(other, plain, bytes);
		e.differ = e.differ || memcmp(other, first, bytes);
	}
	as_work_clear(&work);
	return e;
}

/* The same of a cut, by its boxes in an image in which any box has room. */
static struct effect effect_of_cut(const struct as_aug *aug, const struct as_law *law)
{
	struct as_size size = {1 << 20, 1 << 20};
	struct effect e = {false, false};
	float param[AS_MAX_PARAM], first[AS_MAX_PARAM];
	for (uint64_t id = 0; id < TRIED; id++) {
		struct as_rng rng = as_rng_at(7, id, 0, 0, (uint32_t)aug->draw);
		aug->sample(law, size, &rng, param);
		if (!id)
			memcpy(first, param, sizeof first);
		e.changed = e.changed || param[2] < 1 << 20 || param[3] < 1 << 20;
		e.differ = e.differ || memcmp(param, first, (size_t)aug->nparam * sizeof *param);
	}
	return e;
}

/* What a law is said to do and what it does: of every combination of each setting's ends and
 * preset (of a crop's ratios, whose boxes may fit no square, the preset). */
static void check_idle(const struct as_aug *aug, int side)
{
	int laws = 1, idle = 0, alike = 0;
	bool good = true;
	for (int k = 0; k < aug->nsetting; k++)
		laws *= 3;
	for (int at = 0; at < laws; at++) {
		struct as_law law = {.side = side};
		for (int k = 0, rest = at; k < aug->nsetting; k++, rest /= 3) {
			const struct as_setting *s = &aug->setting[k];
			law.value[k] = rest % 3 == 1 || (aug->box && k > 1) ? s->preset : rest % 3 ? s->hi : s->lo;
		}
		if (aug->check && aug->check(&law))
			continue;
		struct effect e = aug->box ? effect_of_cut(aug, &law) : effect_of(aug, &law, side);
		const char *no = aug->idle ? aug->idle(&law) : NULL, *same = aug->alike ? aug->alike(&law) : NULL;
		good = good && (aug->idle ? !no == e.changed : true) && !(no || same) == e.differ;
		if (!good) {
			note("%s %g %g %g %g %g: idle %s, alike %s, but changed %d, differ %d", aug->name, law.value[0], law.value[1],
			     law.value[2], law.value[3], law.value[4], no ? no : "-", same ? same : "-", e.changed, e.differ);
			break;
		}
		idle += no != NULL;
		alike += same != NULL;
	}
	ok(good, "%s at %d px: %d of %d laws said to change no view change none, %d change all alike", aug->name, side, idle, laws,
	   alike);
}

/* Where it begins: how narrow a range, how small a view, which sigma. */
static void check_idle_edges(void)
{
	static const struct {
		const char *op;
		int side;
		bool idle, alike;
	} cases[] = {
	    {"blur p=.5", 19, true, false}, {"blur p=.5", 20, false, false}, {"blur sigma_min=.1 sigma_max=.155", 32, true, false},
	    {"blur sigma_min=.1 sigma_max=.156", 32, false, false}, {"blur p=1 sigma_min=1 sigma_max=1", 32, false, true},
	    {"blur p=.9 sigma_min=1 sigma_max=1", 32, false, false}, {"blur p=1 sigma_min=1 sigma_max=1.1", 32, false, false},
	    {"blur p=0", 32, true, false}, {"color brightness=0 contrast=0 saturation=0 hue=0", 32, true, false},
	    {"color brightness=1e-9 contrast=0 saturation=0 hue=0", 32, true, false},
	    {"color brightness=5e-8 contrast=0 saturation=0 hue=0", 32, false, false}, /* 1 - 5e-8 is a float, 1 + 5e-8 is not */
	    {"color brightness=1e-6 contrast=0 saturation=0 hue=0", 32, false, false},
	    {"color brightness=0 contrast=0 saturation=0 hue=.01", 32, false, false},
	    {"color brightness=0 contrast=.01 saturation=0 hue=0", 32, false, false},
	    {"color brightness=0 contrast=0 saturation=.01 hue=0", 32, false, false}, {"color p=0", 32, true, false},
	    {"flip p=1e-9", 2, false, false}, {"flip p=1", 2, false, true}, {"flip", 1, true, false},
	    {"rotation", 1, true, false}, {"rotation p=1", 2, false, false}, {"solarize p=1", 1, false, false},
	    {"gray p=1", 1, false, true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct as_policy p;
		struct as_error err = {0};
		char text[128];
		snprintf(text, sizeof text, "size = %d\nop = crop\nop = %s\n", cases[i].side, cases[i].op);
		bool good = as_policy_parse(text, &p, &err) == 0 && !as_policy_idle(&p, 1) == !cases[i].idle &&
			    !as_policy_alike(&p, 1) == !(cases[i].idle || cases[i].alike);
		ok(good, "%s at %d px: %s%s", cases[i].op, cases[i].side, cases[i].idle ? "changes nothing" :
		   cases[i].alike ? "changes all alike" : "changes views", err.text);
	}
	struct as_policy p;
	struct as_error err;
	for (int side = 19; side <= 20; side++) {
		char text[64];
		snprintf(text, sizeof text, "size = %d\nop = crop\nop = blur sigma_max=.1\n", side);
		if (as_policy_parse(text, &p, &err))
			abort();
		is_text(as_policy_idle(&p, 1), side < 20 ? "views of less than 20 pixels leave it one tap" : "sigma_max leaves it one tap",
			"why blur has one tap");
	}
	ok(as_policy_parse("size = 32\nop = crop scale_min=1\n", &p, &err) == 0 && as_policy_idle(&p, 0), "a crop of the whole");
	ok(as_policy_parse("size = 32\nop = crop scale_min=.99\n", &p, &err) == 0 && !as_policy_alike(&p, 0), "... of less");
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

/* A box may touch every edge of the image and not pass one: by a pixel, or for a box of fractions
 * by more than the rounding of its corners to float. */
static void check_edges(void)
{
	static const struct {
		const char *op;
		float box[4];
		int rc;
	} cases[] = {
	    {"crop", {0, 0, 30, 40}, 0},          {"crop", {7, 9, 23, 31}, 0},          {"crop", {29, 39, 1, 1}, 0},
	    {"crop", {0, 1, 30, 40}, AS_EDATA},   {"crop", {1, 0, 30, 40}, AS_EDATA},   {"crop", {0, 0, 30, 41}, AS_EDATA},
	    {"crop", {0, 0, 31, 40}, AS_EDATA},   {"crop", {7, 10, 23, 31}, AS_EDATA},  {"crop", {8, 9, 23, 31}, AS_EDATA},
	    {"crop", {29, 40, 1, 1}, AS_EDATA},   {"crop", {30, 39, 1, 1}, AS_EDATA},   {"eval", {0, 5.00001f, 30, 35}, 0},
	    {"eval", {0, 5.01f, 30, 35}, AS_EDATA}, {"eval", {.01f, 0, 30, 35}, AS_EDATA},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct as_policy p;
		struct as_error err = {.text = "taken"};
		const float *b = cases[i].box;
		int rc = alone(as_aug_find(cases[i].op, NULL), &p, &err);
		float param[AS_MAX_PARAM] = {b[0], b[1], b[2], b[3]};
		rc = rc ? 1 : as_policy_check(&p, (struct as_size){30, 40}, param, &err);
		ok(rc == cases[i].rc, "a box of %gx%g at (%g,%g) in 40x30: %s", (double)b[3], (double)b[2], (double)b[0],
		   (double)b[1], err.text);
	}
}

int main(void)
{
	check_texts();
	check_strengths();
	check_law();
	check_presets();
	check_page();
	for (int i = 0; as_augs[i]; i++)
		check_each(as_augs[i]);
	static const int sides[] = {1, 2, 19, 20};
	for (int k = 0; as_augs[k]; k++)
		for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
			check_idle(as_augs[k], sides[i]);
	check_idle_edges();
	check_refusals();
	check_edges();
	return done();
}
