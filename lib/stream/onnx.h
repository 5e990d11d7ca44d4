/* Public since 0.2. ONNX files: a network as a graph of standard operations, which many programs run. A graph has
 * inputs, tensors (weights), nodes and outputs; a node computes one or more values from others, all known by
 * name. It is put together by these calls, each value before it is read, and then written. Operations are those of
 * ONNX's operator set 17. */
#ifndef AS_STREAM_ONNX_H
#define AS_STREAM_ONNX_H

#include <stdio.h>

#include "stream/safetensors.h"

AS_BEGIN

enum { AS_ONNX_OPSET = 17 };

struct as_onnx;

/* An attribute of a node: whole numbers `i`, or one float if `n` is 0. */
struct as_onnx_attr {
	const char *name;
	int n;
	bool list; /* also one number is a list */
	int64_t i[8];
	float f;
};

/* An input or output. A side of -1 may have any length; `side` names such sides ("batch", NULL, ...). */
struct as_onnx_port {
	const char *name, *doc;
	enum as_dtype dtype; /* AS_F4 or AS_U1 */
	int ndim;
	int64_t shape[AS_MAX_DIMS];
	const char *side[AS_MAX_DIMS];
};

/* NULL: no memory. Later errors are kept, and as_onnx_write returns the first. */
struct as_onnx *as_onnx_new(const char *graph);
void as_onnx_free(struct as_onnx *);

/* A name that no value has yet: this one, or with _2, _3, ... behind it. It belongs to the graph. */
const char *as_onnx_name(struct as_onnx *, const char *wanted);
/* Adds an input, under its own name, or an output, of the value that has its name. Texts are borrowed. */
void as_onnx_input(struct as_onnx *, const struct as_onnx_port *);
void as_onnx_output(struct as_onnx *, const struct as_onnx_port *);
/* Adds a tensor of AS_F4 or AS_I8, whose data are borrowed until the graph is written; returns its name. */
const char *as_onnx_tensor(struct as_onnx *, const char *wanted, const struct as_tensor *);
/* Adds a node OP(in...), `in` ending with NULL; returns the name of the value that it computes, `wanted` or one
 * like it. Attributes end with one without a name; NULL: none. */
const char *as_onnx_node(struct as_onnx *, const char *op, const char *wanted, const char *const *in,
			 const struct as_onnx_attr *);
/* The same for two values, whose names go to `out`. */
void as_onnx_node2(struct as_onnx *, const char *op, const char *wanted, const char *const *in, const struct as_onnx_attr *,
		   const char *out[2]);

/* The numbers of inputs, nodes and outputs; an input or output by its number. */
int as_onnx_inputs(const struct as_onnx *);
int as_onnx_nodes(const struct as_onnx *);
int as_onnx_outputs(const struct as_onnx *);
const struct as_onnx_port *as_onnx_input_at(const struct as_onnx *, int i);
const struct as_onnx_port *as_onnx_output_at(const struct as_onnx *, int i);

/* Writes the file, with m metadata strings. The caller owns, flushes and commits f. AS_EMEM; AS_EARG: 2 GiB, which no
 * file of this kind may have; AS_EIO. */
AS_NODISCARD int as_onnx_write(const struct as_onnx *, FILE *f, const struct as_meta *, int m, struct as_error *);

AS_END
#endif
