#include "ssl/trial.h"

#include <math.h>
#include <time.h>

#include "aug/policy.h"
#include "base/rng.h"

enum { MOST_STEPS = 8, SOURCE = 32 /* side of the images that the views would be of */ };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct as_recipe with_batch(const struct as_recipe *r, int64_t batch)
{
	struct as_recipe own = *r;
	own.batch = batch;
	own.grains = r->grains ? r->grains : as_grains_usual(batch);
	return own;
}

int as_trial_bytes(const struct as_recipe *r, int64_t batch, const struct as_roles *roles, const struct as_engine *engine,
		   struct as_trial *out, struct as_error *err)
{
	struct as_recipe own = with_batch(r, batch);
	struct as_trainer *t;
	if (batch < 2 || batch % own.grains)
		return as_fail(err, AS_EARG, "batch: %lld images in %lld grains", (long long)batch, (long long)own.grains);
	int rc = as_trainer_new(&t, &own, roles, engine, false, err);
	if (rc)
		return rc;
	*out = (struct as_trial){.bytes = as_trainer_bytes(t)};
	as_trainer_free(t);
	return 0;
}

/* The memory of a batch: counted the first time, taken the second time. */
static void plan(const struct as_layout *l, struct as_arena *a, struct as_batch *b)
{
	for (int g = 0; g < l->ngroups; g++)
		b->x[g] = as_arena_floats(a, as_layout_rows(l, g) * l->group[g].size * l->group[g].size * 3);
	for (int v = 0; v < l->nviews; v++) {
		b->param[v] = as_arena_floats(a, l->batch * l->view[v].role->nparam);
		b->omega[v] = as_arena_floats(a, l->batch * l->view[v].role->nomega);
	}
	b->label = as_arena_take(a, (size_t)l->batch * sizeof *b->label);
}

/* Pixels of noise, each row with numbers of its own; parameters as the policy draws them; labels in turn. */
static void draw(const struct as_layout *l, int64_t classes, struct as_batch *b)
{
	const struct as_size source = {SOURCE, SOURCE};
	for (int g = 0; g < l->ngroups; g++) {
		int64_t pixels = l->group[g].size * l->group[g].size * 3, rows = as_layout_rows(l, g);
		for (int64_t i = 0; i < rows; i++) {
			struct as_rng r = as_rng_at(0, (uint64_t)i, (uint32_t)g, 0, 0);
			for (int64_t p = 0; p < pixels; p++)
				b->x[g][i * pixels + p] = (float)as_rng_between(&r, -1.5, 1.5);
		}
	}
	for (int v = 0; v < l->nviews; v++)
		for (int64_t i = 0; i < l->batch; i++) {
			const struct as_policy *p = l->view[v].role;
			as_policy_sample(p, 0, (uint64_t)i, 0, l->view[v].of_role, source, b->param[v] + i * p->nparam,
					 b->omega[v] + i * p->nomega);
		}
	for (int64_t i = 0; i < l->batch; i++)
		b->label[i] = classes ? i % classes : -1;
}

/* The first step prepares much that later ones find. The fastest counts: others were disturbed. */
static int measure(struct as_trainer *t, const struct as_batch *b, double seconds, double *rate, struct as_error *err)
{
	double until = now() + seconds, least = HUGE_VAL;
	struct as_outcome out;
	for (int i = 0; i <= MOST_STEPS && (i < 2 || now() < until); i++) {
		double began = now();
		int rc = as_trainer_step(t, b, &out, err);
		if (rc)
			return rc;
		least = i ? fmin(least, now() - began) : least;
	}
	*rate = (double)b->n / fmax(least, 1e-6);
	return 0;
}

int as_trial_run(const struct as_recipe *r, int64_t batch, const struct as_roles *roles, const struct as_engine *engine,
		 double seconds, struct as_trial *out, struct as_error *err)
{
	double began = now();
	struct as_recipe own = with_batch(r, batch);
	struct as_batch b = {.n = batch, .next_seq = (uint64_t)batch};
	struct as_arena arena = {0};
	struct as_trainer *t;
	int rc = as_trial_bytes(r, batch, roles, engine, out, err);
	if (rc || (rc = as_trainer_new(&t, &own, roles, engine, true, err)))
		return rc;
	const struct as_layout *l = as_trainer_layout(t);
	plan(l, &arena, &b);
	rc = as_arena_open(&arena, as_trainer_engine(t)->kern->memory, err);
	if (!rc) {
		plan(l, &arena, &b);
		draw(l, own.classes, &b);
		rc = measure(t, &b, seconds, &out->rate, err);
		as_arena_close(&arena);
	}
	as_trainer_free(t);
	out->took = now() - began;
	return rc;
}
