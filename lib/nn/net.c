#include "nn/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "nn/op.h"

void as_net_init(struct as_net *net, const char *name, struct as_params *params, const struct as_engine *engine, int64_t h,
		 int64_t w, int64_t c)
{
	*net = (struct as_net){.name = name, .params = params, .engine = engine, .nbuf = 1};
	net->buf[0] = (struct as_buf){h, w, c, true, AS_NONE};
}

/* Keeps the first error; building goes on with buffer 0. */
static int fail(struct as_net *net, const char *why)
{
	if (!net->failed.code)
		as_fail(&net->failed, AS_EARG, "%s: %s", net->name, why);
	return 0;
}

/* In backward, the last reader of a buffer comes first and sets its gradient; an earlier reader must be
 * able to add to it. */
static bool can_share(const struct as_net *net, int buf)
{
	for (int i = 0; i < net->nlayer; i++)
		if (buf > 0 && net->layer[i].in[0] == buf && !net->layer[i].op->adds)
			return false;
	return true;
}

/* Where maps are bfloat16, only some operations work on them, and what is pooled is floats. */
static bool can_hold(const struct as_net *net, const struct as_operation *op, int in)
{
	bool wide = net->engine->kern->cell == sizeof(float), images = !in && op == as_op_find("conv", NULL);
	return wide || (op->narrow && (images || !net->buf[in].floats));
}

/* Inserts the layer as number `at`; later layers move by one. Returns the new buffer. */
static int insert(struct as_net *net, int at, struct as_layer l, const char *name)
{
	if (net->nlayer == AS_MAX_LAYERS)
		return fail(net, "more layers than there is room for");
	struct as_buf b = l.op->build(net, &l, name);
	if (b.h < 1 || b.w < 1 || b.c < 1)
		fail(net, "the image is too small for the network");
	for (int i = net->nlayer++; i > at; i--) {
		net->layer[i] = net->layer[i - 1];
		net->buf[net->layer[i].out].maker = i;
	}
	b.maker = at;
	l.out = net->nbuf;
	net->layer[at] = l;
	net->buf[net->nbuf] = b;
	return net->nbuf++;
}

static struct as_layer bare(const struct as_operation *op, int in, int in2, struct as_spec spec)
{
	struct as_layer l = {.op = op, .spec = spec, .in = {in, in2}, .shift = AS_NONE};
	for (int i = 0; i < AS_LAYER_PARAMS; i++)
		l.param[i] = AS_NONE;
	return l;
}

int as_net_layer(struct as_net *net, const char *op, int in, int in2, const char *name, struct as_spec spec)
{
	struct as_error err;
	const struct as_operation *found = as_op_find(op, &err);
	if (!found)
		return fail(net, err.text);
	if (!can_hold(net, found, in))
		return fail(net, "in bfloat16, only convolutions read images, and what works on maps reads no vectors");
	if (!can_share(net, in))
		return fail(net, "a second layer reads what a layer reads that cannot add to its gradient");
	return net->out = insert(net, net->nlayer, bare(found, in, in2, spec), name);
}

void as_net_point(struct as_net *net, int buf, const char *name)
{
	if (net->npoint == AS_MAX_POINTS) {
		fail(net, "more points than there is room for");
		return;
	}
	struct as_point *p = &net->point[net->npoint++];
	p->buf = buf;
	snprintf(p->name, sizeof p->name, "%s", name);
}

/* The number of this point; npoint: there is none. */
static int find_point(const struct as_net *net, const char *name)
{
	int i = 0;
	while (i < net->npoint && strcmp(net->point[i].name, name) != 0)
		i++;
	return i;
}

static int no_point(const struct as_net *net, const char *name, struct as_error *err)
{
	char known[128] = "";
	for (int i = 0; i < net->npoint; i++)
		as_enlist(known, sizeof known, net->point[i].name);
	return as_fail(err, AS_EARG, "%s: '%.40s' is none of %s%s", net->name, name, *known ? known : "no points",
		       as_near(name, known, &(struct as_hint){0}));
}

/* The layer that pools comes right after the layer whose output it reads, so that no buffer lives longer. */
static void add_tap(struct as_net *net, int point)
{
	int in = net->point[point].buf;
	struct as_layer pool = bare(as_op_find("avgpool", NULL), in, AS_NONE, (struct as_spec){0});
	net->tap[net->ntap++] = (struct as_tap){point, insert(net, net->buf[in].maker + 1, pool, "")};
}

int as_net_tap(struct as_net *net, const char *name, struct as_error *err)
{
	int point = find_point(net, name), tap = 0;
	if (point == net->npoint)
		return no_point(net, name, err);
	while (tap < net->ntap && net->tap[tap].point != point)
		tap++;
	if (tap == net->ntap)
		add_tap(net, point);
	return net->failed.code ? as_fail(err, net->failed.code, "%s", net->failed.text) : tap;
}

bool as_net_gives(const struct as_net *net, const char *name)
{
	int point = find_point(net, name), maker = net->buf[net->out].maker;
	return point < net->npoint && maker >= 0 && net->layer[maker].op == as_op_find("avgpool", NULL) &&
	       net->layer[maker].in[0] == net->point[point].buf;
}

int64_t as_net_tap_width(const struct as_net *net, int tap)
{
	return net->buf[net->tap[tap].buf].c;
}

int as_nets_failed(struct as_error *err, int n, ...)
{
	const struct as_error *failed = NULL;
	va_list nets;
	va_start(nets, n);
	for (int i = 0; i < n; i++) {
		const struct as_net *net = va_arg(nets, const struct as_net *);
		if (!failed && net->failed.code)
			failed = &net->failed;
	}
	va_end(nets);
	return failed ? as_fail(err, failed->code, "%s", failed->text) : 0;
}

int64_t as_net_out(const struct as_net *net)
{
	return net->buf[net->out].c;
}

const char *as_layer_name(const struct as_net *net, int i)
{
	return net->layer[i].op->name;
}

const char *as_layer_param(const struct as_net *net, int i)
{
	int first = net->layer[i].param[0];
	return first < 0 ? "" : net->params->list[first].name;
}

int64_t as_layer_macs(const struct as_net *net, int i)
{
	const struct as_layer *l = &net->layer[i];
	return l->op->macs ? l->op->macs(net, l) : 0;
}
