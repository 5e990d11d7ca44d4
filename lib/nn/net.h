/* Public since 0.2. A network is a list of layers over buffers. Each layer is one operation (nn/op.h):
 * convolution, batch norm, pooling. A pass is one run through the network, forward and perhaps backward. A
 * backbone has a pass for each view in a step, with its own statistics and the same parameters. Memory is
 * planned by running the same code on a counting arena first; nn/schedule.c says where everything lies. */
#ifndef AS_NN_NET_H
#define AS_NN_NET_H

#include "nn/params.h"

AS_BEGIN

enum { AS_MAX_LAYERS = 160, AS_MAX_BUFS = AS_MAX_LAYERS + 1, AS_INPUTS = 2, AS_LAYER_PARAMS = 5, AS_MAX_POINTS = 8 };
enum { AS_NONE = -1 }; /* no buffer, no parameter */

struct as_operation;

/* The settings of an operation; settings that an operation does not have stay 0. */
struct as_spec {
	int64_t out;            /* channels of its output */
	int64_t r, stride, pad; /* of a convolution: r x r filters; the padding is the same on all sides */
	float gamma;            /* the start value of batch norm's weight */
	bool relu, bias;        /* with a ReLU; with a bias */
};

/* One operation of a network, with what it reads and writes. */
struct as_layer {
	const struct as_operation *op;
	struct as_spec spec;
	int in[AS_INPUTS], out;     /* buffers; the second input may be AS_NONE */
	int param[AS_LAYER_PARAMS]; /* in the order of the operation; AS_NONE: none */
	int shift;                  /* in a frozen network: the parameter that is added to each channel, or AS_NONE */
	int64_t prepared;           /* where its prepared weights begin, in floats */
};

/* One activation: a map (h,w,c) for each image, whose values are floats, or what the engine's maps have. */
struct as_buf {
	int64_t h, w, c;
	bool floats; /* also where the engine's maps are bfloat16: images, and what is pooled to vectors */
	int maker; /* the layer that writes it; AS_NONE: the network's input */
};

/* A named buffer, such as "layer3". */
struct as_point {
	char name[16];
	int buf;
};

/* A second output: the mean over h x w of a point. */
struct as_tap {
	int point, buf;
};

/* A network: its layers, without the memory that they run on. Its parameters are in `params`. */
struct as_net {
	const char *name;
	struct as_params *params;
	const struct as_engine *engine;
	int nlayer, nbuf, npoint, ntap;
	int out; /* the buffer of the network's output; buffer 0 is the input */
	struct as_layer layer[AS_MAX_LAYERS];
	struct as_buf buf[AS_MAX_BUFS];
	struct as_point point[AS_MAX_POINTS];
	struct as_tap tap[AS_MAX_POINTS];
	float *prepared;
	bool each_pass;       /* each pass prepares weights itself, in the workspace */
	bool frozen;
	int front;            /* in a frozen network: the first layers, which run over this many images at a time */
	int64_t front_images;
	struct as_error failed; /* the first error while building */
};

/* How a pass runs. */
enum as_mode {
	AS_TRAIN,   /* batch statistics; activations are kept for backward, or recomputed there */
	AS_FORWARD, /* batch statistics, no backward: momentum networks */
	AS_EVAL     /* running statistics, no backward */
};

/* Memory that passes share which do not run at the same time, also of different networks. */
struct as_workspace {
	float *transient; /* used during one run: gradients, and activations that are not kept */
	void *scratch;    /* used by one operation while it runs */
	int64_t transients; /* floats */
	size_t scratches;   /* bytes */
};

/* Where the buffers of a pass lie, in floats: below `own` in the pass's memory, above it in the workspace. */
struct as_places {
	int64_t own;
	int64_t there[AS_MAX_BUFS]; /* activations in forward */
	int64_t back[AS_MAX_BUFS];  /* activations in backward: where they were kept, or where they are recomputed */
	int64_t grad[AS_MAX_BUFS];  /* gradients of the activations */
	/* the buffer has space for all images, not only for those of one run of the front */
	bool whole[AS_MAX_BUFS];
};

/* What one run through a network needs: where its memory lies, and what backward will read. */
struct as_pass {
	enum as_mode mode;
	int64_t batch, n; /* the most images; those of the last run */
	struct as_workspace *work;
	struct as_places at;
	float *own;
	float *state[AS_MAX_LAYERS]; /* what an operation keeps from forward to backward */
	const float *x;              /* the input of the last run: the caller's, read again in backward */
	/* its backward is the last of a step that adds to the parameters' gradients: each is final when its
	 * layer is done (as_params_final) */
	bool last;
};

/* Building. Errors are kept in net->failed; returned indices can be used nevertheless. */

/* Starts an empty network over images (h,w,c), which will add its parameters to `params`. All arguments are
 * borrowed. */
void as_net_init(struct as_net *, const char *name, struct as_params *params, const struct as_engine *, int64_t h,
		 int64_t w, int64_t c);
/* Adds a layer with the operation `op` ("conv"; see nn/op.c) on the buffers `in` and `in2` (or AS_NONE);
 * its parameters are named NAME.weight and so on. Returns its output buffer, which is the network's output
 * until another layer is added. */
int as_net_layer(struct as_net *, const char *op, int in, int in2, const char *name, struct as_spec);
/* Names a buffer, for as_net_tap. */
void as_net_point(struct as_net *, int buf, const char *name);
/* Makes the mean over h x w of a named point, (batch, c), a further output. Call it after the network is
 * built and before memory is planned. Returns the number of the tap, from 0 in the order of the calls (the
 * same for the same point), or AS_EARG with the names of the points. */
AS_NODISCARD int as_net_tap(struct as_net *, const char *point, struct as_error *);
/* Whether the output already is the mean over h x w of this point. */
bool as_net_gives(const struct as_net *, const char *point);
/* The width of a tap. */
int64_t as_net_tap_width(const struct as_net *, int tap);
/* The first error in building `n` networks (const struct as_net *), or 0. */
AS_NODISCARD int as_nets_failed(struct as_error *, int n, ...);

/* The width of the output. */
int64_t as_net_out(const struct as_net *);

/* Prepares a network that will only run in AS_EVAL. Call it once, after loading the parameters and before
 * planning memory. A batch norm that alone reads a convolution is merged with it: its scale goes into the
 * weights, and the convolution applies the rest (with sum and ReLU) while it writes its outputs. Nothing is
 * prepared for backward. The front - the first layers, which have large maps - runs over a few images at a
 * time, so that maps stay in the cache. Changes the parameters' values and the list of layers. */
void as_net_freeze(struct as_net *);

/* Lets each pass prepare weights, layer by layer in the workspace, if a pass of `batch` images that trains keeps more than
 * all prepared weights take (of 3x3 layers, four times the weights); that costs their preparation once more for each
 * further pass, and changes no bits. To be called before planning. */
void as_net_choose_weights(struct as_net *, int64_t batch);
/* Takes memory for the prepared weights, if they are not prepared in each pass. */
void as_net_plan_weights(struct as_net *, struct as_arena *);
/* Takes memory for one pass of at most `batch` images; `work` grows to the size that this pass needs. When
 * all passes that share it are planned, take it with as_workspace_plan. */
void as_net_plan(const struct as_net *, int64_t batch, enum as_mode, struct as_arena *, struct as_workspace *,
		 struct as_pass *);
void as_workspace_plan(struct as_workspace *, struct as_arena *);

/* Prepares all weights, if not each pass does; needed once after they have changed. */
void as_net_prepare(struct as_net *);
/* Runs forward on x (n,h,w,c), n at most the planned batch. The output (n, out) is valid until the pass
 * runs again. Running statistics move in AS_TRAIN and AS_FORWARD. In AS_TRAIN x must stay unchanged until
 * backward has run. */
const float *as_net_forward(const struct as_net *, struct as_pass *, const float *x, int64_t n);
/* The results of the last run: the output, and a tap (n, as_net_tap_width). They belong to the pass. */
const float *as_pass_output(const struct as_net *, const struct as_pass *);
const float *as_pass_tap(const struct as_net *, const struct as_pass *, int tap);
/* Backward of the last run: parameters' gradients +=; dx = (or += with add; NULL: not computed). Output and
 * taps can still be read, but backward cannot run again. */
void as_net_backward(const struct as_net *, struct as_pass *, const float *dy, float *dx, bool add);
/* The same with gradients of several outputs: dy for the output, dtap[i] for tap i; NULL: no gradient. */
void as_net_backward_taps(const struct as_net *, struct as_pass *, const float *dy, const float *const *dtap, float *dx,
			  bool add);

/* For descriptions: a layer's operation; the name of its first parameter, or ""; its multiply-adds for one
 * image. */
const char *as_layer_name(const struct as_net *, int layer);
const char *as_layer_param(const struct as_net *, int layer);
int64_t as_layer_macs(const struct as_net *, int layer);

AS_END
#endif
