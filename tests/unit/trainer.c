/* What the trainer asks of every method: the parts that the log has columns for, and
 * that whatever a file left in its buffers stays within its memory; the learning rate of
 * every epoch; labels that are none; that what is not finite is not written. */
#include "ssl/trainer.h"

#include <stdlib.h>
#include <unistd.h>

#include "aug/policy.h"

#include "../batch.h"
#include "../engine.h"
#include "../naive.h"
#include "../tap.h"

enum { B = 4, SIZE = 4 };

static struct as_batch batch_new(const struct as_roles *p)
{
	struct as_batch b = {.n = B, .next_seq = B, .label = take(B, sizeof *b.label)};
	for (int v = 0; v < AS_PAIR; v++) {
		b.x[v] = uniform(1 + (uint64_t)v, B * SIZE * SIZE * 3, -1, 1);
		b.param[v] = uniform(3, B * p->role[0].nparam, 0, 0);
		b.omega[v] = uniform(4, B * p->role[0].nomega, 0, 1);
	}
	return b;
}

static struct as_trainer *trainer_new(const char *method, const char *settings, const struct as_roles *p)
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
	    as_trainer_new(&t, &r, p, engine_of(true), true, &err)) {
		printf("# %s: %s\n", method, err.text);
		abort();
	}
	return t;
}

static void test_parts(const char *method, const struct as_roles *p, const struct as_batch *b)
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

static void test_position(float position, const struct as_roles *p, const struct as_batch *b)
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

/* The learning rate of an epoch of 10, by what ssl-train(1) says: warm-up (e+1)/(N+1), then the
 * cosine over what is left; beyond the last epoch that of the last. */
static void test_rate(int64_t warmup, uint64_t epoch, double share, const struct as_roles *p, struct as_batch *b)
{
	struct as_recipe r;
	struct as_trainer *t;
	struct as_outcome out = {.lr = -1};
	struct as_error err = {0};
	as_recipe_default(&r);
	r.backbone = (struct as_backbone){"resnet18", "cifar", 1. / 16, SIZE};
	r.batch = B;
	r.epochs = 10;
	r.warmup = warmup;
	r.base_lr = 64; /* at this batch 1 */
	if (as_recipe_set(&r, "set", "hidden=8,bottleneck=4", &err) ||
	    as_trainer_new(&t, &r, p, engine_of(true), true, &err))
		abort();
	b->epoch = epoch;
	int rc = as_trainer_step(t, b, &out, &err);
	b->epoch = 0;
	ok(!rc && fabs(out.lr - share) < 1e-12, "warm-up %d, epoch %d of 10: %g of the rate, %g expected", (int)warmup, (int)epoch,
	   out.lr, share);
	as_trainer_free(t);
}

/* Labels that are no class, in whichever row. */
static void test_labels(const struct as_roles *p, struct as_batch *b)
{
	static const int64_t wrong[] = {2, -1, 1 << 20};
	struct as_trainer *t = trainer_new("supervised", "", p); /* of 2 classes */
	struct as_outcome out;
	struct as_error err = {0};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		b->label[B - 1] = wrong[i];
		ok(as_trainer_step(t, b, &out, &err) == AS_EDATA && as_trainer_progress(t)->step == 0, "refused: %s", err.text);
	}
	b->label[B - 1] = 1;
	ok(as_trainer_step(t, b, &out, &err) == 0, "the last class is one");
	b->label[B - 1] = 0;
	as_trainer_free(t);
}

/* A file in which a number is not finite is not written, whichever of the arrays it is in. */
static void test_finite(int array, const struct as_roles *p, const struct as_batch *b)
{
	static const char *const names[] = {"weights", "velocities", "running statistics", "the momentum network's weights",
					    "the momentum network's statistics"};
	char folder[] = "/tmp/augself-trainer.XXXXXX", path[64];
	struct as_trainer *t = trainer_new("byol", "hidden=8,out=4", p);
	struct as_params *own = as_trainer_params(t), *ema = as_trainer_ema(t);
	float *const at[] = {own->value + own->weights - 1, own->slot[0] + own->weights - 1, own->buffer + own->buffers - 1,
			     ema->value + ema->weights - 1, ema->buffer + ema->buffers - 1};
	struct as_outcome out;
	struct as_error err = {0};
	if (!mkdtemp(folder) || as_trainer_step(t, b, &out, &err))
		abort();
	snprintf(path, sizeof path, "%s/state", folder);
	float was = *at[array];
	*at[array] = array % 2 ? INFINITY : NAN;
	bool refused = as_trainer_save(t, path, "", &err) == AS_EDATA && access(path, F_OK);
	*at[array] = was;
	ok(refused && as_trainer_save(t, path, "", &err) == 0 && !access(path, F_OK), "%s that are not finite are no state",
	   names[array]);
	unlink(path);
	rmdir(folder);
	as_trainer_free(t);
}

int main(void)
{
	static const struct {
		int64_t warmup;
		uint64_t epoch;
		double share;
	} rates[] = {{0, 0, 1}, {0, 5, .5}, {0, 9, .024471741852423234}, {0, 10, .024471741852423234}, {0, 1000, .024471741852423234},
		     {4, 0, .2}, {4, 3, .8}, {4, 4, 1}, {4, 7, .5}, {4, 9, .06698729810778064}, {4, 25, .06698729810778064},
		     {9, 0, .1}, {9, 9, 1}, {9, 30, 1}};
	static const float positions[] = {0, 8, 1e9f, -1, -1e30f, INFINITY, NAN};
	struct as_policy policy;
	struct as_error err;
	if (as_policy_preset("cifar", &policy, &err))
		abort();
	policy.size = SIZE;
	struct as_roles roles = as_roles_of(&policy, 2);
	struct as_batch b = batch_new(&roles);
	for (int i = 0; as_methods[i]; i++)
		test_parts(as_methods[i]->name, &roles, &b);
	for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
		test_position(positions[i], &roles, &b);
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		test_rate(rates[i].warmup, rates[i].epoch, rates[i].share, &roles, &b);
	test_labels(&roles, &b);
	for (int i = 0; i < 5; i++)
		test_finite(i, &roles, &b);
	batch_free(&b);
	return done();
}
