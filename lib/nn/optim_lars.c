/* LARS (You, Gitman and Ginsburg, "Large Batch Training of Convolutional Networks", 2017) as SimCLR and
 * BYOL use it: SGD on g' = (g + decay p) trust |p| / |g + decay p|; the factor is 1 if either length is 0.
 * Batch norm's weights and all biases have neither decay nor factor. */
#include <math.h>

#include "nn/optim.h"

static void step(const struct as_engine *e, const struct as_update *u)
{
	const struct as_kern *k = e->kern;
	if (!u->norm) {
		k->add_scaled(e, u->n, u->g, u->p, (float)u->decay);
		double wide = sqrt(k->dot(e, u->n, u->p, u->p)), steep = sqrt(k->dot(e, u->n, u->g, u->g));
		k->scale(e, u->n, u->g, wide > 0 && steep > 0 ? (float)((double)(float)u->how->trust * wide / steep) : 1);
	}
	k->sgd(e, u->n, u->p, u->g, u->slot[0], (float)u->lr, (float)u->how->momentum, 0, u->how->step == 1);
}

const struct as_optimizer as_optimizer_lars = {
	.name = "lars",
	.doc = "SGD with steps as long as a share of the weights: for large batches",
	.slots = (const char *const[]){"velocity", NULL},
	.trust = true,
	.step = step,
};
