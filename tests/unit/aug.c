/* Policies as text, presets, what every augmentation in the table owes, and which
 * parameters are refused. */
#include "aug/aug.h"

#include <stdlib.h>

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
	is_int(p.size, 224, "imagenet's size");
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
	const struct as_aug *ops[] = {as_aug_find("crop"), aug};
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
		int rc = alone(as_aug_find(cases[i].op), &p, &err);
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
	check_refusals();
	check_edges();
	return done();
}
