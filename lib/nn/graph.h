/* Public since 0.2. A network as nodes of ONNX, in evaluation mode. Each operation says by which nodes
 * (as_operation.graph), so a new architecture needs nothing here. Our maps are (n,h,w,c) and ONNX's (n,c,h,w): a
 * buffer's value may be in the graph in either form, and the other is added when a layer asks for it. */
#ifndef AS_NN_GRAPH_H
#define AS_NN_GRAPH_H

#include "nn/net.h"
#include "stream/onnx.h"

AS_BEGIN

/* A network in a file of ONNX: by which names the values of its buffers are known there. */
struct as_graph {
	struct as_onnx *onnx;
	const struct as_net *net;
	/* The values of each buffer as a map (n,c,h,w), and as rows: (n,c) of a buffer of one pixel, otherwise
	 * (n,h,w,c); NULL: not in the graph. */
	const char *map[AS_MAX_BUFS], *rows[AS_MAX_BUFS];
};

/* Adds all layers of a network that is loaded and not frozen. `in` is its input: a map (n,c,h,w), or rows (n,c) if
 * the network is over vectors. Parameters are borrowed until the graph is written. AS_EARG: an operation that has no
 * nodes. */
AS_NODISCARD int as_graph_add(struct as_graph *, struct as_onnx *, const struct as_net *, const char *in, bool rows,
			      struct as_error *);
/* A buffer's value in a form. */
const char *as_graph_map(struct as_graph *, int buf);
const char *as_graph_rows(struct as_graph *, int buf);

/* For operations. A parameter of the layer as a tensor, NULL: it has none; and the name for a value: of its first
 * parameter, or of the operation, with `what` behind it. */
const char *as_graph_param(struct as_graph *, const struct as_layer *, int slot);
const char *as_graph_hint(const struct as_graph *, const struct as_layer *, const char *what, char *room, size_t n);
/* One node more for the layer; `in2` and `in3` may be NULL. */
const char *as_graph_node(struct as_graph *, const struct as_layer *, const char *op, const char *in, const char *in2,
			  const char *in3, const struct as_onnx_attr *);
/* y + add and its ReLU, each where the layer has it. `add` may be NULL. */
const char *as_graph_finish(struct as_graph *, const struct as_layer *, const char *y, const char *add);

AS_END
#endif
