/* Few-shot problems: products in double, and Newton's method on eight one-vs-rest problems side by side.
 * They have the same rows and so the same Gram matrix; everything else is (n, 8), one problem in each lane. */
#include "kern/span.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kern/isa.h"

enum { L = AS_SPAN_LANES, NEWTON_STEPS = 100, HALVINGS = 40 };

/* A vector is LANES doubles; dot products come in tiles of 4 x COLUMNS. */
#if defined(__AVX512F__)
enum { LANES = 8, COLUMNS = 4 };
#elif defined(__AVX2__)
enum { LANES = 4, COLUMNS = 2 };
#else
enum { LANES = 2, COLUMNS = 2 };
#endif

typedef AS_VECTOR64(LANES) vec;
typedef AS_VECTOR(LANES) half;

extern const struct as_span AS_ISA_NAME(as_span_table);

/* ---- products ---- */

/* 4 x N dot products; beyond row m an earlier row of `a` is used again, and its result not stored. */
static AS_INLINE void dot_tile(const float *const *a, int64_t m, const double *b, int64_t ldb, int64_t d, double *out,
			       int64_t ld, const int n)
{
	vec sum[4][COLUMNS] = {{{0}}};
	const float *x[4];
	int64_t k = 0;
	for (int i = 0; i < 4; i++)
		x[i] = a[i < m ? i : 0];
	for (; k + LANES <= d; k += LANES) {
		AS_UNROLL for (int i = 0; i < 4; i++) {
			vec wide = AS_CONVERT(*(const half *)(x[i] + k), vec);
			AS_UNROLL for (int j = 0; j < n; j++)
				sum[i][j] += wide * *(const vec *)(b + j * ldb + k);
		}
	}
	for (int i = 0; i < m && i < 4; i++)
		for (int j = 0; j < n; j++) {
			double total = 0;
			for (int l = 0; l < LANES; l++)
				total += sum[i][j][l];
			for (int64_t rest = k; rest < d; rest++)
				total += (double)x[i][rest] * b[j * ldb + rest];
			out[i * ld + j] = total;
		}
}

static void dots(const float *const *a, int64_t m, const double *b, int64_t ldb, int64_t n, int64_t d, double *out,
		 int64_t ld)
{
	for (int64_t i = 0; i < m; i += 4) {
		int64_t j = 0;
		for (; j + COLUMNS <= n; j += COLUMNS)
			dot_tile(a + i, m - i, b + j * ldb, ldb, d, out + i * ld + j, ld, COLUMNS);
		for (; j < n; j++)
			dot_tile(a + i, m - i, b + j * ldb, ldb, d, out + i * ld + j, ld, 1);
	}
}

static void combine(const double *beta, const double *x, int64_t n, int64_t ld, double *w)
{
	for (int64_t k = 0; k < ld; k += LANES) {
		vec sum[L] = {{0}};
		for (int64_t i = 0; i < n; i++) {
			vec row = *(const vec *)(x + i * ld + k);
			AS_UNROLL for (int l = 0; l < L; l++)
				sum[l] += beta[i * L + l] * row;
		}
		AS_UNROLL for (int l = 0; l < L; l++)
			*(vec *)(w + l * ld + k) = sum[l];
	}
}

/* ---- eight problems ---- */

struct newton {
	const double *gram, *y;
	int64_t n;
	double c;
	double *beta, *f;         /* the point; its products with the rows */
	double *h;                /* exp(-|y f| / 2) */
	double *step, *move;      /* the step in beta and in f */
	double *root, *t;         /* as in newton() of eval/fewshot.c */
	double *b, *pivot, *row;  /* L, D, a row of L D */
};

/* exp of x in [-700, 0], with an error of one or two ulp: 2^n times Taylor's series to order 13 on [-ln2/2,
 * ln2/2]. */
static AS_INLINE double exp_negative(double x)
{
	const double magic = 0x1.8p52;
	x = x > -700 ? x : -700;
	double shifted = x * 0x1.71547652b82fep0 + magic, n = shifted - magic;
	double r = x - n * 0x1.62e42fefa3800p-1 - n * 0x1.ef35793c76730p-45;
	double p = 1.0 / 6227020800;
	p = p * r + 1.0 / 479001600;
	p = p * r + 1.0 / 39916800;
	p = p * r + 1.0 / 3628800;
	p = p * r + 1.0 / 362880;
	p = p * r + 1.0 / 40320;
	p = p * r + 1.0 / 5040;
	p = p * r + 1.0 / 720;
	p = p * r + 1.0 / 120;
	p = p * r + 1.0 / 24;
	p = p * r + 1.0 / 6;
	p = p * r + 0.5;
	p = p * r + 1;
	p = p * r + 1;
	uint64_t bits;
	double scale;
	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits + 1023) << 52;
	memcpy(&scale, &bits, sizeof scale);
	return p * scale;
}

/* LANES problems in row i of an (n, 8) matrix that starts at `m`. */
static AS_INLINE vec *of(double *m, int64_t i)
{
	return (vec *)(m + i * L);
}

/* out (n,8) = gram in, for the problems from `at` on. */
static void multiply(const struct newton *p, double *in, double *out, int64_t at)
{
	int64_t n = p->n;
	for (int64_t i = 0; i < n; i += 4) {
		vec sum[4] = {{0}};
		const double *g[4];
		for (int r = 0; r < 4; r++)
			g[r] = p->gram + (i + r < n ? i + r : i) * n;
		for (int64_t j = 0; j < n; j++) {
			vec v = *of(in + at, j);
			AS_UNROLL for (int r = 0; r < 4; r++)
				sum[r] += g[r][j] * v;
		}
		for (int r = 0; r < 4 && i + r < n; r++)
			*of(out + at, i + r) = sum[r];
	}
}

/* Computes the objective of each problem, and h. The sum over rows of log(1 + exp(-m)) is one logarithm of
 * a product of n <= AS_SPAN_ROWS factors in 1..2, plus the sum of max(-m, 0). */
static void look(struct newton *p, double value[L])
{
	double product[L], loss[L] = {0}, norm[L] = {0};
	for (int64_t i = 0; i < p->n * L; i++) {
		double m = p->y[i] * p->f[i];
		p->h[i] = exp_negative((m > 0 ? -m : m) / 2);
	}
	for (int l = 0; l < L; l++)
		product[l] = 1;
	for (int64_t i = 0; i < p->n * L; i += L)
		for (int l = 0; l < L; l++) {
			double m = p->y[i + l] * p->f[i + l];
			product[l] *= 1 + p->h[i + l] * p->h[i + l];
			loss[l] += m < 0 ? -m : 0;
			norm[l] += p->beta[i + l] * p->f[i + l];
		}
	for (int l = 0; l < L; l++)
		value[l] = 0.5 * norm[l] + p->c * (loss[l] + log(product[l]));
}

/* t := B^-1 t with B = 1 + root_i root_j gram_ij = L D L', column by column, for the problems from `at` on.
 * The diagonal of L holds 1 / D. */
static void solve(const struct newton *p, int64_t at)
{
	int64_t n = p->n;
	double *root = p->root + at, *t = p->t + at, *b = p->b + at, *pivot = p->pivot + at, *scaled = p->row + at;
	for (int64_t j = 0; j < n; j++) {
		for (int64_t k = 0; k < j; k++)
			*of(scaled, k) = *of(b, j * n + k) * *of(pivot, k);
		for (int64_t i = j; i < n; i += 4) {
			vec sum[4] = {{0}};
			double *row[4];
			for (int r = 0; r < 4; r++)
				row[r] = b + (i + r < n ? i + r : i) * n * L;
			for (int64_t k = 0; k < j; k++)
				AS_UNROLL for (int r = 0; r < 4; r++)
					sum[r] += *of(row[r], k) * *of(scaled, k);
			for (int r = 0; r < 4 && i + r < n; r++)
				*of(row[r], j) = *of(root, i + r) * *of(root, j) * p->gram[(i + r) * n + j] - sum[r];
		}
		*of(pivot, j) = *of(b, j * n + j) + 1;
		vec inverse = 1 / *of(pivot, j), done = *of(t, j);
		*of(b, j * n + j) = inverse;
		for (int64_t i = j + 1; i < n; i++) {
			*of(b, i * n + j) *= inverse;
			*of(t, i) -= *of(b, i * n + j) * done;
		}
	}
	for (int64_t i = n - 1; i >= 0; i--) {
		vec sum = *of(t, i) * *of(b, i * n + i);
		for (int64_t j = i + 1; j < n; j++)
			sum -= *of(b, j * n + i) * *of(t, j);
		*of(t, i) = sum;
	}
}

/* Computes step, and move = gram step, as newton() of eval/fewshot.c. */
static void direct(struct newton *p)
{
	double weight = sqrt(p->c);
	for (int64_t i = 0; i < p->n * L; i++) {
		double h = p->h[i], m = p->y[i] * p->f[i], below = 1 / (1 + h * h); /* sigma(|m|) */
		p->step[i] = p->c * p->y[i] * (m > 0 ? h * h : 1) * below - p->beta[i];
		p->root[i] = weight * h * below;
	}
	for (int64_t at = 0; at < L; at += LANES)
		multiply(p, p->step, p->t, at);
	for (int64_t i = 0; i < p->n * L; i++)
		p->t[i] *= p->root[i];
	for (int64_t at = 0; at < L; at += LANES)
		solve(p, at);
	for (int64_t i = 0; i < p->n * L; i++)
		p->step[i] -= p->root[i] * p->t[i];
	for (int64_t at = 0; at < L; at += LANES)
		multiply(p, p->step, p->move, at);
}

/* Takes one step in each problem, halved while the objective rises; returns the largest change. */
static double advance(struct newton *p, double here[L])
{
	double share[L], there[L], largest = 0;
	bool uphill = true;
	direct(p);
	for (int64_t i = 0; i < p->n * L; i++) {
		double size = fabs(p->move[i]);
		largest = size > largest ? size : largest;
	}
	for (int l = 0; l < L; l++)
		share[l] = 1;
	for (int h = 0; h <= HALVINGS && uphill; h++) {
		for (int64_t i = 0; i < p->n * L; i += L)
			for (int l = 0; l < L; l++) {
				p->beta[i + l] += share[l] * p->step[i + l];
				p->f[i + l] += share[l] * p->move[i + l];
			}
		look(p, there);
		uphill = false;
		for (int l = 0; l < L; l++) { /* goes back by half of the step, or not at all */
			bool worse = there[l] > here[l] + 1e-12 * fabs(here[l]);
			share[l] = worse ? -fabs(share[l]) / 2 : 0;
			uphill |= worse;
		}
	}
	memcpy(here, there, sizeof there);
	return largest;
}

static int logistic(const double *gram, const double *y, int64_t n, double c, double *beta, double *scratch)
{
	int64_t size = n * L;
	struct newton p = {gram, y, n, c, beta, .f = scratch};
	double here[L];
	int steps = 0;
	p.h = p.f + size;
	p.step = p.h + size;
	p.move = p.step + size;
	p.root = p.move + size;
	p.t = p.root + size;
	p.pivot = p.t + size;
	p.row = p.move; /* the same memory: row is needed only before move is written */
	p.b = p.pivot + size;
	memset(beta, 0, (size_t)size * sizeof *beta);
	memset(p.f, 0, (size_t)size * sizeof *p.f);
	look(&p, here);
	while (steps++ < NEWTON_STEPS)
		if (!(advance(&p, here) > 1e-9))
			break;
	return steps;
}

const struct as_span AS_ISA_NAME(as_span_table) = {dots, combine, logistic};
