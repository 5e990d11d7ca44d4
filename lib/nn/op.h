/* Private to lib/nn: kinds of layers. Each is one constant descriptor in a file of its own, op_NAME.c, and
 * one line in op.c; neither the network nor its schedule knows an operation by name. */
#ifndef AS_NN_OP_H
#define AS_NN_OP_H

#include "nn/graph.h"

AS_BEGIN

/* The arguments when a layer runs on n images. Shapes are (n, values of the buffer). */
struct as_run {
	const struct as_net *net;
	const struct as_layer *l;
	enum as_mode mode;
	int64_t n;
	const void *x[AS_INPUTS];  /* its inputs; NULL: there is none */
	void *y;                   /* its output; in backward only read */
	float *state;              /* what it keeps in this pass for itself, as_needs.state floats */
	const float *prepared;     /* its prepared weights */
	void *scratch;             /* as_needs.scratch bytes, its own while it runs */
	const void *dy;            /* backward: the gradient of y */
	void *dx[AS_INPUTS];       /* backward: the gradients of its inputs; NULL: not computed */
	bool begun[AS_INPUTS];     /* dx += instead of dx =, because another layer has already written it */
	int64_t leaf;              /* floats from one grain's gradient of a parameter to the next grain's */
};

/* Memory that a layer needs in a pass of this many images. */
struct as_needs {
	int64_t state;  /* floats that a pass keeps from forward to backward */
	size_t scratch; /* bytes while it runs */
};

/* What backward reads besides dy. Input j is 1u << j. */
enum { AS_READS_X = 1, AS_READS_Y = 1u << AS_INPUTS };

struct as_operation {
	const char *name, *doc; /* "conv", and what it computes, in a few words */
	bool in_place;   /* y may be written over its first input, and that input's dx over dy */
	bool recomputed; /* training does not keep y; `again` recomputes it in backward */
	/* backward can add to the dx of its first input; otherwise it must be the last layer that reads it */
	bool adds;
	bool narrow;     /* works on maps of bfloat16 */
	bool long_back;  /* backward computes for long: what the next ones need again is computed beside it */
	bool absorbs;    /* when frozen, adds l->shift, a second input and a ReLU while it writes y; see fold */

	/* Adds the layer's parameters (as_layer_add_param) and returns the shape of the output. */
	struct as_buf (*build)(struct as_net *, struct as_layer *, const char *name);
	/* NULL: it needs nothing. */
	void (*needs)(const struct as_net *, const struct as_layer *, enum as_mode, int64_t batch, struct as_needs *);
	/* The size of its prepared weights in floats, and preparing them, once after parameters have
	 * changed. NULL: none. */
	int64_t (*prepared)(const struct as_net *, const struct as_layer *);
	void (*prepare)(const struct as_net *, const struct as_layer *, float *prepared);

	void (*forward)(const struct as_run *);
	/* y from x and state, without moving running statistics. x may itself be on its way beside others (kern/kern.h), so
	 * only entries that go beside may be called, or `settle` first; y is there when all is settled. */
	void (*again)(const struct as_run *);
	/* Parameters' gradients +=; dx = or +=. */
	void (*backward)(const struct as_run *);
	unsigned (*reads)(const struct as_layer *); /* NULL: AS_READS_X */

	/* For a frozen network: merges this layer into the one before, which `absorbs` and which only this
	 * layer reads. Multiplies that layer's weights, the parameter `weight` (k, ...), and returns the
	 * parameter that must be added to each channel. NULL: cannot be merged. */
	int (*fold)(const struct as_net *, const struct as_layer *, int weight);
	/* Multiply-adds for one image; NULL: too few to count. */
	int64_t (*macs)(const struct as_net *, const struct as_layer *);
	/* Adds the nodes that compute y in evaluation mode (nn/graph.h), and sets g->map or g->rows of l->out. NULL:
	 * networks with it cannot be exported. */
	void (*graph)(struct as_graph *, const struct as_layer *);
};

extern const struct as_operation *const as_ops[]; /* NULL at the end */
/* The operation of this name. NULL: there is none; AS_EARG in *err, which may be NULL, and the error lists
 * the names. */
const struct as_operation *as_op_find(const char *name, struct as_error *err);

/* For build: adds parameter `slot` of the layer, NAME.WHAT; errors are kept in net->failed. */
void as_layer_add_param(struct as_net *, struct as_layer *, int slot, const char *name, const char *what, int ndim,
			const int64_t *shape, float fill, double bound, unsigned flags);
/* A parameter's values and gradient; NULL if the layer does not have it. */
float *as_layer_value(const struct as_net *, const struct as_layer *, int slot);
float *as_layer_grad(const struct as_net *, const struct as_layer *, int slot);

/* n floats, rounded up to whole cache lines. */
static inline int64_t as_whole_lines(int64_t n)
{
	return (n + 15) / 16 * 16;
}

/* Values of one image in a buffer. */
static inline int64_t as_buf_values(const struct as_net *net, int buf)
{
	const struct as_buf *b = &net->buf[buf];
	return b->h * b->w * b->c;
}

/* Bytes of n images in a buffer. */
static inline size_t as_buf_bytes(const struct as_net *net, int buf, int64_t n)
{
	return (size_t)(n * as_buf_values(net, buf)) * (net->buf[buf].floats ? sizeof(float) : net->engine->kern->cell);
}

/* Pixels of n images in a buffer. */
static inline int64_t as_buf_rows(const struct as_net *net, int buf, int64_t n)
{
	return n * net->buf[buf].h * net->buf[buf].w;
}

AS_END
#endif
