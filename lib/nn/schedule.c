/* Where the buffers of a pass lie in memory. Time is counted in layers: in forward, layer i runs at time i; in backward,
 * the last layer runs at time 0. A buffer is live from its first use to its last. Two buffers that are never live at the
 * same time may have the same place (nn/place.h). For the network
 *
 *     x -conv-> a -norm-> b -conv-> c -norm,+b-> d -avgpool-> y
 *
 * a pass in training looks like this. | means that a buffer is live, K that it is kept until backward has read it.
 *
 *              forward                              backward
 *              0     1     2     3     4            0     1     2     3     4
 *              conv  norm  conv  norm  avgpool      avg   norm  conv  norm  conv
 *     a        KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK             kept: norm reads it
 *     b              |||||||||||||                                                transient
 *     c                    KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK                    kept
 *     d                          |||||||||                                        transient
 *     y                                KKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKKK     the caller's
 *     b again                                                   |                 recomputed from a
 *     dd                                            |||||||||                     gradients; dc is written over dd,
 *     dc                                                  |||||||                 because norm works in place
 *     db                                                  |||||||||||||
 *     da                                                              |||||||
 *
 * An output is *kept* if it is expensive to compute; each kept one has a place of its own in the pass. It is *transient*
 * if its layer is cheap to run again, as batch norm is (half of all activations): it lives as long as forward needs it,
 * and if backward reads it, it is *recomputed* from kept ones. That waits for memory, and a convolution computes, so it
 * happens beside the last convolution that backward runs before the layer that reads it, if there is one (of b: none, so it
 * is live at time 2 alone). Where d is above 0, which the ReLU's backward needs to know, norm itself keeps as bits.
 *
 * There are two memories side by side, and no buffer crosses the wall between them:
 *
 *     | the pass's own: what is kept | the workspace, shared by passes that do not run together |
 *
 * A transient buffer may use the places of kept ones that are not written yet. Recomputed activations and gradients may
 * use the places of kept ones that have been read for the last time. What does not fit goes to the workspace.
 *
 * In a pass without backward every buffer is transient and lies in the pass's own memory, and batch norm works in place.
 * In a frozen network the front, its first layers, runs over a few images at a time:
 *
 *     images    0..7          8..15         ...      all
 *     layers    0 1 2 3 4     0 1 2 3 4     ...      5 6 7 ... last
 *     buffers   hold 8 images; the front's last one and taps collect all
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

int as_layer_reads(const struct as_layer *l, int buf[AS_INPUTS + 1])
{
	unsigned reads = l->op->reads ? l->op->reads(l) : AS_READS_X;
	int n = 0;
	for (int j = 0; j < AS_INPUTS; j++)
		if (reads & AS_READS_X << j)
			buf[n++] = l->in[j];
	if (reads & AS_READS_Y)
		buf[n++] = l->out;
	return n;
}

int as_layer_ahead(const struct as_net *net, int i)
{
	int next = i;
	if (net->layer[i].op->long_back && i > 0)
		do
			next--;
		while (next > 0 && !net->layer[next].op->long_back);
	return next;
}

/* In floats, rounded up to whole cache lines. */
static int64_t size_of(const struct as_net *net, int buf, int64_t batch)
{
	return (int64_t)((as_buf_bytes(net, buf, batch) + 63) / 64 * 16);
}

static void never(struct as_life *life, int n)
{
	for (int i = 0; i < n; i++)
		life[i] = (struct as_life){.first = FOREVER, .last = -1};
}

/* Buffers that share memory: both sides of a layer that works in place, if no other layer reads its input.
 * In backward the gradient of an output belongs to the caller and must not be overwritten. */
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

/* When each buffer is live in forward: from its layer to its last reader. */
static void find_there(const struct as_net *net, const int *root, struct as_life *life)
{
	never(life, net->nbuf);
	for (int i = 0; i < net->nlayer; i++)
		touch_layer(&net->layer[i], root, life, i);
	for (int b = 1; b < net->nbuf; b++)
		if (as_is_output(net, b))
			as_life_touch(&life[root[b]], net->nlayer);
}

/* For passes without backward. */
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
		if (whole && s->first < net->front) /* it collects all images, from the first run of the front on */
			as_life_touch(s, 0);
		s->size = s->last < 0 ? 0 : size_of(net, b, whole || batch < net->front_images ? batch : net->front_images);
	}
	at->own = as_lives_place(life, 0, net->nbuf, 0);
	for (int b = 0; b < net->nbuf; b++) {
		at->there[b] = life[root[b]].at;
		at->whole[b] = life[root[b]].last >= net->front;
	}
}

/* Kept buffers lie one after the other. */
static void place_kept(const struct as_net *net, int64_t batch, struct as_places *at)
{
	for (int b = 1; b < net->nbuf; b++)
		if (!as_is_transient(net, b)) {
			at->there[b] = at->back[b] = at->own;
			at->own += size_of(net, b, batch);
		}
}

/* Places transient buffers in forward, around kept ones that are already written. Returns what is needed
 * beyond the wall. */
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

/* What is live in backward: kept activations, until they are read for the last time; gradients; recomputed
 * activations. */
struct lives {
	struct as_life all[3 * AS_MAX_BUFS], *kept, *grad, *again;
};

/* Marks that an activation is read at this time. If it is recomputed, that happens at the first such time
 * and reads other buffers. */
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

static void touch_reads(const struct as_net *net, struct lives *v, int i, int time)
{
	int buf[AS_INPUTS + 1], n = as_layer_reads(&net->layer[i], buf);
	for (int j = 0; j < n; j++)
		touch_read(net, v, buf[j], time);
}

static void find_back(const struct as_net *net, const int *root, struct lives *v)
{
	int last = net->nlayer - 1;
	v->kept = v->all;
	v->grad = v->kept + net->nbuf;
	v->again = v->grad + net->nbuf;
	never(v->all, 3 * net->nbuf);
	for (int i = last; i >= 0; i--) {
		touch_layer(&net->layer[i], root, v->grad, last - i);
		touch_reads(net, v, i, last - i);
		for (int next = i - 1; next >= as_layer_ahead(net, i); next--)
			touch_reads(net, v, next, last - i);
	}
	for (int b = 0; b < net->nbuf; b++) {
		v->kept[b].first = 0;
		if (as_is_output(net, b)) /* the caller may read it at any time */
			v->kept[b].last = FOREVER;
	}
}

/* Places gradients and recomputed activations around what is still kept. Returns what is needed beyond the
 * wall. */
static int64_t place_back(const struct as_net *net, int64_t batch, struct as_places *at)
{
	int root[AS_MAX_BUFS];
	struct lives v;
	find_roots(net, true, root);
	find_back(net, root, &v);
	for (int b = 1; b < net->nbuf; b++) { /* the gradients of the input and of outputs belong to the caller */
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
