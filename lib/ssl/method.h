/* Public since 0.2. Methods of self-supervised learning, each one a constant descriptor in a file
 * of its own. The seam between backbone and method is y[v] and dy[v]: a method
 * reads features and adds to their gradients. ssl-train(1) has the formulas. */
#ifndef AS_SSL_METHOD_H
#define AS_SSL_METHOD_H

#include "nn/mlp.h"
#include "ssl/layout.h"

AS_BEGIN

enum { AS_MAX_SETTINGS = 8, AS_MAX_PARTS = 12 };

/* Most methods, and the heads, compare the two views of a pair: each with the other. */
enum { AS_PAIR = 2, AS_VIEW_1 = 1, AS_VIEW_2 = 2, AS_BOTH_VIEWS = 3 /* bits of as_use */ };
static inline int as_other(int view)
{
	return !view;
}

/* What a method builds its own networks with; it lives as long as the method. */
struct as_build {
	struct as_params *params;
	struct as_params *ema; /* of the momentum network: what is registered here starts as a
	                        * copy of the tensor of the same name in params */
	const struct as_engine *engine;
	const struct as_layout *layout; /* of the views: their roles tell the widths of param and omega */
	int64_t d, d_heads;     /* width of y, of y_heads */
	int64_t classes;        /* of the data's labels; 0: not known */
	const double *value;    /* of the method's settings, in its order */
	unsigned compat;        /* bit i: word i of the method's own is in force */
};

/* One loss part of a step, before its weight. */
struct as_part {
	const char *name;
	double value, weight;
};

/* One step as methods and heads see it. */
struct as_step {
	int64_t batch, d, d_heads;
	uint64_t step;          /* steps taken before this one */
	uint64_t epoch, epochs; /* of the images; of the schedule */
	/* By view, as the method's uses number them. */
	const float *y[AS_MAX_VIEWS]; /* (batch,d) of the online backbone; of the momentum backbone
	                               * for a view that the online one does not see */
	const float *t[AS_MAX_VIEWS]; /* (batch,d) of the momentum backbone; NULL where there is none */
	float *dy[AS_MAX_VIEWS];      /* (batch,d): add to it */
	/* What feeds the heads, (batch,d_heads): y and dy themselves, or those of a stage of the backbone. */
	const float *y_heads[AS_MAX_VIEWS];
	float *dy_heads[AS_MAX_VIEWS];
	const float *param[AS_MAX_VIEWS], *omega[AS_MAX_VIEWS]; /* (batch, nparam), (batch, nomega) of its role */
	const int64_t *label;         /* (batch); -1: none */
	int nparts;
	struct as_part part[AS_MAX_PARTS];
};

/* Notes a loss part. A method notes those that its descriptor lists, in that order, before the
 * heads note theirs: as_trainer_part and the log's heading count on it. */
void as_step_part(struct as_step *, const char *name, double value, double weight);
/* Sum of weight x value. */
double as_step_loss(const struct as_step *);

/* A name that people write, and what it says: of a compat word in words, of a recipe
 * its values, "epochs=100 wd=1e-4". */
struct as_word {
	const char *name, *says;
};

struct as_method {
	const char *name, *doc;
	const struct as_setting *setting;
	int nsetting;
	const struct as_word *compat; /* faults of the authors' release that it can repeat */
	int ncompat;
	const struct as_word *recipe; /* what it sets in recipes, by their names: over what they say themselves */
	int nrecipe;
	const struct as_use *use; /* the views that it learns from; AugSelf heads compare the first two, of one role */
	int nuse;
	const char *const *part;  /* loss parts that it notes in each step, NULL at the end */
	bool labels;              /* every image needs one */
	bool omega;               /* its networks take omega as an input: views need to have some */
	size_t size;              /* of the method's own struct, zeroed before build */
	/* Makes its networks and registers their parameters. */
	int (*build)(void *self, const struct as_build *, struct as_error *);
	/* Takes the memory of a step of `batch` images; runs twice (counting, taking). */
	void (*plan)(void *self, int64_t batch, struct as_arena *, struct as_workspace *);
	/* Forward from y, one loss part by the method's name, backward: added to dy and to the
	 * parameters' gradients. */
	void (*loss)(void *self, struct as_step *);
	/* After the optimizer has moved the parameters: averages, queues. NULL: nothing. */
	void (*after)(void *self, const struct as_step *);
};

/* All methods, NULL at the end; the first is the default. */
extern const struct as_method *const as_methods[];
/* NULL: no such method; AS_EARG in *err, which may be NULL, names those there are. */
const struct as_method *as_method_find(const char *name, struct as_error *err);

AS_END
#endif
