/* AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019; Kingma and Ba, "Adam",
 * ICLR 2015) as in PyTorch: p -= lr decay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p
 * -= lr m' / (sqrt(v') + eps) with m' = m / (1 - beta1^step) and v' = v / (1 - beta2^step). */
#include "nn/optim.h"

static void step(const struct as_engine *e, const struct as_update *u)
{
	const struct as_hyper *how = u->how;
	struct as_adamw numbers = {u->lr, how->momentum, how->beta2, how->eps, u->decay, (int64_t)how->step};
	e->kern->adamw(e, u->n, u->p, u->g, u->slot[0], u->slot[1], &numbers);
}

const struct as_optimizer as_optimizer_adamw = {
	.name = "adamw",
	.doc = "averages of gradients over the roots of averages of their squares, weight decay apart",
	.slots = (const char *const[]){"exp_avg", "exp_avg_sq", NULL},
	.step = step,
};
