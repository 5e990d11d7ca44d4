/* Nearest neighbours against a plain sort of cosines in long double: rows that share an
 * offset, rows of any length, ties, zeros; queries without themselves; votes. */
#include "eval/knn.h"

#include <stdlib.h>

#include "base/rng.h"

#include "../tap.h"

enum { TRAIN = 1300, TEST = 150, D = 37, K = 5, MOST = 1300, WIDE = 64 };

static struct as_error err;

/* What a plain search finds: 1 - cosine and index, ascending. Near 1 a cosine says little even in
 * long double, so the angle is taken from the difference of the unit rows. */
struct place {
	long double apart;
	int64_t row;
};

static int nearer(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	if (x->apart != y->apart)
		return x->apart < y->apart ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static long double length(const float *a, int64_t d)
{
	long double sum = 0;
	for (int64_t j = 0; j < d; j++)
		sum += (long double)a[j] * (long double)a[j];
	return sqrtl(sum);
}

static long double apart(const float *a, const float *b, int64_t d)
{
	long double x = length(a, d), y = length(b, d), dot = 0, squares = 0;
	if (x == 0 || y == 0)
		return 1;
	for (int64_t j = 0; j < d; j++) {
		long double u = (long double)a[j] / x, v = (long double)b[j] / y;
		dot += u * v;
		squares += (u - v) * (u - v);
	}
	return dot > 0.5L ? squares / 2 : 1 - dot;
}

/* How many of the rows that as_knn finds are not those of the plain search, in its order. */
static int64_t differences(const struct as_features *train, const struct as_features *test, int64_t k, bool others)
{
	static struct place all[MOST];
	int64_t *row = malloc((size_t)(test->n * k) * sizeof *row), differ = 0;
	double *similarity = malloc((size_t)(test->n * k) * sizeof *similarity);
	if (!row || !similarity || as_knn(train, test, k, others, row, similarity, NULL, &err))
		differ = -1;
	for (int64_t q = 0; differ >= 0 && q < test->n; q++) {
		int64_t n = 0;
		for (int64_t i = 0; i < train->n; i++)
			if (!others || train->id[i] != test->id[q])
				all[n++] = (struct place){apart(test->x + q * test->d, train->x + i * train->d, test->d), i};
		qsort(all, (size_t)n, sizeof *all, nearer);
		for (int64_t r = 0; r < k; r++)
			differ += row[q * k + r] != all[r].row ||
				  fabs(similarity[q * k + r] - (double)(1 - all[r].apart)) > 1e-14;
	}
	free(row);
	free(similarity);
	return differ;
}

static float *draw(uint64_t stream, int64_t n, int64_t d, int64_t classes, double offset)
{
	float *x = malloc((size_t)(n * d) * sizeof *x);
	for (int64_t i = 0; x && i < n; i++) {
		struct as_rng noise = as_rng_at(stream, (uint64_t)i, 0, 0, 0);
		struct as_rng middle = as_rng_at(99, (uint64_t)(i % classes), 0, 0, 0);
		for (int64_t j = 0; j < d; j++)
			x[i * d + j] = (float)(0.6 * as_rng_normal(&middle) + as_rng_normal(&noise) + offset);
	}
	return x;
}

/* Rows of N(mu of their class, 1), mu of N(0, .36), all moved by an offset: the share of test rows whose
 * nearest is of their class, in percent, and what a plain search finds otherwise. */
static double moved(double offset, int64_t *differ)
{
	enum { N = 300 };
	struct as_features train = {.n = N, .d = WIDE}, test = {.n = N, .d = WIDE};
	int64_t row[N], right = 0;
	double similarity[N];
	train.x = draw(1, N, WIDE, 3, offset);
	test.x = draw(2, N, WIDE, 3, offset);
	*differ = differences(&train, &test, 3, false);
	bool found = !as_knn(&train, &test, 1, false, row, similarity, NULL, &err);
	for (int i = 0; found && i < N; i++)
		right += row[i] % 3 == i % 3;
	free(train.x);
	free(test.x);
	return 100.0 * (double)right / N;
}

static void offsets(void)
{
	static const double offset[] = {0, 100, 3000, 100000, 1000000};
	for (size_t i = 0; i < sizeof offset / sizeof *offset; i++) {
		int64_t differ;
		double right = moved(offset[i], &differ);
		ok(differ == 0 && right > 90, "offset %g: %lld neighbours differ, %.1f %% of the nearest are right",
		   offset[i], (long long)differ, right);
	}
}

/* Two sets of the same rows, changed by `how`. */
static void adverse(const char *how, void (*change)(float *x, int64_t n, int64_t d))
{
	enum { N = 700, M = 90, WIDTH = 19 };
	struct as_features train = {.n = N, .d = WIDTH}, test = {.n = M, .d = WIDTH};
	train.x = draw(3, N, WIDTH, 5, 0);
	test.x = draw(4, M, WIDTH, 5, 0);
	change(train.x, N, WIDTH);
	change(test.x, M, WIDTH);
	memcpy(test.x, train.x + 50 * WIDTH, 20 * WIDTH * sizeof *test.x);
	for (int64_t k = 1; k <= 64; k *= 8)
		is_int(differences(&train, &test, k, false), 0, how);
	free(train.x);
	free(test.x);
}

static void scale(float *x, int64_t n, int64_t d, const double *by, int64_t count)
{
	for (int64_t i = 0; i < n * d; i++)
		x[i] = (float)((double)x[i] * by[i / d % count]);
}

static void tiny(float *x, int64_t n, int64_t d)
{
	scale(x, n, d, (const double[]){1e-30, 0x1p-40, 1}, 3);
}

static void huge(float *x, int64_t n, int64_t d)
{
	scale(x, n, d, (const double[]){1e37, 1, 1e-37}, 3);
}

/* Whole multiples of the smallest denormal. */
static void denormal(float *x, int64_t n, int64_t d)
{
	for (int64_t i = 0; i < n * d; i++)
		x[i] = (float)(rint((double)x[i] * 1e4) * 0x1p-149);
}

static void zeros(float *x, int64_t n, int64_t d)
{
	for (int64_t i = 0; i < n; i += 3)
		memset(x + i * d, 0, (size_t)d * sizeof *x);
}

static void all_zeros(float *x, int64_t n, int64_t d)
{
	memset(x, 0, (size_t)(n * d) * sizeof *x);
}

/* Every row 40 times, in two lengths. */
static void repeated(float *x, int64_t n, int64_t d)
{
	for (int64_t i = 17; i < n; i++)
		for (int64_t j = 0; j < d; j++)
			x[i * d + j] = x[i % 17 * d + j] * (i % 2 ? 1 : 4);
}

static void the_same(float *x, int64_t n, int64_t d)
{
	for (int64_t i = 0; i < n * d; i++)
		x[i] = (float)(1 + i % d);
}

/* Tight clusters that lie apart: a centre is near none of them. */
static void tight(float *x, int64_t n, int64_t d)
{
	for (int64_t i = 0; i < n * d; i++)
		x[i] = (float)((double)x[i] + (i / d % 2 == i % 2 ? 5000 : -5000));
}

/* Rows along the axes: most cosines are 0, or -0. */
static void axes(float *x, int64_t n, int64_t d)
{
	for (int64_t i = 0; i < n * d; i++)
		x[i] = i % d == i / d * 7 % d ? (i / d % 3 ? 1 : -3) : 0;
}

static void plain(void)
{
	struct as_features train = {.n = TRAIN, .d = D}, test = {.n = TEST, .d = D};
	static int64_t row[TEST * K], again[TEST * K], one[TEST];
	static double similarity[TEST * K], same[TEST * K];
	train.x = draw(5, TRAIN, D, 7, 0);
	test.x = draw(6, TEST, D, 7, 0);
	/* equal rows far apart, one of them in the matrix's last, partial tile */
	memcpy(train.x + 1299 * D, train.x + 41 * D, D * sizeof(float));
	memcpy(train.x + 700 * D, train.x + 41 * D, D * sizeof(float));
	memcpy(test.x + 149 * D, train.x + 41 * D, D * sizeof(float));
	memset(test.x + 148 * D, 0, D * sizeof(float));
	is_int(differences(&train, &test, K, false), 0, "five neighbours of each, as a plain search has them");
	is_int(differences(&train, &test, 200, false), 0, "two hundred");
	is_int(differences(&train, &test, TRAIN, false), 0, "all of them");
	ok(!as_knn(&train, &test, K, false, row, similarity, NULL, &err), "found");
	const int64_t *tied = row + 149 * K, *nought = row + 148 * K;
	ok(tied[0] == 41 && tied[1] == 700 && tied[2] == 1299, "equal rows: the lowest index first");
	is_close(similarity[149 * K], 1, 1e-15, "a row's cosine with itself is 1");
	ok(nought[0] == 0 && nought[4] == 4 && similarity[148 * K] == 0, "zeros: cosine 0, the lowest indices");
	ok(!as_knn(&train, &test, 1, false, one, same, NULL, &err) && one[149] == 41 && one[0] == row[0],
	   "one neighbour is the first of five, among equals too");
	for (int threads = 2; threads <= 7; threads += 5) {
		struct as_pool *pool;
		if (!ok(!as_pool_new(&pool, threads, &err), "%d threads", threads))
			continue;
		bool done_again = !as_knn(&train, &test, K, false, again, same, pool, &err);
		ok(done_again && !memcmp(row, again, sizeof row) && !memcmp(similarity, same, sizeof same),
		   "%d threads find the same bytes", threads);
		as_pool_free(pool);
	}
	is_int(as_knn(&train, &test, TRAIN + 1, false, row, similarity, NULL, &err), AS_EARG, "more neighbours than rows");
	free(train.x);
	free(test.x);
}

/* A set in itself, three rows of each id, some of them zeros. */
static void others(void)
{
	enum { N = 240 };
	uint64_t id[N];
	static int64_t row[N * 238];
	static double similarity[N * 238];
	struct as_features f = {.n = N, .d = WIDE, .id = id};
	f.x = draw(7, N, WIDE, 80, 0);
	for (int i = 0; i < N; i++)
		id[i] = (uint64_t)i % 80;
	memset(f.x + 5 * WIDE, 0, WIDE * sizeof *f.x);
	memset(f.x + 85 * WIDE, 0, WIDE * sizeof *f.x);
	memset(f.x + 11 * WIDE, 0, WIDE * sizeof *f.x);
	is_int(differences(&f, &f, 4, true), 0, "others than a row's own id, as a plain search has them");
	is_int(differences(&f, &f, 237, true), 0, "all others");
	int64_t own = 0;
	ok(!as_knn(&f, &f, 1, false, row, similarity, NULL, &err), "found");
	for (int i = 0; i < N; i++)
		own += row[i] == i;
	is_int(own, N - 3, "else each finds itself, but for zeros");
	is_int(as_knn(&f, &f, 238, true, row, similarity, NULL, &err), AS_EARG, "more neighbours than others");
	note("%s", err.text);
	free(f.x);
}

static void votes(void)
{
	enum { N = 20 };
	int64_t y[N], label[N], row[N * 2], count[7] = {0};
	struct as_features f = {.n = N, .label = label, .y = y, .classes = 7};
	for (int i = 0; i < N; i++) {
		y[i] = i % 7;
		label[i] = 1000000007 * y[i];
	}
	ok(as_knn_vote(&f, (const int64_t[]){3, 4, 11, 10, 1}, 5, count) == label[3], "of equals the nearer class wins");
	ok(as_knn_vote(&f, (const int64_t[]){3, 4, 11, 18, 10}, 5, count) == label[4], "the most frequent class wins");
	double sum = 0, chance = 0;
	for (int i = 0; i < N * 2; i++) {
		row[i] = i * 3 % N;
		sum += label[row[i]] == label[i / 2];
	}
	for (int i = 0; i < N * N; i++)
		chance += label[i / N] == label[i % N];
	struct as_classes learnt = {0};
	if (as_classes_add(&learnt, label, N, &err))
		ok(false, "%s", err.text);
	struct as_precision p = as_knn_precision(&f, &f, &learnt, row, 2, 2, count);
	is_close(p.mean, 100 * sum / (N * 2), 1e-9, "precision at k");
	is_close(p.chance, 100 * chance / (N * N), 1e-9, "and that of rows drawn as they come");
	sum = 0;
	for (int i = 0; i < N; i++)
		sum += label[row[2 * i]] == label[i];
	is_close(as_knn_precision(&f, &f, &learnt, row, 2, 1, count).mean, 100 * sum / N, 1e-9, "that among the first of two");
	ok(!memcmp(count, (const int64_t[7]){0}, sizeof count), "what counted is as it was");
	as_classes_clear(&learnt);
}

int main(void)
{
	plain();
	offsets();
	adverse("rows of 1e-30 and of 2^-40", tiny);
	adverse("rows of 1e37 and of 1e-37", huge);
	adverse("rows of denormals", denormal);
	adverse("every third row zeros", zeros);
	adverse("nothing but zeros", all_zeros);
	adverse("every row many times", repeated);
	adverse("one row and no other", the_same);
	adverse("tight clusters that lie apart", tight);
	adverse("rows along the axes", axes);
	others();
	votes();
	return done();
}
