/* Stochastic gradient descent with momentum, as in PyTorch: v = momentum v + (g + decay p), in the first
 * step v = g + decay p; p -= lr v. */
#include "nn/optim.h"

static void step(const struct as_engine *e, const struct as_update *u)
{
	e->kern->sgd(e, u->n, u->p, u->g, u->slot[0], (float)u->lr, (float)u->how->momentum, (float)u->decay,
		     u->how->step == 1);
}

const struct as_optimizer as_optimizer_sgd = {
	.name = "sgd",
	.doc = "gradient descent with momentum",
	.slots = (const char *const[]){"velocity", NULL},
	.step = step,
};
