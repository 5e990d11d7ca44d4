/* Public since 0.2. A network is a list of layers over buffers. Each layer is one operation (nn/op.h):
 * convolution, batch norm, pooling. A pass is one trip through the network: a backbone runs twice a step,
 * once for each view, with statistics of its own and the same parameters. Memory is planned by running the
 * same code on a counting arena first; nn/schedule.c says what lies where. */
#ifndef AS_NN_NET_H
#define AS_NN_NET_H

#include "nn/params.h"

AS_BEGIN

enum { AS_MAX_LAYERS = 160, AS_MAX_BUFS = AS_MAX_LAYERS + 1, AS_INPUTS = 2, AS_LAYER_PARAMS = 5, AS_MAX_POINTS = 8 };
enum { AS_NONE = -1 }; /* no buffer, no parameter */

struct as_operation;

/* What an operation is asked to be; what a kind has no use for stays 0. */
struct as_spec {
	int64_t out;            /* channels of its output */
	int64_t r, stride, pad; /* of a convolution: r x r, the same padding on all sides */
	float gamma;            /* where batch norm's weight starts */
	bool relu, bias;        /* rectified; with a bias */
};

struct as_layer {
	const struct as_operation *op;
	struct as_spec spec;
	int in[AS_INPUTS], out;     /* buffers; the second input may be AS_NONE */
	int param[AS_LAYER_PARAMS]; /* in the order of its operation; AS_NONE: none */
	int shift;                  /* frozen: the parameter that is added to each channel, or AS_NONE */
	int64_t prepared;           /* the first float of its prepared weights */
};

/* One activation: (h,w,c) floats an image. */
struct as_buf {
	int64_t h, w, c;
	int maker; /* the layer whose output it is; AS_NONE: the network's input */
};

/* A buffer that has a name, "layer3". */
struct as_point {
	char name[16];
	int buf;
};

/* A further output: the mean over h x w of a point. */
struct as_tap {
	int point, buf;
};

struct as_net {
	const char *name;
	struct as_params *params;
	const struct as_engine *engine;
	int nlayer, nbuf, npoint, ntap;
	int out; /* the buffer of its output; buffer 0 is the input */
	struct as_layer layer[AS_MAX_LAYERS];
	struct as_buf buf[AS_MAX_BUFS];
	struct as_point point[AS_MAX_POINTS];
	struct as_tap tap[AS_MAX_POINTS];
	float *prepared;
	bool frozen;
	int front;            /* frozen: the first layers, which run over so many images at a time */
	int64_t front_images;
	struct as_error failed; /* the first thing that went wrong while building */
};

enum as_mode {
	AS_TRAIN,   /* batch statistics; activations are kept for the way back, or recomputed there */
	AS_FORWARD, /* batch statistics, no way back: momentum networks */
	AS_EVAL     /* running statistics, no way back */
};

/* Memory that all passes of all networks share which do not run at the same time. */
struct as_workspace {
	float *transient; /* what one trip needs: gradients, and activations that are not kept */
	void *scratch;    /* what one operation needs while it runs */
	int64_t transients; /* floats */
	size_t scratches;   /* bytes */
};

/* Where the buffers of a pass lie, in floats: below `own` in the pass's memory, what is beyond in the workspace. */
struct as_places {
	int64_t own;
	int64_t there[AS_MAX_BUFS]; /* activations on the way there */
	int64_t back[AS_MAX_BUFS];  /* activations on the way back: where they were kept, or where they are recomputed */
	int64_t grad[AS_MAX_BUFS];  /* their gradients */
	bool whole[AS_MAX_BUFS];    /* holds all images, not only those that the front runs over at a time */
};

struct as_pass {
	enum as_mode mode;
	int64_t batch, n; /* images at most, and in the last trip */
	struct as_workspace *work;
	struct as_places at;
	float *own;
	float *state[AS_MAX_LAYERS]; /* what an operation notes on the way there for the way back */
	const float *x;              /* of the last trip: the caller's, read again on the way back */
};

/* Building. Errors stick in net->failed; indices that are given stay valid. */

/* An empty network over images (h,w,c), whose parameters are added to `params`. All that is given is borrowed. */
void as_net_init(struct as_net *, const char *name, struct as_params *params, const struct as_engine *, int64_t h,
		 int64_t w, int64_t c);
/* A layer of the operation `op` ("conv"; nn/op.c has all) on the buffers `in` and `in2` (or AS_NONE), whose
 * parameters are called NAME.weight and so on. Returns the buffer of its output, which is the network's output
 * until another layer is built. */
int as_net_layer(struct as_net *, const char *op, int in, int in2, const char *name, struct as_spec);
/* Names a buffer, for as_net_tap. */
void as_net_point(struct as_net *, int buf, const char *name);
/* Has the network give a named point, too: its mean over h x w, (batch, c), as a further output. After the network is
 * built, before anything is planned. The tap's number, from 0 in the order in which they are asked for (twice asked for,
 * it is one), or AS_EARG with the names there are. */
AS_NODISCARD int as_net_tap(struct as_net *, const char *point, struct as_error *);
/* Whether the output is what a tap of this point would give: its mean over h x w. */
bool as_net_gives(const struct as_net *, const char *point);
/* Width of what a tap gives. */
int64_t as_net_tap_width(const struct as_net *, int tap);
/* The first thing that went wrong in building `n` networks (const struct as_net *), or 0. */
AS_NODISCARD int as_nets_failed(struct as_error *, int n, ...);

/* Width of the output. */
int64_t as_net_out(const struct as_net *);

/* For a net that will only ever run in AS_EVAL, once, after its parameters are loaded and before anything is planned:
 * batch norm that alone reads a convolution moves into it, its scale into the weights, the rest (with the sum and the
 * ReLU) to where the convolution stores its outputs; nothing is prepared for a way back; and the front - the first
 * layers, whose maps are large - runs over a few images at a time, from one layer to the next in the cache. Changes
 * parameters' values and the list of layers. */
void as_net_freeze(struct as_net *);

/* Memory for the prepared weights. */
void as_net_plan_weights(struct as_net *, struct as_arena *);
/* Memory for one pass of at most `batch` images; `work` grows to what it needs and is taken with as_workspace_plan when
 * all passes that share it are planned. */
void as_net_plan(const struct as_net *, int64_t batch, enum as_mode, struct as_arena *, struct as_workspace *,
		 struct as_pass *);
void as_workspace_plan(struct as_workspace *, struct as_arena *);

/* Prepares all weights: once after they changed. */
void as_net_prepare(struct as_net *);
/* Runs x (n,h,w,c), n at most the planned batch; the output (n, out) is the pass's, until it runs again. Running
 * statistics move in AS_TRAIN and AS_FORWARD. In AS_TRAIN x has to stay until the way back is done. */
const float *as_net_forward(const struct as_net *, struct as_pass *, const float *x, int64_t n);
/* What the last trip gave: the output again, and a tap (n, as_net_tap_width). The pass's. */
const float *as_pass_output(const struct as_net *, const struct as_pass *);
const float *as_pass_tap(const struct as_net *, const struct as_pass *, int tap);
/* The way back of the last trip: parameters' gradients += ; dx = (or += with add), NULL when not wanted. The pass is
 * spent: its output and taps can still be read, but it cannot go back again. */
void as_net_backward(const struct as_net *, struct as_pass *, const float *dy, float *dx, bool add);
/* The same with gradients of several outputs: dy of the output, dtap[i] of tap i; any may be NULL: none. */
void as_net_backward_taps(const struct as_net *, struct as_pass *, const float *dy, const float *const *dtap, float *dx,
			  bool add);

/* Telling: a layer's operation; its first parameter's name, "" without one; its multiply-adds for one image. */
const char *as_layer_name(const struct as_net *, int layer);
const char *as_layer_param(const struct as_net *, int layer);
int64_t as_layer_macs(const struct as_net *, int layer);

AS_END
#endif
