/* What methods that compare representations on the unit sphere share: rows of
 * length 1, logits as their products over a temperature, and cross-entropy of
 * logits (InfoNCE: van den Oord, Li and Vinyals, 2018). */
#ifndef AS_SSL_CONTRAST_H
#define AS_SSL_CONTRAST_H

#include <stdint.h>

#include "base/pool.h"

AS_BEGIN

/* unit = x / max(|x|, 1e-12), row by row (rows,d); length (rows) = that divisor, or
 * NULL. unit may be x. */
void as_unit_rows(int64_t rows, int64_t d, const float *x, float *unit, float *length);

/* dx = (du - unit (unit . du)) / length: the gradient of as_unit_rows. dx may be du. */
void as_unit_rows_backward(int64_t rows, int64_t d, const float *unit, const float *length, const float *du, float *dx);

/* logits (m,n) = a (m,d) b (n,d)' / temperature; ld: floats from row to row of logits. */
void as_products(struct as_pool *, int64_t m, int64_t n, int64_t d, const float *a, const float *b, float temperature,
		 float *logits, int64_t ld);

/* Mean over rows of the cross-entropy of logits (rows,n) with the class right[row];
 * the logits become their gradient times weight. each: scratch of `rows` doubles. */
double as_cross_entropy(struct as_pool *, int64_t rows, int64_t n, float *logits, const int64_t *right, float weight,
			double *each);

AS_END
#endif
