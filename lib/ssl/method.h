/* Methods of self-supervised learning, each one a constant descriptor in a file
 * of its own. The seam between backbone and method is y[v] and dy[v]: a method
 * reads features and adds to their gradients. SPEC section 4. */
#ifndef AS_SSL_METHOD_H
#define AS_SSL_METHOD_H

#include "aug/aug.h"
#include "nn/model.h"

AS_BEGIN

enum { AS_VIEWS = 2, AS_MAX_SETTINGS = 8, AS_MAX_PARTS = 12 };

/* What a method builds its own networks with. */
struct as_build {
	struct as_params *params;
	const struct as_kern *kern;
	struct as_pool *pool;
	int64_t d;            /* width of y */
	const double *value;  /* of the method's settings, in its order */
};

/* One loss part of a step, before its weight. */
struct as_part {
	const char *name;
	double value, weight;
};

/* One step as methods and heads see it. */
struct as_step {
	int64_t batch, d;
	const float *y[AS_VIEWS]; /* (batch,d) of the online backbone */
	float *dy[AS_VIEWS];      /* (batch,d): add to it */
	const float *param[AS_VIEWS], *omega[AS_VIEWS]; /* (batch, nparam), (batch, nomega) */
	const int64_t *label;     /* (batch); -1: none */
	int nparts;
	struct as_part part[AS_MAX_PARTS];
};

/* Notes a loss part. */
void as_step_part(struct as_step *, const char *name, double value, double weight);
/* Sum of weight x value. */
double as_step_loss(const struct as_step *);

struct as_method {
	const char *name, *doc;
	const struct as_setting *setting;
	int nsetting;
	size_t size; /* of the method's own struct, zeroed before build */
	/* Makes its networks and registers their parameters. */
	int (*build)(void *self, const struct as_build *, struct as_error *);
	/* Takes the memory of a step of `batch` images; runs twice (counting, taking). */
	void (*plan)(void *self, int64_t batch, struct as_arena *, struct as_workspace *);
	/* Forward from y, loss parts, backward into dy and the parameters' gradients. */
	void (*loss)(void *self, struct as_step *);
};

/* All methods, NULL at the end. */
extern const struct as_method *const as_methods[];
const struct as_method *as_method_find(const char *name);

AS_END
#endif
