#include "eval/knn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kern/gemm.h"

/* A task owns QUERIES rows of test and passes over train in steps of ROWS. It
 * keeps SPARE candidates more than asked for and ranks them again in double: a
 * product's float rounding depends on where in the matrix a row lies, and rows
 * that are equal must tie. */
enum { QUERIES = 128, ROWS = 512, SPARE = 8 };

struct search {
	const struct as_features *test;
	int64_t n, d, k;
	const float *train, *query; /* unit rows */
	float *dot;                 /* (lanes, QUERIES, ROWS) */
	int64_t held;               /* candidates kept for each query, k or more */
	int64_t *candidate;         /* (lanes, QUERIES, held) */
	float *closeness;           /* of the candidates */
	int64_t *row;               /* (test, k) */
	float *similarity;
};

/* Rows of f scaled to length 1 into out; zeros stay zeros. */
static void normalise(const struct as_features *f, float *out)
{
	for (int64_t i = 0; i < f->n; i++) {
		const float *x = f->x + i * f->d;
		double sum = 0;
		for (int64_t j = 0; j < f->d; j++)
			sum += (double)x[j] * (double)x[j];
		double scale = 1 / fmax(sqrt(sum), 1e-12);
		for (int64_t j = 0; j < f->d; j++)
			out[i * f->d + j] = (float)((double)x[j] * scale);
	}
}

/* Puts (s, index) into a list sorted by similarity; indices come ascending, so an
 * equal one stays behind. *held of k are there. */
static void insert(float s, int64_t index, int64_t k, int64_t *held, int64_t *row, float *similarity)
{
	if (*held == k && !(s > similarity[k - 1]))
		return;
	int64_t at = *held < k ? (*held)++ : k - 1;
	for (; at > 0 && s > similarity[at - 1]; at--) {
		similarity[at] = similarity[at - 1];
		row[at] = row[at - 1];
	}
	similarity[at] = s;
	row[at] = index;
}

/* The best k of a query's candidates, ranked in double. */
static void rank(const struct search *s, int64_t q, const int64_t *candidate)
{
	int64_t held = 0, *row = s->row + q * s->k;
	float *similarity = s->similarity + q * s->k;
	const float *a = s->query + q * s->d;
	for (int64_t i = 0; i < s->held; i++) {
		const float *b = s->train + candidate[i] * s->d;
		double sum = 0;
		for (int64_t j = 0; j < s->d; j++)
			sum += (double)a[j] * (double)b[j];
		insert((float)sum, candidate[i], s->k, &held, row, similarity);
	}
}

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void search_task(void *ctx, int64_t task, int lane)
{
	struct search *s = ctx;
	int64_t from = task * QUERIES, queries = s->test->n - from < QUERIES ? s->test->n - from : QUERIES;
	float *dot = s->dot + (int64_t)lane * QUERIES * ROWS, *closeness = s->closeness + lane * QUERIES * s->held;
	int64_t *candidate = s->candidate + lane * QUERIES * s->held, found[QUERIES] = {0};
	for (int64_t r = 0; r < s->n; r += ROWS) {
		int64_t rows = s->n - r < ROWS ? s->n - r : ROWS;
		as_gemm(false, true, queries, rows, s->d, 1, s->query + from * s->d, s->d, s->train + r * s->d, s->d, 0,
			dot, ROWS);
		for (int64_t q = 0; q < queries; q++)
			for (int64_t i = 0; i < rows; i++)
				insert(dot[q * ROWS + i], r + i, s->held, &found[q], candidate + q * s->held,
				       closeness + q * s->held);
	}
	for (int64_t q = 0; q < queries; q++) {
		qsort(candidate + q * s->held, (size_t)s->held, sizeof *candidate, ascending);
		rank(s, from + q, candidate + q * s->held);
	}
}

int as_knn(const struct as_features *train, const struct as_features *test, int64_t k, int64_t *row,
	   float *similarity, struct as_pool *pool, struct as_error *err)
{
	if (train->d != test->d)
		return as_fail(err, AS_EARG, "features: %lld wide in test, %lld in train", (long long)test->d,
			       (long long)train->d);
	if (k < 1 || k > train->n)
		return as_fail(err, AS_EARG, "neighbours: %lld of %lld rows", (long long)k, (long long)train->n);
	struct search s = {.test = test, .n = train->n, .d = train->d, .k = k, .row = row, .similarity = similarity};
	s.held = k + SPARE < s.n ? k + SPARE : s.n;
	size_t lanes = (size_t)as_pool_lanes(pool), units = (size_t)(train->n + test->n) * (size_t)s.d;
	size_t lists = lanes * QUERIES * (size_t)s.held;
	float *unit = malloc((units + lanes * QUERIES * ROWS + lists) * sizeof *unit);
	s.candidate = malloc(lists * sizeof *s.candidate);
	if (!unit || !s.candidate) {
		free(unit);
		free(s.candidate);
		return as_fail(err, AS_EMEM, "neighbours: no memory for %lld rows of %lld",
			       (long long)(train->n + test->n), (long long)s.d);
	}
	float *query = unit + train->n * s.d;
	normalise(train, unit);
	normalise(test, query);
	s.train = unit;
	s.query = query;
	s.dot = unit + units;
	s.closeness = s.dot + lanes * QUERIES * ROWS;
	as_each(pool, (test->n + QUERIES - 1) / QUERIES, search_task, &s);
	free(unit);
	free(s.candidate);
	return 0;
}

int64_t as_knn_vote(const struct as_features *train, const int64_t *row, int64_t k, int64_t *count)
{
	int64_t best = train->label[row[0]];
	for (int64_t i = 0; i < k; i++)
		count[train->label[row[i]]]++;
	for (int64_t i = 0; i < k; i++) { /* nearest first: of equals the first stays */
		int64_t c = train->label[row[i]];
		best = count[c] > count[best] ? c : best;
	}
	for (int64_t i = 0; i < k; i++)
		count[train->label[row[i]]] = 0;
	return best;
}

void as_knn_precision(const struct as_features *train, const struct as_features *test, const int64_t *row, int64_t k,
		      double out[2])
{
	double sum = 0, squares = 0, n = (double)test->n;
	for (int64_t i = 0; i < test->n; i++) {
		int64_t right = 0;
		for (int64_t r = 0; r < k; r++)
			right += train->label[row[i * k + r]] == test->label[i];
		double share = (double)right / (double)k;
		sum += share;
		squares += share * share;
	}
	double mean = sum / n, variance = fmax(squares / n - mean * mean, 0);
	out[0] = 100 * mean;
	out[1] = 196 * sqrt(variance / n);
}
