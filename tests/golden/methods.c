/* Every method against PyTorch in float64, step by step (methods.py says what):
 * features and gradients of the first step, every loss part of every step, and how
 * far all parameters moved, velocities, buffers and the momentum network after them. */
#include "aug/roles.h"
#include "ssl/trainer.h"

#include "../batch.h"
#include "../engine.h"
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

/* CASES of methods.py. Recipes say what they differ in from test_trajectory's. */
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

/* LARS turns gradients into steps where they lie. */
static void check_first(const struct as_outcome *out, const struct as_params *p, bool lars, struct how how)
{
	int64_t n = B * out->step.d;
	struct how features = {.share = how.share, .keep = 128};
	group_open("y");
	store_floats("y1", out->step.y[0], n, features);
	store_floats("y2", out->step.y[1], n, features);
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

static void test_trajectory(const struct trajectory *c, const struct as_roles *roles)
{
	enum { MOST = sizeof epochs / sizeof *epochs };
	struct as_trainer *t;
	struct as_error err = {0};
	struct as_outcome out[MOST];
	struct as_recipe recipe = c->recipe;
	struct how first = {.share = c->brief ? 3 * FIRST : FIRST, .keep = c->brief ? BRIEF_KEEP : KEEP}, last = first;
	last.share = LAST;
	recipe.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 16, SIZE};
	recipe.head_hidden = 24;
	recipe.batch = B;
	recipe.base_lr = c->lr * 256 / B;
	recipe.momentum = .9;
	if (!*recipe.optimizer)
		strcpy(recipe.optimizer, "sgd");
	recipe.decay = 5e-3;
	recipe.epochs = 4;
	recipe.classes = 5;
	snprintf(case_name, sizeof case_name, "%s", c->name);
	if (!ok(as_trainer_new(&t, &recipe, roles, engine_of(true), true, &err) == 0, "%s a trainer %s", c->name,
		err.text))
		return;
	struct as_batch b = batch_new(&roles->role[0]);
	initial_all(as_trainer_params(t));
	as_params_copy(as_trainer_ema(t), as_trainer_params(t));
	for (int step = 0; step < c->steps; step++) {
		draw_batch(&roles->role[0], step, &b);
		ok(as_trainer_step(t, &b, &out[step], &err) == 0, "%s step %d %s", c->name, step, err.text);
		if (step == 0)
			check_first(&out[0], as_trainer_params(t), recipe.trust > 0, first);
	}
	check_losses(c->steps, out, first.share);
	check_last(t, c->steps, last);
	batch_free(&b);
	as_trainer_free(t);
}

static void tests(void)
{
	struct as_policy policy;
	if (as_policy_preset("stl10+rotation+solarize", &policy, NULL) < 0)
		abort();
	policy.size = SIZE;
	struct as_roles roles = as_roles_of(&policy, 2);
	for (size_t i = 0; i < sizeof trajectories / sizeof *trajectories; i++)
		test_trajectory(&trajectories[i], &roles);
	for (int i = 0; as_methods[i]; i++) {
		bool found = false;
		for (size_t k = 0; k < sizeof trajectories / sizeof *trajectories; k++)
			found |= !strcmp(trajectories[k].recipe.method, as_methods[i]->name);
		ok(found, "%s has a trajectory", as_methods[i]->name);
	}
}

int main(void)
{
	return with_reference("tests/golden/methods.safetensors", tests);
}
