/* Public since 0.2. Invariance: how alike the features of an image and of its views are, by cosine, beside those of different
 * images (augprobe(1)). */
#ifndef AS_EVAL_INVARIANCE_H
#define AS_EVAL_INVARIANCE_H

#include "eval/features.h"

AS_BEGIN

/* A mean cosine; +- interval holds the true value with 95 % probability (1.96 standard errors over images); `chance` is the
 * mean of different images. NAN: not known, as there is one image, or one view of each. */
struct as_likeness {
	double value, interval, chance;
};

/* Both comparisons, and over how many images. */
struct as_invariance {
	struct as_likeness original; /* of views and their originals: mean of cos(f(t(x)), f(x)) */
	struct as_likeness views;    /* of two views of one image */
	int64_t images;
};

/* Rows of one id are views of one image; its original is the first row of that id in `originals`, which may have further
 * images. The cosine with a row of zeros is 0. AS_EDATA: an image has no original, or the widths differ; AS_EMEM. */
AS_NODISCARD int as_invariance(const struct as_features *views, const struct as_features *originals, struct as_invariance *,
			       struct as_error *);

AS_END
#endif
