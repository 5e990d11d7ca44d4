/* Private to lib/eval: the objective of logistic regression (eval/logreg.h), its value and its gradient.
 *
 * The rows lie in blocks, which are dealt in order to at most AS_GROUPS groups: one task each, whose
 * sums are added in the order of their index. Blocks and groups depend on shapes alone, so that the
 * number of threads cannot change a byte. */
#ifndef AS_EVAL_OBJECTIVE_H
#define AS_EVAL_OBJECTIVE_H

#include "base/arena.h"
#include "base/pool.h"
#include "eval/features.h"
#include "kern/logit.h"

AS_BEGIN

/* Rows of a block; groups; rows of a matrix (k, d) that one task works on. */
enum { AS_BLOCK = 240, AS_GROUPS = 16, AS_STRIP = 48 };

struct as_block {
	const float *x;   /* (rows, d), borrowed */
	const int64_t *y; /* (rows) */
	int64_t rows;
};

struct as_objective {
	int64_t n, d, k, blocks, groups; /* rows in all, their width, classes */
	struct as_block *block;
	const double *centre; /* (d), taken from the rows; NULL: nothing (eval/shift.h) */
	struct as_pool *pool;
	const struct as_logit *kern;
	float *g32;      /* (threads, max(k, AS_STRIP), d): scratch, also of eval/scaling.h */
	double *curve;   /* (groups, k): of the point last looked at, sum of p (1 - p), the diagonal of softmax's Hessian */
	/* private to objective.c */
	float *packed;   /* the point being looked at, for kern/logit.h */
	float *z;        /* (threads, z_floats) */
	float *sums;     /* (threads, 2, k padded): a block's bias and curve */
	int64_t z_floats;
	double *g;       /* (groups, k, d + 1) */
	double *loss;    /* (groups) */
	double *shifted; /* (k, d + 1): weights for the rows as they are, with a centre */
	double w;
	const double *at;
	double *gradient;
};

/* Lays the rows of `parts` sets of one width out in blocks: o->d, k and centre are set. AS_EMEM.
 * as_objective_clear frees the list of blocks. */
AS_NODISCARD int as_objective_rows(struct as_objective *, const struct as_features *const *set, int parts,
				   struct as_error *);
void as_objective_clear(struct as_objective *);
/* Takes the scratch (as every _take: once to count, once to have). */
void as_objective_take(struct as_objective *, struct as_arena *);

/* (sum CE + w (|W|^2 + |b|^2)) / n at the weights x, and its gradient, both (k, d + 1). */
double as_objective_value(struct as_objective *, double w, const double *x, double *gradient);

/* Elements of weights and of a gradient. */
static inline int64_t as_objective_weights(const struct as_objective *o)
{
	return o->k * (o->d + 1);
}

/* Strips of the k rows, and the rows of one. */
static inline int64_t as_objective_strips(const struct as_objective *o)
{
	return (o->k + AS_STRIP - 1) / AS_STRIP;
}
static inline int64_t as_objective_strip(const struct as_objective *o, int64_t strip)
{
	int64_t most = AS_STRIP, left = o->k - strip * most;
	return left < most ? left : most;
}

AS_END
#endif
