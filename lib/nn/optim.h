/* Public since 0.2. Optimizers. Each is a constant descriptor in a file of its own, optim_NAME.c, and a
 * line in optim.c. */
#ifndef AS_NN_OPTIM_H
#define AS_NN_OPTIM_H

#include "nn/params.h"

AS_BEGIN

/* The settings of a step. */
struct as_hyper {
	double lr, lr_const;    /* learning rates of this step; lr_const for tensors with AS_P_CONST_LR */
	double momentum, beta2; /* for the average of gradients (AdamW's beta1); for the average of their squares */
	double eps;             /* AdamW: added to the root of the average of squares */
	double decay;           /* weight decay */
	double trust;           /* LARS: the trust coefficient */
	bool spare_norm;        /* no weight decay on tensors with AS_P_NORM */
	uint64_t step;          /* the number of this step: 1, 2, ... */
};

/* One tensor to be updated, n floats each. */
struct as_update {
	int64_t n;
	float *p, *g, *slot[AS_MAX_SLOTS]; /* g may be overwritten */
	double lr, decay;                  /* of this tensor */
	bool norm;                         /* AS_P_NORM */
	const struct as_hyper *how;
};

/* An optimizer. A constant. */
struct as_optimizer {
	const char *name, *doc;     /* "sgd"; what it is, in a few words */
	const char *const *slots;   /* what it keeps for each weight, under these names in states; NULL marks the end */
	bool trust;                 /* needs a trust coefficient, which the others refuse */
	void (*step)(const struct as_engine *, const struct as_update *);
};

extern const struct as_optimizer *const as_optimizers[]; /* NULL marks the end; the first is the default */
/* The optimizer of this name. NULL: there is none; AS_EARG in *err, which may be NULL, and the error lists
 * the names. */
const struct as_optimizer *as_optimizer_find(const char *name, struct as_error *err);

/* The number of slots. */
int as_optimizer_slots(const struct as_optimizer *);

/* Updates all weights except those with AS_P_FROZEN, from the gradients in grain 0 (as_params_sum_grad),
 * which may be overwritten. The parameters' memory must have been taken with this optimizer's slots. */
void as_optimizer_step(const struct as_optimizer *, struct as_params *, const struct as_engine *, const struct as_hyper *);

/* The learning rate of epoch e: lr0 (1 + cos(pi e / epochs)) / 2; after the last epoch, that of the last. */
double as_cosine(double lr0, int64_t e, int64_t epochs);

AS_END
#endif
