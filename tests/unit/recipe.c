/* Recipes: the papers' numbers, texts that read back the same,
 * what is refused; and what every method has: settings that fit, a paragraph. */
#include "ssl/recipe.h"

#include <stdlib.h>

#include "nn/optim.h"
#include "ssl/method.h"

#include "../tap.h"

/* What ssl-train(1) says, typed once more; of imagenet what the papers that each method's
 * file names say. */
static const struct row {
	const char *recipe, *method, *arch, *stem;
	int64_t size, epochs, batch;
	double base_lr, wd;
	const char *augself, *settings;
	int64_t warmup; /* of those trained by LARS, trust .001 */
	bool spare_norm;
} rows[] = {
	{"stl10", "simsiam", "resnet18", "imagenet", 96, 200, 256, .03, 5e-4, "crop=1,color=1", "", 0, false},
	{"stl10", "moco", "resnet18", "imagenet", 96, 200, 256, .03, 5e-4, "crop=1,color=1", "", 0, false},
	{"cifar", "byol", "resnet18", "cifar", 32, 200, 256, .03, 5e-4, "crop=1,color=1", "", 0, false},
	{"imagenet100", "simsiam", "resnet50", "imagenet", 224, 500, 256, .05, 1e-4, "crop=.5,color=.5", "layers=3", 0, false},
	{"imagenet100", "moco", "resnet50", "imagenet", 224, 500, 256, .03, 1e-4, "crop=.5,color=.5", "", 0, false},
	{"imagenet100", "supervised", "resnet50", "imagenet", 224, 100, 256, .1, 1e-4, "crop=.5,color=.5", "", 0, false},
	{"imagenet", "simsiam", "resnet50", "imagenet", 224, 100, 512, .05, 1e-4, "crop=1,color=1", "layers=3", 0, false},
	{"imagenet", "moco", "resnet50", "imagenet", 224, 200, 256, .03, 1e-4, "crop=1,color=1", "", 0, false},
	{"imagenet", "supervised", "resnet50", "imagenet", 224, 90, 256, .1, 1e-4, "crop=1,color=1", "", 0, false},
	{"imagenet", "byol", "resnet50", "imagenet", 224, 1000, 4096, .2, 1.5e-6, "crop=1,color=1", "", 10, true},
	{"imagenet", "simclr", "resnet50", "imagenet", 224, 1000, 4096, .3, 1e-6, "crop=1,color=1", "temperature=.1", 10, true},
	{"imagenet", "swav", "resnet50", "imagenet", 224, 800, 4096, .3, 1e-6, "crop=1,color=1",
	 "prototypes=3000,freeze-steps=313", 10, false},
};

static void test_row(const struct row *w)
{
	struct as_recipe r;
	struct as_error err = {0};
	as_recipe_default(&r);
	ok(as_recipe_preset(&r, w->recipe, w->method, &err) == 0, "%s for %s %s", w->recipe, w->method, err.text);
	ok(!strcmp(r.method, w->method) && !strcmp(r.backbone.arch, w->arch) && !strcmp(r.backbone.stem, w->stem),
	   "... method, backbone and stem");
	ok(r.backbone.size == w->size && r.epochs == w->epochs && r.batch == w->batch, "... size, epochs, batch");
	ok(r.base_lr == w->base_lr && r.decay == w->wd && r.momentum == .9, "... rate, decay, momentum");
	ok(r.warmup == w->warmup && r.trust == (w->warmup ? .001 : 0) && !strcmp(r.optimizer, w->warmup ? "lars" : "sgd") &&
	   r.spare_norm == w->spare_norm, "... optimizer and warm-up");
	ok(!strcmp(r.augself, w->augself) && !strcmp(r.settings, w->settings), "... heads '%s', settings '%s'", r.augself,
	   r.settings);
}

/* Every recipe of every method reads back from its text, and its method takes its settings. */
static void test_texts(void)
{
	const char *name, *says;
	for (int i = 0; as_methods[i]; i++)
		for (int j = 0; (name = as_recipe_name(j, &says)); j++) {
			struct as_recipe r, again;
			struct as_error err = {0};
			as_recipe_default(&r);
			as_recipe_default(&again);
			int rc = as_recipe_preset(&r, name, as_methods[i]->name, &err);
			char *text = as_recipe_text(&r);
			rc = rc ? rc : as_recipe_parse(&again, text, &err);
			char *second = as_recipe_text(&again);
			ok(!rc && !strcmp(text, second), "%s for %s reads back %s", name, as_methods[i]->name, err.text);
			free(text);
			free(second);
		}
}

/* ssl-train(1) has an entry for each method, optimizer and head. */
static void test_page(void)
{
	static char page[1 << 16];
	char entry[64];
	FILE *f = fopen("man/ssl-train.1", "r");
	ok(f && fread(page, 1, sizeof page - 1, f) > 0 && !fclose(f), "the page is there");
	for (int i = 0; as_methods[i]; i++) {
		snprintf(entry, sizeof entry, "\n.It Cm %s\n", as_methods[i]->name);
		ok(strstr(page, entry), "ssl-train(1) has the method %s", as_methods[i]->name);
	}
	for (int i = 0; as_optimizers[i]; i++) {
		snprintf(entry, sizeof entry, "\n.It Cm %s\n", as_optimizers[i]->name);
		ok(strstr(page, entry), "ssl-train(1) has the optimizer %s", as_optimizers[i]->name);
	}
	for (int i = 0; as_augs[i]; i++) {
		snprintf(entry, sizeof entry, "\n.It Cm %s Ta ", as_augs[i]->name);
		if (as_augs[i]->ntarget)
			ok(strstr(page, entry), "ssl-train(1) has the head %s", as_augs[i]->name);
	}
}

/* Each method's presets, what the papers have, typed once more. The sizes of arrays that
 * settings are read into. */
static void test_settings(void)
{
	static const char want[] =
		"simsiam: hidden 2048 bottleneck 512 layers 2 stop 1\n"
		"moco: hidden 0 out 128 temperature 0.2 queue 65536 momentum 0.999\n"
		"simclr: hidden 0 out 128 temperature 0.2\n"
		"byol: hidden 4096 out 256 momentum 0.996\n"
		"swav: hidden 2048 out 128 prototypes 100 temperature 0.1 epsilon 0.05 freeze-steps -1\n"
		"supervised:\n";
	char got[1024] = "";
	for (int i = 0; as_methods[i]; i++) {
		const struct as_method *m = as_methods[i];
		bool good = m->nsetting <= AS_MAX_SETTINGS && m->ncompat <= 32;
		for (int k = 0; good && k < m->nsetting; k++)
			good = m->setting[k].preset >= m->setting[k].lo && m->setting[k].preset <= m->setting[k].hi;
		ok(good, "%s: settings and words have room, presets are in range", m->name);
		strcat(strcat(got, m->name), ":");
		for (int k = 0; k < m->nsetting; k++)
			snprintf(got + strlen(got), sizeof got - strlen(got), " %s %g", m->setting[k].name, m->setting[k].preset);
		strcat(got, "\n");
	}
	is_text(got, want, "every method's presets");
}

static void refused(const char *text, const char *says)
{
	struct as_recipe r;
	struct as_error err = {0};
	as_recipe_default(&r);
	struct as_recipe before = r;
	int rc = as_recipe_parse(&r, text, &err);
	ok(rc == AS_EDATA && strstr(err.text, says), "refused: %s", err.text);
	ok(!memcmp(&before, &r, sizeof r), "... and nothing was set");
}

/* What a text of a program leaves unsaid that did not know all values. */
static void test_whole(const char *text, const char *optimizer, double trust, int64_t grains)
{
	struct as_recipe r;
	struct as_error err = {0};
	char *whole = as_recipe_whole(text, &err);
	as_recipe_default(&r);
	int rc = whole ? as_recipe_parse(&r, whole, &err) : AS_EDATA;
	ok(!rc && !strcmp(r.optimizer, optimizer) && r.trust == trust && r.grains == grains, "'%s' was %s in %d grains %s", text,
	   r.optimizer, (int)r.grains, err.text);
	free(whole);
}

/* The optimizers and their trust coefficient: each pair as ssl-train(1) says. */
static void test_optimizer(const char *optimizer, double trust, const char *says)
{
	struct as_recipe r;
	struct as_error err = {0};
	as_recipe_default(&r);
	snprintf(r.optimizer, sizeof r.optimizer, "%s", optimizer);
	r.trust = trust;
	int rc = as_recipe_settle(&r, 32, 1, 0, &err);
	ok(*says ? rc == AS_EARG : !rc, "%s with trust %g", optimizer, trust);
	is_text(err.text, says, "... is told what to say instead, or nothing");
}

/* As many grains as there can be of at least 64 images, a power of two that divides the batch; else one. */
static void test_grains(void)
{
	static const int64_t known[][2] = {{64, 1}, {96, 1}, {127, 1}, {128, 2}, {192, 2}, {256, 4}, {320, 4}, {1024, 16}, {4096, 64}};
	int wrong = 0;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		is_int((int)as_grains_usual(known[i][0]), (int)known[i][1], "grains of a batch of 64 or more");
	for (int64_t batch = 2; batch <= 5000; batch++) {
		int64_t best = 1;
		for (int64_t g = 1; g <= batch; g *= 2)
			best = batch % g == 0 && batch / g >= 64 ? g : best;
		wrong += as_grains_usual(batch) != best;
	}
	is_int(wrong, 0, "... of every batch up to 5,000");
}

/* What a recipe says of its grains, as it is settled; 0: refused. */
static void test_settled(int64_t batch, int64_t said, int64_t want)
{
	struct as_recipe r;
	struct as_error err = {0};
	as_recipe_default(&r);
	r.batch = batch;
	r.grains = said;
	int rc = as_recipe_settle(&r, 32, 1, 0, &err);
	ok(want ? !rc && r.grains == want : rc == AS_EARG, "a batch of %d, grains %d: %d %s", (int)batch, (int)said, (int)r.grains,
	   err.text);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i]);
	test_texts();
	test_page();
	test_settings();
	test_whole("batch = 64\n", "sgd", 0, 1);
	test_whole("trust = .001\nbatch = 64\n", "lars", .001, 1);
	test_whole("grains = 4\noptimizer = adamw\n", "adamw", 0, 4);
	test_grains();
	test_settled(256, 0, 4);
	test_settled(96, 0, 1);
	test_settled(96, 32, 32);
	test_settled(256, 1, 1);
	test_settled(96, 64, 0);
	test_settled(256, 3, 0);
	test_settled(256, 512, 0);
	test_optimizer("sgd", 0, "");
	test_optimizer("adamw", 0, "");
	test_optimizer("lars", .001, "");
	test_optimizer("lars", 0, "optimizer: lars needs a trust coefficient: add --trust .001");
	test_optimizer("sgd", .1, "trust: sgd has no use for it: say --optimizer lars, or --trust 0");
	test_optimizer("adam", 0, "optimizer: 'adam' is none of sgd, lars, adamw; did you mean 'adamw'?");
	struct as_error unknown = {0};
	ok(!as_recipe_whole("bach = 3\n", &unknown) && strstr(unknown.text, "bach"), "what is no value: %s", unknown.text);
	refused("batch = 64\nbatch = 32\n", "line 2: batch stands twice");
	refused("# a comment\n\nbach = 64\n", "line 3: no value is called 'bach'; did you mean 'batch'?");
	refused("batch = 1e9", "line 1: batch: ");
	refused("wd = 1\nwarmup\n", "line 2: 'warmup' is not 'name = value'");
	refused("spare-norm = 2\n", "spare-norm");
	struct as_recipe r;
	struct as_error err = {0};
	as_recipe_default(&r);
	ok(as_recipe_parse(&r, "  batch=64 # small\r\nset = a=1\n", &err) == 0 && r.batch == 64 && !strcmp(r.settings, "a=1"),
	   "blanks, a comment, a carriage return");
	ok(as_recipe_set(&r, "set", "b=2", &err) == 0 && !strcmp(r.settings, "a=1,b=2"), "settings add: %s", r.settings);
	ok(as_recipe_set(&r, "set", "a=3,c=4,a=5", &err) == 0 && !strcmp(r.settings, "b=2,c=4,a=5"),
	   "... and replace those of their name: %s", r.settings);
	ok(as_recipe_line("# wd = 1\nwdx = 2\n\n wd =3\n", "wd") == 4 && as_recipe_line("wdx = 1\n", "wd") == 0,
	   "the line that sets a value");
	ok(as_recipe_preset(&r, "stl11", "moco", &err) == AS_EARG && strstr(err.text, "cifar, stl10, imagenet100, imagenet"),
	   "an unknown recipe: %s", err.text);
	ok(as_recipe_preset(&r, "stl10", "mocov3", &err) == AS_EARG && strstr(err.text, "mocov3"), "an unknown method: %s", err.text);
	return done();
}
