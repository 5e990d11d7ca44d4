/* Groups of views in a step, by a method of three roles whose loss is linear in the features: what the trainer
 * makes of the batch is, bit for bit, what the networks make when they are run by hand - over the views of a
 * group as one batch, over another size with the same parameters, through the momentum copy. */
#include "nn/optim.h"
#include "ssl/trainer.h"

#include <stdlib.h>

#include "../batch.h"
#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

enum { B = 8, LARGE = 12, SMALL = 8, VIEWS = 4, D = 32 /* ResNet-18 at a sixteenth of its width */ };

static float *slope[VIEWS]; /* (B,D): the loss is the sum over views of y . slope */

/* Two views and the whole image as one batch; a smaller view alone, also through the momentum copy. */
static const struct as_use uses[] = {
	{"view", 3, 0, 1},
	{"whole", 1, 0, 1},
	{"small", 1, 1, 0},
};
static const char *const parts[] = {"first", "second", NULL};

static struct as_step seen; /* the last step, with t copied */
static float seen_t[B * D];

static int build(void *self, const struct as_build *b, struct as_error *err)
{
	(void)self;
	return b->d == D && b->layout->nviews == VIEWS && b->layout->view[3].role->size == SMALL
	       ? 0
	       : as_fail(err, AS_EARG, "another width or layout");
}

static int build_any(void *self, const struct as_build *b, struct as_error *err)
{
	(void)self, (void)b, (void)err;
	return 0;
}

static void plan(void *self, int64_t batch, struct as_arena *arena, struct as_workspace *work)
{
	(void)self, (void)batch, (void)arena, (void)work;
}

static void loss(void *self, struct as_step *step)
{
	(void)self;
	for (int v = 0; v < VIEWS; v++)
		memcpy(step->dy[v], slope[v], B * D * sizeof(float));
	memcpy(seen_t, step->t[3], sizeof seen_t);
	as_step_part(step, parts[0], 1, 1);
	as_step_part(step, parts[1], 2, .5);
	seen = *step;
}

static const struct as_method linear = {
	.name = "linear", .doc = "a loss that is linear in the features", .use = uses, .nuse = 3, .part = parts, .size = 1,
	.build = build, .plan = plan, .loss = loss,
};

static struct as_roles roles_new(void)
{
	struct as_policy large, small;
	if (as_policy_preset("cifar", &large, NULL) || as_policy_resize(&large, LARGE, NULL))
		abort();
	small = large;
	if (as_policy_resize(&small, SMALL, NULL))
		abort();
	struct as_roles r = {.n = 3, .views = VIEWS, .role = {large, small, large}};
	static const struct { const char *name; int count; } of[] = {{"view", 2}, {"small", 1}, {"whole", 1}};
	for (int i = 0, first = 0; i < r.n; first += of[i++].count) {
		snprintf(r.role[i].role, sizeof r.role[i].role, "%s", of[i].name);
		r.role[i].count = of[i].count;
		r.role[i].first = first;
	}
	return r;
}

/* One network by hand. */
struct hand {
	struct as_net net;
	struct as_pass pass;
	struct as_workspace work;
	struct as_arena arena;
};

static void hand_new(struct hand *h, struct as_params *p, int64_t size, int64_t rows, const struct as_engine *e)
{
	as_backbone_build(&h->net, &(struct as_backbone){"resnet18", "cifar", 1. / 16, size}, p, e);
	for (int taking = 0; taking < 2; taking++) {
		h->work = (struct as_workspace){0};
		as_net_plan_weights(&h->net, &h->arena);
		as_net_plan(&h->net, rows, AS_TRAIN, &h->arena, &h->work, &h->pass);
		as_workspace_plan(&h->work, &h->arena);
		if (!taking && as_arena_open(&h->arena, &as_host_memory, NULL))
			abort();
	}
}

/* Rows of the group of three for (image, place), as the head of ssl/layout.h says it. */
static int64_t row_of(int64_t grains, int place, int64_t image)
{
	int64_t each = B / grains;
	return image / each * 3 * each + place * each + image % each;
}

static void by_hand(const struct as_batch *b, const struct as_engine *e, struct as_params *p, struct hand *three, struct hand *one,
		    float *dy)
{
	hand_new(three, p, LARGE, 3 * B, e);
	p->again = true;
	hand_new(one, p, SMALL, B, e);
	if (as_params_alloc(p, e, as_optimizers[0]->slots, NULL))
		abort();
	as_params_init(p, e, 0);
	as_net_prepare(&three->net);
	as_net_prepare(&one->net);
	as_net_forward(&three->net, &three->pass, b->x[0], 3 * B);
	as_net_forward(&one->net, &one->pass, b->x[1], B);
	for (int v = 0; v < 3; v++)
		for (int64_t i = 0; i < B; i++)
			memcpy(dy + row_of(e->grains, v, i) * D, slope[v] + i * D, D * sizeof(float));
}

static void test(int64_t grains)
{
	struct as_engine e = *engine_of(true);
	struct as_roles roles = roles_new();
	struct as_recipe r;
	struct as_trainer *t;
	struct as_outcome out;
	struct as_error err = {0};
	static struct hand three, one;
	static float dy[3 * B * D];
	three = one = (struct hand){0};
	as_recipe_default(&r);
	r.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 16, LARGE};
	r.batch = B;
	r.epochs = 1;
	r.base_lr = 0;
	r.grains = e.grains = grains;
	if (!ok(as_trainer_with(&t, &linear, &r, &roles, &e, true, &err) == 0, "%d grains: a trainer %s", (int)grains, err.text))
		return;
	struct as_batch b = noise_batch(as_trainer_layout(t), 1);
	ok(as_trainer_step(t, &b, &out, &err) == 0 && out.loss == 2, "... a step of two parts %s", err.text);
	ok(!strcmp(as_trainer_part(t, 0), "first") && !strcmp(as_trainer_part(t, 1), "second") && !as_trainer_part(t, 2),
	   "... which the log has columns for");
	struct as_params p = {0};
	by_hand(&b, &e, &p, &three, &one, dy);
	const float *y = as_pass_output(&three.net, &three.pass), *small = as_pass_output(&one.net, &one.pass);
	bool same = true;
	for (int v = 0; v < 3; v++)
		for (int64_t i = 0; i < B; i++)
			same = same && !memcmp(seen.y[v] + i * D, y + row_of(grains, v, i) * D, D * sizeof(float));
	ok(same, "... three views of two roles passed as one batch");
	ok(!memcmp(seen.y[3], small, B * D * sizeof(float)), "... a smaller one went through the same parameters");
	ok(!memcmp(seen_t, small, B * D * sizeof(float)), "... and through the momentum copy, at its start alike");
	as_net_backward(&one.net, &one.pass, slope[3], NULL, false);
	as_net_backward(&three.net, &three.pass, dy, NULL, false);
	as_params_sum_grad(&p, &e);
	ok(!memcmp(p.grad, as_trainer_params(t)->grad, (size_t)p.weights * sizeof(float)), "... gradients of both passes are in one");
	as_arena_close(&three.arena);
	as_arena_close(&one.arena);
	as_params_clear(&p);
	batch_free(&b);
	as_trainer_free(t);
}

/* Heads compare the first two views that a method uses. */
static void test_heads(const struct as_use *use, int nuse, bool good)
{
	struct as_method m = linear;
	struct as_roles roles = roles_new();
	struct as_recipe r;
	struct as_trainer *t = NULL;
	struct as_error err = {0};
	m.use = use;
	m.nuse = nuse;
	m.build = build_any;
	as_recipe_default(&r);
	r.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 16, LARGE};
	r.batch = B;
	strcpy(r.augself, "crop=1");
	int rc = as_trainer_with(&t, &m, &r, &roles, engine_of(true), false, &err);
	ok(good ? rc == 0 : rc == AS_EARG && strstr(err.text, "are not two of") != NULL, "heads on %s: %s",
	   use[0].role ? use[0].role : "the first role", good ? "two views of one role" : err.text);
	as_trainer_free(t);
}

int main(void)
{
	static const struct as_use split[] = {{"small", 1, 0, 0}, {"view", 3, 0, 0}}, alone[] = {{"whole", 1, 0, 0}};
	test_heads(uses, 3, true);
	test_heads(split, 2, false);
	test_heads(alone, 1, false);
	for (int v = 0; v < VIEWS; v++)
		slope[v] = uniform(10 + (uint64_t)v, B * D, -1, 1);
	for (int64_t grains = 1; grains <= 4; grains *= 2)
		test(grains);
	for (int v = 0; v < VIEWS; v++)
		free(slope[v]);
	return done();
}
