/* Private to lib/ssl: the trainer's data, used only by trainer.c, trunk.c, state.c and describe.c. */
#ifndef AS_SSL_INSIDE_H
#define AS_SSL_INSIDE_H

#include "nn/optim.h"
#include "ssl/trainer.h"

/* The backbone for images of one size, and its momentum copy. Backbones for other sizes have the same
 * parameters. */
struct as_trunk {
	int64_t size, rows; /* rows: of the largest group */
	struct as_net net, ema;
	struct as_pass ema_pass; /* used by one group after the other */
	/* whether any group goes through ema; whether any goes through ema and not through net */
	bool averaged, alone;
};

/* Where features leave the backbones and gradients come back: the output or a tap. By view, (batch, d)
 * each. */
struct as_outlet {
	int tap; /* AS_NONE: the output */
	int64_t d;
	float *y[AS_MAX_VIEWS]; /* for groups of several views; NULL: the features are the pass's own */
	float *t[AS_MAX_VIEWS]; /* from the momentum backbone, if needed */
	float *dy[AS_MAX_VIEWS];
	float *dgroup; /* dy of a group of several views */
};

struct as_trainer {
	struct as_recipe recipe;
	const struct as_roles *roles;
	struct as_layout layout;
	struct as_engine engine, maps; /* maps: the backbones', perhaps in bfloat16 */
	const struct as_method *method;
	const struct as_optimizer *optimizer;
	void *self; /* the method's own struct */
	double value[AS_MAX_SETTINGS];
	struct as_build build;
	struct as_params params, ema; /* ema: of the momentum network; empty if there is none */
	int shared;                   /* the first of params: the trained backbone's */
	int ntrunks, trunk_of[AS_MAX_VIEWS]; /* by group */
	struct as_trunk trunk[AS_MAX_VIEWS];
	struct as_augself augself;
	struct as_pass pass[AS_MAX_VIEWS]; /* by group, online */
	struct as_workspace work;
	struct as_arena arena;
	size_t bytes; /* size of the arena */
	struct as_outlet out, heads; /* the method's; the heads', if a stage feeds them */
	float *unit;      /* scratch for the collapse figures */
	double *products; /* scratch for the effective rank */
	struct as_progress progress;
};

/* Builds the backbones that the layout needs, and finds the widths of their outputs. AS_EARG: there is no
 * such architecture or stage. */
AS_NODISCARD int as_trunks_build(struct as_trainer *, struct as_error *);
/* Takes their part of the step's memory. */
void as_trunks_plan(struct as_trainer *);
/* Runs a group of the batch through all backbones that it needs: sets its views' y, t, param and omega, and
 * dy to 0. */
void as_trunks_forward(struct as_trainer *, const struct as_batch *, int group, struct as_step *);
/* Backward through the trained backbone: parameters' gradients +=. */
void as_trunks_backward(struct as_trainer *, int group);

#endif
