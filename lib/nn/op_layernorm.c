/* Layer norm (Ba, Kiros and Hinton, 2016) over the channels of each pixel, followed by a ReLU: y =
 * relu(gamma (x - mean) / sqrt(var + eps) + beta), with the biased variance. */
#include "nn/op.h"

enum { GAMMA, BETA };

static const float EPS = 1e-5f; /* as in PyTorch */

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	struct as_buf b = net->buf[l->in[0]];
	as_layer_add_param(net, l, GAMMA, name, "weight", 1, &b.c, l->spec.gamma, 0, AS_P_NORM);
	as_layer_add_param(net, l, BETA, name, "bias", 1, &b.c, 0, 0, AS_P_NORM);
	return b;
}

/* Keeps mean and 1/std of every row. The gradient of the images is computed with the others, so it needs a place even
 * if nobody wants it. */
static void needs(const struct as_net *net, const struct as_layer *l, enum as_mode mode, int64_t batch, struct as_needs *out)
{
	(void)mode;
	int64_t rows = as_buf_rows(net, l->in[0], batch);
	out->state = 2 * rows;
	if (!l->in[0])
		out->scratch = (size_t)(rows * net->buf[0].c) * sizeof(float);
}

static void forward(const struct as_run *r)
{
	const struct as_net *net = r->net;
	const struct as_engine *e = net->engine;
	int64_t rows = as_buf_rows(net, r->l->in[0], r->n);
	e->kern->layernorm_forward(e, r->x[0], rows, net->buf[r->l->in[0]].c, as_layer_value(net, r->l, GAMMA),
				   as_layer_value(net, r->l, BETA), EPS, r->l->spec.relu, r->state, r->state + rows, r->y);
}

static void backward(const struct as_run *r)
{
	const struct as_net *net = r->net;
	const struct as_engine *e = net->engine;
	int64_t rows = as_buf_rows(net, r->l->in[0], r->n);
	e->kern->layernorm_backward(e, r->dy, r->l->spec.relu ? r->y : NULL, r->x[0], rows, net->buf[r->l->in[0]].c,
				    as_layer_value(net, r->l, GAMMA), r->state, r->state + rows,
				    as_layer_grad(net, r->l, GAMMA), as_layer_grad(net, r->l, BETA), r->leaf,
				    r->dx[0] ? r->dx[0] : r->scratch, r->begun[0]);
}

static unsigned reads(const struct as_layer *l)
{
	return AS_READS_X | (l->spec.relu ? AS_READS_Y : 0);
}

static void graph(struct as_graph *g, const struct as_layer *l)
{
	const struct as_onnx_attr attr[] = {{.name = "axis", .n = 1, .i = {-1}}, {.name = "epsilon", .f = EPS}, {0}};
	const char *gamma = as_graph_param(g, l, GAMMA), *beta = as_graph_param(g, l, BETA);
	const char *y = as_graph_node(g, l, "LayerNormalization", as_graph_rows(g, l->in[0]), gamma, beta, attr);
	g->rows[l->out] = as_graph_finish(g, l, y, NULL);
}

const struct as_operation as_op_layernorm = {
	.name = "layernorm",
	.doc = "layer norm, and the ReLU behind it",
	.adds = true,
	.build = build,
	.needs = needs,
	.forward = forward,
	.backward = backward,
	.reads = reads,
	.graph = graph,
};
