#include "ssl/model.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "aug/roles.h"
#include "base/rng.h"
#include "base/text.h"
#include "nn/mlp.h"

enum { MAX_MLP = 8, MAX_WIDTH = 1 << 20 };

/* The value in a line "name = value" of a recipe. */
static bool recipe_says(const char *text, const char *name, char *out, size_t room)
{
	size_t n = strlen(name);
	for (; text && *text; text += *text == '\n') {
		size_t length = strcspn(text, "\n");
		if (length > n + 3 && !strncmp(text, name, n) && !strncmp(text + n, " = ", 3)) {
			snprintf(out, room, "%.*s", (int)(length - n - 3), text + n + 3);
			return true;
		}
		text += length;
	}
	return false;
}

/* A whole number of the recipe; otherwise `usual`. */
static uint64_t recipe_number(const struct as_safetensors *s, const char *name, uint64_t usual)
{
	char text[32];
	uint64_t value = usual;
	bool said = recipe_says(as_safetensors_meta(s, "recipe"), name, text, sizeof text);
	return said && !as_parse_u64(text, 0, MAX_WIDTH, &value, NULL) ? value : usual;
}

/* --- parts --- */

/* Builds the MLP with widths from the shapes of its Linear layers. */
static int build_mlp(struct as_model *m, struct as_net *net, const char *prefix, int64_t in, const struct as_safetensors *s,
		     struct as_error *err)
{
	int64_t width[MAX_MLP + 1] = {in};
	char name[64];
	int n = 0;
	for (; n < MAX_MLP; n++) {
		snprintf(name, sizeof name, "%s.%d.weight", prefix, 3 * n);
		const struct as_tensor *t = as_safetensors_find(s, name);
		if (!t)
			break;
		/* checked before memory is taken for it */
		if (t->ndim != 2 || t->shape[0] < 1 || t->shape[1] != width[n])
			return as_fail(err, AS_EDATA, "tensor %s: not (n,%lld)", name, (long long)width[n]);
		width[n + 1] = t->shape[0];
	}
	snprintf(name, sizeof name, "%s.%d.running_mean", prefix, 3 * n - 2);
	enum as_mlp_end end = as_safetensors_find(s, name) ? AS_MLP_NORM : AS_MLP_BARE;
	snprintf(name, sizeof name, "%s.%d.bias", prefix, 3 * n - 3);
	end = end == AS_MLP_BARE && as_safetensors_find(s, name) ? AS_MLP_BIAS : end;
	as_mlp(net, prefix, width, n + 1, end, &m->params, &m->engine);
	return as_nets_failed(err, 1, net);
}

static int build_projector(struct as_model *m, const struct as_safetensors *s, struct as_error *err)
{
	return build_mlp(m, &m->part[AS_PROJECTOR], "projector", as_net_out(&m->backbone), s, err);
}

static int build_predictor(struct as_model *m, const struct as_safetensors *s, struct as_error *err)
{
	return build_mlp(m, &m->part[AS_PREDICTOR], "predictor", as_net_out(&m->part[AS_PROJECTOR]), s, err);
}

static int build_classifier(struct as_model *m, const struct as_safetensors *s, struct as_error *err)
{
	const struct as_tensor *t = as_safetensors_find(s, "fc.weight");
	struct as_net *net = &m->part[AS_CLASSIFIER];
	if (t->ndim != 2 || t->shape[0] < 1 || t->shape[0] > MAX_WIDTH)
		return as_fail(err, AS_EDATA, "tensor fc.weight: not (n,%lld)", (long long)as_net_out(&m->backbone));
	as_net_init(net, "classifier", &m->params, &m->engine, 1, 1, as_net_out(&m->backbone));
	as_net_layer(net, "linear", 0, AS_NONE, "fc",
		     (struct as_spec){.out = t->shape[0], .bias = as_safetensors_find(s, "fc.bias") != NULL});
	return as_nets_failed(err, 1, net);
}

/* The heads as they were trained: which, on what, and by which losses. */
static int build_heads(struct as_model *m, const struct as_safetensors *s, struct as_error *err)
{
	char list[400] = "none", words[256] = "";
	const char *recipe = as_safetensors_meta(s, "recipe"), *at = words;
	uint64_t stage = recipe_number(s, "augself-from", 0);
	struct as_pair word;
	recipe_says(recipe, "augself", list, sizeof list);
	recipe_says(recipe, "compat", words, sizeof words);
	int rc = as_augself_parse(&m->heads, list, &m->training, err);
	while (!rc && as_pair_next(&at, ",", &word, err) > 0)
		as_augself_compat(&m->heads, word.name);
	if (!rc && stage > (uint64_t)m->backbone.npoint)
		rc = as_fail(err, AS_EDATA, "its recipe says augself-from = %llu, and %s has %d stages", (unsigned long long)stage,
			     m->what.arch, m->backbone.npoint);
	if (!rc && stage && !as_net_gives(&m->backbone, m->backbone.point[stage - 1].name))
		m->tap = as_net_tap(&m->backbone, m->backbone.point[stage - 1].name, err);
	if (rc || m->tap < AS_NONE)
		return rc ? rc : AS_EARG;
	int64_t d = m->tap < 0 ? as_net_out(&m->backbone) : as_net_tap_width(&m->backbone, m->tap);
	const struct as_build b = {.params = &m->params, .engine = &m->engine, .d = as_net_out(&m->backbone), .d_heads = d};
	return as_augself_build(&m->heads, &b, (int64_t)recipe_number(s, "head-hidden", 512), err);
}

static const struct part {
	const char *name, *doc;
	const char *first; /* the tensor, or the beginning of tensors, by which a file has it */
	const char *under; /* the beginning of its tensors */
	unsigned needs;    /* the part before it */
	int (*build)(struct as_model *, const struct as_safetensors *, struct as_error *);
} parts[AS_PARTS] = {
	[AS_PROJECTOR] = {"projector", "the method's projection of the features", "projector.0.weight", "projector.", 0, build_projector},
	[AS_PREDICTOR] = {"predictor", "the prediction from the projection", "predictor.0.weight", "predictor.", 1u << AS_PROJECTOR,
			  build_predictor},
	[AS_CLASSIFIER] = {"classifier", "a linear classifier's logits", "fc.weight", "fc.", 0, build_classifier},
	[AS_HEADS] = {"heads", "what AugSelf heads predict of how two views differ", NULL, "augself.", 0, build_heads},
};

const char *as_part_name(int i)
{
	return i < AS_PARTS ? parts[i].name : NULL;
}

const char *as_part_doc(int i)
{
	return parts[i].doc;
}

void as_parts_enlist(unsigned bits, char *list, size_t room)
{
	for (int i = 0; i < AS_PARTS; i++)
		if (bits & 1u << i)
			as_enlist(list, room, parts[i].name);
}

static bool has_under(const struct as_safetensors *s, const char *under)
{
	int i = 0;
	while (i < as_safetensors_count(s) && strncmp(as_safetensors_name(s, i), under, strlen(under)) != 0)
		i++;
	return i < as_safetensors_count(s);
}

/* What the file has. Heads mean something only by the recipe and the policy, which are in files of ours. */
static unsigned parts_in(const struct as_safetensors *s)
{
	bool told = as_safetensors_meta(s, "recipe") && as_safetensors_meta(s, "policy");
	unsigned bits = 0;
	for (int i = 0; i < AS_PARTS; i++) {
		bool has = parts[i].first ? as_safetensors_find(s, parts[i].first) != NULL : told && has_under(s, parts[i].under);
		if (has && (bits & parts[i].needs) == parts[i].needs)
			bits |= 1u << i;
	}
	return bits;
}

static int build_parts(struct as_model *m, const struct as_safetensors *s, unsigned wanted, struct as_error *err)
{
	char list[128] = "";
	m->there = parts_in(s);
	as_parts_enlist(m->there, list, sizeof list);
	wanted = wanted == UINT_MAX ? m->there : wanted;
	for (int i = 0; i < AS_PARTS; i++)
		wanted |= wanted & 1u << i ? parts[i].needs : 0;
	for (int i = 0; i < AS_PARTS; i++) {
		if (!(wanted & 1u << i))
			continue;
		if (!(m->there & 1u << i))
			return as_fail(err, AS_EDATA, "has no %s: beside the backbone it has %s", parts[i].name, *list ? list : "nothing");
		int rc = parts[i].build(m, s, err);
		if (rc)
			return rc;
	}
	m->built = wanted;
	return 0;
}

/* --- the file --- */

/* Finds architecture, stem and width from the tensors; the stem as asked for, or as the file says. */
static int guess(const struct as_safetensors *s, const char *asked, struct as_backbone *b, struct as_error *err)
{
	char noted[16];
	bool notes = recipe_says(as_safetensors_meta(s, "recipe"), "stem", noted, sizeof noted);
	if (asked && notes && strcmp(asked, noted) != 0)
		return as_fail(err, AS_EARG, "stem: '%s', but the file says that it is '%s': leave --stem out", asked, noted);
	return as_arch_recognise(s, asked ? asked : notes ? noted : NULL, b, err);
}

/* Sets size, mean and std: those of the first role of the training policy, or else ImageNet's. */
static int find_policy(struct as_model *m, const struct as_safetensors *s, int size, struct as_error *err)
{
	const char *text = as_safetensors_meta(s, "policy");
	struct as_roles r = {.n = 0};
	int rc = text ? as_roles_parse(text, &r, err) : as_policy_preset("imagenet", &r.role[0], err);
	const struct as_policy *p = &m->training;
	m->training = r.role[0];
	if (!rc)
		as_policy_eval(size ? size : p->size, p->mean, p->std, AS_BICUBIC, &m->eval);
	return rc;
}

/* Checks that every tensor under the names of the backbone and of the parts is used, because otherwise it is another
 * network, with other features. */
static int check_used(const struct as_model *m, const struct as_safetensors *s, struct as_error *err)
{
	const char *left = as_arch_left_over(m->what.arch, s, NULL, &m->params);
	for (int i = 0; i < AS_PARTS && !left; i++)
		if (m->built & 1u << i)
			left = as_arch_left_over(m->what.arch, s, parts[i].under, &m->params);
	return left ? as_fail(err, AS_EDATA, "tensor %.200s: not part of a network that is known here", left) : 0;
}

/* Builds the networks and loads their weights. */
static int build(struct as_model *m, const struct as_safetensors *s, const struct as_extract *how, unsigned wanted,
		 struct as_error *err)
{
	int rc = guess(s, how->stem, &m->what, err);
	rc = rc ? rc : find_policy(m, s, how->size, err);
	if (rc)
		return rc;
	m->what.size = m->eval.size;
	as_backbone_build(&m->backbone, &m->what, &m->params, &m->maps);
	rc = as_nets_failed(err, 1, &m->backbone);
	rc = rc ? rc : build_parts(m, s, wanted, err);
	rc = rc ? rc : check_used(m, s, err);
	rc = rc ? rc : as_params_alloc(&m->params, &m->engine, NULL, err);
	return rc ? rc : as_params_load(&m->params, "", false, s, err);
}

/* Makes the name and the note for messages, and the hash. */
static void introduce(struct as_model *m, const struct as_safetensors *s, const char *prefix, bool several, bool projects)
{
	char which[sizeof m->name];
	const char *step = as_safetensors_meta(s, "step");
	const struct as_backbone *b = &m->what;
	snprintf(m->name, sizeof m->name, "%s %s x%g, %d px%s%s%s%s%s%s", b->arch, b->stem, b->width, (int)b->size,
		 as_safetensors_meta(s, "policy") ? "" : ", mean and std of ImageNet", step ? ", step " : "", step ? step : "",
		 *prefix ? ", under '" : "", prefix, *prefix ? "'" : "");
	m->note = as_safetensors_note(s);
	m->hash = as_safetensors_hash(s);
	if (!several && !projects)
		return;
	snprintf(which, sizeof which, "%016llx %s%s", (unsigned long long)m->hash, prefix, projects ? "projector" : "");
	m->hash = as_hash64(which, strlen(which));
}

/* A state holds several networks; the trained one has no prefix. */
static bool is_ours(const struct as_safetensors *s)
{
	const char *format = as_safetensors_meta(s, "format");
	return format && !strncmp(format, "augself-", 8);
}

static int load(struct as_model *m, struct as_safetensors *s, const struct as_extract *how, unsigned wanted, struct as_error *err)
{
	char prefix[256] = "";
	bool several = false;
	int rc = is_ours(s) && !how->prefix ? 0 : as_arch_enter(s, how->prefix, prefix, sizeof prefix, &several, err);
	rc = rc ? rc : build(m, s, how, wanted, err);
	if (!rc)
		introduce(m, s, prefix, several && *prefix, how->projector);
	return rc;
}

int as_model_open(struct as_model *m, const char *path, const struct as_extract *how, unsigned wanted,
		  const struct as_engine *engine, struct as_error *err)
{
	struct as_safetensors *s = NULL;
	m->engine = (struct as_engine){engine->kern, engine->pool, 1, NULL};
	m->maps = m->engine;
	m->tap = AS_NONE;
	int rc = how->bf16 ? as_kern_bf16_chosen(engine->kern, &m->maps.kern, err) : 0;
	rc = rc ? rc : as_safetensors_open(&s, path, err);
	if (!rc && (rc = load(m, s, how, wanted, err)))
		as_fail_within(err, "%s", path);
	as_safetensors_close(s);
	return rc;
}

void as_model_clear(struct as_model *m)
{
	as_params_clear(&m->params);
}
