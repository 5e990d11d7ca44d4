/* One SimSiam + AugSelf(crop, color) step and three steps of SGD against PyTorch in
 * float64 (step.py says what, and how it is stored): y of both views, every loss
 * part, every gradient by name, batch-norm buffers, parameters after three steps;
 * ResNets with the imagenet stem; evaluation mode; the loss functions alone. */
#include "aug/policy.h"
#include "ssl/loss.h"
#include "ssl/trainer.h"

#include "reference.h"

enum { B = 6, SIZE = 16, STEPS = 3 };

/* --- the training step --- */

static const struct as_recipe recipe = {
	.backbone = {"resnet18", "cifar", 1. / 16, SIZE},
	.method = "simsiam",
	.settings = "hidden=32,bottleneck=8",
	.augself = "crop=1,color=2",
	.head_hidden = 24,
	.batch = B,
	.base_lr = .008 * 256 / B, /* the predictor's rate is .008; of the rest, 3/4 in epoch 1 of 3 */
	.momentum = .9,
	.decay = 5e-3,
	.epochs = 3,
};

/* Columns of omega in step.py's order, each drawn by its own name. */
static void draw_omega(const struct as_policy *policy, int step, int view, float *omega)
{
	static const struct { const char *op; int i; double lo, hi; } column[] = {
	    {"crop", 0, 0, .4}, {"crop", 1, 0, .4}, {"crop", 2, .2, .6}, {"crop", 3, .2, .6}, {"flip", 0, 0, 1},
	    {"color", 0, -.5, .5}, {"color", 1, -.5, .5}, {"color", 2, -.5, .5}, {"color", 3, -.5, .5}};
	memset(omega, 0, (size_t)(B * policy->nomega) * sizeof *omega);
	for (int c = 0; c < 9; c++) {
		char name[64];
		float values[B];
		int at = policy->op[as_policy_find(policy, column[c].op)].omega_at + column[c].i;
		snprintf(name, sizeof name, "step%d.omega%d.%d", step, view + 1, c);
		draw(name, B, column[c].lo, column[c].hi, values);
		for (int i = 0; i < B; i++)
			omega[i * policy->nomega + at] = c == 4 ? values[i] < .5f : values[i];
	}
}

/* Pixels of whole numbers 0..255, as the feed normalises them. */
static void draw_pixels(const struct as_policy *policy, const char *name, int size, float *x)
{
	int64_t n = (int64_t)B * size * size * 3;
	draw(name, n, 0, 256, x);
	for (int64_t i = 0; i < n; i++)
		x[i] = (floorf(x[i]) / 255 - policy->mean[i % 3]) / policy->std[i % 3];
}

static void draw_batch(const struct as_policy *policy, int step, struct as_batch *b)
{
	for (int v = 0; v < AS_VIEWS; v++) {
		char name[64];
		snprintf(name, sizeof name, "step%d.view%d", step, v + 1);
		draw_pixels(policy, name, SIZE, b->x[v]);
		draw_omega(policy, step, v, b->omega[v]);
	}
	b->epoch = 1;
	b->first_seq = (uint64_t)(step * B);
	b->next_seq = b->first_seq + B;
}

static void check_losses(int step, const struct as_outcome *out)
{
	static const char *const parts[] = {"method", "crop", "color"};
	double share = step ? THIRD : FIRST;
	int first = npairs;
	char name[64];
	is_int(out->step.nparts, 3, "three loss parts");
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "step%d.loss.%s", step, parts[i]);
		store(name, &out->step.part[i].value, 1, 0, share, 0, 0);
	}
	snprintf(name, sizeof name, "step%d.loss.total", step);
	store(name, &out->loss, 1, 0, share, 0, 0);
	snprintf(name, sizeof name, "step%d.loss", step);
	report(first, name);
}

/* The largest gradient: one that is mathematically 0 is measured against it. */
static double largest_gradient(const struct as_params *p)
{
	double largest = 0;
	for (int64_t i = 0; i < p->weights; i++)
		largest = fmax(largest, fabs((double)p->grad[i]));
	return largest;
}

/* Gradients, or buffers, of everything in p. */
static void check_all(const struct as_params *p, const char *prefix, bool buffers, int64_t keep, double share)
{
	int first = npairs;
	double noise = buffers ? 0 : 1e-6 * largest_gradient(p);
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		char name[140];
		snprintf(name, sizeof name, "%s%s", prefix, q->name);
		if (buffers && q->flags & AS_P_BUFFER)
			store_floats(name, as_params_value(p, i), q->count, keep, share, 0);
		else if (!buffers && !(q->flags & AS_P_BUFFER))
			store_floats(name, as_params_grad(p, i), q->count, keep, share, noise);
	}
	report(first, prefix);
}

/* How far each parameter came in three steps, each rounded to float32. */
static void check_moved(const struct as_params *p)
{
	int first = npairs;
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (q->flags & AS_P_BUFFER)
			continue;
		char name[140];
		float *start = take(q->count, sizeof *start);
		double *moved = widened(as_params_value(p, i), q->count), largest = 0;
		initial(q, start);
		for (int64_t j = 0; j < q->count; j++) {
			moved[j] -= start[j];
			largest = fmax(largest, fabs((double)start[j]));
		}
		snprintf(name, sizeof name, "step2.moved.%s", q->name);
		store(name, moved, q->count, KEEP, THIRD, STEPS * ldexp(largest, -24), 0);
		free(start);
		free(moved);
	}
	report(first, "step2.moved.");
}

/* --- one network --- */

/* A network with its parameters and one pass. */
struct lone {
	struct as_params params;
	struct as_net net;
	struct as_arena arena;
	struct as_workspace work;
	struct as_pass pass;
};

static void lone_new(struct lone *l, const struct as_backbone *b, enum as_mode mode)
{
	*l = (struct lone){0};
	as_resnet(&l->net, b, &l->params, as_kern_chosen(), NULL);
	if (l->net.failed.code || as_params_alloc(&l->params, true, NULL) < 0)
		abort();
	for (int taking = 0; taking < 2; taking++) {
		as_net_plan_weights(&l->net, &l->arena);
		as_net_plan(&l->net, B, mode, &l->arena, &l->work, &l->pass);
		as_workspace_plan(&l->work, &l->arena);
		if (!taking && as_arena_open(&l->arena, NULL) < 0)
			abort();
	}
}

static void lone_free(struct lone *l)
{
	as_arena_close(&l->arena);
	as_params_clear(&l->params);
}

/* y of the trained backbone in evaluation mode. */
static void check_eval(const struct as_params *trained, const float *x)
{
	struct lone l;
	int first = npairs;
	lone_new(&l, &recipe.backbone, AS_EVAL);
	for (int i = 0; i < l.params.n; i++) {
		int from = as_params_find(trained, l.params.list[i].name);
		memcpy(as_params_value(&l.params, i), as_params_value(trained, from),
		       (size_t)l.params.list[i].count * sizeof(float));
	}
	as_net_prepare(&l.net);
	store_floats("step2.eval.y", as_net_forward(&l.net, &l.pass, x, B), B * as_net_out(&l.net), 0, THIRD, 0);
	report(first, "step2.eval.y");
	lone_free(&l);
}

static void test_train(void)
{
	struct as_policy policy;
	struct as_trainer *t;
	struct as_error err = {0};
	struct as_outcome out;
	snprintf(case_name, sizeof case_name, "train21/");
	if (as_policy_preset("cifar", &policy, &err) < 0)
		abort();
	policy.size = SIZE;
	if (!ok(as_trainer_new(&t, &recipe, &policy, as_kern_chosen(), NULL, true, &err) == 0, "a trainer %s", err.text))
		return;
	struct as_params *p = as_trainer_params(t);
	struct as_batch b = {.n = B, .label = take(B, sizeof *b.label)};
	for (int v = 0; v < AS_VIEWS; v++) {
		b.x[v] = take(B * SIZE * SIZE * 3, sizeof(float));
		b.param[v] = take(B * policy.nparam, sizeof(float));
		b.omega[v] = take(B * policy.nomega, sizeof(float));
	}
	initial_all(p);
	for (int step = 0; step < STEPS; step++) {
		draw_batch(&policy, step, &b);
		ok(as_trainer_step(t, &b, &out, &err) == 0, "step %d %s", step, err.text);
		check_losses(step, &out);
		if (step)
			continue;
		int first = npairs;
		store_floats("step0.y1", out.step.y[0], B * out.step.d, 0, FIRST, 0);
		store_floats("step0.y2", out.step.y[1], B * out.step.d, 0, FIRST, 0);
		report(first, "step0.y");
		check_all(p, "step0.grad.", false, 0, FIRST);
		check_all(p, "step0.buffer.", true, 0, FIRST);
	}
	check_moved(p);
	check_all(p, "step2.buffer.", true, 0, THIRD);
	draw_pixels(&policy, "step0.view1", SIZE, b.x[0]);
	check_eval(p, b.x[0]);
	for (int v = 0; v < AS_VIEWS; v++) {
		free(b.x[v]);
		free(b.param[v]);
		free(b.omega[v]);
	}
	free(b.label);
	as_trainer_free(t);
}

static void test_backbone(const char *name, const char *arch)
{
	struct as_backbone b = {.stem = "imagenet", .width = 1. / 16, .size = 50};
	struct as_policy policy;
	struct lone eval, train;
	snprintf(case_name, sizeof case_name, "%s", name);
	snprintf(b.arch, sizeof b.arch, "%s", arch);
	if (as_policy_preset("cifar", &policy, NULL) < 0)
		abort();
	lone_new(&eval, &b, AS_EVAL);
	lone_new(&train, &b, AS_TRAIN);
	initial_all(&eval.params);
	initial_all(&train.params);
	as_net_prepare(&eval.net);
	as_net_prepare(&train.net);
	int64_t n = B * as_net_out(&eval.net);
	float *x = take((int64_t)B * b.size * b.size * 3, sizeof *x), *dy = take(n, sizeof *dy);
	int first = npairs;
	draw_pixels(&policy, "view", b.size, x);
	store_floats("eval.y", as_net_forward(&eval.net, &eval.pass, x, B), n, 0, FIRST, 0);
	store_floats("y", as_net_forward(&train.net, &train.pass, x, B), n, 0, FIRST, 0);
	report(first, "y");
	draw("dy", n, -1, 1, dy);
	as_net_backward(&train.net, &train.pass, dy, NULL, false);
	check_all(&train.params, "grad.", false, KEEP, FIRST);
	check_all(&train.params, "buffer.", true, 0, FIRST);
	free(x);
	free(dy);
	lone_free(&eval);
	lone_free(&train);
}

/* --- the losses --- */

static void check_loss(const char *name, double value, const float *grad0, const float *grad1, int64_t n)
{
	char full[64];
	int first = npairs;
	snprintf(full, sizeof full, "%s.loss", name);
	store(full, &value, 1, 0, FIRST, 0, 0);
	for (int i = 0; i < (grad1 ? 2 : 1); i++) {
		snprintf(full, sizeof full, "%s.grad%d", name, i);
		store_floats(full, i ? grad1 : grad0, n, 0, FIRST, 0);
	}
	report(first, name);
}

static void test_losses(void)
{
	enum { ROWS = 9, N = 4, PAIRS = 7, D = 33 };
	float p[PAIRS * D], q[PAIRS * D], z1[PAIRS * D], z2[PAIRS * D], dp[PAIRS * D], dq[PAIRS * D], t[ROWS * N];
	snprintf(case_name, sizeof case_name, "loss0/");
	draw("simsiam.p1", PAIRS * D, -2, 2, p);
	draw("simsiam.p2", PAIRS * D, -2, 2, q);
	draw("simsiam.z1", PAIRS * D, -2, 2, z1);
	draw("simsiam.z2", PAIRS * D, -2, 2, z2);
	double value = -(as_loss_cosine(PAIRS, D, p, z2, -.5f, dp) + as_loss_cosine(PAIRS, D, q, z1, -.5f, dq)) / 2;
	check_loss("simsiam", value, dp, dq, PAIRS * D);
	draw("mse_tanh.p", ROWS * N, -2, 2, p);
	draw("mse_tanh.d", ROWS * N, -1, 1, t);
	value = as_loss_mse_tanh(ROWS, N, p, t, 1, dp);
	check_loss("mse_tanh", value, dp, NULL, ROWS * N);
	draw("bce.p", ROWS, -8, 8, p);
	draw("bce.d", ROWS, 0, 1, t);
	for (int i = 0; i < ROWS; i++)
		t[i] = t[i] < .5f;
	value = as_loss_bce(ROWS, p, t, 1, dp);
	check_loss("bce", value, dp, NULL, ROWS);
	draw("ce.p", ROWS * N, -8, 8, p);
	draw("ce.d", ROWS, 0, 4, t);
	for (int i = 0; i < ROWS; i++)
		t[i] = floorf(t[i]);
	value = as_loss_ce(ROWS, N, p, t, 1, dp);
	check_loss("ce", value, dp, NULL, ROWS * N);
}

int main(void)
{
	struct as_safetensors *file;
	struct as_error err = {0};
	if (!ok(as_safetensors_open(&file, "tests/golden/step.safetensors", &err) == 0, "the reference file %s", err.text))
		return done();
	reference = file;
	test_train();
	test_backbone("imagenet184/", "resnet18");
	test_backbone("imagenet5010/", "resnet50");
	test_losses();
	is_int(npairs, as_safetensors_count(file), "every stored tensor was compared");
	test_comparison();
	for (int i = 0; i < npairs; i++) {
		free(pairs[i].want);
		free(pairs[i].got);
	}
	as_safetensors_close(file);
	return done();
}
