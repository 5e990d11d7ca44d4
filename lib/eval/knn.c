#include "eval/knn.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kern/gemm.h"

/* The search runs in float, for speed; the final ranking is in double.
 *
 * With unit rows u = x / |x| the cosine of a pair is 1 - |u - v|^2 / 2, and distances do not change
 * when the same centre c is subtracted from all rows. So the float products are of the residuals
 * r = u - c. Their length is about the distance between rows, however large the offset they share:
 *   |u - v|^2 / 2 = |r|^2 / 2 - s,  s = r.t - |t|^2 / 2   for a query's r and a row's t.
 * Rounding leaves each s between two known bounds. If k other rows have a lower bound above the upper
 * bound of a row, that row is not among the k nearest. The rows that remain are candidates; these are
 * ranked in double, from the rows themselves.
 *
 * A task has QUERIES rows of test and goes through train in steps of ROWS. When a list of candidates
 * is full, the bounds remove some; if that is not enough, the list is ranked in double. */
enum { QUERIES = 128, ROWS = 512, SPARE = 16, CENTRE = 4096 };

/* Half an ulp of a float at 1. */
static const double UNIT = 0x1p-24;

struct set {
	const struct as_features *f;
	struct search *search;
	double *scale;    /* (n): 1 / |x|; 0 for a row of zeros */
	float *residual;  /* (n,d) */
	float *half;      /* (n): upper bound of |r|^2 / 2; infinite for rows of zeros, which have no unit row */
	float *length;    /* (n): upper bound of |r| and of the rounding error that it stands for */
};

struct hit {
	double score;    /* NAN: not computed in double yet */
	float low, high; /* bounds of s */
	int64_t row;
};

struct list {
	struct hit *hit; /* (2k + SPARE) */
	int64_t held;
	float reach;     /* a row with a smaller s cannot be among the k nearest */
	float slack;     /* rounding error of s for each unit of the row's length */
};

struct search {
	struct set train, test;
	int64_t d, k, room, zeros; /* rows of zeros in train */
	bool others;
	double *centre;
	/* rounding error in double of a unit row: half of that of its sum of squares, and a little more */
	double error;
	float *dot;       /* (threads, QUERIES, ROWS) */
	struct hit *hit;  /* (threads, QUERIES, room) */
	int64_t *row;     /* (test, k) */
	double *similarity;
	struct as_arena arena;
};

/* ---- in double, from the rows themselves ---- */

/* Independent sums, which the compiler can compute side by side. */
enum { SIDE = 8 };

static double total(const double sum[SIDE])
{
	return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

static double dot(const float *a, const float *b, int64_t d)
{
	double sum[SIDE] = {0};
	int64_t j = 0;
	for (; j + SIDE <= d; j += SIDE)
		for (int i = 0; i < SIDE; i++)
			sum[i] += (double)a[j + i] * (double)b[j + i];
	for (; j < d; j++)
		sum[j % SIDE] += (double)a[j] * (double)b[j];
	return total(sum);
}

/* |u - v|^2 of the unit rows, which still differs where the cosine rounds to 1. */
static double distance(const float *a, double by, const float *b, double times, int64_t d)
{
	double sum[SIDE] = {0};
	int64_t j = 0;
	for (; j + SIDE <= d; j += SIDE)
		for (int i = 0; i < SIDE; i++) {
			double apart = (double)a[j + i] * by - (double)b[j + i] * times;
			sum[i] += apart * apart;
		}
	for (; j < d; j++) {
		double apart = (double)a[j] * by - (double)b[j] * times;
		sum[j % SIDE] += apart * apart;
	}
	return total(sum);
}

/* Increases with the cosine: up to 1/2 it is the cosine itself, above 1/2 it is 1 / |u - v|^2, from 1 on. */
static double score(const struct search *s, int64_t query, int64_t row)
{
	const float *a = s->test.f->x + query * s->d, *b = s->train.f->x + row * s->d;
	double by = s->test.scale[query], times = s->train.scale[row];
	if (by == 0 || times == 0)
		return 0;
	double cosine = dot(a, b, s->d) * by * times;
	return cosine > 0.5 ? 1 / distance(a, by, b, times, s->d) : cosine;
}

/* 1 - cosine */
static double apart(double score)
{
	return score > 0.5 ? 0.5 / score : 1 - score;
}

/* ---- residuals ---- */

static void scale_task(void *ctx, int64_t task, int thread)
{
	const struct set *set = ctx;
	int64_t d = set->f->d, to = (task + 1) * ROWS < set->f->n ? (task + 1) * ROWS : set->f->n;
	(void)thread;
	for (int64_t i = task * ROWS; i < to; i++) {
		double square = dot(set->f->x + i * d, set->f->x + i * d, d);
		set->scale[i] = square > 0 ? 1 / sqrt(square) : 0;
	}
}

/* A residual has a rounding error of UNIT times itself plus the error in double. Adding error / UNIT to its
 * length makes UNIT times the length cover both. */
static void residual_task(void *ctx, int64_t task, int thread)
{
	const struct set *set = ctx;
	const struct search *s = set->search;
	int64_t to = (task + 1) * ROWS < set->f->n ? (task + 1) * ROWS : set->f->n;
	(void)thread;
	for (int64_t i = task * ROWS; i < to; i++) {
		const float *x = set->f->x + i * s->d;
		float *r = set->residual + i * s->d;
		for (int64_t j = 0; j < s->d; j++)
			r[j] = (float)((double)x[j] * set->scale[i] - s->centre[j]);
		double square = dot(r, r, s->d), length = (sqrt(square) + s->error / UNIT) * (1 + 8 * UNIT);
		set->length[i] = (float)length;
		set->half[i] = set->scale[i] > 0 ? (float)(square / 2 - 5 * UNIT * length * length) : INFINITY;
	}
}

/* The mean of some unit rows of train. Any centre gives right results; one among the rows gives short
 * residuals. */
static void find_centre(struct search *s)
{
	const struct set *t = &s->train;
	int64_t n = t->f->n, stride = (n + CENTRE - 1) / CENTRE, rows = (n + stride - 1) / stride;
	for (int64_t i = 0; i < n; i += stride)
		for (int64_t j = 0; j < s->d; j++)
			s->centre[j] += (double)t->f->x[i * s->d + j] * t->scale[i] / (double)rows;
}

/* ---- candidates ---- */

static int nearer(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static int surer(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	return (x->low < y->low) - (x->low > y->low);
}

/* The rounding error in double when two values of 1 - cosine near t are compared. */
static double doubt(const struct search *s, double t)
{
	return 8 * s->error * (sqrt(2 * t) + s->error);
}

static float down(double x)
{
	return (float)(x - 4 * UNIT * fabs(x));
}

/* The upper bound of |r|^2 / 2 of a query; half of it in float is the lower bound. */
static double most(const struct search *s, int64_t query)
{
	double length = (double)s->test.length[query];
	return (double)s->test.half[query] + 12 * UNIT * length * length;
}

/* Removes rows that k others exceed, and raises the bound for new rows. */
static void trim(const struct search *s, int64_t query, struct list *l)
{
	int64_t kept = 0;
	if (l->held < s->k)
		return;
	qsort(l->hit, (size_t)l->held, sizeof *l->hit, surer);
	double low = (double)l->hit[s->k - 1].low;
	l->reach = fmaxf(l->reach, down(low - doubt(s, fmax(most(s, query) - low, 0))));
	for (int64_t i = 0; i < l->held; i++)
		if (l->hit[i].high >= l->reach)
			l->hit[kept++] = l->hit[i];
	l->held = kept;
}

/* Keeps the k best, in order. */
static void settle(const struct search *s, int64_t query, struct list *l)
{
	for (int64_t i = 0; i < l->held; i++) {
		struct hit *h = &l->hit[i];
		if (!isnan(h->score))
			continue;
		h->score = score(s, query, h->row);
		double t = apart(h->score), error = doubt(s, t);
		h->low = down((double)s->test.half[query] - t - error);
		h->high = -down(t - error - most(s, query));
	}
	qsort(l->hit, (size_t)l->held, sizeof *l->hit, nearer);
	l->held = l->held < s->k ? l->held : s->k;
}

static bool allowed(const struct search *s, int64_t query, int64_t row)
{
	return !s->others || s->train.f->id[row] != s->test.f->id[query];
}

static void add(const struct search *s, int64_t query, struct list *l, int64_t row, float low, float high)
{
	l->hit[l->held++] = (struct hit){NAN, low, high, row};
	if (l->held < s->room)
		return;
	trim(s, query, l);
	if (l->held > s->room - SPARE / 2) {
		settle(s, query, l);
		trim(s, query, l);
	}
}

/* Sets up the list of a query: the rounding error of s for each unit of length. A query of zeros needs no
 * search. */
static void open_list(const struct search *s, int64_t query, struct list *l)
{
	double each = expm1((double)s->d * UNIT) + 10 * UNIT;
	l->held = 0;
	l->reach = s->test.scale[query] > 0 ? -FLT_MAX : INFINITY;
	l->slack = (float)(each * (double)s->test.length[query] * (1 + 8 * UNIT));
}

static void look(const struct search *s, int64_t query, struct list *l, int64_t from, int64_t rows, const float *dots)
{
	const float *half = s->train.half + from, *length = s->train.length + from, unit = (float)UNIT;
	for (int64_t i = 0; i < rows; i++) {
		float slack = l->slack * length[i], high = dots[i] + (slack - half[i]);
		if (high >= l->reach && allowed(s, query, from + i))
			add(s, query, l, from + i, high - (2 * slack + 16 * unit * length[i] * length[i]), high);
	}
}

/* The cosine with a row of zeros is always 0, so the first k such rows are added, by index. */
static void add_zeros(const struct search *s, int64_t query, struct list *l)
{
	bool all = s->test.scale[query] == 0;
	int64_t added = 0;
	for (int64_t i = 0; (all || s->zeros) && i < s->train.f->n && added < s->k; i++)
		if ((all || s->train.scale[i] == 0) && allowed(s, query, i)) {
			add(s, query, l, i, -FLT_MAX, FLT_MAX);
			added++;
		}
}

static void search_task(void *ctx, int64_t task, int thread)
{
	struct search *s = ctx;
	int64_t from = task * QUERIES, queries = s->test.f->n - from < QUERIES ? s->test.f->n - from : QUERIES;
	float *dots = s->dot + (int64_t)thread * QUERIES * ROWS;
	struct list list[QUERIES];
	for (int64_t q = 0; q < queries; q++) {
		list[q].hit = s->hit + (thread * QUERIES + q) * s->room;
		open_list(s, from + q, &list[q]);
	}
	for (int64_t r = 0; r < s->train.f->n; r += ROWS) {
		int64_t rows = s->train.f->n - r < ROWS ? s->train.f->n - r : ROWS;
		as_gemm(false, true, queries, rows, s->d, 1, s->test.residual + from * s->d, s->d,
			s->train.residual + r * s->d, s->d, 0, dots, ROWS);
		for (int64_t q = 0; q < queries; q++)
			look(s, from + q, &list[q], r, rows, dots + q * ROWS);
	}
	for (int64_t q = 0; q < queries; q++) {
		add_zeros(s, from + q, &list[q]);
		settle(s, from + q, &list[q]);
		for (int64_t i = 0; i < s->k; i++) {
			bool there = i < list[q].held;
			s->row[(from + q) * s->k + i] = there ? list[q].hit[i].row : -1;
			s->similarity[(from + q) * s->k + i] = there ? 1 - apart(list[q].hit[i].score) : 0;
		}
	}
}

/* ---- setting up ---- */

static void take_set(struct as_arena *a, struct set *set, struct search *s, const struct as_features *f)
{
	size_t n = (size_t)f->n;
	set->f = f;
	set->search = s;
	set->scale = as_arena_take(a, n * sizeof *set->scale);
	set->residual = as_arena_floats(a, f->n * f->d);
	set->half = as_arena_floats(a, f->n);
	set->length = as_arena_floats(a, f->n);
}

static void take(struct search *s, const struct as_features *train, const struct as_features *test, int threads)
{
	struct as_arena *a = &s->arena;
	take_set(a, &s->train, s, train);
	take_set(a, &s->test, s, test);
	s->centre = as_arena_take(a, (size_t)s->d * sizeof *s->centre);
	s->dot = as_arena_floats(a, (int64_t)threads * QUERIES * ROWS);
	s->hit = as_arena_take(a, (size_t)(threads * QUERIES * s->room) * sizeof *s->hit);
}

static void find(struct search *s, struct as_pool *pool)
{
	struct set *const sets[] = {&s->train, &s->test};
	for (int i = 0; i < 2; i++)
		as_each(pool, (sets[i]->f->n + ROWS - 1) / ROWS, scale_task, sets[i]);
	for (int64_t i = 0; i < s->train.f->n; i++)
		s->zeros += s->train.scale[i] == 0;
	find_centre(s);
	for (int i = 0; i < 2; i++)
		as_each(pool, (sets[i]->f->n + ROWS - 1) / ROWS, residual_task, sets[i]);
	as_each(pool, (s->test.f->n + QUERIES - 1) / QUERIES, search_task, s);
}

int as_knn(const struct as_features *train, const struct as_features *test, int64_t k, bool others, int64_t *row,
	   double *similarity, struct as_pool *pool, struct as_error *err)
{
	if (train->d != test->d)
		return as_fail(err, AS_EARG, "features: %lld wide in test, %lld in train", (long long)test->d,
			       (long long)train->d);
	if (train->centre || test->centre)
		return as_fail(err, AS_EARG, "neighbours: rows without their centre lie at other angles");
	if (k < 1 || k > train->n)
		return as_fail(err, AS_EARG, "neighbours: %lld of %lld rows", (long long)k, (long long)train->n);
	int rc = as_blas_ready(pool, err);
	if (rc)
		return rc;
	struct search s = {.d = train->d, .k = k, .room = 2 * k + SPARE, .others = others, .row = row,
			   .similarity = similarity, .error = (double)(train->d + 128) * 0x1p-57};
	take(&s, train, test, as_pool_threads(pool));
	if ((rc = as_arena_open(&s.arena, &as_host_memory, err)))
		return rc;
	take(&s, train, test, as_pool_threads(pool));
	find(&s, pool);
	as_arena_close(&s.arena);
	for (int64_t i = 0; i < test->n * k; i++)
		if (row[i] < 0)
			return as_fail(err, AS_EARG, "neighbours: %lld of the %lld rows that are not of a query's own id",
				       (long long)k, (long long)(i % k));
	return 0;
}

int64_t as_knn_vote(const struct as_features *train, const int64_t *row, int64_t k, int64_t *count)
{
	int64_t best = row[0];
	for (int64_t i = 0; i < k; i++)
		count[train->y[row[i]]]++;
	for (int64_t i = 0; i < k; i++) /* nearest first; of equal rows the lower index first */
		best = count[train->y[row[i]]] > count[train->y[best]] ? row[i] : best;
	for (int64_t i = 0; i < k; i++)
		count[train->y[row[i]]] = 0;
	return train->label[best];
}

/* The percentage of train in a query's class, as the mean over the queries. */
static double by_chance(const struct as_features *train, const struct as_features *test,
			const struct as_classes *learnt, int64_t *count)
{
	double sum = 0;
	for (int64_t i = 0; i < train->n; i++)
		count[train->y[i]]++;
	for (int64_t i = 0; i < test->n; i++) {
		int64_t c = as_classes_place(learnt, test->label[i]);
		sum += c < 0 ? 0 : (double)count[c];
	}
	memset(count, 0, (size_t)learnt->count * sizeof *count);
	return 100 * sum / (double)train->n / (double)test->n;
}

struct as_precision as_knn_precision(const struct as_features *train, const struct as_features *test,
				     const struct as_classes *learnt, const int64_t *row, int64_t each, int64_t k,
				     int64_t *count)
{
	double sum = 0, squares = 0, n = (double)test->n;
	for (int64_t i = 0; i < test->n; i++) {
		int64_t right = 0;
		for (int64_t r = 0; r < k; r++)
			right += train->label[row[i * each + r]] == test->label[i];
		double share = (double)right / (double)k;
		sum += share;
		squares += share * share;
	}
	double mean = sum / n, variance = fmax(squares / n - mean * mean, 0);
	return (struct as_precision){100 * mean, 196 * sqrt(variance / n), by_chance(train, test, learnt, count)};
}
