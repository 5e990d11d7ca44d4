/* Batch norm (Ioffe and Szegedy, 2015) over all pixels of a batch, with the residual sum and the ReLU that follow it:
 * y = relu(gamma (x - mean) / sqrt(var + eps) + beta + add). */
#include "nn/op.h"

enum { GAMMA, BETA, MEAN, VAR, COUNT };

static const float EPS = 1e-5f, MOMENTUM = .1f; /* as in PyTorch */

static struct as_buf build(struct as_net *net, struct as_layer *l, const char *name)
{
	struct as_buf b = net->buf[l->in[0]];
	int64_t one = 1;
	as_layer_add_param(net, l, GAMMA, name, "weight", 1, &b.c, l->spec.gamma, 0, AS_P_NORM | AS_P_GLOBAL);
	as_layer_add_param(net, l, BETA, name, "bias", 1, &b.c, 0, 0, AS_P_NORM | AS_P_GLOBAL);
	as_layer_add_param(net, l, MEAN, name, "running_mean", 1, &b.c, 0, 0, AS_P_BUFFER);
	as_layer_add_param(net, l, VAR, name, "running_var", 1, &b.c, 1, 0, AS_P_BUFFER | AS_P_POSITIVE);
	as_layer_add_param(net, l, COUNT, name, "num_batches_tracked", 0, &one, 0, 0, AS_P_BUFFER | AS_P_COUNT | AS_P_POSITIVE);
	return b;
}

/* The values of a pass: four for each channel. */
static struct as_norm numbers(const struct as_run *r)
{
	int64_t n = as_whole_lines(r->net->buf[r->l->in[0]].c);
	return (struct as_norm){r->state, r->state + n, r->state + 2 * n, r->state + 3 * n};
}

/* Whether backward will ask where the output was above 0. */
static bool asks(const struct as_layer *l, enum as_mode mode)
{
	return l->spec.relu && mode == AS_TRAIN;
}

/* The bits that tell that, behind these values; NULL: there are none. */
static uint32_t *on(const struct as_run *r)
{
	return asks(r->l, r->mode) ? (uint32_t *)(void *)(r->state + 4 * as_whole_lines(r->net->buf[r->l->in[0]].c)) : NULL;
}

/* Bytes of the partial sums, as whole cache lines. */
static size_t partial(const struct as_net *net, const struct as_layer *l, int64_t batch)
{
	const struct as_engine *e = net->engine;
	int64_t rows = as_buf_rows(net, l->in[0], batch), c = net->buf[l->in[0]].c;
	return (size_t)as_whole_lines(e->kern->norm_partial(e, rows, c)) * sizeof(float);
}

/* The gradient of the images is computed with the others, so it needs a place even if nobody wants it. */
static void needs(const struct as_net *net, const struct as_layer *l, enum as_mode mode, int64_t batch, struct as_needs *out)
{
	int64_t c = net->buf[l->in[0]].c;
	out->state = 4 * as_whole_lines(c);
	if (asks(l, mode))
		out->state += as_buf_rows(net, l->in[0], batch) * as_on_words(c);
	out->scratch = partial(net, l, batch);
	if (!l->in[0])
		out->scratch += as_buf_bytes(net, 0, batch);
}

static void apply(const struct as_run *r, uint32_t *bits, bool beside)
{
	const struct as_engine *e = r->net->engine;
	struct as_norm n = numbers(r);
	e->kern->norm_apply(e, r->x[0], as_buf_rows(r->net, r->l->in[0], r->n), r->net->buf[r->l->in[0]].c, &n, r->x[1],
			    r->l->spec.relu, r->y, bits, beside);
}

static void again(const struct as_run *r)
{
	apply(r, NULL, true);
}

static void forward(const struct as_run *r)
{
	const struct as_net *net = r->net;
	const struct as_engine *e = net->engine;
	const struct as_layer *l = r->l;
	struct as_norm n = numbers(r);
	int64_t c = net->buf[l->in[0]].c;
	const float *gamma = as_layer_value(net, l, GAMMA), *beta = as_layer_value(net, l, BETA);
	float *mean = as_layer_value(net, l, MEAN), *var = as_layer_value(net, l, VAR);
	if (r->mode == AS_EVAL) {
		e->kern->norm_frozen(e, c, gamma, beta, EPS, mean, var, &n);
	} else {
		e->kern->norm_stats(e, r->x[0], as_buf_rows(net, l->in[0], r->n), c, gamma, beta, EPS, MOMENTUM, mean, var, &n,
				    r->scratch);
		*as_layer_value(net, l, COUNT) += 1;
	}
	apply(r, on(r), false);
}

static void backward(const struct as_run *r)
{
	const struct as_net *net = r->net;
	const struct as_engine *e = net->engine;
	const struct as_layer *l = r->l;
	struct as_norm n = numbers(r);
	void *dx = r->dx[0] ? r->dx[0] : (char *)r->scratch + partial(net, l, r->n);
	e->kern->norm_backward(e, r->dy, on(r), r->x[0], as_buf_rows(net, l->in[0], r->n),
			       net->buf[l->in[0]].c, as_layer_value(net, l, GAMMA), &n, as_layer_grad(net, l, GAMMA),
			       as_layer_grad(net, l, BETA), dx, r->dx[1], r->begun[1], r->scratch);
}

static int fold(const struct as_net *net, const struct as_layer *l, int weight)
{
	const struct as_engine *e = net->engine;
	int64_t c = net->buf[l->in[0]].c, each = net->params->list[weight].count / c;
	e->kern->norm_fold(e, c, each, as_layer_value(net, l, GAMMA), EPS, as_layer_value(net, l, MEAN),
			   as_layer_value(net, l, VAR), as_params_value(net->params, weight), as_layer_value(net, l, BETA));
	return l->param[BETA];
}

/* On vectors as they are, on maps as ONNX has them. */
static void graph(struct as_graph *g, const struct as_layer *l)
{
	const char *(*form)(struct as_graph *, int) = g->map[l->in[0]] ? as_graph_map : as_graph_rows;
	const struct as_buf *b = &g->net->buf[l->in[0]];
	if (b->h * b->w > 1)
		form = as_graph_map;
	const char *in[] = {form(g, l->in[0]), as_graph_param(g, l, GAMMA), as_graph_param(g, l, BETA), as_graph_param(g, l, MEAN),
			    as_graph_param(g, l, VAR), NULL};
	const struct as_onnx_attr attr[] = {{.name = "epsilon", .f = EPS}, {0}};
	char name[128];
	const char *y = as_onnx_node(g->onnx, "BatchNormalization", as_graph_hint(g, l, "", name, sizeof name), in, attr);
	y = as_graph_finish(g, l, y, l->in[1] < 0 ? NULL : form(g, l->in[1]));
	*(form == as_graph_map ? &g->map[l->out] : &g->rows[l->out]) = y;
}

const struct as_operation as_op_norm = {
	.name = "norm",
	.doc = "batch norm, and the sum and the ReLU behind it",
	.in_place = true,
	.narrow = true,
	.recomputed = true,
	.build = build,
	.needs = needs,
	.forward = forward,
	.again = again,
	.backward = backward,
	.fold = fold,
	.graph = graph,
};
