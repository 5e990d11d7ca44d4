/* Public since 0.2. Optimizers: each one a constant descriptor in a file of its own, optim_NAME.c, and a
 * line in optim.c. */
#ifndef AS_NN_OPTIM_H
#define AS_NN_OPTIM_H

#include "nn/params.h"

AS_BEGIN

/* What a recipe says of a step. */
struct as_hyper {
	double lr, lr_const;    /* of this step; of tensors with AS_P_CONST_LR */
	double momentum, beta2; /* of the average of gradients, AdamW's beta1; of that of their squares */
	double eps;             /* AdamW: added to the root of the latter */
	double decay;           /* weight decay */
	double trust;           /* LARS: the trust coefficient */
	bool spare_norm;        /* no decay on AS_P_NORM */
	uint64_t step;          /* of this one: 1, 2, ... */
};

/* One tensor that is moved, n floats each. */
struct as_update {
	int64_t n;
	float *p, *g, *slot[AS_MAX_SLOTS]; /* g: may be spoilt */
	double lr, decay;                  /* of this tensor */
	bool norm;                         /* AS_P_NORM */
	const struct as_hyper *how;
};

struct as_optimizer {
	const char *name, *doc;     /* "sgd", and what it is, in a few words */
	const char *const *slots;   /* what it keeps for each weight, by the names that states have; NULL at the end */
	bool trust;                 /* it asks for a trust coefficient, which the others have no use for */
	void (*step)(const struct as_engine *, const struct as_update *);
};

extern const struct as_optimizer *const as_optimizers[]; /* NULL at the end; the first is the default */
/* NULL: no such optimizer; AS_EARG in *err, which may be NULL, names those there are. */
const struct as_optimizer *as_optimizer_find(const char *name, struct as_error *err);

/* How many slots. */
int as_optimizer_slots(const struct as_optimizer *);

/* Moves all weights but those with AS_P_FROZEN by the gradients in grain 0 (as_params_sum_grad), which may be spoilt.
 * The parameters' memory was taken with the optimizer's slots. */
void as_optimizer_step(const struct as_optimizer *, struct as_params *, const struct as_engine *, const struct as_hyper *);

/* lr of an epoch: lr0 (1 + cos(pi e / epochs)) / 2; beyond the last, that of the last. */
double as_cosine(double lr0, int64_t e, int64_t epochs);

AS_END
#endif
