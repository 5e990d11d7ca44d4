#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/aware.h"
#include "eval/centre.h"
#include "eval/logreg.h"
#include "eval/predict.h"
#include "eval/room.h"

enum { PENALTIES = 6 };
static const double TOLERANCE = 1e-5;

/* Whether the class of each pair is the same in both orders, as flip's is. The objective is convex and does not change if
 * a and b are exchanged, so the best weights are the same for both: W [y_a ; y_b] = V s with s = (y_a + y_b) / sqrt 2 and
 * |W| = |V|. Half the rows, of half the width, have the same solution. */
static bool is_symmetric(const struct as_pairs *p, const struct as_aug *aug)
{
	float d[2][AS_MAX_TARGET];
	for (int64_t i = 0; i < p->n; i++) {
		as_pairs_target(p, aug, i, 0, d[0]);
		as_pairs_target(p, aug, i, 1, d[1]);
		if (d[0][0] != d[1][0])
			return false;
	}
	return true;
}

/* A pair's row: s, or [y_a ; y_b]. */
static void fill(const struct as_pairs *p, int64_t pair, int order, bool symmetric, float *x)
{
	int64_t d = p->f->d;
	const float *a = p->f->x + as_pairs_row(p, pair, order) * d, *b = p->f->x + as_pairs_row(p, pair, !order) * d;
	if (!symmetric) {
		memcpy(x, a, (size_t)d * sizeof *x);
		memcpy(x + d, b, (size_t)d * sizeof *x);
		return;
	}
	for (int64_t j = 0; j < d; j++)
		x[j] = (float)(((double)a[j] + (double)b[j]) * sqrt(.5));
}

/* The rows of the pairs with part[i] == which, and their classes: one of each pair, or two, one for each order. part NULL:
 * all pairs. */
static int make_rows(const struct as_pairs *p, const struct as_aug *aug, const unsigned char *part, int which, bool symmetric,
		     struct as_features *out, struct as_error *err)
{
	int64_t rows = 0;
	int orders = symmetric ? 1 : 2;
	float target[AS_MAX_TARGET];
	for (int64_t i = 0; i < p->n; i++)
		rows += !part || part[i] == which ? orders : 0;
	*out = (struct as_features){.d = orders * p->f->d};
	int rc = as_features_reserve(out, rows + 1, err);
	for (int64_t row = 0; !rc && row < orders * p->n; row++) {
		int64_t i = row / orders;
		int order = (int)(row % orders);
		if (part && part[i] != which)
			continue;
		as_pairs_target(p, aug, i, order, target);
		fill(p, i, order, symmetric, out->x + out->n * out->d);
		out->y[out->n] = out->label[out->n] = (int64_t)target[0];
		out->n++;
	}
	return rc;
}

/* The mean variance of a feature, over the views of all pairs. */
static double scale_of(const struct as_pairs *p)
{
	int64_t d = p->f->d, views = 2 * p->n;
	double all = 0;
	for (int64_t j = 0; j < d; j++) {
		double sum = 0, squares = 0;
		for (int64_t i = 0; i < views; i++)
			sum += (double)p->f->x[as_pairs_row(p, i / 2, (int)(i % 2)) * d + j];
		for (int64_t i = 0; i < views; i++) {
			double off = (double)p->f->x[as_pairs_row(p, i / 2, (int)(i % 2)) * d + j] - sum / (double)views;
			squares += off * off;
		}
		all += squares / (double)views / (double)d;
	}
	return all;
}

/* Classes 0..k-1, as many as the head has outputs; a head of one output tells two. */
struct classes {
	struct as_classes list;
	int64_t label[AS_MAX_TARGET + 1];
};

static void name_classes(const struct as_aug *aug, struct classes *c)
{
	c->list = (struct as_classes){aug->ntarget > 1 ? aug->ntarget : 2, c->label};
	for (int64_t k = 0; k < c->list.count; k++)
		c->label[k] = k;
}

static int count_right(const double *weights, const struct classes *c, const struct as_features *f, struct as_pool *pool,
		       int64_t *right, struct as_error *err)
{
	int64_t *said = malloc((size_t)f->n * sizeof *said + 1);
	int rc = said ? as_logreg_predict(weights, &c->list, f, said, pool, err)
		      : as_fail(err, AS_EMEM, "predicting: no memory for %lld rows", (long long)f->n);
	*right = 0;
	for (int64_t i = 0; !rc && i < f->n; i++)
		*right += said[i] == f->label[i];
	free(said);
	return rc;
}

/* The penalty of the most held-out rows right, of equal ones the largest, from the largest on. */
static int choose(const struct as_features *learn, const struct as_features *held, const struct classes *c, double scale,
		  struct as_pool *pool, double *penalty, struct as_error *err)
{
	struct as_logreg *l;
	struct as_descent found;
	int64_t right, most = -1;
	int rc = as_logreg_new(&l, &learn, 1, c->list.count, pool, err);
	if (rc)
		return rc;
	for (int i = 0; i < PENALTIES && !rc; i++) {
		double at = pow(10, -i);
		rc = as_logreg_solve(l, (double)learn->n * scale * at, TOLERANCE, &found, err);
		rc = rc ? rc : count_right(as_logreg_weights(l), c, held, pool, &right, err);
		if (rc || right <= most)
			continue;
		most = right;
		*penalty = at;
	}
	as_logreg_free(l);
	return rc;
}

/* Learns from all rows with the penalty, and says the classes of test's. */
static int fit(const struct as_features *const *set, int sets, const struct as_features *test, const struct classes *c, double scale,
	       struct as_pool *pool, double penalty, bool symmetric, float *predicted, struct as_error *err)
{
	struct as_logreg *l;
	struct as_descent found;
	int64_t n = set[0]->n + (sets > 1 ? set[1]->n : 0), *said = malloc((size_t)test->n * sizeof *said + 1);
	int rc = said ? as_logreg_new(&l, set, sets, c->list.count, pool, err)
		      : as_fail(err, AS_EMEM, "predicting: no memory for %lld rows", (long long)test->n);
	if (!rc) {
		rc = as_logreg_solve(l, (double)n * scale * penalty, TOLERANCE, &found, err);
		rc = rc ? rc : as_logreg_predict(as_logreg_weights(l), &c->list, test, said, pool, err);
		as_logreg_free(l);
	}
	for (int64_t i = 0; !rc && i < (symmetric ? 2 : 1) * test->n; i++)
		predicted[i] = (float)said[symmetric ? i / 2 : i];
	free(said);
	return rc;
}

int as_aware_logistic(const struct as_pairs *train, const unsigned char *part, const struct as_pairs *test,
		      const struct as_aug *aug, struct as_pool *pool, float *predicted, double *penalty, struct as_error *err)
{
	struct as_features learn = {0}, held = {0}, asked = {0};
	struct as_features *const all[] = {&learn, &asked, &held};
	struct classes c;
	name_classes(aug, &c);
	*penalty = 1e-2;
	bool symmetric = is_symmetric(train, aug) && is_symmetric(test, aug);
	int rc = make_rows(train, aug, part, 0, symmetric, &learn, err);
	rc = rc ? rc : make_rows(train, aug, part, 1, symmetric, &held, err);
	rc = rc ? rc : make_rows(test, aug, NULL, 0, symmetric, &asked, err);
	double scale = scale_of(train);
	rc = rc ? rc : as_features_centre(all, held.n ? 3 : 2, err);
	if (!rc && held.n)
		rc = choose(&learn, &held, &c, scale, pool, penalty, err);
	const struct as_features *const set[] = {&learn, &held};
	rc = rc ? rc : fit(set, held.n ? 2 : 1, &asked, &c, scale, pool, *penalty, symmetric, predicted, err);
	as_features_clear(&learn);
	as_features_clear(&held);
	as_features_clear(&asked);
	return rc;
}
