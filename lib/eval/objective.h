/* Private to lib/eval: the objective of logistic regression (eval/logreg.h), its value and its gradient.
 *
 * The rows are divided into blocks, and the blocks in order into at most AS_GROUPS groups. A group is one
 * task; the groups' sums are added in the order of their index. Blocks and groups depend on shapes alone,
 * so the number of threads changes no byte. */
#ifndef AS_EVAL_OBJECTIVE_H
#define AS_EVAL_OBJECTIVE_H

#include "base/arena.h"
#include "base/pool.h"
#include "eval/features.h"
#include "kern/logit.h"

AS_BEGIN

/* Rows in a block; most groups; rows of a (k, d) matrix in one task. */
enum { AS_BLOCK = 240, AS_GROUPS = 16, AS_STRIP = 48 };

struct as_block {
	const float *x;   /* (rows, d), borrowed */
	const int64_t *y; /* (rows) */
	int64_t rows;
};

struct as_objective {
	int64_t n, d, k, blocks, groups; /* number of rows, width, classes */
	struct as_block *block;
	const double *centre; /* (d), subtracted from the rows; NULL: nothing (eval/shift.h) */
	struct as_pool *pool;
	const struct as_logit *kern;
	float *g32;      /* (threads, max(k, AS_STRIP), d): scratch, used by eval/scaling.h too */
	/* (groups, k): sum of p (1 - p), the diagonal of softmax's Hessian, at the point last computed */
	double *curve;
	/* private to objective.c */
	float *packed;   /* the point being computed, in the layout of kern/logit.h */
	float *z;        /* (threads, z_floats) */
	float *sums;     /* (threads, 2, k padded): bias and curve of a block */
	int64_t z_floats;
	double *g;       /* (groups, k, d + 1) */
	double *loss;    /* (groups) */
	double *shifted; /* (k, d + 1): weights for the original rows, if they were centred */
	double w;
	const double *at;
	double *gradient;
};

/* Divides the rows of `parts` sets of one width into blocks; o->d, k and centre must be set. AS_EMEM.
 * as_objective_clear frees the list of blocks. */
AS_NODISCARD int as_objective_rows(struct as_objective *, const struct as_features *const *set, int parts,
				   struct as_error *);
void as_objective_clear(struct as_objective *);
/* Takes the scratch memory; called twice, like every _take: first to count, then to take. */
void as_objective_take(struct as_objective *, struct as_arena *);

/* (sum CE + w (|W|^2 + |b|^2)) / n at the weights x, and its gradient, both (k, d + 1). */
double as_objective_value(struct as_objective *, double w, const double *x, double *gradient);

/* The number of weights, which is that of a gradient's entries. */
static inline int64_t as_objective_weights(const struct as_objective *o)
{
	return o->k * (o->d + 1);
}

/* The number of strips of the k rows; the number of rows in a strip. */
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
