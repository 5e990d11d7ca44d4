/* Public since 0.2. The training step: backbone over each group of views, method, heads, backward,
 * optimizer. And its files: a state, from which training continues with the same bytes, and a model. */
#ifndef AS_SSL_TRAINER_H
#define AS_SSL_TRAINER_H

#include "ssl/augself.h"
#include "ssl/feed.h"
#include "ssl/method.h"
#include "ssl/recipe.h"

AS_BEGIN

/* How far a run has come. */
struct as_progress {
	uint64_t step;  /* steps taken */
	uint64_t epoch; /* of the last step */
	uint64_t seq;   /* seq of the next record from the source */
	double spread;  /* of the features in the first step */
};

struct as_trainer;

/* The results of one step. Loss parts are in step.part. */
struct as_outcome {
	struct as_step step;
	double lr, loss;
	struct as_collapse figures;
};

/* A trainer for views of these roles (borrowed), with parameters at their start values, on the kernels and
 * threads of `engine`, in the recipe's grains. The recipe must be settled (as_recipe_settle). With `memory`
 * false no memory is taken: only as_trainer_describe and as_trainer_bytes may be called. AS_EARG: the recipe contradicts itself
 * or the views. */
AS_NODISCARD int as_trainer_new(struct as_trainer **, const struct as_recipe *, const struct as_roles *,
				const struct as_engine *, bool memory, struct as_error *);
/* The same, with the same errors, by a method that is in no table; the recipe's method is ignored. */
AS_NODISCARD int as_trainer_with(struct as_trainer **, const struct as_method *, const struct as_recipe *,
				 const struct as_roles *, const struct as_engine *, bool memory, struct as_error *);
void as_trainer_free(struct as_trainer *);

/* The bytes of memory that training takes: parameters, a step, and the batches that are read ahead. */
size_t as_trainer_bytes(const struct as_trainer *);

/* Which views are in a batch, and where; as_feed_open needs it. Belongs to the trainer. */
const struct as_layout *as_trainer_layout(const struct as_trainer *);
/* What it computes on, with the recipe's grains. Belongs to the trainer. */
const struct as_engine *as_trainer_engine(const struct as_trainer *);

/* One step on a batch of the recipe's size. AS_EDATA: the loss is not finite, or a needed label is no
 * class. The optimizer has not run then, but running statistics may have moved: do not save such a trainer. */
AS_NODISCARD int as_trainer_step(struct as_trainer *, const struct as_batch *, struct as_outcome *, struct as_error *);
/* How far it has come; belongs to the trainer. */
const struct as_progress *as_trainer_progress(const struct as_trainer *);

/* A hash of all that a state holds: the same on every rank. */
uint64_t as_trainer_hash(const struct as_trainer *);

/* The effective rank (kern/rank.h) of the last step's features of both views, for its outcome; until the next
 * step. It costs a part of a step, so it is not in every outcome. */
double as_trainer_rank(const struct as_trainer *, const struct as_outcome *);

/* Whether features have become alike: after the first epoch, the spread is below a tenth, or below half of
 * the first step's. */
bool as_trainer_collapsed(const struct as_trainer *, const struct as_outcome *);

/* The name of loss part i, in the order of every step; NULL after the last. */
const char *as_trainer_part(const struct as_trainer *, int i);

/* Writes the state: parameters, what the optimizer keeps of them, progress, the recipe as text, and
 * `source` (ssl/source.h) - whole, by rename. Parameters that are not finite are AS_EDATA. */
AS_NODISCARD int as_trainer_save(const struct as_trainer *, const char *path, const char *source, struct as_error *);
/* Continues from a state; AS_ENONE if there is none. AS_EARG: it has another recipe; AS_EDATA: another
 * source; the error names the first difference. */
AS_NODISCARD int as_trainer_resume(struct as_trainer *, const char *path, const char *source, struct as_error *);
/* Writes the model: parameters alone, with the backbone's names as torchvision has
 * them. *seal: its checksum, by which features name it. Errors as of as_trainer_save. */
AS_NODISCARD int as_trainer_model(const struct as_trainer *, const char *path, const char *source, uint64_t *seal,
				  struct as_error *);

/* Operations, shapes, multiply-adds and bytes as a text, malloc'd. */
char *as_trainer_describe(const struct as_trainer *);

/* For tests: the parameters of the online network, and of the momentum network (empty if the method has
 * none). They belong to the trainer. */
struct as_params *as_trainer_params(struct as_trainer *);
struct as_params *as_trainer_ema(struct as_trainer *);

AS_END
#endif
