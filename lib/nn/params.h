/* Public since 0.2. Parameters: every tensor that a model keeps, by its PyTorch name, in flat
 * arrays - so that optimizers, momentum copies and state files are loops. */
#ifndef AS_NN_PARAMS_H
#define AS_NN_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "kern/kern.h"
#include "stream/safetensors.h"

AS_BEGIN

enum { AS_MAX_SLOTS = 4 };

enum {
	AS_P_BUFFER = 1,   /* a running statistic: kept, never optimised */
	AS_P_COUNT = 2,    /* a buffer that counts: saved as <i8 */
	AS_P_CONST_LR = 4, /* its learning rate is not scheduled */
	AS_P_NORM = 8,     /* batch norm's weight and bias, and every bias: may be spared the decay */
	AS_P_FROZEN = 16,  /* not moved by the optimizer now */
	AS_P_UNIT = 32,    /* starts as rows in random directions, of length 1 */
	AS_P_STATE = 64,   /* kept in states, left out of models */
	AS_P_POSITIVE = 128, /* never negative: a variance, a count */
	AS_P_GLOBAL = 256    /* its gradient in grain 0 is that of the whole batch already: batch norm's */
};

struct as_param {
	char name[96];
	int ndim;
	int64_t shape[AS_MAX_DIMS], count;
	int64_t at;        /* first element in value, grad and slots, or in buffer */
	float fill, bound; /* start: fill + U(-bound, bound), but for AS_P_UNIT */
	unsigned flags;
};

struct as_params {
	struct as_param *list;
	int n, room;
	bool again; /* a second network is built of the same tensors: a name that is there is no mistake */
	int64_t weights, buffers; /* elements in all */
	float *value;   /* (weights) */
	float *buffer;  /* (buffers) */
	float *grad;    /* (grains, leaf): the gradient of all weights by each grain's images; NULL where none is trained */
	int64_t leaf;   /* floats from one grain's to the next's */
	int nslot;      /* what the optimizer keeps: (weights) each, by the names that states have */
	float *slot[AS_MAX_SLOTS];
	const char *const *slot_name;
	struct as_arena arena;
};

/* Adds a tensor; its index, or <0. Names are unique: one that is there is AS_EARG, or, with p->again and of
 * the same shape, the tensor that is meant. */
int as_params_add(struct as_params *, const char *name, int ndim, const int64_t *shape, float fill, float bound,
		  unsigned flags, struct as_error *);
/* Index of a name, or -1. */
int as_params_find(const struct as_params *, const char *name);
/* Takes the memory, zeroed, when all are added. slots: of an optimizer (nn/optim.h), borrowed, with gradients; NULL:
 * nothing is trained. */
AS_NODISCARD int as_params_alloc(struct as_params *, const struct as_engine *, const char *const *slots,
				 struct as_error *);
void as_params_clear(struct as_params *);
/* Start values: what is drawn for a tensor depends on the seed and its name. */
void as_params_init(struct as_params *, const struct as_engine *, uint64_t seed);
/* A tensor's elements. */
float *as_params_value(const struct as_params *, int index);
/* Its gradient by the images of grain 0. */
float *as_params_grad(const struct as_params *, int index);

/* The momentum network's values and buffers become the online network's, by name. */
void as_params_copy(struct as_params *ema, const struct as_params *online);
/* Exponential moving average: the momentum network's values (its buffers are its own) become
 * m ema + (1 - m) online, by name. */
void as_params_average(struct as_params *ema, const struct as_params *online, double m, const struct as_engine *);

/* Describes all tensors for a safetensors file, each with `prefix` before its name;
 * for a state also "SLOT." NAME of what the optimizer keeps ("velocity."), and what only states keep. counts: room for
 * params->n int64 that must live as long as the list. out NULL: only counts. Returns how many. */
int as_params_store(const struct as_params *, const char *prefix, bool state, struct as_named *out, int64_t *counts);
/* Fills values from a file; every tensor must be there in its shape, with values that are finite
 * (and where AS_P_POSITIVE says so, not negative): else AS_EDATA, naming it. Of a state also what the optimizer keeps. */
AS_NODISCARD int as_params_load(struct as_params *, const char *prefix, bool state, const struct as_safetensors *,
				struct as_error *);

/* Gradients of all grains to 0; and, when all were added to, their sum into grain 0's. */
void as_params_zero_grad(struct as_params *, const struct as_engine *);
void as_params_sum_grad(struct as_params *, const struct as_engine *);

AS_END
#endif
