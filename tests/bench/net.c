/* Steps of training and features, from batches that are in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "bench.h"
#include "ssl/extract.h"
#include "step.h"

struct net {
	struct as_trainer *trainer;
	struct as_extractor *extractor;
	struct as_engine engine;
	struct as_policy policy;
	struct as_roles roles;
	struct as_batch batch;
	float *x, *spent; /* features: spent is normalised in place */
	int64_t n;
};

static void must(int rc, const struct as_error *err)
{
	if (rc)
		die("%s", err->text);
}

static struct as_pool *pool_of(int threads)
{
	struct as_pool *pool;
	struct as_error err;
	must(as_pool_new(&pool, threads, &err), &err);
	return pool;
}

void step_draw(struct as_batch *b, const struct as_policy *p, int64_t n)
{
	struct as_size source = {p->size, p->size};
	b->n = n;
	b->label = calloc((size_t)n, sizeof *b->label);
	if (!b->label)
		die("no memory");
	for (int v = 0; v < AS_PAIR; v++) {
		b->param[v] = floats(n * p->nparam);
		b->omega[v] = floats(n * p->nomega);
		for (int64_t i = 0; i < n; i++)
			as_policy_sample(p, 1, (uint64_t)i, 0, v, source, b->param[v] + i * p->nparam, b->omega[v] + i * p->nomega);
	}
}

void step_fill(struct as_batch *b, const struct as_policy *p)
{
	struct as_rng rng = as_rng_at(1, 0, 0, 0, 0);
	int64_t pixels = b->n * p->size * p->size;
	for (int v = 0; v < AS_PAIR; v++) {
		for (int64_t i = 0; i < pixels * 3; i++)
			b->x[v][i] = (float)as_rng_uniform(&rng);
		as_policy_normalise(p, pixels, b->x[v]);
	}
}

static void fill(struct as_batch *b, const struct as_policy *p, int64_t n)
{
	for (int v = 0; v < AS_PAIR; v++)
		b->x[v] = floats(n * p->size * p->size * 3);
	step_draw(b, p, n);
	step_fill(b, p);
}

struct as_recipe step_recipe(struct as_policy *policy, const char *arch, int size, int batch)
{
	struct as_error err;
	struct as_recipe r;
	bool small = size <= 64;
	as_recipe_default(&r);
	must(as_recipe_preset(&r, small ? "cifar" : "stl10", "simsiam", &err), &err);
	must(as_policy_preset(small ? "cifar" : "stl10", policy, &err), &err);
	policy->size = size;
	snprintf(r.augself, sizeof r.augself, "crop=.5,color=.5");
	snprintf(r.backbone.arch, sizeof r.backbone.arch, "%s", arch);
	r.backbone.size = size;
	r.batch = batch;
	r.epochs = 100;
	return r;
}

/* What ssl-train --plan says of a step, in operations. */
static double step_flops(const struct as_trainer *t)
{
	char *text = as_trainer_describe(t);
	const char *at = text ? strstr(text, "# a step of ") : NULL;
	double gigas = 0;
	if (!at || sscanf(at, "# a step of %*d images: %lf", &gigas) != 1)
		die("--plan does not say what a step costs");
	free(text);
	return gigas * 1e9;
}

static double run_step(void *self)
{
	struct net *s = self;
	struct as_outcome o;
	struct as_error err;
	must(as_trainer_step(s->trainer, &s->batch, &o, &err), &err);
	return (double)s->n;
}

static const char *fmas(int threads)
{
	return threads > 1 ? "fma2" : "fma1";
}

/* grains: 0 is as many as ssl-train makes of such a batch. */
static void open_steps(char **arg, int64_t grains, bool bf16, struct job *job)
{
	struct net *s = calloc(1, sizeof *s);
	struct as_error err;
	int threads = whole(arg[2]);
	s->n = whole(arg[1]);
	struct as_recipe r = step_recipe(&s->policy, "resnet18", whole(arg[0]), (int)s->n);
	r.bf16 = bf16;
	r.grains = grains ? grains : as_grains_usual(s->n);
	s->roles = as_roles_of(&s->policy, 2);
	s->engine = (struct as_engine){as_kern_chosen(false), pool_of(threads), 1, NULL};
	must(as_trainer_new(&s->trainer, &r, &s->roles, &s->engine, true, &err), &err);
	fill(&s->batch, &s->policy, s->n);
	*job = (struct job){s, run_step, {{fmas(threads), step_flops(s->trainer) / (double)s->n}}};
}

static void open_step(char **arg, struct job *job)
{
	open_steps(arg, 1, false, job);
}

static void open_step_bf16(char **arg, struct job *job)
{
	open_steps(arg, 1, true, job);
}

static void open_grains(char **arg, struct job *job)
{
	open_steps(arg, strcmp(arg[3], "usual") ? whole(arg[3]) : 0, false, job);
}

/* The network of a trainer at its start, through a model file as feat-extract reads it. */
static void open_extractor(struct net *s, const struct as_recipe *r, bool bf16)
{
	char path[] = "/tmp/augself-bench.XXXXXX";
	struct as_trainer *t;
	struct as_error err;
	int fd = mkstemp(path);
	if (fd < 0)
		die("%s: no file", path);
	close(fd);
	must(as_trainer_new(&t, r, &s->roles, &s->engine, true, &err), &err);
	must(as_trainer_model(t, path, "", NULL, &err), &err);
	as_trainer_free(t);
	int rc = as_extractor_open(&s->extractor, path, &(struct as_extract){.batch = s->n, .bf16 = bf16}, &s->engine, &err);
	remove(path);
	must(rc, &err);
}

static double backbone_macs(const struct as_backbone *b)
{
	static struct as_net net;
	struct as_params params = {0};
	double macs = 0;
	as_backbone_build(&net, b, &params, &(struct as_engine){as_kern_chosen(false), NULL, 1, NULL});
	for (int i = 0; i < net.nlayer; i++)
		macs += (double)as_layer_macs(&net, i);
	as_params_clear(&params);
	return macs;
}

/* The copy of the pixels, which running spoils, is a thousandth of it. */
static double run_features(void *self)
{
	struct net *s = self;
	int64_t pixels = (int64_t)s->policy.size * s->policy.size;
	memcpy(s->spent, s->x, (size_t)(s->n * pixels * 3) * sizeof(float));
	as_extractor_run(s->extractor, s->spent, s->n);
	return (double)s->n;
}

static void open_features_of(char **arg, bool bf16, struct job *job)
{
	struct net *s = calloc(1, sizeof *s);
	int threads = whole(arg[3]);
	s->n = 2; /* of the trainer that makes the model */
	struct as_recipe r = step_recipe(&s->policy, arg[0], whole(arg[1]), (int)s->n);
	s->roles = as_roles_of(&s->policy, 2);
	s->engine = (struct as_engine){as_kern_chosen(false), pool_of(threads), 1, NULL};
	s->n = whole(arg[2]);
	open_extractor(s, &r, bf16);
	fill(&s->batch, &s->policy, s->n);
	s->x = s->batch.x[0];
	s->spent = s->batch.x[1];
	*job = (struct job){s, run_features, {{fmas(threads), 2 * backbone_macs(&r.backbone)}}};
}

static void open_features(char **arg, struct job *job)
{
	open_features_of(arg, false, job);
}

static void open_features_bf16(char **arg, struct job *job)
{
	open_features_of(arg, true, job);
}

const struct work net_works[] = {
	{"step", "SIZE BATCH THREADS", 3, open_step},
	{"grains", "SIZE BATCH THREADS GRAINS|usual", 4, open_grains},
	{"step-bf16", "SIZE BATCH THREADS", 3, open_step_bf16},
	{"features", "ARCH SIZE BATCH THREADS", 4, open_features},
	{"features-bf16", "ARCH SIZE BATCH THREADS", 4, open_features_bf16},
	{0},
};
