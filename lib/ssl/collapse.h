/* Figures that tell a representation that spreads from one that has collapsed. */
#ifndef AS_SSL_COLLAPSE_H
#define AS_SSL_COLLAPSE_H

#include <stdint.h>

#include "base/attr.h"

AS_BEGIN

struct as_collapse {
	double spread;   /* sqrt(d) x mean over features of the std of y/|y|: 1 spread, 0 collapsed */
	double together; /* mean cosine of the two views of one image */
	double apart;    /* mean cosine of views of different images */
};

/* y1, y2: (batch,d), batch >= 2. unit: scratch of 2 batch d floats. */
struct as_collapse as_collapse_figures(int64_t batch, int64_t d, const float *y1, const float *y2, float *unit);

AS_END
#endif
