#include "ssl/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aug/policy.h"
#include "kern/gemm.h"

enum { MAX_MLP = 8, MAX_STEM = 4096 /* channels: what is wider is no file of ours */ };

struct as_extractor {
	struct as_params params;
	struct as_net backbone, projector;
	struct as_pass pass, project;
	struct as_workspace work;
	struct as_arena arena;
	struct as_policy policy;
	bool projects;
	int64_t batch;
	char name[96];
};

/* Architecture, stem and width as the tensors' names and shapes tell them. */
static int guess(const struct as_safetensors *s, struct as_backbone *b, struct as_error *err)
{
	const struct as_tensor *stem = as_safetensors_find(s, "conv1.weight");
	if (!stem || stem->ndim != 4 || stem->shape[1] != 3 || stem->shape[0] < 1 || stem->shape[0] > MAX_STEM)
		return as_fail(err, AS_EDATA, "is no ResNet: it has no conv1.weight of (k,3,r,r)");
	bool bottleneck = as_safetensors_find(s, "layer1.0.conv3.weight");
	bool deep = as_safetensors_find(s, "layer3.5.conv1.weight");
	if (as_safetensors_find(s, "layer3.6.conv1.weight") || (bottleneck && !deep))
		return as_fail(err, AS_EDATA, "is a ResNet, but none of %s", as_resnet_archs);
	snprintf(b->arch, sizeof b->arch, "%s", bottleneck ? "resnet50" : deep ? "resnet34" : "resnet18");
	snprintf(b->stem, sizeof b->stem, "%s", stem->shape[2] == 3 ? "cifar" : "imagenet");
	b->width = (double)stem->shape[0] / 64;
	return 0;
}

/* Size, mean and std: the training policy's, else ImageNet's. */
static int eval_policy(struct as_extractor *e, const struct as_safetensors *s, int size, struct as_error *err)
{
	const char *text = as_safetensors_meta(s, "policy");
	struct as_policy p;
	int rc = text ? as_policy_parse(text, &p, err) : as_policy_preset("imagenet", &p, err);
	if (!rc)
		as_policy_eval(size ? size : p.size, p.mean, p.std, AS_BICUBIC, &e->policy);
	return rc;
}

/* The projector's widths from its Linear layers' shapes. */
static int build_projector(struct as_extractor *e, const struct as_safetensors *s, const struct as_kern *kern,
			   struct as_pool *pool, struct as_error *err)
{
	int64_t width[MAX_MLP + 1] = {as_net_out(&e->backbone)};
	char name[64];
	int n = 0;
	for (; n < MAX_MLP; n++) {
		snprintf(name, sizeof name, "projector.%d.weight", 3 * n);
		const struct as_tensor *t = as_safetensors_find(s, name);
		if (!t)
			break;
		if (t->ndim != 2 || t->shape[0] < 1 || t->shape[1] != width[n]) /* before memory is taken for it */
			return as_fail(err, AS_EDATA, "tensor %s: not (n,%lld)", name, (long long)width[n]);
		width[n + 1] = t->shape[0];
	}
	if (!n)
		return as_fail(err, AS_EDATA, "has no projector");
	snprintf(name, sizeof name, "projector.%d.running_mean", 3 * n - 2);
	enum as_mlp_end end = as_safetensors_find(s, name) ? AS_MLP_NORM : AS_MLP_BARE;
	snprintf(name, sizeof name, "projector.%d.bias", 3 * n - 3);
	end = end == AS_MLP_BARE && as_safetensors_find(s, name) ? AS_MLP_BIAS : end;
	as_mlp(&e->projector, "projector", width, n + 1, end, &e->params, kern, pool);
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

static int load(struct as_extractor *e, const struct as_safetensors *s, int size, const struct as_kern *kern,
		struct as_pool *pool, struct as_error *err)
{
	struct as_backbone b = {.width = 0};
	int rc = guess(s, &b, err);
	rc = rc ? rc : eval_policy(e, s, size, err);
	if (rc)
		return rc;
	b.size = e->policy.size;
	as_resnet(&e->backbone, &b, &e->params, kern, pool);
	if (e->backbone.failed.code)
		return as_fail(err, e->backbone.failed.code, "%s", e->backbone.failed.text);
	rc = e->projects ? build_projector(e, s, kern, pool, err) : 0;
	rc = rc ? rc : as_params_alloc(&e->params, false, err);
	rc = rc ? rc : as_params_load(&e->params, "", false, s, err);
	if (rc)
		return rc;
	const char *step = as_safetensors_meta(s, "step");
	snprintf(e->name, sizeof e->name, "%s %s x%g, %d px%s%s", b.arch, b.stem, b.width, (int)b.size, step ? ", step " : "",
		 step ? step : "");
	as_net_freeze(&e->backbone);
	plan(e);
	rc = as_arena_open(&e->arena, err);
	if (rc)
		return rc;
	plan(e);
	as_net_prepare(&e->backbone);
	return 0;
}

int as_extractor_open(struct as_extractor **out, const char *path, int size, bool projector, int64_t batch,
		      const struct as_kern *kern, struct as_pool *pool, struct as_error *err)
{
	struct as_safetensors *s = NULL;
	struct as_extractor *e = calloc(1, sizeof *e);
	if (!e)
		return as_fail(err, AS_EMEM, "%s: no memory", path);
	e->projects = projector;
	e->batch = batch;
	int rc = as_safetensors_open(&s, path, err);
	if (!rc && (rc = load(e, s, size, kern, pool, err)))
		as_fail_within(err, "%s", path);
	as_safetensors_close(s);
	if (!rc)
		rc = as_blas_ready(pool, err);
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
