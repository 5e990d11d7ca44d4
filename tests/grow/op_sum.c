/* The sum of two maps of one shape: a shortcut that ends without batch norm, as those of pre-activation networks (He et
 * al., "Identity Mappings in Deep Residual Networks", ECCV 2016). y = x0 + x1. */
#include "nn/op.h"

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	struct as_buf a = net->buf[l->in[0]], b = l->in[1] < 0 ? a : net->buf[l->in[1]];
	if ((l->in[1] < 0 || a.h != b.h || a.w != b.w || a.c != b.c) && !net->failed.code)
		as_fail(&net->failed, AS_EARG, "%s: sum: it takes two maps of one shape", *name ? name : net->name);
	return a;
}

static int64_t floats(const struct as_run *r)
{
	return r->n * as_buf_values(r->net, r->l->out);
}

static void forward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	e->kern->copy(e, floats(r), r->x[0], r->y);
	e->kern->add_scaled(e, floats(r), r->y, r->x[1], 1);
}

static void backward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	for (int i = 0; i < AS_INPUTS; i++)
		if (r->dx[i] && r->begun[i])
			e->kern->add_scaled(e, floats(r), r->dx[i], r->dy, 1);
		else if (r->dx[i])
			e->kern->copy(e, floats(r), r->dy, r->dx[i]);
}

static unsigned reads(const struct as_layer *l)
{
	(void)l;
	return 0;
}

static void graph(struct as_graph *g, const struct as_layer *l)
{
	g->map[l->out] = as_graph_node(g, l, "Add", as_graph_map(g, l->in[0]), as_graph_map(g, l->in[1]), NULL, NULL);
}

const struct as_operation as_op_sum = {
	.name = "sum",
	.doc = "the sum of two maps",
	.adds = true,
	.build = build,
	.forward = forward,
	.backward = backward,
	.reads = reads,
	.graph = graph,
};
