/* The mean over all pixels of an image; turns a map into a vector. */
#include "nn/op.h"

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	(void)name;
	return (struct as_buf){.h = 1, .w = 1, .c = net->buf[l->in[0]].c, .floats = true};
}

static void forward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	const struct as_buf *b = &r->net->buf[r->l->in[0]];
	e->kern->avgpool_forward(e, r->x[0], r->n, b->h * b->w, b->c, r->y);
}

static void backward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	const struct as_buf *b = &r->net->buf[r->l->in[0]];
	if (r->dx[0])
		e->kern->avgpool_backward(e, r->dy, r->n, b->h * b->w, b->c, r->dx[0], r->begun[0]);
}

static unsigned reads(const struct as_layer *l)
{
	(void)l;
	return 0;
}

static void graph(struct as_graph *g, const struct as_layer *l)
{
	const char *mean = as_graph_node(g, l, "GlobalAveragePool", as_graph_map(g, l->in[0]), NULL, NULL, NULL);
	g->rows[l->out] = as_graph_node(g, l, "Flatten", mean, NULL, NULL, NULL);
}

const struct as_operation as_op_avgpool = {
	.name = "avgpool",
	.doc = "the mean over all pixels",
	.adds = true,
	.narrow = true,
	.build = build,
	.forward = forward,
	.backward = backward,
	.reads = reads,
	.graph = graph,
};
