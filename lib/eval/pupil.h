/* Private to lib/eval: one AugSelf head that learns from features that do not change. */
#ifndef AS_EVAL_PUPIL_H
#define AS_EVAL_PUPIL_H

#include "aug/aug.h"
#include "nn/mlp.h"

AS_BEGIN

struct as_pupil {
	struct as_engine engine;
	const struct as_aug *aug;
	int64_t d, batch; /* width of a view's features; the most pairs of a call */
	struct as_params params;
	struct as_net net;
	struct as_pass learning, telling;
	struct as_workspace work;
	struct as_arena arena;
	float *y[2];              /* (batch, d): the features of both views; the caller sets them */
	float *target;            /* rows of as_pair_row (kern/kern.h), as wide as as_pairs_width: the caller sets them */
	float *pair, *dp;         /* (2 batch, 2 d), (2 batch, ntarget) */
	float *best;              /* copies of the parameters and buffers */
	uint64_t steps;
};

/* 2 d-hidden-hidden-ntarget with batch norm, with start values by the seed, and 0 in the last layer. AS_EMEM, AS_EARG. */
AS_NODISCARD int as_pupil_new(struct as_pupil *, const struct as_aug *, int64_t d, int64_t hidden, int64_t batch,
				const struct as_engine *, uint64_t seed, struct as_error *);
void as_pupil_clear(struct as_pupil *);

/* The loss of n pairs, at most `batch`; their gradient, and a step of AdamW. */
double as_pupil_learn(struct as_pupil *, int64_t n, double lr);
/* The outputs (2 n, ntarget) for n pairs, with running statistics, before tanh; *loss: NULL, or where the loss goes. */
const float *as_pupil_tell(struct as_pupil *, int64_t n, double *loss);

/* Keeps the present parameters, and puts them back. */
void as_pupil_keep(struct as_pupil *);
void as_pupil_restore(struct as_pupil *);

AS_END
#endif
