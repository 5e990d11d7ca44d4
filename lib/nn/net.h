/* A network is a list of layers over buffers. A pass owns the activations of one
 * trip through it: a backbone runs twice a step, once a view, with its own
 * statistics, over the same parameters. Memory is planned by running the same
 * code on a counting arena first. */
#ifndef AS_NN_NET_H
#define AS_NN_NET_H

#include "nn/params.h"

AS_BEGIN

enum { AS_MAX_LAYERS = 160 };

enum as_layer_kind { AS_CONV, AS_NORM, AS_LINEAR, AS_MAXPOOL, AS_AVGPOOL };

struct as_layer {
	enum as_layer_kind kind;
	int in, out, add;     /* buffers; add: -1, or what a NORM adds before its ReLU */
	bool relu;            /* NORM */
	bool folded;          /* NORM: the convolution before it does its work (as_net_freeze) */
	struct as_conv shape; /* CONV and MAXPOOL, for one image */
	int weight, bias;     /* parameters; bias -1: none. NORM: gamma and beta */
	int mean, var, count; /* NORM: running statistics and the batches they saw */
	int64_t prepared;     /* CONV: first float of its prepared weights */
};

/* One activation: (h,w,c) floats an image. */
struct as_buf {
	int64_t h, w, c;
};

struct as_net {
	const char *name;
	struct as_params *params;
	const struct as_engine *engine;
	int nlayer, nbuf; /* buffer 0 is the input, nbuf - 1 the output */
	struct as_layer layer[AS_MAX_LAYERS];
	struct as_buf buf[AS_MAX_LAYERS + 1];
	float *prepared;
	int64_t nprepared;
	int cut;            /* frozen: the first `cut` layers run over so many images at a time */
	int64_t cut_images;
	struct as_error failed; /* the first thing that went wrong while building */
};

enum as_mode {
	AS_TRAIN,   /* batch statistics, activations kept for backward, or made again there */
	AS_FORWARD, /* batch statistics, no backward: momentum networks */
	AS_EVAL     /* running statistics, no backward */
};

/* Memory that passes of one net can share, for they do not run at the same time. */
struct as_workspace {
	float *fleet;   /* what one trip needs: gradients, and activations that are not kept */
	float *partial; /* sums of batch norm */
	void *scratch;  /* convolution */
	int64_t fleeting, partials;
	size_t scratches;
};

struct as_pass {
	enum as_mode mode;
	int64_t batch;
	struct as_workspace *work;
	float *act[AS_MAX_LAYERS + 1]; /* act[0] is borrowed for the trip */
	float *kept;                   /* nkept floats: activations for the way back */
	int64_t nkept, kept_at[AS_MAX_LAYERS + 1];
	/* Activations that are not kept, there and made again on the way back, and gradients: below
	 * nkept in `kept`, while or where nothing is kept, the others in work->fleet. */
	int64_t there_at[AS_MAX_LAYERS + 1], again_at[AS_MAX_LAYERS + 1], grad_at[AS_MAX_LAYERS + 1];
	struct as_norm norm[AS_MAX_LAYERS];
};

/* Building: each returns the index of its output buffer. Errors stick in net->failed. */
void as_net_init(struct as_net *, const char *name, struct as_params *, const struct as_engine *,
		 int64_t h, int64_t w, int64_t c);
int as_net_conv(struct as_net *, int in, const char *name, int64_t k, int64_t r, int64_t stride, int64_t pad);
/* relu(norm(in) + add); add -1: none. gamma starts at `gamma`. */
int as_net_norm(struct as_net *, int in, const char *name, int add, bool relu, float gamma);
int as_net_linear(struct as_net *, int in, const char *name, int64_t out, bool bias);
int as_net_maxpool(struct as_net *, int in);
int as_net_avgpool(struct as_net *, int in);

/* The first thing that went wrong in building `n` networks (const struct as_net *), or 0. */
AS_NODISCARD int as_nets_failed(struct as_error *, int n, ...);

/* Width of the output. */
int64_t as_net_out(const struct as_net *);

/* For a net that will only ever run in AS_EVAL, once, after its parameters are loaded and
 * before anything is planned: batch norm that alone reads a convolution moves into it, its
 * scale into the weights, the rest (with the sum and the ReLU) to where the convolution
 * stores its outputs; nothing is prepared for a way back; and the first layers, whose maps are
 * large, run over a few images at a time, from one layer to the next in the cache. Changes
 * parameters' values. */
void as_net_freeze(struct as_net *);

/* Memory for the prepared weights. */
void as_net_plan_weights(struct as_net *, struct as_arena *);
/* Memory for one pass of at most `batch` images; `work` grows to what it needs and
 * is taken with as_workspace_plan when all passes that share it are planned. */
void as_net_plan(const struct as_net *, int64_t batch, enum as_mode, struct as_arena *, struct as_workspace *,
		 struct as_pass *);
void as_workspace_plan(struct as_workspace *, struct as_arena *);

/* Prepares all weights: once after they changed. */
void as_net_prepare(struct as_net *);
/* Runs x (batch,h,w,c), at most the planned batch; the output (batch, out) is the
 * pass's. Running statistics move in AS_TRAIN and AS_FORWARD. */
const float *as_net_forward(const struct as_net *, struct as_pass *, const float *x, int64_t batch);
/* Backward of the last forward: parameters' gradients += ; dx = (or += with add),
 * NULL when not wanted. The pass is spent. */
void as_net_backward(const struct as_net *, struct as_pass *, const float *dy, float *dx, bool add);

/* Multiply-adds of a forward pass for one image. */
int64_t as_layer_macs(const struct as_net *, int layer);
const char *as_layer_name(const struct as_net *, int layer);

AS_END
#endif
