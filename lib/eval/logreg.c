#include "eval/logreg.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/machine.h"
#include "eval/walk.h"
#include "kern/gemm.h"

struct as_logreg {
	struct as_objective objective;
	struct as_scaling scaling;
	struct as_arena arena;
	double *weights; /* (k, d + 1) */
};

static int check(const struct as_features *const *set, int parts, int64_t classes, struct as_error *err)
{
	int64_t n = 0;
	for (int p = 0; p < parts; p++) {
		n += set[p]->n;
		if (set[p]->d != set[0]->d)
			return as_fail(err, AS_EARG, "features: %lld wide beside %lld", (long long)set[p]->d,
				       (long long)set[0]->d);
		if (!set[p]->centre != !set[0]->centre ||
		    (set[p]->centre && memcmp(set[p]->centre, set[0]->centre, (size_t)set[0]->d * sizeof(double)) != 0))
			return as_fail(err, AS_EARG, "features: sets with other centres");
		for (int64_t i = 0; i < set[p]->n; i++)
			if (set[p]->y[i] < 0 || set[p]->y[i] >= classes)
				return as_fail(err, AS_EARG, "features: a row of class %lld of %lld",
					       (long long)set[p]->y[i], (long long)classes);
	}
	if (classes > (INT_MAX - 15) / (set[0]->d + 1)) /* liblbfgs counts in int and rounds up to the next 16 */
		return as_fail(err, AS_EARG, "logistic regression: %lld classes of %lld weights are too many",
			       (long long)classes, (long long)set[0]->d + 1);
	return n && classes > 0 ? 0 : as_fail(err, AS_EARG, "logistic regression: nothing to learn from");
}

/* Weights are classes x width. If they do not fit into the machine's memory this refuses, because swapping
 * would never end. */
static int check_memory(const struct as_logreg *l, struct as_error *err)
{
	int64_t weights = as_objective_weights(&l->objective);
	size_t need = l->arena.used + AS_WALK_ALL * (size_t)weights * sizeof(double);
	int rc = as_memory_fits(need, "that", "narrower features (pixels: feat-extract --pixels --size 32) or --sgd", err);
	return rc ? as_fail_within(err, "logistic regression: %lld classes of %lld weights", (long long)l->objective.k,
				   (long long)l->objective.d + 1) : 0;
}

static void take(struct as_logreg *l)
{
	as_objective_take(&l->objective, &l->arena);
	as_scaling_take(&l->scaling, &l->arena);
	l->weights = as_arena_take(&l->arena, (size_t)as_objective_weights(&l->objective) * sizeof(double));
}

/* Rows, memory, moments. */
static int set_up(struct as_logreg *l, const struct as_features *const *set, int parts, struct as_error *err)
{
	int rc = as_objective_rows(&l->objective, set, parts, err);
	if (rc)
		return rc;
	take(l);
	rc = check_memory(l, err);
	if (!rc)
		rc = as_arena_open(&l->arena, &as_host_memory, err);
	if (rc)
		return rc;
	take(l);
	return as_scaling_find(&l->scaling, err);
}

int as_logreg_new(struct as_logreg **out, const struct as_features *const *set, int parts, int64_t classes,
		  struct as_pool *pool, struct as_error *err)
{
	int rc = check(set, parts, classes, err);
	if (rc || (rc = as_blas_ready(pool, err)))
		return rc;
	struct as_logreg *l = calloc(1, sizeof *l);
	if (!l)
		return as_fail(err, AS_EMEM, "logistic regression: no memory");
	l->objective = (struct as_objective){.d = set[0]->d, .k = classes, .centre = set[0]->centre, .pool = pool,
					     .kern = as_logit()};
	l->scaling.of = &l->objective;
	rc = set_up(l, set, parts, err);
	if (rc)
		as_logreg_free(l);
	else
		*out = l;
	return rc;
}

void as_logreg_free(struct as_logreg *l)
{
	if (!l)
		return;
	as_arena_close(&l->arena);
	as_objective_clear(&l->objective);
	free(l);
}

double *as_logreg_weights(struct as_logreg *l)
{
	return l->weights;
}

double as_logreg_value(struct as_logreg *l, double w, const double *at, double *gradient)
{
	return as_objective_value(&l->objective, w, at, gradient);
}

int as_logreg_solve(struct as_logreg *l, double w, double tolerance, struct as_descent *found, struct as_error *err)
{
	return as_walk_down(&l->objective, &l->scaling, w, tolerance, l->weights, found, err);
}
