#include "ssl/recipe.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "nn/optim.h"
#include "ssl/method.h"

#define AT(field) offsetof(struct as_recipe, field)
#define TEXT(field) AS_V_TEXT, AT(field), sizeof((struct as_recipe *)0)->field
#define LIST(field) AS_V_LIST, AT(field), sizeof((struct as_recipe *)0)->field

/* What the values are about. */
#define METHOD "Method"
#define HEADS "AugSelf heads"
#define NETWORK "Network"
#define BATCHES "Batches"
#define OPTIMIZER "Optimizer"
#define SCHEDULE "Schedule"
#define RUNNING "Running"

const struct as_value as_recipe_values[] = {
	{"method", 'm', TEXT(method), 0, 0, "NAME", "how to learn (default: the first that --list has)", METHOD},
	{"set", 0, LIST(settings), 0, 0, "NAME=V,...", "settings of the method, see --list", METHOD},
	{"augself", 'a', TEXT(augself), 0, 0, "NAME=W,...", "AugSelf heads and weights, e.g. crop=1,color=1; or none", HEADS},
	{"augself-from", 0, AS_V_WHOLE, AT(augself_from), 0, 0, AS_MAX_POINTS, "N",
	 "stage of the backbone that feeds the heads, from 1 (default 0: the output)", HEADS},
	{"augself-only", 0, AS_V_FLAG, AT(augself_only), 0, 0, 1, NULL, "train the heads' losses alone", HEADS},
	{"head-hidden", 0, AS_V_WHOLE, AT(head_hidden), 0, 1, 65536, "N", "width of the heads' hidden layers (default 512)", HEADS},
	{"compat", 0, TEXT(compat), 0, 0, "WORD,...", "repeat faults of the authors' release, see --list", METHOD},
	{"arch", 0, TEXT(backbone.arch), 0, 0, "NAME", "the backbone (default: the first that --list has)", NETWORK},
	{"stem", 0, TEXT(backbone.stem), 0, 0, "NAME", "cifar (default): 3x3, no pool; imagenet: 7x7/2 and max-pool", NETWORK},
	{"width", 'w', AS_V_NUMBER, AT(backbone.width), 0, .015625, 8, "X",
	 "how wide the network is: times its usual channels (default 1)", NETWORK},
	{"size", 0, AS_V_WHOLE, AT(backbone.size), 0, 0, 4096, "N", "side of the views (default 0: what the stream has)", NETWORK},
	{"batch", 'b', AS_V_WHOLE, AT(batch), 0, 2, 65536, "N", "images a step (default 256)", BATCHES},
	{"grains", 0, AS_V_WHOLE, AT(grains), 0, 0, 65536, "G",
	 "sum G parts of a batch apart (default 0: parts of 64 images or more)", BATCHES},
	{"base-lr", 0, AS_V_NUMBER, AT(base_lr), 0, 0, 1000, "X", "learning rate at batch 256 (default 0.03)", OPTIMIZER},
	{"optimizer", 0, TEXT(optimizer), 0, 0, "NAME", "how weights move (default: the first that --list has)", OPTIMIZER},
	{"momentum", 0, AS_V_NUMBER, AT(momentum), 0, 0, 1, "X", "momentum of the optimizer (default 0.9)", OPTIMIZER},
	{"wd", 0, AS_V_NUMBER, AT(decay), 0, 0, 1, "X", "weight decay (default 5e-4)", OPTIMIZER},
	{"spare-norm", 0, AS_V_FLAG, AT(spare_norm), 0, 0, 1, "0|1", "1: no weight decay on batch norm and biases (default 0)", OPTIMIZER},
	{"trust", 0, AS_V_NUMBER, AT(trust), 0, 0, 1, "X", "trust coefficient of LARS (default 0: none)", OPTIMIZER},
	{"warmup", 0, AS_V_WHOLE, AT(warmup), 0, 0, 100000, "N", "epochs of linear warm-up (default 0)", SCHEDULE},
	{"epochs", 0, AS_V_WHOLE, AT(epochs), 0, 0, 1e6, "N", "epochs of the schedule (default 0: the stream's)", SCHEDULE},
	{"classes", 0, AS_V_WHOLE, AT(classes), 0, 0, 1e6, "N", "classes of the labels (default 0: the stream's)", BATCHES},
	{"exact", 0, AS_V_FLAG, AT(exact), 0, 0, 1, NULL, "convolutions by the formula, without Winograd's shortcut", RUNNING},
	{"bf16", 0, AS_V_FLAG, AT(bf16), 0, 0, 1, NULL, "maps of the backbone in bfloat16, where the CPU has it", RUNNING},
	{"seed", 's', AS_V_WHOLE, AT(seed), 0, 0, 9007199254740992.0, "N", "base seed (default 0)", RUNNING},
};
const int as_recipe_nvalues = sizeof as_recipe_values / sizeof *as_recipe_values;

/* What the papers set for all methods; what a method sets itself is in its file. */
static const struct as_word recipes[] = {
	{"cifar", "arch=resnet18 stem=cifar size=32 epochs=200 batch=256 base-lr=.03 wd=5e-4 augself=crop=1,color=1"},
	{"stl10", "arch=resnet18 stem=imagenet size=96 epochs=200 batch=256 base-lr=.03 wd=5e-4 augself=crop=1,color=1"},
	{"imagenet100", "arch=resnet50 stem=imagenet size=224 epochs=500 batch=256 base-lr=.03 wd=1e-4 "
			"augself=crop=.5,color=.5"},
	{"imagenet", "arch=resnet50 stem=imagenet size=224 augself=crop=1,color=1"},
};
enum { RECIPES = sizeof recipes / sizeof *recipes };

const char *as_recipe_name(int i, const char **says)
{
	if (i >= RECIPES)
		return NULL;
	*says = recipes[i].says;
	return recipes[i].name;
}

void as_recipe_default(struct as_recipe *r)
{
	*r = (struct as_recipe){.backbone = {"resnet18", "cifar", 1, 0}, .head_hidden = 512, .batch = 256, .base_lr = .03,
				.momentum = .9, .decay = 5e-4};
	snprintf(r->method, sizeof r->method, "%s", as_methods[0]->name);
	snprintf(r->optimizer, sizeof r->optimizer, "%s", as_optimizers[0]->name);
}

/* Removes a pair from "a=1,b=2". */
static void drop(char *list, const char *name)
{
	size_t n = strlen(name);
	for (char *at = list, *next; *at; at = next) {
		size_t length = strcspn(at, ",");
		next = at + length + (at[length] == ',');
		if (strncmp(at, name, n) || (at[n] != '=' && n != length))
			continue;
		memmove(at, next, strlen(next) + 1);
		next = at;
	}
	n = strlen(list);
	if (n && list[n - 1] == ',')
		list[n - 1] = 0;
}

/* Adds pairs to a list; a pair replaces the one with the same name. */
static int add(char *list, size_t room, const char *text, struct as_error *err)
{
	struct as_pair pair;
	int rc;
	while ((rc = as_pair_next(&text, ",", &pair, err)) > 0) {
		drop(list, pair.name);
		size_t used = strlen(list);
		int n = snprintf(list + used, room - used, "%s%s=%s", used ? "," : "", pair.name, pair.value);
		if ((size_t)n >= room - used)
			return as_fail(err, AS_EARG, "more than %zu characters", room - 1);
	}
	return rc;
}

static int put(struct as_recipe *r, const struct as_value *v, const char *text, struct as_error *err)
{
	char *at = (char *)r + v->at;
	uint64_t whole;
	int rc = 0;
	switch (v->type) {
	case AS_V_TEXT:
	case AS_V_LIST:
		if (strlen(text) >= v->room || strchr(text, '\n'))
			return as_fail(err, AS_EARG, "'%.40s...' is too long, or more than a line", text);
		if (v->type == AS_V_LIST)
			return add(at, v->room, text, err);
		snprintf(at, v->room, "%s", text);
		break;
	case AS_V_NUMBER:
		rc = as_parse_f64(text, v->lo, v->hi, (double *)(void *)at, err);
		break;
	default:
		rc = as_parse_u64(text, (uint64_t)v->lo, (uint64_t)v->hi, &whole, err);
		if (!rc && v->type == AS_V_FLAG)
			*(bool *)at = whole;
		else if (!rc)
			*(int64_t *)(void *)at = (int64_t)whole;
	}
	return rc;
}

int as_recipe_set(struct as_recipe *r, const char *name, const char *text, struct as_error *err)
{
	for (int i = 0; i < as_recipe_nvalues; i++)
		if (!strcmp(as_recipe_values[i].name, name))
			return put(r, &as_recipe_values[i], text, err) < 0 ? as_fail_within(err, "%s", name) : 0;
	char known[512] = "";
	for (int i = 0; i < as_recipe_nvalues; i++)
		as_enlist(known, sizeof known, as_recipe_values[i].name);
	return as_fail(err, AS_EARG, "no value is called '%.40s'%s", name, as_near(name, known, &(struct as_hint){0}));
}

/* Sets each value of "arch=resnet18 wd=5e-4". */
static int set_all(struct as_recipe *r, const char *list, struct as_error *err)
{
	struct as_pair pair;
	int rc;
	while ((rc = as_pair_next(&list, " ", &pair, err)) > 0)
		if ((rc = as_recipe_set(r, pair.name, pair.value, err)) < 0)
			return rc;
	return rc;
}

static const char *says(const struct as_word *list, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(list[i].name, name))
			return list[i].says;
	return NULL;
}

static const char *name_at(int i)
{
	const char *text;
	return as_recipe_name(i, &text);
}

int as_recipe_preset(struct as_recipe *r, const char *name, const char *method, struct as_error *err)
{
	const struct as_method *m = as_method_find(method, err);
	int i = m ? as_find("recipe", name, name_at, err) : AS_EARG;
	if (i < 0)
		return AS_EARG;
	const char *own = says(m->recipe, m->nrecipe, name);
	int rc = as_recipe_set(r, "method", method, err);
	rc = rc ? rc : set_all(r, recipes[i].says, err);
	return rc || !own ? rc : set_all(r, own, err);
}

static void print(FILE *f, const struct as_recipe *r, const struct as_value *v)
{
	const char *at = (const char *)r + v->at;
	char number[32];
	switch (v->type) {
	case AS_V_TEXT:
	case AS_V_LIST:
		fprintf(f, "%s = %s\n", v->name, at);
		break;
	case AS_V_NUMBER:
		fprintf(f, "%s = %s\n", v->name, as_format_f64(*(const double *)(const void *)at, number));
		break;
	case AS_V_FLAG:
		fprintf(f, "%s = %d\n", v->name, *(const bool *)at);
		break;
	case AS_V_WHOLE:
		fprintf(f, "%s = %lld\n", v->name, (long long)*(const int64_t *)(const void *)at);
	}
}

char *as_recipe_text(const struct as_recipe *r)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		return NULL;
	for (int i = 0; i < as_recipe_nvalues; i++)
		print(f, r, &as_recipe_values[i]);
	bool bad = ferror(f);
	if (fclose(f) || bad) {
		free(text);
		return NULL;
	}
	return text;
}

/* A line's value, which has not been given before. */
static int set_once(struct as_recipe *r, const struct as_line *line, bool *given, struct as_error *err)
{
	for (int i = 0; i < as_recipe_nvalues; i++)
		if (!strcmp(as_recipe_values[i].name, line->name)) {
			if (given[i])
				return as_fail(err, AS_EDATA, "%s stands twice", line->name);
			given[i] = true;
		}
	return as_recipe_set(r, line->name, line->value, err);
}

int as_recipe_parse(struct as_recipe *out, const char *text, struct as_error *err)
{
	struct as_recipe r = *out;
	bool given[sizeof as_recipe_values / sizeof *as_recipe_values] = {false};
	struct as_line line = {0};
	int rc;
	while ((rc = as_line_next(&text, &line, err)) > 0 && (rc = set_once(&r, &line, given, err)) == 0)
		;
	if (rc < 0) {
		as_fail_within(err, "line %d", line.number);
		return as_fail_code(err, AS_EDATA);
	}
	*out = r;
	return 0;
}

char *as_recipe_whole(const char *text, struct as_error *err)
{
	struct as_recipe r;
	as_recipe_default(&r);
	r.grains = 1;
	if (as_recipe_parse(&r, text, err))
		return NULL;
	if (!as_recipe_line(text, "optimizer"))
		snprintf(r.optimizer, sizeof r.optimizer, "%s", r.trust > 0 ? "lars" : "sgd");
	char *whole = as_recipe_text(&r);
	if (!whole)
		as_fail(err, AS_EMEM, "no memory");
	return whole;
}

int as_recipe_line(const char *text, const char *name)
{
	size_t n = strlen(name);
	for (int line = 1; *text; line++) {
		const char *at = text + strspn(text, " \t");
		if (!strncmp(at, name, n) && at[n + strspn(at + n, " \t")] == '=')
			return line;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return 0;
}
