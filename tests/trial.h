/* Small trainings of methods with heads, for tests that compare what two ways of computing them leave. */
#ifndef AS_TESTS_TRIAL_H
#define AS_TESTS_TRIAL_H

#include <stdio.h>
#include <stdlib.h>

#include "ssl/recipe.h"

struct trial {
	const char *method, *settings, *augself, *compat, *stem, *optimizer;
	double trust;
	bool projector; /* features are the projector's */
	bool bf16;      /* maps in bfloat16 */
};

/* Two views by every augmentation, so that every head has something to learn. */
static inline struct as_roles every_role(int size)
{
	struct as_policy p = {.size = size, .std = {1, 1, 1}};
	for (int i = 0; as_augs[i]; i++) {
		struct as_law law;
		as_law_preset(as_augs[i], 1, &law);
		if ((!p.nop || !as_augs[i]->box) && as_policy_add(&p, as_augs[i], &law, NULL))
			abort();
	}
	return as_roles_of(&p, 2);
}

/* The recipe of a trial: a narrow ResNet-18 on views of `size` pixels, three classes. */
static inline int trial_recipe(const struct trial *c, int size, int64_t batch, int64_t grains, struct as_recipe *r,
			       struct as_error *err)
{
	as_recipe_default(r);
	r->backbone = (struct as_backbone){"resnet18", "", 1. / 16, size};
	snprintf(r->backbone.stem, sizeof r->backbone.stem, "%s", c->stem);
	r->batch = batch;
	r->grains = grains;
	r->epochs = 1;
	r->classes = 3;
	r->head_hidden = 8;
	r->bf16 = c->bf16;
	snprintf(r->optimizer, sizeof r->optimizer, "%s", c->optimizer);
	r->trust = c->trust;
	int rc = as_recipe_set(r, "method", c->method, err);
	rc = rc ? rc : as_recipe_set(r, "set", c->settings, err);
	rc = rc ? rc : as_recipe_set(r, "augself", c->augself, err);
	return rc ? rc : as_recipe_set(r, "compat", c->compat, err);
}

#endif
