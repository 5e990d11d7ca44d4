/* Public since 0.2. The loss of an augmentation's head, as its descriptor names it. */
#ifndef AS_SSL_LOSS_H
#define AS_SSL_LOSS_H

#include "aug/aug.h"
#include "kern/kern.h"

AS_BEGIN

/* The loss of p (rows,n) against t, (rows,n) or (rows) for AS_LOSS_CE; its gradient times `weight` goes to
 * dp (rows,n). every: t of all ranks, which only AS_LOSS_MSE_TANH_ALL reads; with one rank it is t. The
 * formulas are in struct as_kern. */
double as_loss_of(const struct as_engine *, enum as_loss, int64_t rows, int64_t n, const float *p, const float *t,
		  const float *every, float weight, float *dp);

AS_END
#endif
