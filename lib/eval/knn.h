/* Nearest neighbours by cosine (knnprobe(1)): who they are, what they vote for, and how many of them
 * are right. */
#ifndef AS_EVAL_KNN_H
#define AS_EVAL_KNN_H

#include "base/pool.h"
#include "eval/features.h"

AS_BEGIN

/* The k rows of `train` with the largest cosine to each row of `test`, nearest first, of equal ones the
 * lowest index first: into row (test->n, k), indices into train, and similarity (test->n, k), the
 * cosines. They are ranked in double by their cosines, and where these are near 1 by the angles
 * between the rows, which double can still tell apart there: so an offset that all rows share changes
 * nothing. A row of zeros has cosine 0 with everything. With `others` the rows of a query's own id are
 * left out. AS_EARG where a query has fewer than k (1 or more) rows to choose from, where the widths
 * differ, or where rows are without their centre; AS_EMEM. */
AS_NODISCARD int as_knn(const struct as_features *train, const struct as_features *test, int64_t k, bool others,
			int64_t *row, double *similarity, struct as_pool *, struct as_error *);

/* The label that is most frequent among the k rows of one query, whose y are set; of equally frequent
 * ones that whose first neighbour is nearer. `count` holds train->classes zeros and comes back so. */
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
