/* What the trainer asks of every method: the parts that the log has columns for, and
 * that whatever a file left in its buffers stays within its memory. */
#include "ssl/trainer.h"

#include <stdlib.h>

#include "aug/policy.h"

#include "../naive.h"
#include "../tap.h"

enum { B = 4, SIZE = 4 };

static struct as_batch batch_new(const struct as_policy *p)
{
	struct as_batch b = {.n = B, .next_seq = B, .label = take(B, sizeof *b.label)};
	for (int v = 0; v < AS_VIEWS; v++) {
		b.x[v] = uniform(1 + (uint64_t)v, B * SIZE * SIZE * 3, -1, 1);
		b.param[v] = uniform(3, B * p->nparam, 0, 0);
		b.omega[v] = uniform(4, B * p->nomega, 0, 1);
	}
	return b;
}

static void batch_free(struct as_batch *b)
{
	for (int v = 0; v < AS_VIEWS; v++) {
		free(b->x[v]);
		free(b->param[v]);
		free(b->omega[v]);
	}
	free(b->label);
}

static struct as_trainer *trainer_new(const char *method, const char *settings, const struct as_policy *p)
{
	struct as_recipe r;
	struct as_trainer *t;
	struct as_error err;
	as_recipe_default(&r);
	r.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 16, SIZE};
	r.batch = B;
	r.epochs = 1;
	r.classes = 2;
	r.head_hidden = 8;
	if (as_recipe_set(&r, "method", method, &err) || as_recipe_set(&r, "set", settings, &err) ||
	    as_recipe_set(&r, "augself", "color=1,crop=.5", &err) ||
	    as_trainer_new(&t, &r, p, as_kern_chosen(true), NULL, true, &err)) {
		printf("# %s: %s\n", method, err.text);
		abort();
	}
	return t;
}

static void test_parts(const char *method, const struct as_policy *p, const struct as_batch *b)
{
	struct as_trainer *t = trainer_new(method, "", p);
	struct as_outcome out;
	struct as_error err = {0};
	bool good = ok(as_trainer_step(t, b, &out, &err) == 0, "%s: a step %s", method, err.text);
	for (int i = 0; good && i <= out.step.nparts; i++) {
		const char *name = as_trainer_part(t, i);
		good = i == out.step.nparts ? !name : name && !strcmp(name, out.step.part[i].name);
	}
	ok(good, "... notes the parts that the log's head names");
	as_trainer_free(t);
}

static void test_position(float position, const struct as_policy *p, const struct as_batch *b)
{
	struct as_trainer *t = trainer_new("moco", "queue=8,out=4", p);
	struct as_params *all = as_trainer_params(t);
	float *at = as_params_value(all, as_params_find(all, "queue_position"));
	struct as_outcome out;
	struct as_error err = {0};
	*at = position;
	ok(as_trainer_step(t, b, &out, &err) == 0 && *at == B, "a position of %g is taken for the first %s", position, err.text);
	as_trainer_free(t);
}

int main(void)
{
	static const float positions[] = {0, 8, 1e9f, -1, -1e30f, INFINITY, NAN};
	struct as_policy policy;
	struct as_error err;
	if (as_policy_preset("cifar", &policy, &err))
		abort();
	policy.size = SIZE;
	struct as_batch b = batch_new(&policy);
	for (int i = 0; as_methods[i]; i++)
		test_parts(as_methods[i]->name, &policy, &b);
	for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
		test_position(positions[i], &policy, &b);
	batch_free(&b);
	return done();
}
