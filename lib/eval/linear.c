#include "eval/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/predict.h"

/* The i-th penalty, from 10^-6 to 10^5. */
static double penalty(int i)
{
	return pow(10, -6 + i / 4.0);
}

struct room {
	size_t weights;    /* elements: classes x (d + 1) */
	double *last;      /* (weights) of the previous w */
	double *ahead;     /* (weights) where the next descent may start */
	double *gradient;  /* scratch */
	int64_t *predicted; /* (validation rows) */
};

/* Where the next descent starts: at x + (x - last), which continues the weights in a straight line over log
 * w, if the objective is lower there than at x. For small w the weights grow like log 1/w, so this halves
 * the work. */
static void guess(struct as_logreg *l, double w, struct room *r, bool have_last)
{
	double *x = as_logreg_weights(l);
	if (have_last) {
		for (size_t j = 0; j < r->weights; j++)
			r->ahead[j] = 2 * x[j] - r->last[j];
		double here = as_logreg_value(l, w, x, r->gradient);
		bool better = as_logreg_value(l, w, r->ahead, r->gradient) < here;
		memcpy(r->last, x, r->weights * sizeof *x);
		if (better)
			memcpy(x, r->ahead, r->weights * sizeof *x);
	} else {
		memcpy(r->last, x, r->weights * sizeof *x);
	}
}

/* Goes from the largest w to the smallest. */
static int score_all(const struct as_linear *o, struct as_logreg *l, const struct as_features *val,
		     const struct as_classes *classes, struct room *r, struct as_path_point *path, int *best,
		     double *weights, struct as_error *err)
{
	double top = -1;
	for (int i = AS_PATH - 1; i >= 0; i--) {
		struct as_path_point *p = &path[i];
		p->w = penalty(i);
		guess(l, p->w, r, i < AS_PATH - 2);
		int rc = as_logreg_solve(l, p->w, o->tolerance, &p->found, err);
		if (!rc)
			rc = as_logreg_predict(as_logreg_weights(l), classes, val, r->predicted, o->pool, err);
		if (!rc)
			rc = as_accuracy(r->predicted, val->label, val->n, classes, &p->score, err);
		if (rc)
			return rc;
		double score = o->per_class ? p->score.per_class : p->score.top1;
		if (score >= top) { /* w falls, so of equal scores the one of the smallest w is kept */
			top = score;
			*best = i;
			memcpy(weights, as_logreg_weights(l), r->weights * sizeof *weights);
		}
		if (o->said)
			o->said(o->ctx, p, AS_PATH - i);
	}
	return 0;
}

int as_linear_path(const struct as_linear *o, const struct as_features *train, const struct as_features *val,
		   const struct as_classes *classes, struct as_path_point path[AS_PATH], int *best, double *weights,
		   struct as_error *err)
{
	struct as_logreg *l;
	if (val->d != train->d || !val->n)
		return as_fail(err, AS_EARG, "validation: %lld rows of %lld do not fit the training set",
			       (long long)val->n, (long long)val->d);
	int rc = as_logreg_new(&l, &train, 1, classes->count, o->pool, err);
	if (rc)
		return rc;
	struct room r = {.weights = (size_t)(classes->count * (train->d + 1))};
	r.last = malloc(3 * r.weights * sizeof *r.last);
	r.predicted = malloc((size_t)val->n * sizeof *r.predicted);
	if (r.last && r.predicted) {
		r.ahead = r.last + r.weights;
		r.gradient = r.ahead + r.weights;
		rc = score_all(o, l, val, classes, &r, path, best, weights, err);
	} else {
		rc = as_fail(err, AS_EMEM, "linear evaluation: no memory for %zu weights", r.weights);
	}
	free(r.last);
	free(r.predicted);
	as_logreg_free(l);
	return rc;
}

int as_linear_fit(const struct as_linear *o, const struct as_features *train, const struct as_features *val,
		  int64_t classes, double w, double *weights, struct as_descent *found, struct as_error *err)
{
	const struct as_features *const set[] = {train, val};
	size_t bytes = (size_t)(classes * (train->d + 1)) * sizeof *weights;
	struct as_logreg *l;
	int rc = as_logreg_new(&l, set, val ? 2 : 1, classes, o->pool, err);
	if (rc)
		return rc;
	memcpy(as_logreg_weights(l), weights, bytes);
	rc = as_logreg_solve(l, w, o->tolerance, found, err);
	memcpy(weights, as_logreg_weights(l), bytes);
	as_logreg_free(l);
	return rc;
}
