/* Sets what a recipe leaves to the views: their size, epochs, classes; and the grains, which depend only on
 * the batch. Afterwards the recipe is complete, and states and logs store it. */
#include "base/text.h"
#include "nn/optim.h"
#include "ssl/method.h"
#include "ssl/recipe.h"

enum { LEAST_GRAIN = 64 }; /* images: smaller grains cost time */

int64_t as_grains_usual(int64_t batch)
{
	int64_t grains = 1;
	while (batch % (2 * grains) == 0 && batch / (2 * grains) >= LEAST_GRAIN)
		grains *= 2;
	return grains;
}

static int settle_size(struct as_recipe *r, int64_t size, struct as_error *err)
{
	if (r->backbone.size && r->backbone.size != size)
		return as_fail(err, AS_EARG, "size: %lld, but the views have %lld pixels: aug-sample --size %lld makes such, "
			       "or --size 0 here takes what they have", (long long)r->backbone.size, (long long)size,
			       (long long)r->backbone.size);
	r->backbone.size = size;
	return 0;
}

static int settle_epochs(struct as_recipe *r, uint64_t epochs, struct as_error *err)
{
	if (!r->epochs)
		r->epochs = (int64_t)epochs;
	if (!r->epochs)
		return as_fail(err, AS_EARG, "epochs: needed, for the stream is endless: --epochs N");
	if (r->warmup >= r->epochs)
		return as_fail(err, AS_EARG, "warmup: %lld epochs, but the training has %lld: --warmup %lld at most, or more --epochs",
			       (long long)r->warmup, (long long)r->epochs, (long long)r->epochs - 1);
	return 0;
}

/* Only a method that learns from labels has classes. */
static int settle_classes(struct as_recipe *r, const struct as_method *m, int64_t classes, struct as_error *err)
{
	if (!m->labels)
		return r->classes ? as_fail(err, AS_EARG, "classes: %s takes no labels; leave --classes out", r->method) : 0;
	if (!r->classes && classes < 2)
		return as_fail(err, AS_EDATA, "classes: %lld, at least 2 are needed to tell apart: img-read folder gives classes",
			       (long long)classes);
	if (!r->classes)
		r->classes = classes;
	if (r->classes > 1 && r->classes < classes) /* the method itself reports a single class */
		return as_fail(err, AS_EDATA, "classes: %lld, but the stream has %lld: --classes %lld, or leave it out",
			       (long long)r->classes, (long long)classes, (long long)classes);
	return 0;
}

static int settle_grains(struct as_recipe *r, struct as_error *err)
{
	if (!r->grains)
		r->grains = as_grains_usual(r->batch);
	if (r->grains & (r->grains - 1) || r->batch % r->grains)
		return as_fail(err, AS_EARG, "grains: %lld, but it has to be a power of two that divides the batch of %lld, as %lld",
			       (long long)r->grains, (long long)r->batch, (long long)as_grains_usual(r->batch));
	return 0;
}

/* Lists the optimizers that need a trust coefficient. */
static const char *trusting(char *known, size_t room)
{
	for (int i = 0; as_optimizers[i]; i++)
		if (as_optimizers[i]->trust)
			as_enlist(known, room, as_optimizers[i]->name);
	return known;
}

/* Checks that a trust coefficient is given if and only if the optimizer needs one. */
static int settle_optimizer(const struct as_recipe *r, struct as_error *err)
{
	char known[64] = "";
	const struct as_optimizer *o = as_optimizer_find(r->optimizer, err);
	if (!o)
		return AS_EARG;
	if (o->trust && !(r->trust > 0))
		return as_fail(err, AS_EARG, "optimizer: %s needs a trust coefficient: add --trust .001", o->name);
	if (!o->trust && r->trust > 0)
		return as_fail(err, AS_EARG, "trust: %s has no use for it: say --optimizer %s, or --trust 0", o->name,
			       trusting(known, sizeof known));
	return 0;
}

int as_recipe_settle(struct as_recipe *r, int64_t size, uint64_t epochs, int64_t classes, struct as_error *err)
{
	const struct as_method *m = as_method_find(r->method, err);
	int rc = m ? settle_size(r, size, err) : AS_EARG;
	rc = rc ? rc : settle_epochs(r, epochs, err);
	rc = rc ? rc : settle_classes(r, m, classes, err);
	rc = rc ? rc : settle_optimizer(r, err);
	return rc ? rc : settle_grains(r, err);
}
