#include "eval/fewshot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "kern/span.h"

enum { MAX_SUPPORT = 2048, NEWTON_STEPS = 100, HALVINGS = 40, LANES = AS_SPAN_LANES };

/* ---- one binary problem ---- */

static double dot(const double *a, const double *b, int64_t n)
{
	double s = 0;
	for (int64_t i = 0; i < n; i++)
		s += a[i] * b[i];
	return s;
}

/* log(1 + exp(-m)) without overflow. */
static double softplus(double m)
{
	return m > 0 ? log1p(exp(-m)) : log1p(exp(m)) - m;
}

static double objective(const double *beta, const double *f, const double *y, int64_t n, double c)
{
	double loss = 0;
	for (int64_t i = 0; i < n; i++)
		loss += softplus(y[i] * f[i]);
	return 0.5 * dot(beta, f, n) + c * loss;
}

/* b := A^-1 b for a symmetric positive definite A (n,n), which is overwritten. */
static void cholesky_solve(double *a, double *b, int64_t n)
{
	for (int64_t i = 0; i < n; i++) {
		for (int64_t j = 0; j <= i; j++) {
			double s = a[i * n + j] - dot(a + i * n, a + j * n, j);
			a[i * n + j] = i == j ? sqrt(s) : s / a[j * n + j];
		}
		b[i] = (b[i] - dot(a + i * n, b, i)) / a[i * n + i];
	}
	for (int64_t i = n - 1; i >= 0; i--) {
		b[i] /= a[i * n + i];
		for (int64_t j = 0; j < i; j++)
			b[j] -= a[i * n + j] * b[i];
	}
}

/* The Newton direction for beta. With u_i = c y_i sigma(-y_i f_i), which equals
 * beta_i at the optimum, and D = diag(c sigma (1 - sigma)),
 *   (1 + D G) step = u - beta,  step = r - D^1/2 B^-1 D^1/2 G r,
 *   r = u - beta, B = 1 + D^1/2 G D^1/2   (all eigenvalues of B are at least 1). */
static void newton(const double *gram, const double *y, int64_t n, double c, const double *beta, const double *f,
		   double *step, double *root, double *t, double *b)
{
	for (int64_t i = 0; i < n; i++) {
		double sigma = 1 / (1 + exp(y[i] * f[i]));
		step[i] = c * y[i] * sigma - beta[i];
		root[i] = sqrt(c * sigma * (1 - sigma));
	}
	for (int64_t i = 0; i < n; i++) {
		t[i] = root[i] * dot(gram + i * n, step, n);
		for (int64_t j = 0; j <= i; j++)
			b[i * n + j] = root[i] * root[j] * gram[i * n + j] + (i == j);
	}
	cholesky_solve(b, t, n);
	for (int64_t i = 0; i < n; i++)
		step[i] -= root[i] * t[i];
}

int as_span_logistic(const double *gram, const double *y, int64_t n, double c, double *beta, double *scratch)
{
	double *f = scratch, *step = f + n, *root = step + n, *t = root + n, *move = t + n, *b = move + n;
	int steps = 0;
	for (int64_t i = 0; i < n; i++)
		f[i] = dot(gram + i * n, beta, n);
	double here = objective(beta, f, y, n, c);
	while (steps++ < NEWTON_STEPS) {
		newton(gram, y, n, c, beta, f, step, root, t, b);
		double largest = 0, there = here;
		for (int64_t i = 0; i < n; i++) {
			move[i] = dot(gram + i * n, step, n);
			largest = fmax(largest, fabs(move[i]));
		}
		for (int h = 0; h <= HALVINGS; h++) { /* try the whole step first; halve it while the objective rises */
			for (int64_t i = 0; i < n; i++) {
				beta[i] += h ? -step[i] : step[i];
				f[i] += h ? -move[i] : move[i];
			}
			there = objective(beta, f, y, n, c);
			if (there <= here + 1e-12 * fabs(here))
				break;
			for (int64_t i = 0; i < n; i++) {
				step[i] *= 0.5;
				move[i] *= 0.5;
			}
		}
		here = there;
		if (!(largest > 1e-9))
			break;
	}
	return steps;
}

/* ---- episodes ---- */

static int64_t up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

/* The scratch memory of a thread. */
struct desk {
	int64_t *hat;     /* (eligible): the classes that an episode draws from */
	int64_t *rows;    /* (largest class) */
	const float **support; /* (way, shot) rows */
	const float **query;   /* (way, queries) rows */
	double *x;        /* the support (n, width) */
	double *gram;     /* (n, n), 1 added for the bias */
	double *y, *beta; /* (n, LANES): a class in each lane of a register */
	double *scratch;
	double *weights, *bias; /* (way, width), (way), both padded to a multiple of LANES */
	double *score;          /* (way, queries, way) */
};

struct run {
	const struct as_features *f;
	const struct as_fewshot *o;
	int64_t *first, *row; /* rows of class c: row[first[c]..first[c+1]) */
	int64_t *eligible, count, largest;
	int64_t n, width; /* way x shot; d padded with zeros to a multiple of LANES */
	const struct as_span *kern;
	struct desk *desk; /* (threads) */
	double *accuracy; /* (episodes) */
	struct as_arena arena;
};

/* Moves `count` random items of the n to the front. */
static void draw(struct as_rng *r, int64_t *item, int64_t n, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		int64_t j = i + (int64_t)as_rng_below(r, (uint64_t)(n - i)), held = item[i];
		item[i] = item[j];
		item[j] = held;
	}
}

static void draw_episode(const struct run *run, struct desk *l, int64_t episode)
{
	const struct as_fewshot *o = run->o;
	struct as_rng r = as_rng_at(o->seed, (uint64_t)episode, 0, 0, 0);
	memcpy(l->hat, run->eligible, (size_t)run->count * sizeof *l->hat);
	draw(&r, l->hat, run->count, o->way);
	for (int64_t w = 0; w < o->way; w++) {
		int64_t from = run->first[l->hat[w]], n = run->first[l->hat[w] + 1] - from;
		bool enough = n >= o->shot + o->queries;
		memcpy(l->rows, run->row + from, (size_t)n * sizeof *l->rows);
		draw(&r, l->rows, n, enough ? o->shot + o->queries : o->shot);
		for (int64_t i = 0; i < o->shot; i++)
			l->support[w * o->shot + i] = run->f->x + l->rows[i] * run->f->d;
		for (int64_t q = 0; q < o->queries; q++) {
			int64_t at = enough ? q : (int64_t)as_rng_below(&r, (uint64_t)(n - o->shot));
			l->query[w * o->queries + q] = run->f->x + l->rows[o->shot + at] * run->f->d;
		}
	}
}

static void find_gram(const struct run *run, struct desk *l)
{
	int64_t n = run->n, d = run->f->d, width = run->width;
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < d; j++)
			l->x[i * width + j] = (double)l->support[i][j];
	for (int64_t i = 0; i < n; i += 4) { /* the lower triangle, four rows at once */
		int64_t rows = n - i < 4 ? n - i : 4;
		run->kern->dots(l->support + i, rows, l->x, width, i + rows, d, l->gram + i * n, n);
	}
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j <= i; j++)
			l->gram[j * n + i] = l->gram[i * n + j] += 1;
}

/* Solves the problems of up to LANES classes from `first` on; the solutions go into l->beta. */
static void solve(const struct run *run, struct desk *l, int64_t first, int64_t classes)
{
	const struct as_fewshot *o = run->o;
	int64_t n = run->n;
	double *y = l->scratch, *beta = y + n, *scratch = beta + n;
	for (int64_t i = 0; i < n; i++)
		for (int64_t c = 0; c < LANES; c++)
			l->y[i * LANES + c] = c >= classes ? 0 : i / o->shot == first + c ? 1 : -1;
	if (n <= AS_SPAN_ROWS) {
		run->kern->logistic(l->gram, l->y, n, o->c, l->beta, l->scratch);
		return;
	}
	memset(l->beta, 0, (size_t)(n * LANES) * sizeof *beta);
	for (int64_t c = 0; c < classes; c++) { /* too many rows to solve eight classes at once */
		for (int64_t i = 0; i < n; i++)
			y[i] = l->y[i * LANES + c];
		memset(beta, 0, (size_t)n * sizeof *beta);
		as_span_logistic(l->gram, y, n, o->c, beta, scratch);
		for (int64_t i = 0; i < n; i++)
			l->beta[i * LANES + c] = beta[i];
	}
}

/* The weights of the one-vs-rest problems; for two classes only the first problem. */
static void learn(const struct run *run, struct desk *l)
{
	int64_t way = run->o->way, problems = way == 2 ? 1 : way;
	find_gram(run, l);
	for (int64_t w = 0; w < problems; w += LANES) {
		int64_t classes = problems - w < LANES ? problems - w : LANES;
		solve(run, l, w, classes);
		run->kern->combine(l->beta, l->x, run->n, run->width, l->weights + w * run->width);
		for (int64_t c = 0; c < LANES; c++) {
			l->bias[w + c] = 0;
			for (int64_t i = 0; i < run->n; i++)
				l->bias[w + c] += l->beta[i * LANES + c];
		}
	}
	for (int64_t j = 0; way == 2 && j < run->width; j++)
		l->weights[run->width + j] = -l->weights[j];
	if (way == 2)
		l->bias[1] = -l->bias[0];
}

/* Counts the queries that are assigned to their class; ties go to the class drawn first. */
static int64_t classify(const struct run *run, const struct desk *l)
{
	int64_t way = run->o->way, queries = way * run->o->queries, right = 0;
	run->kern->dots(l->query, queries, l->weights, run->width, way, run->f->d, l->score, way);
	for (int64_t i = 0; i < queries; i++) {
		const double *s = l->score + i * way;
		int64_t best = 0;
		for (int64_t w = 1; w < way; w++)
			best = s[w] + l->bias[w] > s[best] + l->bias[best] ? w : best;
		right += best == i / run->o->queries;
	}
	return right;
}

static void episode_task(void *ctx, int64_t episode, int thread)
{
	struct run *run = ctx;
	struct desk *l = &run->desk[thread];
	draw_episode(run, l, episode);
	learn(run, l);
	run->accuracy[episode] = (double)classify(run, l) / (double)(run->o->way * run->o->queries);
}

/* ---- setting up ---- */

static void take_desk(struct as_arena *a, const struct run *run, struct desk *l)
{
	const struct as_fewshot *o = run->o;
	size_t n = (size_t)run->n, width = (size_t)run->width, word = sizeof(int64_t), real = sizeof(double);
	size_t queries = (size_t)(o->way * o->queries), classes = (size_t)up(o->way, LANES);
	l->hat = as_arena_take(a, (size_t)run->count * word);
	l->rows = as_arena_take(a, (size_t)run->largest * word);
	l->support = as_arena_take(a, n * sizeof *l->support);
	l->query = as_arena_take(a, queries * sizeof *l->query);
	l->x = as_arena_take(a, n * width * real);
	l->gram = as_arena_take(a, n * n * real);
	l->y = as_arena_take(a, n * LANES * real);
	l->beta = as_arena_take(a, n * LANES * real);
	l->scratch = as_arena_take(a, n * (n + 7) * (n <= AS_SPAN_ROWS ? LANES : 1) * real);
	l->weights = as_arena_take(a, classes * width * real);
	l->bias = as_arena_take(a, classes * real);
	l->score = as_arena_take(a, queries * (size_t)o->way * real);
}

/* Sorts the rows by class and lists the classes that can be drawn. */
static int sort(struct run *run, struct as_error *err)
{
	const struct as_features *f = run->f;
	int64_t classes = f->classes;
	run->first = calloc((size_t)classes * 2 + 2, sizeof *run->first);
	run->row = malloc((size_t)f->n * sizeof *run->row);
	run->accuracy = malloc((size_t)run->o->episodes * sizeof *run->accuracy);
	if (!run->first || !run->row || !run->accuracy)
		return as_fail(err, AS_EMEM, "few-shot: no memory for %lld rows", (long long)f->n);
	run->eligible = run->first + classes + 2;
	for (int64_t i = 0; i < f->n; i++)
		run->first[f->y[i] + 1]++;
	for (int64_t c = 0; c < classes; c++) {
		int64_t n = run->first[c + 1];
		if (n > run->o->shot)
			run->eligible[run->count++] = c;
		run->largest = n > run->largest ? n : run->largest;
		run->first[c + 1] += run->first[c];
	}
	for (int64_t i = f->n - 1; i >= 0; i--) /* going backwards leaves first[] at the beginning of each class */
		run->row[--run->first[f->y[i] + 1]] = i;
	memmove(run->first, run->first + 1, (size_t)classes * sizeof *run->first);
	run->first[classes] = f->n;
	if (run->count < run->o->way)
		return as_fail(err, AS_EDATA, "%lld classes have more than %lld images, %lld are needed: a smaller --way or --shot",
			       (long long)run->count, (long long)run->o->shot, (long long)run->o->way);
	return 0;
}

static int take_desks(struct run *run, struct as_error *err)
{
	int threads = as_pool_threads(run->o->pool);
	run->desk = calloc((size_t)threads, sizeof *run->desk);
	if (!run->desk)
		return as_fail(err, AS_EMEM, "few-shot: no memory for %d threads", threads);
	for (int i = 0; i < threads; i++)
		take_desk(&run->arena, run, &run->desk[i]);
	int rc = as_arena_open(&run->arena, &as_host_memory, err);
	for (int i = 0; !rc && i < threads; i++)
		take_desk(&run->arena, run, &run->desk[i]);
	return rc;
}

int as_fewshot_run(const struct as_features *f, const struct as_fewshot *o, struct as_fewshot_score *out,
		   struct as_error *err)
{
	struct run run = {.f = f, .o = o, .kern = as_span()};
	if (o->way < 2 || o->shot < 1 || o->queries < 1 || o->episodes < 1 || o->way > MAX_SUPPORT / o->shot)
		return as_fail(err, AS_EARG, "few-shot: %lld-way %lld-shot is out of range (2 to %d rows of support)",
			       (long long)o->way, (long long)o->shot, MAX_SUPPORT);
	run.n = o->way * o->shot;
	run.width = up(f->d, LANES);
	int rc = sort(&run, err);
	if (!rc)
		rc = take_desks(&run, err);
	if (!rc) {
		as_each(o->pool, o->episodes, episode_task, &run);
		double sum = 0, squares = 0, n = (double)o->episodes;
		for (int64_t e = 0; e < o->episodes; e++)
			sum += run.accuracy[e];
		for (int64_t e = 0; e < o->episodes; e++)
			squares += (run.accuracy[e] - sum / n) * (run.accuracy[e] - sum / n);
		*out = (struct as_fewshot_score){100 * sum / n, n > 1 ? 196 * sqrt(squares / (n - 1) / n) : 0, run.count};
	}
	as_arena_close(&run.arena);
	free(run.first);
	free(run.row);
	free(run.accuracy);
	free(run.desk);
	return rc;
}
