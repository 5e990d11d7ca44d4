/* Public since 0.2. The step: the backbone over each group of views, method, heads, backward, optimizer -
 * and the files that it lives in: a state from which training goes on with the same bytes, and a model. */
#ifndef AS_SSL_TRAINER_H
#define AS_SSL_TRAINER_H

#include "ssl/augself.h"
#include "ssl/feed.h"
#include "ssl/method.h"
#include "ssl/recipe.h"

AS_BEGIN

/* How far a run is. */
struct as_progress {
	uint64_t step;  /* steps taken */
	uint64_t epoch; /* of the last step */
	uint64_t seq;   /* where the source goes on */
	double spread;  /* of the features in the first step */
};

struct as_trainer;

/* What one step gave. Loss parts in step.part. */
struct as_outcome {
	struct as_step step;
	double lr, loss;
	struct as_collapse figures;
};

/* A trainer for views of these roles (borrowed), its parameters at their start, on the kernels and threads
 * of `engine` in the recipe's grains. Nothing in the recipe is left to the stream (as_recipe_settle). With
 * `memory` false nothing is taken: good for as_trainer_describe alone. AS_EARG: the recipe does not hold
 * together, or not with the views. */
AS_NODISCARD int as_trainer_new(struct as_trainer **, const struct as_recipe *, const struct as_roles *,
				const struct as_engine *, bool memory, struct as_error *);
/* The same with a method that is in no table: whatever the recipe calls it. */
AS_NODISCARD int as_trainer_with(struct as_trainer **, const struct as_method *, const struct as_recipe *,
				 const struct as_roles *, const struct as_engine *, bool memory, struct as_error *);
void as_trainer_free(struct as_trainer *);

/* Which views a batch of it holds, and where: what as_feed_open takes. The trainer's. */
const struct as_layout *as_trainer_layout(const struct as_trainer *);
/* What it computes on, with the recipe's grains. The trainer's. */
const struct as_engine *as_trainer_engine(const struct as_trainer *);

/* One step on a batch of the recipe's size. A loss that is not finite, or a label that is
 * needed and is no class, is AS_EDATA, and the optimizer has not moved (running statistics
 * may have: such a trainer is to be saved no more). */
AS_NODISCARD int as_trainer_step(struct as_trainer *, const struct as_batch *, struct as_outcome *, struct as_error *);
const struct as_progress *as_trainer_progress(const struct as_trainer *);

/* Whether features have become alike: after the first epoch, a spread of less than a
 * tenth, or than half of what it was before anything was learned. */
bool as_trainer_collapsed(const struct as_trainer *, const struct as_outcome *);

/* Loss parts by index, in the order of every step: NULL beyond the last. */
const char *as_trainer_part(const struct as_trainer *, int i);

/* Writes the state: parameters, what the optimizer keeps of them, progress, the recipe as text, and
 * `source` (ssl/source.h) - whole, by rename. Parameters that are not finite are AS_EDATA. */
AS_NODISCARD int as_trainer_save(const struct as_trainer *, const char *path, const char *source, struct as_error *);
/* Goes on from a state; AS_ENONE when there is none. One of another recipe is refused with
 * AS_EARG, one of another source with AS_EDATA, naming what differs first. */
AS_NODISCARD int as_trainer_resume(struct as_trainer *, const char *path, const char *source, struct as_error *);
/* Writes the model: parameters alone, with the backbone's names as torchvision has
 * them. *seal: its checksum, by which features name it. */
AS_NODISCARD int as_trainer_model(const struct as_trainer *, const char *path, const char *source, uint64_t *seal,
				  struct as_error *);

/* Operations, shapes, multiply-adds and bytes as text, malloc'd. */
char *as_trainer_describe(const struct as_trainer *);

/* The parameters by name, of the online and of the momentum network (empty when the
 * method has none), for tests. */
struct as_params *as_trainer_params(struct as_trainer *);
struct as_params *as_trainer_ema(struct as_trainer *);

AS_END
#endif
