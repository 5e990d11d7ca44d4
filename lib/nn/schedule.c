/* Time is counted in layers. On the way there layer i runs at time i; on the way back the last one runs at 0. A buffer is
 * live from the first time at which something touches it to the last, and two that are never live together may lie in
 * the same place (nn/place.h). Of the network
 *
 *     x -conv-> a -norm-> b -conv-> c -norm,+b-> d -avgpool-> y
 *
 * a pass of training looks like this: | is when a buffer is live, K that it is kept until the way back has read it.
 *
 *              the way there                        the way back
 *              0     1     2     3     4            0     1     2     3     4
 *              conv  norm  conv  norm  avgpool      avg   norm  conv  norm  conv
 *     a        KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK        kept: norm reads it
 *     b              |||||||||||||                                                transient
 *     c                    KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK                    kept
 *     d                          |||||||||                                        transient
 *     y                                KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK     the caller's
 *     b again                                             |||||||||||||           recomputed from a
 *     d again                                             |                       recomputed from c and b
 *     dd                                            |||||||||                     gradients; dc lies where dd does,
 *     dc                                                  |||||||                 for its norm works in place
 *     db                                                  |||||||||||||
 *     da                                                              |||||||
 *
 * *Kept* is what a layer made that is costly to make or that the next layer's backward reads: the pass has a place of its
 * own for each. *Transient* is the output of a layer that is cheap to run again, batch norm's, half of all activations:
 * it lives as long as the way there needs it, and is *recomputed* on the way back from what was kept. (d is recomputed
 * because of its ReLU: backward looks where y is 0.)
 *
 * Two memories lie side by side, and a wall between them that no buffer crosses:
 *
 *     | the pass's own: what is kept | the workspace, shared by passes that do not run together |
 *
 * A transient buffer lies among the kept ones as long as these are not there yet, and what is recomputed and gradients lie
 * where kept ones have been read for the last time; what finds no room lies in the workspace.
 *
 * Without a way back every buffer is transient and all lie in the pass's own memory; batch norm then works in place. Of
 * a frozen network the front, its first layers, runs over a few images at a time:
 *
 *     images    0..7          8..15         ...      all
 *     layers    0 1 2 3 4     0 1 2 3 4     ...      5 6 7 ... last
 *     buffers   hold 8 images, but for the last one's, which gathers all, and taps
 */
#include "nn/schedule.h"

#include <string.h>

#include "nn/op.h"
#include "nn/place.h"

enum { FOREVER = INT32_MAX };

bool as_is_output(const struct as_net *net, int buf)
{
	bool found = buf == net->out;
	for (int i = 0; i < net->ntap; i++)
		found = found || net->tap[i].buf == buf;
	return found;
}

bool as_is_transient(const struct as_net *net, int buf)
{
	return buf > 0 && !as_is_output(net, buf) && net->layer[net->buf[buf].maker].op->recomputed;
}

bool as_is_sole_reader(const struct as_net *net, int buf)
{
	int readers = 0;
	for (int i = 0; i < net->nlayer; i++)
		for (int j = 0; j < AS_INPUTS; j++)
			readers += net->layer[i].in[j] == buf;
	return readers == 1 && buf != 0 && !as_is_output(net, buf);
}

unsigned as_layer_reads(const struct as_layer *l)
{
	return l->op->reads ? l->op->reads(l) : AS_READS_X;
}

/* Whole cache lines. */
static int64_t size_of(const struct as_net *net, int buf, int64_t batch)
{
	return (as_buf_floats(net, buf) * batch + 15) / 16 * 16;
}

static void never(struct as_life *life, int n)
{
	for (int i = 0; i < n; i++)
		life[i] = (struct as_life){.first = FOREVER, .last = -1};
}

/* Buffers that share memory: both sides of a layer that works in place, where nobody else reads what it works on. On the
 * way back the gradient of an output is the caller's: not to be written on. */
static void find_roots(const struct as_net *net, bool back, int *root)
{
	for (int b = 0; b < net->nbuf; b++)
		root[b] = b;
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		if (l->op->in_place && as_is_sole_reader(net, l->in[0]) && !(back && as_is_output(net, l->out)))
			root[l->out] = root[l->in[0]];
	}
}

static void touch_layer(const struct as_layer *l, const int *root, struct as_life *life, int time)
{
	as_life_touch(&life[root[l->out]], time);
	for (int j = 0; j < AS_INPUTS; j++)
		if (l->in[j] >= 0)
			as_life_touch(&life[root[l->in[j]]], time);
}

/* When each buffer is live on the way there: from its layer to its last reader. */
static void find_there(const struct as_net *net, const int *root, struct as_life *life)
{
	never(life, net->nbuf);
	for (int i = 0; i < net->nlayer; i++)
		touch_layer(&net->layer[i], root, life, i);
	for (int b = 1; b < net->nbuf; b++)
		if (as_is_output(net, b))
			as_life_touch(&life[root[b]], net->nlayer);
}

/* Without a way back. */
static void place_forward(const struct as_net *net, int64_t batch, struct as_places *at)
{
	struct as_life life[AS_MAX_BUFS];
	int root[AS_MAX_BUFS];
	find_roots(net, false, root);
	find_there(net, root, life);
	life[0].size = 0; /* the caller's x */
	for (int b = 1; b < net->nbuf; b++) {
		struct as_life *s = &life[b];
		bool whole = s->last >= net->front;
		if (whole && s->first < net->front) /* it gathers all images: from the first few on */
			as_life_touch(s, 0);
		s->size = s->last < 0 ? 0 : size_of(net, b, whole || batch < net->front_images ? batch : net->front_images);
	}
	at->own = as_lives_place(life, 0, net->nbuf, 0);
	for (int b = 0; b < net->nbuf; b++) {
		at->there[b] = life[root[b]].at;
		at->whole[b] = life[root[b]].last >= net->front;
	}
}

/* What is kept lies one behind the other. */
static void place_kept(const struct as_net *net, int64_t batch, struct as_places *at)
{
	for (int b = 1; b < net->nbuf; b++)
		if (!as_is_transient(net, b)) {
			at->there[b] = at->back[b] = at->own;
			at->own += size_of(net, b, batch);
		}
}

/* Transient buffers on the way there, around what is kept already. Returns what is needed beyond the wall. */
static int64_t place_transient(const struct as_net *net, int64_t batch, struct as_places *at)
{
	struct as_life all[2 * AS_MAX_BUFS], *kept = all, *transient = kept + net->nbuf;
	int root[AS_MAX_BUFS];
	for (int b = 0; b < net->nbuf; b++)
		root[b] = b;
	find_there(net, root, transient);
	for (int b = 0; b < net->nbuf; b++) {
		int64_t size = b ? size_of(net, b, batch) : 0;
		bool passes = as_is_transient(net, b);
		kept[b] = (struct as_life){passes ? 0 : size, at->back[b], transient[b].first, FOREVER};
		transient[b].size = passes ? size : 0;
	}
	int64_t total = as_lives_place(all, net->nbuf, 2 * net->nbuf, at->own);
	for (int b = 1; b < net->nbuf; b++)
		if (as_is_transient(net, b))
			at->there[b] = transient[b].at;
	return total - at->own;
}

/* What is live on the way back: activations that were kept, until they are read for the last time; gradients; activations
 * that are recomputed. */
struct lives {
	struct as_life all[3 * AS_MAX_BUFS], *kept, *grad, *again;
};

/* An activation is read at a time; one that is recomputed is so then the first time, from others. */
static void touch_read(const struct as_net *net, struct lives *v, int buf, int time)
{
	if (buf < 0)
		return;
	if (!as_is_transient(net, buf)) {
		as_life_touch(&v->kept[buf], time);
		return;
	}
	bool first = v->again[buf].last < 0;
	as_life_touch(&v->again[buf], time);
	for (int j = 0; first && j < AS_INPUTS; j++)
		touch_read(net, v, net->layer[net->buf[buf].maker].in[j], time);
}

static void find_back(const struct as_net *net, const int *root, struct lives *v)
{
	int last = net->nlayer - 1;
	v->kept = v->all;
	v->grad = v->kept + net->nbuf;
	v->again = v->grad + net->nbuf;
	never(v->all, 3 * net->nbuf);
	for (int i = last; i >= 0; i--) {
		const struct as_layer *l = &net->layer[i];
		unsigned reads = as_layer_reads(l);
		touch_layer(l, root, v->grad, last - i);
		for (int j = 0; j < AS_INPUTS; j++)
			if (reads & AS_READS_X << j)
				touch_read(net, v, l->in[j], last - i);
		if (reads & AS_READS_Y)
			touch_read(net, v, l->out, last - i);
	}
	for (int b = 0; b < net->nbuf; b++) {
		v->kept[b].first = 0;
		if (as_is_output(net, b)) /* the caller may read it as long as he likes */
			v->kept[b].last = FOREVER;
	}
}

/* Gradients and what is recomputed, around what is kept still. Returns what is needed beyond the wall. */
static int64_t place_back(const struct as_net *net, int64_t batch, struct as_places *at)
{
	int root[AS_MAX_BUFS];
	struct lives v;
	find_roots(net, true, root);
	find_back(net, root, &v);
	for (int b = 1; b < net->nbuf; b++) { /* the gradients of the input and of outputs are the caller's */
		int64_t size = size_of(net, b, batch);
		v.kept[b].size = as_is_transient(net, b) ? 0 : size;
		v.kept[b].at = at->back[b];
		v.grad[b].size = root[b] == b && !as_is_output(net, b) ? size : 0;
		v.again[b].size = v.again[b].last < 0 ? 0 : size;
	}
	int64_t total = as_lives_place(v.all, net->nbuf, 3 * net->nbuf, at->own);
	for (int b = 1; b < net->nbuf; b++) {
		at->grad[b] = v.grad[root[b]].at;
		if (as_is_transient(net, b))
			at->back[b] = v.again[b].at;
	}
	return total - at->own;
}

int64_t as_schedule(const struct as_net *net, enum as_mode mode, int64_t batch, struct as_places *at)
{
	*at = (struct as_places){.own = 0};
	if (mode != AS_TRAIN) {
		place_forward(net, batch, at);
		return 0;
	}
	place_kept(net, batch, at);
	int64_t there = place_transient(net, batch, at), back = place_back(net, batch, at);
	return there > back ? there : back;
}
