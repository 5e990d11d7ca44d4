/* Private to lib/ssl: the trainer from inside, shared by trainer.c, state.c and describe.c alone. */
#ifndef AS_SSL_INSIDE_H
#define AS_SSL_INSIDE_H

#include "nn/optim.h"
#include "ssl/trainer.h"

/* The backbone for images of one size, and its momentum copy. Those of other sizes have the same parameters. */
struct as_trunk {
	int64_t size, rows; /* rows: the most of a group */
	struct as_net net, ema;
	struct as_pass ema_pass; /* of one group after the other */
	bool online, averaged;   /* whether any group goes through net, through ema */
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
	float *y[AS_MAX_VIEWS], *t[AS_MAX_VIEWS], *dy[AS_MAX_VIEWS]; /* by view; y NULL: the pass's own */
	float *dgroup; /* dy of a group of several views */
	float *unit;   /* scratch of the collapse figures */
	struct as_progress progress;
};

#endif
