/* Convolution, r x r, without a bias, because batch norm follows. In a frozen network it also does the work
 * of that norm while it writes its outputs. */
#include <math.h>

#include "nn/op.h"

enum { WEIGHT };

static struct as_conv shape(const struct as_net *net, const struct as_layer *l, int64_t n)
{
	const struct as_buf *b = &net->buf[l->in[0]];
	struct as_conv s = as_conv_shape(n, b->h, b->w, b->c, l->spec.out, l->spec.r, l->spec.stride, l->spec.pad);
	s.forward_only = net->frozen;
	s.floats = b->floats;
	return s;
}

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	struct as_conv s = shape(net, l, 1);
	as_layer_add_param(net, l, WEIGHT, name, "weight", 4, (int64_t[]){s.k, s.c, s.r, s.r}, 0,
			   1 / sqrt((double)(s.c * s.r * s.r)), 0);
	return (struct as_buf){.h = s.oh, .w = s.ow, .c = s.k};
}

static void needs(const struct as_net *net, const struct as_layer *l, enum as_mode mode, int64_t batch, struct as_needs *out)
{
	struct as_conv s = shape(net, l, batch);
	(void)mode;
	out->scratch = net->engine->kern->conv_scratch(net->engine, &s);
}

static int64_t prepared(const struct as_net *net, const struct as_layer *l)
{
	struct as_conv s = shape(net, l, 1);
	return (int64_t)net->engine->kern->conv_prepared(net->engine, &s);
}

static void prepare(const struct as_net *net, const struct as_layer *l, float *to)
{
	struct as_conv s = shape(net, l, 1);
	net->engine->kern->conv_prepare(net->engine, &s, as_layer_value(net, l, WEIGHT), to);
}

static void forward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	struct as_conv s = shape(r->net, r->l, r->n);
	struct as_after after = {NULL, r->x[1], r->l->spec.relu};
	bool folded = r->l->shift >= 0;
	if (folded)
		after.shift = as_params_value(r->net->params, r->l->shift);
	e->kern->conv_forward(e, &s, r->x[0], r->prepared, r->y, folded ? &after : NULL, r->scratch);
}

static void backward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	struct as_conv s = shape(r->net, r->l, r->n);
	e->kern->conv_backward_weights(e, &s, r->x[0], r->dy, as_layer_grad(r->net, r->l, WEIGHT), r->leaf, r->scratch);
	if (r->dx[0])
		e->kern->conv_backward_data(e, &s, r->dy, as_layer_value(r->net, r->l, WEIGHT), r->dx[0], r->begun[0], r->scratch);
}

static int64_t macs(const struct as_net *net, const struct as_layer *l)
{
	struct as_conv s = shape(net, l, 1);
	return s.oh * s.ow * s.k * s.r * s.r * s.c;
}

static void graph(struct as_graph *g, const struct as_layer *l)
{
	const struct as_spec *s = &l->spec;
	const struct as_onnx_attr attr[] = {{.name = "kernel_shape", .n = 2, .i = {s->r, s->r}},
					    {.name = "strides", .n = 2, .i = {s->stride, s->stride}},
					    {.name = "pads", .n = 4, .i = {s->pad, s->pad, s->pad, s->pad}},
					    {0}};
	const char *w = as_graph_param(g, l, WEIGHT);
	g->map[l->out] = as_graph_node(g, l, "Conv", as_graph_map(g, l->in[0]), w, NULL, attr);
}

const struct as_operation as_op_conv = {
	.name = "conv",
	.doc = "convolution",
	.adds = true,
	.absorbs = true,
	.narrow = true,
	.long_back = true,
	.build = build,
	.needs = needs,
	.prepared = prepared,
	.prepare = prepare,
	.forward = forward,
	.backward = backward,
	.macs = macs,
	.graph = graph,
};
