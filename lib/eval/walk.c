#include "eval/walk.h"

#include <lbfgs.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/shift.h"

/* When a descent gives up. Values are exact to about ROUNDING of max(1, value); changes above TRUSTED are more than
 * rounding. After PATIENCE evaluations in which neither the value fell by more than rounding nor the gradient by a
 * tenth, both are rounding. */
enum { MAX_EVALUATIONS = 5000, PATIENCE = 1000 };
static const double TRUSTED = 1e-6, ROUNDING = 1e-8;

/* The state of a descent. Points are (k, d + 1): `weights` is where it stands, `point` where it computes.
 * liblbfgs works in other variables: weights = start + T v (eval/scaling.h). */
struct walk {
	struct as_objective *objective;
	struct as_scaling *scaling;
	double w, tolerance;
	double *weights, *start, *point, *gradient; /* gradient: of the objective at `point` */
	double *v, *g, value;          /* at `weights`, in liblbfgs's variables: point, gradient, value */
	struct as_descent here, there; /* at `weights`; at `point` */
	int steps;                     /* steps taken since `start` */
	double lowest, flattest;       /* the value and the gradient at the last progress, */
	int progress;                  /* and the evaluations until then */
};

/* Computes the objective and its gradient at a point, into w->there and w->gradient. */
static void look(struct walk *w, const double *point)
{
	const struct as_objective *o = w->objective;
	double value = as_objective_value(w->objective, w->w, point, w->gradient);
	as_shift_gradient(o->centre, o->d, w->gradient, 0, o->k, -1); /* with the bias of centred rows */
	w->there = (struct as_descent){.value = value, .evaluations = w->there.evaluations + 1};
	for (int64_t i = 0; i < as_objective_weights(o); i++)
		w->there.gradient = fmax(w->there.gradient, fabs(w->gradient[i]));
	w->there.reached = w->there.gradient <= w->tolerance;
	bool lower = value < w->lowest - ROUNDING * fmax(1, value), flatter = w->there.gradient < 0.9 * w->flattest;
	if (lower || flatter || w->there.evaluations == 1) {
		w->lowest = fmin(value, w->lowest);
		w->flattest = fmin(w->there.gradient, w->flattest);
		w->progress = w->there.evaluations;
	}
}

/* Whether the walk is over at the point where it stands. */
static bool ended(const struct walk *w)
{
	int evaluations = w->here.evaluations;
	return w->here.reached || evaluations >= MAX_EVALUATIONS || evaluations - w->progress >= PATIENCE;
}

/* liblbfgs asks for the value and the gradient g at a point v that it may step to. It judges a step by the
 * change of the value. Near the minimum, float logits leave nothing of that change, and liblbfgs would give
 * up far from the tolerance. There the change is computed from the slopes at both ends, which is exact to
 * third order of the step (the approximate Wolfe conditions of Hager and Zhang 2005). */
static double look_ahead(void *ctx, const double *v, double *g, const int n, const double step)
{
	struct walk *w = ctx;
	double change = 0;
	(void)step;
	as_scaling_spread(w->scaling, w->start, v, w->point);
	look(w, w->point);
	as_scaling_gather(w->scaling, w->gradient, g);
	if (!(fabs(w->there.value - w->value) < TRUSTED * fmax(1, w->there.value)))
		return w->there.value;
	for (int i = 0; i < n; i++)
		change += (w->g[i] + g[i]) / 2 * (v[i] - w->v[i]);
	return w->value + change;
}

/* liblbfgs has stepped to the point it computed last; returning 1 ends its walk. */
static int step_there(void *ctx, const double *v, const double *g, const double value, const double vnorm,
		      const double gnorm, const double step, int n, int k, int evaluations)
{
	struct walk *w = ctx;
	size_t bytes = (size_t)n * sizeof *v;
	(void)vnorm, (void)gnorm, (void)step, (void)k, (void)evaluations;
	memcpy(w->weights, w->point, bytes);
	memcpy(w->v, v, bytes);
	memcpy(w->g, g, bytes);
	w->value = value;
	w->here = w->there;
	w->steps++;
	return ended(w);
}

/* Runs liblbfgs, with an empty memory, from the weights, which were computed last, until it ends. v holds
 * its variables. */
static int walk(struct walk *w, double *v)
{
	int64_t n = as_objective_weights(w->objective);
	lbfgs_parameter_t how;
	lbfgs_parameter_init(&how);
	how.m = AS_LBFGS_MEMORY;
	how.epsilon = 0; /* step_there() decides when to stop */
	as_scaling_set(w->scaling, w->gradient, w->g);
	as_scaling_start(w->scaling, w->weights, w->start);
	memset(w->v, 0, (size_t)n * sizeof *v);
	memset(v, 0, (size_t)n * sizeof *v);
	w->value = w->here.value;
	return lbfgs((int)n, v, NULL, look_ahead, step_there, w, &how);
}

/* Runs walk after walk. If rounding ended a walk that made progress, the next one starts there with a new
 * change of variables. A walk that takes no step is the last. */
static int descend(struct walk *w, double *v)
{
	int status = 0;
	do {
		look(w, w->weights);
		w->here = w->there;
		w->steps = 0;
		if (isfinite(w->here.value) && !ended(w))
			status = walk(w, v);
	} while (w->steps && !w->here.reached && status != LBFGSERR_OUTOFMEMORY);
	return status;
}

int as_walk_down(struct as_objective *o, struct as_scaling *s, double penalty, double tolerance, double *weights,
	       struct as_descent *found, struct as_error *err)
{
	int64_t n = as_objective_weights(o);
	double *v = lbfgs_malloc((int)n), *room = malloc(AS_WALK_GRADIENTS * (size_t)n * sizeof *room);
	struct walk w = {.objective = o, .scaling = s, .w = penalty, .tolerance = tolerance, .weights = weights,
			 .lowest = INFINITY, .flattest = INFINITY};
	int status = LBFGSERR_OUTOFMEMORY;
	if (v && room) {
		double **const part[AS_WALK_GRADIENTS] = {&w.start, &w.point, &w.gradient, &w.v, &w.g};
		for (int i = 0; i < AS_WALK_GRADIENTS; i++)
			*part[i] = room + i * n;
		status = descend(&w, v);
	}
	if (v)
		lbfgs_free(v);
	free(room);
	*found = w.here;
	found->evaluations = w.there.evaluations;
	if (status == LBFGSERR_OUTOFMEMORY)
		return as_fail(err, AS_EMEM, "logistic regression: no memory for a descent");
	return isfinite(found->value) ? 0 : as_fail(err, AS_EDATA, "logistic regression: the value is %g", found->value);
}
