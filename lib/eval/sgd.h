/* Public since 0.2. A linear classifier learnt by stochastic gradient descent, as MoCo and LooC measure features
 * (MoCo's section 4.1): softmax cross-entropy, momentum, no penalty, and a learning rate that is divided
 * by ten at some epochs. Rows come one after the other, so they need not fit into memory.
 *
 * For each batch, g = mean over its rows of the gradient; v = m v + g (v = g at first); W -= lr v. The last batch
 * of an epoch may be smaller. W starts normal with deviation 0.01, b at 0, as in MoCo's code. */
#ifndef AS_EVAL_SGD_H
#define AS_EVAL_SGD_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

enum { AS_SGD_DROPS = 8 };

/* How to learn. */
struct as_sgd_how {
	double lr, momentum;
	int64_t batch;
	int64_t drop[AS_SGD_DROPS]; /* epochs, ascending, from which on the rate is a tenth of the one before */
	int drops;
	uint64_t seed; /* of the start weights, and of the order of as_sgd_learn */
};

/* What happened in one epoch. */
struct as_sgd_epoch {
	int64_t epoch;   /* from 0 */
	int64_t rows, steps;
	double lr, loss; /* loss: mean over its rows, each before the step of its batch */
	double top1;     /* percentage of these rows that were predicted right, likewise */
};

struct as_sgd;

/* A classifier of features of this width. Borrows the pool. The same bits for any number of threads. AS_EARG,
 * AS_EMEM. */
AS_NODISCARD int as_sgd_new(struct as_sgd **, int64_t d, int64_t classes, const struct as_sgd_how *, struct as_pool *,
			    struct as_error *);
void as_sgd_free(struct as_sgd *);

/* Adds a row of class y; a full batch becomes a step. AS_EDATA: the loss is not finite. */
AS_NODISCARD int as_sgd_row(struct as_sgd *, const float *x, int64_t y, struct as_error *);
/* Ends an epoch: the rows that are left become a step. Errors as above. */
AS_NODISCARD int as_sgd_end(struct as_sgd *, struct as_sgd_epoch *, struct as_error *);

/* One epoch over a set whose y are classes, in an order drawn from the seed and the epoch. Errors as above; AS_EMEM. */
AS_NODISCARD int as_sgd_learn(struct as_sgd *, const struct as_features *, struct as_sgd_epoch *, struct as_error *);

/* The weights (classes, d + 1), the bias last, for as_logreg_predict; and starts from others than the drawn ones. */
void as_sgd_weights(const struct as_sgd *, double *weights);
void as_sgd_start(struct as_sgd *, const double *weights);

AS_END
#endif
