/* Public since 0.2. Methods of self-supervised learning. Each is a constant descriptor in a file of its
 * own. Backbone and method meet in y[v] and dy[v]: a method reads features and adds to their gradients.
 * ssl-train(1) has the formulas. */
#ifndef AS_SSL_METHOD_H
#define AS_SSL_METHOD_H

#include "nn/mlp.h"
#include "ssl/layout.h"

AS_BEGIN

enum { AS_MAX_SETTINGS = 8, AS_MAX_PARTS = 12 };

/* Most methods, and the heads, compare two views with each other. */
enum { AS_PAIR = 2, AS_VIEW_1 = 1, AS_VIEW_2 = 2, AS_BOTH_VIEWS = 3 /* as bits of as_use */ };
/* The other view of a pair. */
static inline int as_other(int view)
{
	return !view;
}

/* What a method builds its networks with; it lives as long as the method. */
struct as_build {
	struct as_params *params;
	/* for the momentum network: a tensor registered here starts as a copy of the tensor with the same
	 * name in params */
	struct as_params *ema;
	const struct as_engine *engine;
	const struct as_layout *layout; /* the layout of views; their roles have the widths of param and omega */
	int64_t d, d_heads;     /* width of y; width of y_heads */
	int64_t classes;        /* number of classes of the labels; 0: not known */
	const double *value;    /* the values of the method's settings, in its order */
	unsigned compat;        /* bit i: the method's compat word i is used */
};

/* One loss part of a step, without its weight. */
struct as_part {
	const char *name;
	double value, weight;
};

/* One step as methods and heads see it. */
struct as_step {
	int64_t batch, d, d_heads;
	uint64_t step;          /* number of steps taken before */
	uint64_t epoch, epochs; /* epoch of the images; epochs of the schedule */
	/* By view, in the numbers that the method's uses give. */
	/* (batch,d) from the online backbone; from the momentum backbone if the online one does not see
	 * this view */
	const float *y[AS_MAX_VIEWS];
	const float *t[AS_MAX_VIEWS]; /* (batch,d) from the momentum backbone; NULL if there is none */
	float *dy[AS_MAX_VIEWS];      /* (batch,d): add the gradient here */
	/* Input of the heads, (batch,d_heads): y and dy, or those of a stage of the backbone. */
	const float *y_heads[AS_MAX_VIEWS];
	float *dy_heads[AS_MAX_VIEWS];
	/* (batch, nparam), (batch, nomega) of the view's role */
	const float *param[AS_MAX_VIEWS], *omega[AS_MAX_VIEWS];
	const int64_t *label;         /* (batch); -1: none */
	int nparts;
	struct as_part part[AS_MAX_PARTS];
};

/* Notes a loss part. A method notes the parts in its descriptor, in that order, and heads note theirs
 * afterwards: as_trainer_part and the log's columns rely on it. */
void as_step_part(struct as_step *, const char *name, double value, double weight);
/* The sum of weight x value. */
double as_step_loss(const struct as_step *);

/* A name that users write, and its text: for a compat word a description, for a recipe its values,
 * "epochs=100 wd=1e-4". */
struct as_word {
	const char *name, *says;
};

/* A method. A constant; lib/ssl/simclr.c is one. */
struct as_method {
	const char *name, *doc;
	const struct as_setting *setting;
	int nsetting;
	const struct as_word *compat; /* faults of the authors' release that the method can repeat */
	int ncompat;
	const struct as_word *recipe; /* the method's values in each recipe, which replace the recipe's own */
	int nrecipe;
	/* the views that it learns from; AugSelf heads compare the first two, which must have one role */
	const struct as_use *use;
	int nuse;
	const char *const *part;  /* the loss parts that it notes in each step; NULL marks the end */
	bool labels;              /* every image needs a label */
	bool omega;               /* its networks read omega, so views must have some */
	size_t size;              /* size of the method's own struct, which is zero before build */
	/* Builds its networks and registers their parameters. */
	int (*build)(void *self, const struct as_build *, struct as_error *);
	/* Takes the memory for a step of `batch` images; runs twice: counts, then takes. */
	void (*plan)(void *self, int64_t batch, struct as_arena *, struct as_workspace *);
	/* Forward from y, notes the loss parts that `part` lists, and backward: adds to dy and to the parameters'
	 * gradients. */
	void (*loss)(void *self, struct as_step *);
	/* Runs after the optimizer has updated the parameters: averages, queues. NULL: nothing to do. */
	void (*after)(void *self, const struct as_step *);
};

/* All methods; NULL marks the end; the first is the default. */
extern const struct as_method *const as_methods[];
/* The method of this name. NULL: there is none; AS_EARG in *err, which may be NULL, and the error lists the
 * names. */
const struct as_method *as_method_find(const char *name, struct as_error *err);

AS_END
#endif
