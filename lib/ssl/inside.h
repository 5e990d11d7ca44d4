/* Private to lib/ssl: the trainer from inside, shared by trainer.c, state.c and describe.c alone. */
#ifndef AS_SSL_INSIDE_H
#define AS_SSL_INSIDE_H

#include "ssl/trainer.h"

struct as_trainer {
	struct as_recipe recipe;
	const struct as_policy *policy;
	const struct as_method *method;
	void *self; /* the method's own struct */
	double value[AS_MAX_SETTINGS];
	struct as_build build;
	struct as_params params, twin; /* twin: of the momentum network, empty when there is none */
	struct as_net backbone, twin_backbone;
	struct as_augself augself;
	struct as_pass pass[AS_VIEWS], twin_pass;
	struct as_workspace work;
	struct as_arena arena;
	size_t bytes; /* of the arena */
	float *dy[AS_VIEWS], *t[AS_VIEWS];
	float *unit; /* scratch of the collapse figures */
	struct as_progress progress;
};

#endif
