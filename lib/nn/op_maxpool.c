/* The maximum of each 3x3 window, stride 2, padding 1, as in ResNet. */
#include "nn/op.h"

static struct as_conv shape(const struct as_net *net, const struct as_layer *l, int64_t n)
{
	const struct as_buf *b = &net->buf[l->in[0]];
	return as_conv_shape(n, b->h, b->w, b->c, b->c, 3, 2, 1);
}

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	struct as_conv s = shape(net, l, 1);
	(void)name;
	return (struct as_buf){.h = s.oh, .w = s.ow, .c = s.c};
}

static void forward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	struct as_conv s = shape(r->net, r->l, r->n);
	e->kern->maxpool_forward(e, &s, r->x[0], r->y);
}

static void backward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	struct as_conv s = shape(r->net, r->l, r->n);
	if (r->dx[0])
		e->kern->maxpool_backward(e, &s, r->x[0], r->dy, r->dx[0]);
}

static void graph(struct as_graph *g, const struct as_layer *l)
{
	static const struct as_onnx_attr attr[] = {{.name = "kernel_shape", .n = 2, .i = {3, 3}},
						   {.name = "strides", .n = 2, .i = {2, 2}},
						   {.name = "pads", .n = 4, .i = {1, 1, 1, 1}},
						   {0}};
	g->map[l->out] = as_graph_node(g, l, "MaxPool", as_graph_map(g, l->in[0]), NULL, NULL, attr);
}

const struct as_operation as_op_maxpool = {
	.name = "maxpool",
	.doc = "the largest of 3x3 pixels, stride 2",
	.narrow = true,
	.build = build,
	.forward = forward,
	.backward = backward,
	.graph = graph,
};
