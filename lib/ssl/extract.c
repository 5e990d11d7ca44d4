#include "ssl/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/roles.h"
#include "base/rng.h"
#include "kern/gemm.h"
#include "nn/mlp.h"

enum { MAX_MLP = 8 };

struct as_extractor {
	struct as_engine engine;
	struct as_params params;
	struct as_net backbone, projector;
	struct as_pass pass, project;
	struct as_workspace work;
	struct as_arena arena;
	struct as_policy policy;
	bool projects;
	int64_t batch;
	uint64_t hash;
	const char *note;
	char name[400];
};

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

/* Finds architecture, stem and width from the tensors; the stem as asked for, or as the file says. */
static int guess(const struct as_safetensors *s, const char *asked, struct as_backbone *b, struct as_error *err)
{
	char noted[16];
	bool notes = recipe_says(as_safetensors_meta(s, "recipe"), "stem", noted, sizeof noted);
	if (asked && notes && strcmp(asked, noted) != 0)
		return as_fail(err, AS_EARG, "stem: '%s', but the file says that it is '%s'", asked, noted);
	return as_arch_recognise(s, asked ? asked : notes ? noted : NULL, b, err);
}

/* Sets size, mean and std: those of the first role of the training policy, or else ImageNet's. */
static int eval_policy(struct as_extractor *e, const struct as_safetensors *s, int size, struct as_error *err)
{
	const char *text = as_safetensors_meta(s, "policy");
	struct as_roles r = {.n = 0};
	int rc = text ? as_roles_parse(text, &r, err) : as_policy_preset("imagenet", &r.role[0], err);
	const struct as_policy *p = &r.role[0];
	if (!rc)
		as_policy_eval(size ? size : p->size, p->mean, p->std, AS_BICUBIC, &e->policy);
	return rc;
}

/* Builds the projector with widths from the shapes of its Linear layers. */
static int build_projector(struct as_extractor *e, const struct as_safetensors *s, struct as_error *err)
{
	int64_t width[MAX_MLP + 1] = {as_net_out(&e->backbone)};
	char name[64];
	int n = 0;
	for (; n < MAX_MLP; n++) {
		snprintf(name, sizeof name, "projector.%d.weight", 3 * n);
		const struct as_tensor *t = as_safetensors_find(s, name);
		if (!t)
			break;
		/* checked before memory is taken for it */
		if (t->ndim != 2 || t->shape[0] < 1 || t->shape[1] != width[n])
			return as_fail(err, AS_EDATA, "tensor %s: not (n,%lld)", name, (long long)width[n]);
		width[n + 1] = t->shape[0];
	}
	if (!n)
		return as_fail(err, AS_EDATA, "has no projector: --layer backbone takes none");
	snprintf(name, sizeof name, "projector.%d.running_mean", 3 * n - 2);
	enum as_mlp_end end = as_safetensors_find(s, name) ? AS_MLP_NORM : AS_MLP_BARE;
	snprintf(name, sizeof name, "projector.%d.bias", 3 * n - 3);
	end = end == AS_MLP_BARE && as_safetensors_find(s, name) ? AS_MLP_BIAS : end;
	as_mlp(&e->projector, "projector", width, n + 1, end, &e->params, &e->engine);
	const struct as_error *failed = &e->projector.failed;
	return failed->code ? as_fail(err, failed->code, "%s", failed->text) : 0;
}

static void plan(struct as_extractor *e)
{
	e->work = (struct as_workspace){0};
	as_net_plan_weights(&e->backbone, &e->arena);
	as_net_plan(&e->backbone, e->batch, AS_EVAL, &e->arena, &e->work, &e->pass);
	if (e->projects)
		as_net_plan(&e->projector, e->batch, AS_EVAL, &e->arena, &e->work, &e->project);
	as_workspace_plan(&e->work, &e->arena);
}

/* Checks that every tensor under the backbone's names is used, because otherwise it is another network,
 * with other features. */
static int check_used(const struct as_extractor *e, const struct as_safetensors *s, const char *arch, struct as_error *err)
{
	const char *left = as_arch_left_over(arch, s, e->projects ? "projector." : NULL, &e->params);
	return left ? as_fail(err, AS_EDATA, "tensor %.200s: not part of a network that is known here", left) : 0;
}

/* Builds the networks and loads their weights. */
static int build(struct as_extractor *e, const struct as_safetensors *s, const struct as_extract *how,
		 struct as_backbone *b, struct as_error *err)
{
	int rc = guess(s, how->stem, b, err);
	rc = rc ? rc : eval_policy(e, s, how->size, err);
	if (rc)
		return rc;
	b->size = e->policy.size;
	as_backbone_build(&e->backbone, b, &e->params, &e->engine);
	if (e->backbone.failed.code)
		return as_fail(err, e->backbone.failed.code, "%s", e->backbone.failed.text);
	rc = e->projects ? build_projector(e, s, err) : 0;
	rc = rc ? rc : check_used(e, s, b->arch, err);
	rc = rc ? rc : as_params_alloc(&e->params, &e->engine, NULL, err);
	return rc ? rc : as_params_load(&e->params, "", false, s, err);
}

/* Makes the name and the note for messages, and the hash. */
static void introduce(struct as_extractor *e, const struct as_safetensors *s, const struct as_backbone *b,
		      const char *prefix, bool several)
{
	char which[sizeof e->name];
	const char *step = as_safetensors_meta(s, "step");
	snprintf(e->name, sizeof e->name, "%s %s x%g, %d px%s%s%s%s%s%s", b->arch, b->stem, b->width, (int)b->size,
		 as_safetensors_meta(s, "policy") ? "" : ", mean and std of ImageNet", step ? ", step " : "", step ? step : "",
		 *prefix ? ", under '" : "", prefix, *prefix ? "'" : "");
	e->note = as_safetensors_note(s);
	e->hash = as_safetensors_hash(s);
	if (!several && !e->projects)
		return;
	snprintf(which, sizeof which, "%016llx %s%s", (unsigned long long)e->hash, prefix, e->projects ? "projector" : "");
	e->hash = as_hash64(which, strlen(which));
}

/* Takes memory, and prepares the weights for evaluation. */
static int prepare(struct as_extractor *e, struct as_error *err)
{
	as_net_freeze(&e->backbone);
	plan(e);
	int rc = as_arena_open(&e->arena, e->engine.kern->memory, err);
	if (rc)
		return rc;
	plan(e);
	as_net_prepare(&e->backbone);
	return 0;
}

/* A state holds several networks; the trained one has no prefix. */
static bool is_ours(const struct as_safetensors *s)
{
	const char *format = as_safetensors_meta(s, "format");
	return format && !strncmp(format, "augself-", 8);
}

static int load(struct as_extractor *e, struct as_safetensors *s, const struct as_extract *how, struct as_error *err)
{
	struct as_backbone b = {.width = 0};
	char prefix[256] = "";
	bool several = false;
	int rc = is_ours(s) && !how->prefix ? 0 : as_arch_enter(s, how->prefix, prefix, sizeof prefix, &several, err);
	rc = rc ? rc : build(e, s, how, &b, err);
	if (rc)
		return rc;
	introduce(e, s, &b, prefix, several && *prefix);
	return prepare(e, err);
}

int as_extractor_open(struct as_extractor **out, const char *path, const struct as_extract *how,
		      const struct as_engine *engine, struct as_error *err)
{
	struct as_safetensors *s = NULL;
	struct as_extractor *e = calloc(1, sizeof *e);
	if (!e)
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	e->engine = (struct as_engine){engine->kern, engine->pool, 1};
	e->projects = how->projector;
	e->batch = how->batch;
	int rc = as_safetensors_open(&s, path, err);
	if (!rc && (rc = load(e, s, how, err)))
		as_fail_within(err, "%s", path);
	as_safetensors_close(s);
	if (!rc)
		rc = as_blas_ready(engine->pool, err);
	if (rc)
		as_extractor_close(e);
	else
		*out = e;
	return rc;
}

void as_extractor_close(struct as_extractor *e)
{
	if (!e)
		return;
	as_arena_close(&e->arena);
	as_params_clear(&e->params);
	free(e);
}

const struct as_policy *as_extractor_policy(const struct as_extractor *e)
{
	return &e->policy;
}

const char *as_extractor_name(const struct as_extractor *e)
{
	return e->name;
}

const char *as_extractor_note(const struct as_extractor *e)
{
	return e->note;
}

uint64_t as_extractor_hash(const struct as_extractor *e)
{
	return e->hash;
}

int64_t as_extractor_width(const struct as_extractor *e)
{
	return as_net_out(e->projects ? &e->projector : &e->backbone);
}

const float *as_extractor_run(struct as_extractor *e, float *x, int64_t n)
{
	as_policy_normalise(&e->policy, n * e->policy.size * e->policy.size, x);
	const float *y = as_net_forward(&e->backbone, &e->pass, x, n);
	return e->projects ? as_net_forward(&e->projector, &e->project, y, n) : y;
}
