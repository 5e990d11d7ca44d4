/* The presets: the ops in the order of as_augs, with their default settings, but for the size of crops in `linear`:
 * the views on which linear classifiers are trained (He et al. 2020, section 4.1, and LooC), which are those of
 * Szegedy et al. 2015, one of each image. */
#include <stdio.h>
#include <string.h>

#include "aug/policy.h"
#include "base/text.h"

static const struct preset {
	const char *name;
	int size;
	float mean[3], std[3];
	const char *ops[8];
	double smallest; /* scale_min of crop, in place of its default; 0: the default */
	int views;       /* of each image; 0: the usual two */
} presets[] = {
	{"cifar", 32, {.4914f, .4822f, .4465f}, {.2470f, .2435f, .2616f}, {"crop", "flip", "color", "gray"}, 0, 0},
	{"stl10", 96, {.43f, .42f, .39f}, {.27f, .26f, .27f}, {"crop", "flip", "color", "gray", "blur"}, 0, 0},
	{"imagenet", 224, {.485f, .456f, .406f}, {.229f, .224f, .225f}, {"crop", "flip", "color", "gray", "blur"}, 0, 0},
	{"linear", 224, {.485f, .456f, .406f}, {.229f, .224f, .225f}, {"crop", "flip"}, .08, 1},
};
enum { PRESETS = sizeof presets / sizeof *presets };

const char *as_preset_name(int i)
{
	return i < PRESETS ? presets[i].name : NULL;
}

static const struct {
	const char *name;
	double k;
} strengths[] = {{"weak", .5}, {"default", 1}, {"strong", 2}};
enum { STRENGTHS = sizeof strengths / sizeof *strengths };

/* Whether the n characters at `at` are the word. */
static bool is_word(const char *at, size_t n, const char *word)
{
	return strlen(word) == n && !memcmp(at, word, n);
}

static const struct preset *find_preset(const char *at, size_t n)
{
	for (int i = 0; i < PRESETS; i++)
		if (is_word(at, n, presets[i].name))
			return &presets[i];
	return NULL;
}

/* The strength that the n characters name; 0: none of the three. */
static double find_strength(const char *at, size_t n)
{
	for (int i = 0; i < STRENGTHS; i++)
		if (is_word(at, n, strengths[i].name))
			return strengths[i].k;
	return 0;
}

/* "preset: 'WORD' is none of" the list, of a word of n characters. */
static int no_word(const char *at, size_t n, const char *what, const char *list, struct as_error *err)
{
	char word[41];
	snprintf(word, sizeof word, "%.*s", (int)(n > 40 ? 40 : n), at);
	return as_fail(err, AS_EARG, "preset: '%s' is %s%s%s", word, what, list, as_near(word, list, &(struct as_hint){0}));
}

/* What +NAME may add. */
static int no_extra(const char *at, size_t n, struct as_error *err)
{
	char names[128] = "";
	for (int i = 0; as_augs[i]; i++)
		if (!as_augs[i]->box)
			as_enlist(names, sizeof names, as_augs[i]->name);
	return no_word(at, n, "no augmentation to add, these are: ", names, err);
}

static int no_preset(const char *at, size_t n, struct as_error *err)
{
	char names[64] = "";
	for (int i = 0; i < PRESETS; i++)
		as_enlist(names, sizeof names, presets[i].name);
	return no_word(at, n, "none of ", names, err);
}

static bool has_op(const struct preset *preset, const char *name)
{
	for (int i = 0; preset->ops[i]; i++)
		if (!strcmp(preset->ops[i], name))
			return true;
	return false;
}

/* Reads "+rotation+solarize" into one bit for each entry of as_augs. */
static int parse_extras(const char *at, unsigned *extras, struct as_error *err)
{
	*extras = 0;
	while (*at) {
		size_t n = strcspn(++at, "+");
		int i = 0;
		while (as_augs[i] && !(is_word(at, n, as_augs[i]->name) && !as_augs[i]->box))
			i++;
		if (!as_augs[i])
			return no_extra(at, n, err);
		*extras |= 1u << i;
		at += n;
	}
	return 0;
}

int as_policy_preset(const char *name, struct as_policy *out, struct as_error *err)
{
	size_t n = strcspn(name, ":+");
	const struct preset *preset = find_preset(name, n);
	double k = 1;
	unsigned extras;
	if (!preset)
		return no_preset(name, n, err);
	const char *at = name + n;
	if (*at == ':') {
		n = strcspn(++at, "+");
		k = find_strength(at, n);
		if (k == 0)
			return no_word(at, n, "none of ", "weak, default, strong", err);
		at += n;
	}
	int rc = parse_extras(at, &extras, err);
	if (rc < 0)
		return rc;
	struct as_policy p = {.size = preset->size, .count = preset->views};
	if (strlen(name) >= sizeof p.name)
		return as_fail(err, AS_EARG, "preset: '%.40s...' has more than %zu characters", name, sizeof p.name - 1);
	strcpy(p.name, name);
	memcpy(p.mean, preset->mean, sizeof p.mean);
	memcpy(p.std, preset->std, sizeof p.std);
	for (int i = 0; as_augs[i] && rc == 0; i++) {
		struct as_law law;
		as_law_preset(as_augs[i], k, &law);
		if (extras & 1u << i || has_op(preset, as_augs[i]->name))
			rc = as_policy_add(&p, as_augs[i], &law, err);
	}
	if (rc == 0 && preset->smallest > 0)
		rc = as_policy_set(&p, 0, "scale_min", preset->smallest, err);
	if (rc == 0)
		*out = p;
	return rc;
}
