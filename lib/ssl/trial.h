/* Public since 0.2. What a batch costs: its bytes, which are known beforehand, and its images a second, measured on
 * drawn views. For the choice of a batch. */
#ifndef AS_SSL_TRIAL_H
#define AS_SSL_TRIAL_H

#include "ssl/trainer.h"

AS_BEGIN

/* What a batch takes. */
struct as_trial {
	size_t bytes; /* of the whole training: as_trainer_bytes */
	double rate;  /* images a second; 0: not measured */
	double took;  /* seconds that measuring took */
};

/* The bytes that training by the recipe takes with this batch; its grains, if it leaves them open, follow. The recipe must be
 * settled but for these two. AS_EARG: the recipe cannot be trained with such a batch. */
AS_NODISCARD int as_trial_bytes(const struct as_recipe *, int64_t batch, const struct as_roles *, const struct as_engine *,
				struct as_trial *, struct as_error *);

/* Measures a few steps as well, on views of noise with drawn parameters: as many as take about `seconds`, after a first one that
 * does not count; at least one, at most eight. Takes the memory for the while. AS_EMEM, and errors as above. */
AS_NODISCARD int as_trial_run(const struct as_recipe *, int64_t batch, const struct as_roles *, const struct as_engine *,
			      double seconds, struct as_trial *, struct as_error *);

AS_END
#endif
