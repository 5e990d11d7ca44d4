/* The parts of a step against PyTorch in float64 (parts.py says what): ResNets with the
 * imagenet stem, in evaluation mode and there and back; the loss functions alone. */
#include "nn/arch.h"
#include "nn/mlp.h"
#include "nn/optim.h"
#include "ssl/loss.h"

#include "../engine.h"
#include "reference.h"

enum { B = 6, SIZE = 50, KEEP = 128 };

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
	as_backbone_build(&l->net, b, &l->params, engine_of(true));
	if (l->net.failed.code || as_params_alloc(&l->params, engine_of(true), as_optimizers[0]->slots, NULL) < 0)
		abort();
	for (int taking = 0; taking < 2; taking++) {
		as_net_plan_weights(&l->net, &l->arena);
		as_net_plan(&l->net, B, mode, &l->arena, &l->work, &l->pass);
		as_workspace_plan(&l->work, &l->arena);
		if (!taking && as_arena_open(&l->arena, &as_host_memory, NULL) < 0)
			abort();
	}
}

static void lone_free(struct lone *l)
{
	as_arena_close(&l->arena);
	as_params_clear(&l->params);
}

static void check_y(const char *name, struct lone *l, const float *x)
{
	group_open(name);
	as_net_prepare(&l->net);
	store_floats("y", as_net_forward(&l->net, &l->pass, x, B), B * as_net_out(&l->net), (struct how){.share = FIRST});
	group_close();
}

static void test_backbone(const char *name, const char *arch)
{
	static const float mean[] = {.4914f, .4822f, .4465f}, std[] = {.2470f, .2435f, .2616f};
	struct as_backbone b = {.stem = "imagenet", .width = 1. / 16, .size = SIZE};
	struct lone eval, train;
	snprintf(case_name, sizeof case_name, "%s", name);
	snprintf(b.arch, sizeof b.arch, "%s", arch);
	lone_new(&eval, &b, AS_EVAL);
	lone_new(&train, &b, AS_TRAIN);
	initial_all(&eval.params);
	initial_all(&train.params);
	int64_t n = B * as_net_out(&eval.net);
	float *x = take((int64_t)B * SIZE * SIZE * 3, sizeof *x), *dy = take(n, sizeof *dy);
	draw_pixels("view", B, SIZE, mean, std, x);
	check_y("eval", &eval, x);
	check_y("train", &train, x);
	draw("dy", n, -1, 1, dy);
	as_net_backward(&train.net, &train.pass, dy, NULL, false);
	check_network("grad", &train.params, GRADIENTS, 0, (struct how){.share = FIRST, .keep = KEEP});
	check_network("buffer", &train.params, BUFFERS, 0, (struct how){.share = FIRST, .keep = KEEP});
	free(x);
	free(dy);
	lone_free(&eval);
	lone_free(&train);
}

/* --- the losses --- */

static void check_loss(const char *name, double value, const float *grad0, const float *grad1, int64_t n)
{
	struct how how = {.share = FIRST};
	group_open(name);
	store("loss", &value, 1, how);
	store_floats("grad0", grad0, n, how);
	if (grad1)
		store_floats("grad1", grad1, n, how);
	group_close();
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
	double value = -(engine_of(true)->kern->cosine(engine_of(true), PAIRS, D, p, z2, -.5f, dp) +
			 engine_of(true)->kern->cosine(engine_of(true), PAIRS, D, q, z1, -.5f, dq)) / 2;
	check_loss("simsiam", value, dp, dq, PAIRS * D);
	draw("mse_tanh.p", ROWS * N, -2, 2, p);
	draw("mse_tanh.d", ROWS * N, -1, 1, t);
	value = engine_of(true)->kern->mse_tanh(engine_of(true), ROWS, N, p, t, 1, dp);
	check_loss("mse_tanh", value, dp, NULL, ROWS * N);
	draw("bce.p", ROWS, -8, 8, p);
	draw("bce.d", ROWS, 0, 1, t);
	for (int i = 0; i < ROWS; i++)
		t[i] = t[i] < .5f;
	value = engine_of(true)->kern->bce(engine_of(true), ROWS, p, t, 1, dp);
	check_loss("bce", value, dp, NULL, ROWS);
	draw("ce.p", ROWS * N, -8, 8, p);
	draw("ce.d", ROWS, 0, 4, t);
	for (int i = 0; i < ROWS; i++)
		t[i] = floorf(t[i]);
	value = engine_of(true)->kern->ce(engine_of(true), ROWS, N, p, t, 1, dp);
	check_loss("ce", value, dp, NULL, ROWS * N);
}

static void tests(void)
{
	test_backbone("imagenet18_2/", "resnet18");
	test_backbone("imagenet50_10/", "resnet50");
	test_losses();
}

int main(void)
{
	return with_reference("tests/golden/parts.safetensors", tests);
}
