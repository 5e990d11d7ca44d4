/* SGD with weight decay apart (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 1):
 * p -= lr decay p; v = momentum v + g; p -= lr v. */
#include "nn/optim.h"

static void step(const struct as_engine *e, const struct as_update *u)
{
	e->kern->scale(e, u->n, u->p, (float)(1 - u->lr * u->decay));
	e->kern->sgd(e, u->n, u->p, u->g, u->slot[0], (float)u->lr, (float)u->how->momentum, 0, u->how->step == 1);
}

const struct as_optimizer as_optimizer_sgdw = {
	.name = "sgdw",
	.doc = "SGD with weight decay apart from the average",
	.slots = (const char *const[]){"velocity", NULL},
	.step = step,
};
