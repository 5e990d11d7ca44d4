/* Every method against PyTorch in float64, step by step (methods.py says what):
 * features and gradients of the first step, every loss part of every step, and how
 * far all parameters moved, velocities, buffers and the momentum network after them. */
#include "../engine.h"
#include "trajectory.h"

static void test_trajectory(const struct trajectory *c, const struct as_roles *roles)
{
	enum { MOST = sizeof epochs / sizeof *epochs };
	struct as_trainer *t;
	struct as_error err = {0};
	struct as_outcome out[MOST];
	struct as_recipe recipe = recipe_of(c);
	struct how first = {.share = c->brief ? 3 * FIRST : FIRST, .keep = c->brief ? BRIEF_KEEP : KEEP}, last = first;
	last.share = LAST;
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
			check_first(out->step.y, out->step.d, as_trainer_params(t), recipe.trust > 0, first);
	}
	check_losses(c->steps, out, first.share);
	check_last(t, c->steps, last);
	batch_free(&b);
	as_trainer_free(t);
}

static void tests(void)
{
	struct as_policy policy = trajectory_policy();
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
