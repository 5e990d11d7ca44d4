/* Private to lib/eval: converts weights between centred and original rows.
 *   W x + b = W (x - m) + (b + W m)
 * The rows in memory are x - m, so their bias is b + W m; a gradient is converted the
 * other way. If the centre is NULL, nothing changes. */
#ifndef AS_EVAL_SHIFT_H
#define AS_EVAL_SHIFT_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

/* W m for one row of weights: sum_j row[j] centre[j] over d. */
double as_shift_along(const double *row, const double *centre, int64_t d);
/* Adds sign W m to the biases of rows from..to-1 of weights (classes, d + 1). */
void as_shift_bias(const double *centre, int64_t d, double *weights, int64_t from, int64_t to, double sign);
/* Adds sign g_b m to the gradients of W in rows from..to-1 of g (classes, d + 1). */
void as_shift_gradient(const double *centre, int64_t d, double *g, int64_t from, int64_t to, double sign);

AS_END
#endif
