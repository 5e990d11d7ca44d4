/* What methods.c and ddp.c share: the trainings of methods.py, their batches, and what is compared of them. */
#ifndef AS_TESTS_TRAJECTORY_H
#define AS_TESTS_TRAJECTORY_H

#include "aug/roles.h"
#include "ssl/trainer.h"

#include "../batch.h"
#include "reference.h"

enum { B = 32, SIZE = 8, KEEP = 64, BRIEF_KEEP = 8 };

static const uint64_t epochs[] = {0, 0, 1, 1, 2}; /* of the steps */

#define LR .03
#define SIX "crop=1,color=.5,flip=.25,blur=.75,rotation=.125,solarize=2"
#define TWO "crop=1,color=2"
#define SIMSIAM .method = "simsiam", .settings = "hidden=32,bottleneck=8"
#define MOCO .method = "moco", .settings = "out=16,queue=36,temperature=.2,momentum=.9"
#define SIMCLR .method = "simclr", .settings = "hidden=24,out=16,temperature=.2"
#define BYOL .method = "byol", .settings = "hidden=32,out=16,momentum=.8"
#define SWAV .method = "swav", .settings = "hidden=32,out=16,prototypes=12"

/* CASES of methods.py. Recipes say what they differ in from recipe_of's. */
static const struct trajectory {
	const char *name;
	int steps;
	bool brief; /* for what is different in it: a sparser sample, looser at first */
	double lr;
	struct as_recipe recipe;
} trajectories[] = {
	{"simsiam18/", 5, false, LR, {SIMSIAM, .augself = SIX}},
	{"moco25/", 5, false, LR, {MOCO, .augself = TWO}},
	{"simclr44/", 5, false, LR, {SIMCLR, .augself = TWO, .spare_norm = true}},
	{"byol51/", 5, false, LR, {BYOL, .augself = TWO}},
	{"swav9/", 5, false, LR, {SWAV ",temperature=.2,epsilon=.1,freeze-steps=3", .augself = TWO}},
	{"supervised15/", 5, false, LR, {.method = "supervised", .augself = TWO}},
	{"lars24/", 3, false, .2, {SIMCLR, .augself = TWO, .optimizer = "lars", .trust = .02}},
	{"query45/", 2, true, LR, {MOCO, .augself = TWO, .compat = "moco-enqueue-query"}},
	{"broadcast26/", 2, true, LR, {SIMSIAM, .augself = "solarize=8", .compat = "solarize-broadcast"}},
	{"raw16/", 2, true, LR, {SIMSIAM, .augself = "blur=1", .compat = "blur-raw"}},
	{"epoch45/", 4, true, LR, {SWAV, .augself = TWO}},
	{"only47/", 2, true, LR, {MOCO, .augself = SIX, .augself_only = true}},
	{"through39/", 2, true, LR, {SIMSIAM ",stop=0", .augself = TWO}},
	{"deep30/", 2, true, LR, {SIMSIAM ",layers=3", .augself = "crop=8,color=8"}},
};

/* --- a batch --- */

/* Omega by column, each drawn by its own name; blur's parameter is twice its omega. */
static void draw_omega(const struct as_policy *policy, int step, int view, float *param, float *omega)
{
	static const struct { const char *op; int i; double lo, hi; } column[] = {
	    {"crop", 0, 0, .4}, {"crop", 1, 0, .4}, {"crop", 2, .2, .6}, {"crop", 3, .2, .6}, {"flip", 0, 0, 1},
	    {"color", 0, -.5, .5}, {"color", 1, -.5, .5}, {"color", 2, -.5, .5}, {"color", 3, -.5, .5},
	    {"blur", 0, 0, 1}, {"solarize", 0, 0, 1}, {"rotation", 0, 0, 4}};
	memset(param, 0, (size_t)(B * policy->nparam) * sizeof *param);
	memset(omega, 0, (size_t)(B * policy->nomega) * sizeof *omega);
	for (size_t c = 0; c < sizeof column / sizeof *column; c++) {
		char name[64];
		float values[B];
		const struct as_op *op = &policy->op[as_policy_find(policy, column[c].op)];
		snprintf(name, sizeof name, "step%d.omega%d.%s%d", step, view + 1, column[c].op, column[c].i);
		draw(name, B, column[c].lo, column[c].hi, values);
		for (int i = 0; i < B; i++) {
			float *w = &omega[i * policy->nomega + op->omega_at + column[c].i];
			*w = !strcmp(column[c].op, "flip") ? values[i] < .5f : values[i];
			*w = !strcmp(column[c].op, "rotation") ? floorf(*w) : *w;
			if (!strcmp(column[c].op, "blur"))
				param[i * policy->nparam + op->param_at] = 2 * *w;
		}
	}
}

static void draw_batch(const struct as_policy *policy, int step, struct as_batch *b)
{
	char name[64];
	float label[B];
	for (int v = 0; v < AS_PAIR; v++) {
		snprintf(name, sizeof name, "step%d.view%d", step, v + 1);
		draw_pixels(name, B, SIZE, policy->mean, policy->std, b->x[v]);
		draw_omega(policy, step, v, b->param[v], b->omega[v]);
	}
	snprintf(name, sizeof name, "step%d.label", step);
	draw(name, B, 0, 5, label);
	for (int i = 0; i < B; i++)
		b->label[i] = (int64_t)label[i];
	b->epoch = epochs[step];
	b->first_seq = (uint64_t)(step * B);
	b->next_seq = b->first_seq + B;
}

static struct as_batch batch_new(const struct as_policy *policy)
{
	struct as_batch b = {.n = B, .label = take(B, sizeof *b.label)};
	for (int v = 0; v < AS_PAIR; v++) {
		b.x[v] = take(B * SIZE * SIZE * 3, sizeof(float));
		b.param[v] = take(B * policy->nparam, sizeof(float));
		b.omega[v] = take(B * policy->nomega, sizeof(float));
	}
	return b;
}

/* --- trajectories --- */

/* y: both views' features of the whole batch, d wide. LARS turns gradients into steps where they lie. */
static void check_first(const float *const y[AS_PAIR], int64_t d, const struct as_params *p, bool lars, struct how how)
{
	struct how features = {.share = how.share, .keep = 128};
	group_open("y");
	store_floats("y1", y[0], B * d, features);
	store_floats("y2", y[1], B * d, features);
	group_close();
	if (!lars)
		check_network("grad", p, GRADIENTS, 0, how);
}

/* Loss parts of all steps, the total behind those of each. */
static void check_losses(int steps, const struct as_outcome *out, double first)
{
	char name[64];
	group_open("loss");
	for (int step = 0; step < steps; step++) {
		struct how how = {.share = step ? LAST : first};
		for (int i = 0; i < out[step].step.nparts; i++) {
			snprintf(name, sizeof name, "step%d.%s", step, out[step].step.part[i].name);
			store(name, &out[step].step.part[i].value, 1, how);
		}
		snprintf(name, sizeof name, "step%d.total", step);
		store(name, &out[step].loss, 1, how);
	}
	group_close();
}

static void check_last(struct as_trainer *t, int steps, struct how how)
{
	const struct as_params *p = as_trainer_params(t), *ema = as_trainer_ema(t);
	check_network("moved", p, MOVED, steps, how);
	check_network("velocity", p, VELOCITIES, 0, how);
	check_network("buffer", p, BUFFERS, 0, how);
	if (ema->n) {
		check_network("ema.moved", ema, MOVED, steps, how);
		check_network("ema.buffer", ema, BUFFERS, 0, how);
	}
}

static struct as_recipe recipe_of(const struct trajectory *c)
{
	struct as_recipe r = c->recipe;
	r.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 16, SIZE};
	r.head_hidden = 24;
	r.batch = B;
	r.base_lr = c->lr * 256 / B;
	r.momentum = .9;
	if (!*r.optimizer)
		strcpy(r.optimizer, "sgd");
	r.decay = 5e-3;
	r.epochs = 4;
	r.classes = 5;
	return r;
}

/* Views as methods.py has them. */
static struct as_policy trajectory_policy(void)
{
	struct as_policy policy;
	if (as_policy_preset("stl10+rotation+solarize", &policy, NULL) < 0)
		abort();
	policy.size = SIZE;
	return policy;
}

#endif
