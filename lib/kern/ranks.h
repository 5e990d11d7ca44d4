/* Private to lib/kern: sums over all ranks' rows. */
#ifndef AS_KERN_RANKS_H
#define AS_KERN_RANKS_H

#include "kern/kern.h"

AS_BEGIN

/* x (n): sums over this rank's grains, which become those over all ranks'. scratch: n doubles a rank, if there is
 * a world. */
void as_sum_ranks(const struct as_engine *, int64_t n, double *x, double *scratch);
/* The same for one number. */
double as_sum_ranks_one(const struct as_engine *, double own);

AS_END
#endif
