/* Every method on two ranks against two processes of PyTorch's DistributedDataParallel (ddp.py): batch norm over both,
 * moco's queue, simclr's negatives, swav's assignments, gradients averaged. Ranks are threads here; that MPI's are the
 * same is seen in tests/cli/mpi.t. */
#include "kern/gemm.h"
#include "kern/isa.h"

#include "../ranks.h"
#include "trajectory.h"

enum { RANKS = 2, STEPS = 4 };

static const char *const names[] = {"simsiam18/", "moco25/", "simclr44/", "byol51/", "swav9/", "supervised15/"};

struct run {
	const struct as_roles *roles;
	struct as_recipe recipe;
	struct as_batch whole[STEPS];
	struct as_trainer *trainer[RANKS];
	struct as_outcome out[RANKS][STEPS];
	float *y[AS_PAIR], *grad; /* of the first step: features of all, rank 0's gradients */
	struct as_error err[RANKS];
};

/* The first step's features and gradients, which the next step overwrites. */
static void keep_first(struct run *run, int rank)
{
	const struct as_step *s = &run->out[rank][0].step;
	const struct as_params *p = as_trainer_params(run->trainer[rank]);
	int64_t n = B / RANKS * s->d;
	for (int v = 0; v < AS_PAIR; v++)
		memcpy(run->y[v] + rank * n, s->y[v], (size_t)n * sizeof(float));
	if (!rank)
		memcpy(run->grad, p->grad, (size_t)p->weights * sizeof(float));
}

static void one(void *ctx, const struct as_world *w)
{
	struct run *run = ctx;
	struct as_trainer **t = &run->trainer[w->rank];
	struct as_error *err = &run->err[w->rank];
	struct as_engine engine = {as_kern_chosen(true), NULL, 1, w};
	if (as_trainer_new(t, &run->recipe, run->roles, &engine, true, err))
		return;
	initial_all(as_trainer_params(*t));
	as_params_copy(as_trainer_ema(*t), as_trainer_params(*t));
	for (int step = 0; step < STEPS; step++) {
		struct as_batch b = batch_block(&run->whole[step], as_trainer_layout(*t), w->rank);
		if (as_trainer_step(*t, &b, &run->out[w->rank][step], err))
			return;
		if (!step)
			keep_first(run, w->rank);
	}
}

/* The bits of both ranks are the same (tests/unit/ranks.c), so one of them is compared. */
static void check_run(struct run *run)
{
	const struct how first = {.share = FIRST, .keep = KEEP}, last = {.share = LAST, .keep = KEEP};
	const float *const y[AS_PAIR] = {run->y[0], run->y[1]};
	struct as_params begun = *as_trainer_params(run->trainer[0]);
	begun.grad = run->grad;
	check_first(y, run->out[0][0].step.d, &begun, false, first);
	check_losses(STEPS, run->out[0], first.share);
	check_last(run->trainer[0], STEPS, last);
}

static void test(const struct trajectory *c, const struct as_roles *roles)
{
	enum { MOST_WEIGHTS = 1 << 20, MOST_FEATURES = 64 };
	static struct run run;
	run = (struct run){.roles = roles, .recipe = recipe_of(c), .grad = take(MOST_WEIGHTS, sizeof *run.grad)};
	run.recipe.grains = RANKS;
	snprintf(case_name, sizeof case_name, "%s", c->name);
	for (int v = 0; v < AS_PAIR; v++)
		run.y[v] = take(B * MOST_FEATURES, sizeof *run.y[v]);
	for (int step = 0; step < STEPS; step++) {
		run.whole[step] = batch_new(&roles->role[0]);
		draw_batch(&roles->role[0], step, &run.whole[step]);
	}
	ranks_run(RANKS, one, &run);
	if (ok(!*run.err[0].text && !*run.err[1].text, "%s %d ranks train %s%s", c->name, RANKS, run.err[0].text, run.err[1].text))
		check_run(&run);
	for (int rank = 0; rank < RANKS; rank++)
		as_trainer_free(run.trainer[rank]);
	for (int step = 0; step < STEPS; step++)
		batch_free(&run.whole[step]);
	for (int v = 0; v < AS_PAIR; v++)
		free(run.y[v]);
	free(run.grad);
}

static void tests(void)
{
	struct as_policy policy = trajectory_policy();
	struct as_roles roles = as_roles_of(&policy, 2);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t k = 0; k < sizeof trajectories / sizeof *trajectories; k++)
			if (!strcmp(trajectories[k].name, names[i]))
				test(&trajectories[k], &roles);
}

int main(void)
{
	if (as_blas_ready(NULL, NULL))
		return 1;
	return with_reference("tests/golden/ddp.safetensors", tests);
}
