/* Loss functions over rows, with their gradients. All are means over rows (and
 * over components for MSE); gradients come multiplied by `weight` and are set,
 * not added. Row sums run in double. */
#ifndef AS_SSL_LOSS_H
#define AS_SSL_LOSS_H

#include <stdint.h>

#include "aug/aug.h"

AS_BEGIN

/* Mean of cos(p_i, z_i) over (rows,d), cos = a.b / sqrt(max(|a|^2 |b|^2, 1e-16));
 * dp = weight d mean / dp; z is a constant (SimSiam, equation 1: the stop-gradient). */
double as_loss_cosine(int64_t rows, int64_t d, const float *p, const float *z, float weight, float *dp);

/* Mean over rows and n components of (tanh p - t)^2. p, t, dp: (rows,n). */
double as_loss_mse_tanh(int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp);

/* Mean over all pairs of rows i, j and components of (tanh p_i - t_j)^2: what the mean
 * becomes when a (rows,1) broadcasts against a (rows). --compat solarize-broadcast. */
double as_loss_mse_tanh_all(int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp);

/* Binary cross-entropy with logits; p, dp (rows), t (rows) in {0,1}. */
double as_loss_bce(int64_t rows, const float *p, const float *t, float weight, float *dp);

/* Cross-entropy of logits p (rows,n) against class indices t (rows). */
double as_loss_ce(int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp);

/* The loss that an augmentation's descriptor names. t: (rows,n), or (rows) for AS_LOSS_CE. */
double as_loss_of(enum as_loss, int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp);

AS_END
#endif
