/* Private to lib/ssl: the trainer from inside, shared by trainer.c, trunk.c, state.c and describe.c alone. */
#ifndef AS_SSL_INSIDE_H
#define AS_SSL_INSIDE_H

#include "nn/optim.h"
#include "ssl/trainer.h"

/* The backbone for images of one size, and its momentum copy. Those of other sizes have the same parameters. */
struct as_trunk {
	int64_t size, rows; /* rows: the most of a group */
	struct as_net net, ema;
	struct as_pass ema_pass; /* of one group after the other */
	bool averaged, alone;    /* whether any group goes through ema, through ema and not through net */
};

/* Where features leave the backbones and their gradients come back: the output, or a tap. By view, (batch, d) each. */
struct as_outlet {
	int tap; /* AS_NONE: the output */
	int64_t d;
	float *y[AS_MAX_VIEWS]; /* of a group of several; NULL: the pass's own */
	float *t[AS_MAX_VIEWS]; /* of the momentum backbone, where wanted */
	float *dy[AS_MAX_VIEWS];
	float *dgroup; /* dy of a group of several views */
};

struct as_trainer {
	struct as_recipe recipe;
	const struct as_roles *roles;
	struct as_layout layout;
	struct as_engine engine;
	const struct as_method *method;
	const struct as_optimizer *optimizer;
	void *self; /* the method's own struct */
	double value[AS_MAX_SETTINGS];
	struct as_build build;
	struct as_params params, ema; /* ema: of the momentum network, empty when there is none */
	int ntrunks, trunk_of[AS_MAX_VIEWS]; /* by group */
	struct as_trunk trunk[AS_MAX_VIEWS];
	struct as_augself augself;
	struct as_pass pass[AS_MAX_VIEWS]; /* by group, online */
	struct as_workspace work;
	struct as_arena arena;
	size_t bytes; /* of the arena */
	struct as_outlet out, heads; /* the method's; the heads', where they are fed by a stage */
	float *unit; /* scratch of the collapse figures */
	struct as_progress progress;
};

/* The backbones that the layout asks for, and the widths of what they give. AS_EARG: there is no such architecture or
 * stage. */
AS_NODISCARD int as_trunks_build(struct as_trainer *, struct as_error *);
/* Their part of the step's memory. */
void as_trunks_plan(struct as_trainer *);
/* A group of the batch through every backbone that sees it: its views' y, t, param and omega, dy at 0. */
void as_trunks_forward(struct as_trainer *, const struct as_batch *, int group, struct as_step *);
/* Back through the trained one: the parameters' gradients += . */
void as_trunks_backward(struct as_trainer *, int group);

#endif
