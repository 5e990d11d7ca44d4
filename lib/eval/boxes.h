/* Public since 0.2. Localisation: how well a linear regression of features tells where the object of an image is
 * (linprobe(1), --boxes). */
#ifndef AS_EVAL_BOXES_H
#define AS_EVAL_BOXES_H

#include "eval/ridge.h"
#include "stream/boxes.h"
#include "stream/stream.h"

AS_BEGIN

/* The boxes of a set of features whose rows have one each. Initialise with zeros; free with as_boxes_clear. */
struct as_boxes {
	double *box;           /* (n, AS_BOX) */
	int64_t none, several; /* records that were left out: without a box of the class, with more than one */
	bool whole;            /* the features are of whole images, as the header's policy says */
};

/* Reads the rest of a stream of kind feature: the records with exactly one box called `name` (NULL: exactly one box at
 * all). Every row is of class y 0. AS_EDATA: as as_features_read, as_extra_boxes, or not one record is left. On an
 * error both are empty. */
AS_NODISCARD int as_boxes_read(struct as_boxes *, struct as_features *, struct as_reader *, const char *name,
			       struct as_error *);
void as_boxes_clear(struct as_boxes *);

/* Copies the boxes of the n rows i with part[i] == want, as as_features_pick does with rows. AS_EMEM. */
AS_NODISCARD int as_boxes_pick(struct as_boxes *, const struct as_boxes *from, int64_t n, const unsigned char *part, int want,
			       struct as_error *);

/* How far predicted boxes are from the true ones. */
struct as_box_score {
	double squared, squared_interval; /* mean over boxes and their four numbers of the squared error */
	double overlap, overlap_interval; /* mean over boxes of intersection over union, [0,1] */
	int64_t n;
};

/* The intersection of two boxes over their union; a predicted height or width below 0 is 0. */
double as_box_overlap(const double a[AS_BOX], const double b[AS_BOX]);
/* predicted (n, AS_BOX), or with `one` the same box (AS_BOX) for all. Intervals are half widths at 95 %: 1.96
 * standard errors over the boxes. */
struct as_box_score as_box_score(const double *predicted, bool one, const double *box, int64_t n);

/* The penalties of eval/ridge.h that are tried, and what each scored on validation. */
enum { AS_BOX_PATH = 45 };
struct as_box_fit {
	double w;                                 /* the chosen penalty */
	struct as_box_score score[AS_BOX_PATH];   /* on validation */
	double mean[AS_BOX];                      /* the mean box of all that was learnt from */
};

/* The i-th penalty: 10^(-8 + i/4). */
double as_box_penalty(int i);

/* Learns the AS_BOX targets of `train` with each penalty, and keeps the one whose boxes have the lowest squared error on `val` (of
 * equal ones the smallest); then learns once more with it from both. weights (AS_BOX, d + 1). If fit->w is not 0,
 * it is the penalty, nothing is chosen, and val may be NULL. Errors of as_ridge_new. */
AS_NODISCARD int as_boxes_fit(const struct as_targets *train, const struct as_targets *val, struct as_box_fit *fit,
			      double *weights, struct as_pool *, struct as_error *);

AS_END
#endif
