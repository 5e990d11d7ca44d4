/* y = x w^T + bias for each pixel. A linear layer before batch norm has no bias. */
#include <math.h>

#include "nn/op.h"

enum { WEIGHT, BIAS };

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	struct as_buf b = net->buf[l->in[0]];
	int64_t in = b.c, out = l->spec.out;
	double bound = 1 / sqrt((double)in);
	as_layer_add_param(net, l, WEIGHT, name, "weight", 2, (int64_t[]){out, in}, 0, bound, 0);
	if (l->spec.bias)
		as_layer_add_param(net, l, BIAS, name, "bias", 1, &out, 0, bound, AS_P_NORM);
	b.c = out;
	return b;
}

static void forward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	int in = r->l->in[0];
	e->kern->linear_forward(e, r->x[0], as_buf_rows(r->net, in, r->n), r->net->buf[in].c, r->l->spec.out,
				as_layer_value(r->net, r->l, WEIGHT), as_layer_value(r->net, r->l, BIAS), r->y);
}

static void backward(const struct as_run *r)
{
	const struct as_engine *e = r->net->engine;
	int in = r->l->in[0];
	e->kern->linear_backward(e, r->x[0], r->dy, as_buf_rows(r->net, in, r->n), r->net->buf[in].c, r->l->spec.out,
				 as_layer_value(r->net, r->l, WEIGHT), as_layer_grad(r->net, r->l, WEIGHT),
				 as_layer_grad(r->net, r->l, BIAS), r->leaf, r->dx[0], r->begun[0]);
}

static int64_t macs(const struct as_net *net, const struct as_layer *l)
{
	return as_buf_values(net, l->in[0]) * l->spec.out;
}

/* A vector by Gemm, the pixels of a map by the transposed matrix. */
static void graph(struct as_graph *g, const struct as_layer *l)
{
	const struct as_buf *b = &g->net->buf[l->in[0]];
	const struct as_onnx_attr turned[] = {{.name = "transB", .n = 1, .i = {1}}, {0}};
	const char *x = as_graph_rows(g, l->in[0]), *w = as_graph_param(g, l, WEIGHT), *bias = as_graph_param(g, l, BIAS), *y;
	if (b->h * b->w == 1) {
		y = as_graph_node(g, l, "Gemm", x, w, bias, turned);
	} else {
		char name[128];
		w = as_onnx_node(g->onnx, "Transpose", as_graph_hint(g, l, "turned", name, sizeof name), (const char *[]){w, NULL}, NULL);
		y = as_graph_node(g, l, "MatMul", x, w, NULL, NULL);
		y = bias ? as_graph_node(g, l, "Add", y, bias, NULL, NULL) : y;
	}
	g->rows[l->out] = y;
}

const struct as_operation as_op_linear = {
	.name = "linear",
	.doc = "a matrix, and a bias where it is asked for",
	.adds = true,
	.build = build,
	.forward = forward,
	.backward = backward,
	.macs = macs,
	.graph = graph,
};
