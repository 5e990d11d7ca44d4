/* Nearest neighbours by cosine (knnprobe(1)): votes, and retrieval. */
#ifndef AS_EVAL_KNN_H
#define AS_EVAL_KNN_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* The k rows of `train` most similar to each row of `test`, best first, ties to the lowest
 * index: row (test->n,k) of indices into train, similarity (test->n,k) of cosines. They
 * are ranked by their cosines in double, and where these are near 1 by the angles, which
 * double tells apart much longer: an offset that all rows share loses none. A row of
 * zeros has cosine 0 with everything. With `others` the rows of a query's own id are
 * left out. AS_EARG where a query has fewer than k (1 or more) rows to choose from;
 * AS_EMEM. */
AS_NODISCARD int as_knn(const struct as_features *train, const struct as_features *test, int64_t k, bool others,
			int64_t *row, double *similarity, struct as_pool *, struct as_error *);

/* The label most frequent among the first k rows, whose y are set; of equals the one whose
 * first neighbour is nearer. `count` holds train->classes zeros and comes back so. */
int64_t as_knn_vote(const struct as_features *train, const int64_t *row, int64_t k, int64_t *count);

/* Precision at k in percent: how many of the neighbours are of their query's class. */
struct as_precision {
	double mean;     /* over the queries */
	double interval; /* half width at 95 %: 1.96 standard errors over the queries */
	double chance;   /* of rows drawn from `train` as they come */
};

/* Of the rows that as_knn found. train's y are of `learnt`; `count` holds that many zeros and comes back so. */
struct as_precision as_knn_precision(const struct as_features *train, const struct as_features *test,
				     const struct as_classes *learnt, const int64_t *row, int64_t k, int64_t *count);

AS_END
#endif
