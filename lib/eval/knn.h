/* Public since 0.2. Nearest neighbours by cosine (knnprobe(1)): which rows they are, what they vote for,
 * and how many of them have the right label. */
#ifndef AS_EVAL_KNN_H
#define AS_EVAL_KNN_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* Finds the k rows of `train` with the largest cosine to each row of `test`, nearest first; of equal ones
 * the lowest index comes first. row (test->n, k): indices into train; similarity (test->n, k): the cosines.
 * They are ranked in double by cosine, and near 1 by the distance between the unit rows, which is still
 * exact there; so an offset shared by all rows changes nothing. A row of zeros has cosine 0 with
 * everything. With `others`, rows with the query's own id are left out. AS_EARG: a query has fewer than k
 * (at least 1) rows to choose from, the widths differ, or the rows have been centred; AS_EMEM. */
AS_NODISCARD int as_knn(const struct as_features *train, const struct as_features *test, int64_t k, bool others,
			int64_t *row, double *similarity, struct as_pool *, struct as_error *);

/* The most frequent label among the k rows of one query, whose y are set; of equally frequent labels the
 * one with the nearest row. `count` holds train->classes zeros, before and after. */
int64_t as_knn_vote(const struct as_features *train, const int64_t *row, int64_t k, int64_t *count);

/* Precision at k in percent: how many of the neighbours have the class of their query. */
struct as_precision {
	double mean;     /* mean over the queries */
	double interval; /* half width at 95 %: 1.96 standard errors over the queries */
	double chance;   /* the value for random rows of `train` */
};

/* Computed from the first k of the `each` rows that as_knn found for every query. train's y are classes of
 * `learnt`; `count` holds that many zeros, before and after. */
struct as_precision as_knn_precision(const struct as_features *train, const struct as_features *test,
				     const struct as_classes *learnt, const int64_t *row, int64_t each, int64_t k,
				     int64_t *count);

AS_END
#endif
