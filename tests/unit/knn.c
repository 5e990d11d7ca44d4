/* Nearest neighbours against a full sort in double; ties; votes. */
#include "eval/knn.h"

#include <stdlib.h>

#include "base/rng.h"

#include "../tap.h"

enum { TRAIN = 1300, TEST = 150, D = 37, K = 5 };

static float train_x[TRAIN * D], test_x[TEST * D];
static int64_t train_label[TRAIN], test_label[TEST];
static const struct as_features train = {.n = TRAIN, .d = D, .x = train_x, .label = train_label, .classes = 7};
static const struct as_features test = {.n = TEST, .d = D, .x = test_x, .label = test_label, .classes = 7};

static double cosine(const float *a, const float *b)
{
	double ab = 0, aa = 0, bb = 0;
	for (int j = 0; j < D; j++) {
		ab += (double)a[j] * (double)b[j];
		aa += (double)a[j] * (double)a[j];
		bb += (double)b[j] * (double)b[j];
	}
	return ab / fmax(sqrt(aa * bb), 1e-30);
}

/* Whether the k rows found for query q are the nearest, in order, by a plain search. */
static bool nearest(int64_t q, const int64_t *row, const float *similarity)
{
	static bool used[TRAIN];
	memset(used, 0, sizeof used);
	for (int64_t r = 0; r < K; r++) {
		double best = -2, got = cosine(test_x + q * D, train_x + row[r] * D);
		for (int64_t i = 0; i < TRAIN; i++)
			if (!used[i])
				best = fmax(best, cosine(test_x + q * D, train_x + i * D));
		/* two rows closer to each other than float32 may change places */
		if (used[row[r]] || got < best - 2e-7 || fabs(got - (double)similarity[r]) > 2e-7)
			return false;
		used[row[r]] = true;
	}
	return true;
}

int main(void)
{
	static int64_t row[TEST * K], again[TEST * K];
	static float similarity[TEST * K], same[TEST * K];
	struct as_error err;
	struct as_rng r = as_rng_at(3, 1, 4, 1, 5);
	for (int i = 0; i < TRAIN * D; i++)
		train_x[i] = (float)as_rng_between(&r, -1, 2);
	for (int i = 0; i < TEST * D; i++)
		test_x[i] = (float)as_rng_between(&r, -1, 2);
	for (int i = 0; i < TRAIN; i++)
		train_label[i] = i % 7;
	/* equal rows far apart, one of them in the matrix's last, partial tile */
	memcpy(train_x + 1299 * D, train_x + 41 * D, D * sizeof(float));
	memcpy(train_x + 700 * D, train_x + 41 * D, D * sizeof(float));
	memcpy(test_x + 149 * D, train_x + 41 * D, D * sizeof(float));
	memset(test_x + 148 * D, 0, D * sizeof(float));
	ok(!as_knn(&train, &test, K, row, similarity, NULL, &err), "found");
	int64_t good = 0;
	for (int64_t q = 0; q < TEST; q++)
		good += nearest(q, row + q * K, similarity + q * K);
	is_int(good, TEST, "the nearest, in order, for every query");
	const int64_t *tied = row + 149 * K, *nought = row + 148 * K;
	ok(tied[0] == 41 && tied[1] == 700 && tied[2] == 1299, "equal rows: the lowest index first");
	is_close((double)similarity[149 * K], 1, 2e-7, "a row's cosine with itself is 1");
	ok(nought[0] == 0 && nought[4] == 4 && similarity[148 * K] == 0, "zeros: cosine 0, the lowest indices");
	ok(!as_knn(&train, &test, 1, again, same, NULL, &err) && again[149] == 41 && again[0] == row[0],
	   "one neighbour is the first of five, among equals too");
	for (int threads = 2; threads <= 7; threads += 5) {
		struct as_pool *pool;
		if (!ok(!as_pool_new(&pool, threads, &err), "%d threads", threads))
			continue;
		bool done_again = !as_knn(&train, &test, K, again, same, pool, &err);
		ok(done_again && !memcmp(row, again, sizeof row) && !memcmp(similarity, same, sizeof same),
		   "%d threads find the same bytes", threads);
		as_pool_free(pool);
	}
	int64_t count[7] = {0};
	is_int(as_knn_vote(&train, (const int64_t[]){3, 4, 11, 10, 1}, 5, count), 3, "of equals the nearer class wins");
	is_int(as_knn_vote(&train, (const int64_t[]){3, 4, 11, 18, 10}, 5, count), 4, "the most frequent class wins");
	double precision[2];
	as_knn_precision(&train, &test, row, K, precision);
	double sum = 0;
	for (int i = 0; i < TEST * K; i++)
		sum += train_label[row[i]] == test_label[i / K];
	is_close(precision[0], 100 * sum / (TEST * K), 1e-9, "precision at k");
	is_int(as_knn(&train, &test, TRAIN + 1, row, similarity, NULL, &err), AS_EARG, "more neighbours than rows");
	return done();
}
