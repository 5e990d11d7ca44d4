#include "nn/graph.h"

#include <stdio.h>
#include <string.h>

#include "nn/op.h"

/* --- for operations --- */

const char *as_graph_hint(const struct as_graph *g, const struct as_layer *l, const char *what, char *room, size_t n)
{
	char name[sizeof g->net->params->list->name] = "";
	if (l->param[0] >= 0)
		snprintf(name, sizeof name, "%s", g->net->params->list[l->param[0]].name);
	char *dot = strrchr(name, '.');
	if (dot)
		*dot = 0;
	snprintf(room, n, "%s%s%s", *name ? name : l->op->name, *what ? "." : "", what);
	return room;
}

const char *as_graph_param(struct as_graph *g, const struct as_layer *l, int slot)
{
	if (l->param[slot] < 0)
		return NULL;
	const struct as_param *p = &g->net->params->list[l->param[slot]];
	struct as_tensor t = {.dtype = AS_F4, .ndim = p->ndim, .data = as_params_value(g->net->params, l->param[slot])};
	memcpy(t.shape, p->shape, sizeof t.shape);
	return as_onnx_tensor(g->onnx, p->name, &t);
}

/* A node's value is called after the operation only if another one has the layer's name already. */
const char *as_graph_node(struct as_graph *g, const struct as_layer *l, const char *op, const char *in, const char *in2,
			  const char *in3, const struct as_onnx_attr *attr)
{
	const char *inputs[] = {in, in2, in3, NULL};
	char name[128];
	return as_onnx_node(g->onnx, op, as_graph_hint(g, l, "", name, sizeof name), inputs, attr);
}

const char *as_graph_finish(struct as_graph *g, const struct as_layer *l, const char *y, const char *add)
{
	char name[128];
	if (add)
		y = as_onnx_node(g->onnx, "Add", as_graph_hint(g, l, "sum", name, sizeof name), (const char *[]){y, add, NULL}, NULL);
	if (l->spec.relu)
		y = as_onnx_node(g->onnx, "Relu", as_graph_hint(g, l, "relu", name, sizeof name), (const char *[]){y, NULL}, NULL);
	return y;
}

/* --- forms --- */

/* The value with its axes in another order. */
static const char *turn(struct as_graph *g, const char *value, const int64_t *order, const char *what)
{
	const struct as_onnx_attr attr[] = {{.name = "perm", .n = 4, .i = {order[0], order[1], order[2], order[3]}}, {0}};
	char name[160];
	snprintf(name, sizeof name, "%s.%s", value, what);
	return as_onnx_node(g->onnx, "Transpose", name, (const char *[]){value, NULL}, attr);
}

static bool is_pixel(const struct as_graph *g, int buf)
{
	return g->net->buf[buf].h == 1 && g->net->buf[buf].w == 1;
}

const char *as_graph_map(struct as_graph *g, int buf)
{
	static const int64_t shape[] = {0, -1, 1, 1}; /* 0: as it was; -1: what remains */
	const struct as_tensor sides = {.dtype = AS_I8, .ndim = 1, .shape = {4}, .data = shape};
	char name[160];
	if (g->map[buf])
		return g->map[buf];
	if (!is_pixel(g, buf))
		return g->map[buf] = turn(g, g->rows[buf], (int64_t[]){0, 3, 1, 2}, "map");
	const char *to = as_onnx_tensor(g->onnx, "pixel", &sides);
	snprintf(name, sizeof name, "%s.map", g->rows[buf]);
	return g->map[buf] = as_onnx_node(g->onnx, "Reshape", name, (const char *[]){g->rows[buf], to, NULL}, NULL);
}

const char *as_graph_rows(struct as_graph *g, int buf)
{
	char name[160];
	if (g->rows[buf])
		return g->rows[buf];
	if (!is_pixel(g, buf))
		return g->rows[buf] = turn(g, g->map[buf], (int64_t[]){0, 2, 3, 1}, "rows");
	snprintf(name, sizeof name, "%s.rows", g->map[buf]);
	return g->rows[buf] = as_onnx_node(g->onnx, "Flatten", name, (const char *[]){g->map[buf], NULL}, NULL);
}

/* --- the network --- */

int as_graph_add(struct as_graph *g, struct as_onnx *onnx, const struct as_net *net, const char *in, bool rows,
		 struct as_error *err)
{
	*g = (struct as_graph){.onnx = onnx, .net = net};
	*(rows ? &g->rows[0] : &g->map[0]) = in;
	if (net->frozen)
		return as_fail(err, AS_EARG, "%s: a frozen network has no graph", net->name);
	for (int i = 0; i < net->nlayer; i++) {
		const struct as_layer *l = &net->layer[i];
		if (!l->op->graph)
			return as_fail(err, AS_EARG, "%s: the operation %s is not in ONNX (as_operation.graph)", net->name, l->op->name);
		l->op->graph(g, l);
	}
	return 0;
}
