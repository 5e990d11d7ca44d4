/* Public since 0.2. Parameters: all tensors that a model keeps, by their PyTorch names, in flat arrays. So
 * optimizers, momentum copies and state files are simple loops. */
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
	AS_P_COUNT = 2,    /* a buffer that is a counter: saved as <i8 */
	AS_P_CONST_LR = 4, /* its learning rate is not scheduled */
	AS_P_NORM = 8,     /* batch norm's weight and bias, and every bias: weight decay may leave them out */
	AS_P_FROZEN = 16,  /* the optimizer does not update it at present */
	AS_P_UNIT = 32,    /* starts as rows of length 1 in random directions */
	AS_P_STATE = 64,   /* kept in states, left out of models */
	AS_P_POSITIVE = 128, /* never negative: a variance, a count */
	AS_P_GLOBAL = 256    /* the gradient in grain 0 is already that of the whole batch (batch norm) */
};

/* One tensor: its name and shape, and where it lies. */
struct as_param {
	char name[96];
	int ndim;
	int64_t shape[AS_MAX_DIMS], count;
	/* first element in value, grad and slots, or in buffer; of a weight, as_params_alloc says where */
	int64_t at;
	float fill, bound; /* start values: fill + U(-bound, bound), unless AS_P_UNIT */
	unsigned flags;
};

struct as_travel;

/* The tensors of a model. Initialise with zeros; as_params_clear frees what it has. */
struct as_params {
	struct as_param *list;
	int n, room;
	bool again; /* a second network is built from the same tensors, so an existing name is not an error */
	int64_t weights, buffers; /* number of elements in all */
	float *value;   /* (weights) */
	float *buffer;  /* (buffers) */
	/* (grains, leaf): the gradient of all weights from each grain's images; NULL if nothing is trained. With
	 * other ranks at least two leaves: the second is free when this rank's are added up, and receives theirs. */
	float *grad;
	int64_t leaf;   /* floats from one grain's gradient to the next grain's */
	struct as_travel *travel; /* gradients on their way to other ranks */
	int nslot;      /* what the optimizer keeps, (weights) each, under these names in states */
	float *slot[AS_MAX_SLOTS];
	const char *const *slot_name;
	struct as_arena arena;
};

/* Adds a tensor and returns its index, or <0. An existing name is AS_EARG; with p->again and the same shape
 * it returns that tensor. */
int as_params_add(struct as_params *, const char *name, int ndim, const int64_t *shape, float fill, float bound,
		  unsigned flags, struct as_error *);
/* The index of a name, or -1. */
int as_params_find(const struct as_params *, const char *name);
/* Takes the memory, zeroed, after all tensors are added. slots: from an optimizer (nn/optim.h), borrowed;
 * gradients are taken with them. NULL: nothing is trained. AS_EMEM. */
AS_NODISCARD int as_params_alloc(struct as_params *, const struct as_engine *, const char *const *slots,
				 struct as_error *);
void as_params_clear(struct as_params *);
/* Sets the start values; those of a tensor depend on the seed and its name. */
void as_params_init(struct as_params *, const struct as_engine *, uint64_t seed);
/* A tensor's elements; they belong to the parameters. */
float *as_params_value(const struct as_params *, int index);
/* Its gradient from the images of grain 0, which belongs to them too. */
float *as_params_grad(const struct as_params *, int index);

/* Copies the online network's values and buffers to the momentum network, by name. */
void as_params_copy(struct as_params *ema, const struct as_params *online);
/* Exponential moving average: each value of the momentum network becomes m ema + (1 - m) online, by name.
 * Its buffers do not change. */
void as_params_average(struct as_params *ema, const struct as_params *online, double m, const struct as_engine *);

/* Describes all tensors for a safetensors file, with `prefix` before each name; for a state also what the
 * optimizer keeps, as "SLOT." NAME (such as "velocity."), and what only states have. counts: space for
 * params->n int64 that must live as long as the list. out NULL: only counts. Returns the number of tensors. */
int as_params_save(const struct as_params *, const char *prefix, bool state, struct as_named *out, int64_t *counts);
/* Reads the values from a file. Every tensor must be there, in its shape and with finite values (and not
 * negative if AS_P_POSITIVE); otherwise AS_EDATA, which names it. From a state also reads what the
 * optimizer keeps. */
AS_NODISCARD int as_params_load(struct as_params *, const char *prefix, bool state, const struct as_safetensors *,
				struct as_error *);

/* Sets the gradients of all grains to 0, before a step; as_params_sum_grad, after it, adds them up into grain 0,
 * those of other ranks too. In between as_params_final may say of a tensor that nothing more will be added to
 * its gradient in this step: then this sum begins, and other ranks' come while others are computed. The
 * gradient must not be touched until as_params_sum_grad has returned. All ranks say it in the same order. */
void as_params_zero_grad(struct as_params *, const struct as_engine *);
void as_params_final(const struct as_params *, const struct as_engine *, int index);
void as_params_sum_grad(struct as_params *, const struct as_engine *);

AS_END
#endif
