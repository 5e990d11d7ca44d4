/* Changes a network once, before it runs, if only features are needed: folds layers into the ones before
 * them, and chooses the front, which runs over a few images at a time. */
#include "nn/op.h"
#include "nn/schedule.h"

enum { FRONT_BYTES = 1 << 23 /* for one map; a layer has two or three */ };

static void drop_layer(struct as_net *net, int at)
{
	net->nlayer--;
	for (int i = at; i < net->nlayer; i++) {
		net->layer[i] = net->layer[i + 1];
		net->buf[net->layer[i].out].maker = i;
	}
}

/* Folds layer i + 1 into layer i, if the operation allows it and no other layer reads the result of i. */
static void fold(struct as_net *net, int i)
{
	struct as_layer *l = &net->layer[i], *next = l + 1;
	if (i + 1 == net->nlayer || !l->op->absorbs || !next->op->fold || next->in[0] != l->out ||
	    !as_is_sole_reader(net, l->out))
		return;
	l->shift = next->op->fold(net, next, l->param[0]);
	l->spec.relu = next->spec.relu;
	l->in[1] = next->in[1];
	l->out = next->out;
	net->buf[l->out].maker = i;
	drop_layer(net, i + 1);
}

/* Whether the layers after i read only i's output and later ones. */
static bool is_neck(const struct as_net *net, int i)
{
	for (int k = i + 1; k < net->nlayer; k++)
		for (int j = 0; j < AS_INPUTS; j++)
			if (net->layer[k].in[j] >= 0 && net->buf[net->layer[k].in[j]].maker < i)
				return false;
	return true;
}

/* A layer without weights that leaves one pixel ends the maps. The front also ends where a layer's weights
 * are larger than its maps. */
static bool ends_front(const struct as_net *net, const struct as_layer *l, int64_t images)
{
	const struct as_buf *b = &net->buf[l->out];
	size_t moved = as_buf_bytes(net, l->in[0], images) + as_buf_bytes(net, l->out, images);
	return (b->h * b->w == 1 && l->param[0] < 0) ||
	       (l->op->prepared && (size_t)l->op->prepared(net, l) * sizeof(float) > moved);
}

/* Chooses how many layers are in the front: as long as a layer moves more activations than weights for a
 * few images whose largest map stays in the cache that cores share. The number of images is a multiple of
 * the threads, unless their number would change the features. */
static void choose_front(struct as_net *net)
{
	const struct as_engine *e = net->engine;
	int64_t threads = e->kern->steady ? as_pool_threads(e->pool) : 1;
	size_t largest = 1;
	for (int b = 1; b < net->nbuf; b++)
		largest = as_buf_bytes(net, b, 1) > largest ? as_buf_bytes(net, b, 1) : largest;
	int64_t images = (int64_t)(FRONT_BYTES / largest);
	net->front_images = images > threads ? images / threads * threads : threads;
	net->front = 0;
	for (int i = 0; i + 1 < net->nlayer && !ends_front(net, &net->layer[i], net->front_images); i++)
		if (is_neck(net, i))
			net->front = i + 1;
}

void as_net_freeze(struct as_net *net)
{
	net->frozen = true;
	for (int i = 0; i < net->nlayer; i++)
		fold(net, i);
	choose_front(net);
}
