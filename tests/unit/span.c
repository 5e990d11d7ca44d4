/* The kernels of few-shot problems on every instruction set of this CPU: products
 * against plain loops, eight problems at once against one at a time. */
#include "kern/span.h"

#include <stdlib.h>

#include "base/rng.h"
#include "eval/fewshot.h"
#include "kern/isa.h"

#include "../tap.h"

enum { ROWS = AS_SPAN_ROWS, D = 61, WIDTH = 64, L = AS_SPAN_LANES };

#define TABLE(NAME, name) extern const struct as_span as_span_table_##name;
#define ENTRY(NAME, name) &as_span_table_##name,
AS_ISA_EACH(TABLE)

static float a[ROWS][D];
static double x[ROWS * WIDTH], y[ROWS * L], beta[ROWS * L];

static double dot(const double *p, int64_t i, int64_t j)
{
	double sum = 0;
	for (int64_t k = 0; k < WIDTH; k++)
		sum += p[i * WIDTH + k] * x[j * WIDTH + k];
	return sum;
}

static void products(const struct as_span *kern, int64_t m, int64_t n)
{
	static double out[ROWS * ROWS], w[L * WIDTH];
	const float *row[ROWS] = {0};
	double worst = 0;
	for (int64_t i = 0; i < m; i++)
		row[i] = a[i];
	out[m * n] = 7;
	kern->dots(row, m, x, WIDTH, n, D, out, n);
	for (int64_t i = 0; i < m; i++)
		for (int64_t j = 0; j < n; j++)
			worst = fmax(worst, fabs(out[i * n + j] - dot(x, i, j)));
	/* 61 products in -4..4, in another order */
	ok(worst < 1e-13 && out[m * n] == 7, "%lld x %lld products (%.2g)", (long long)m, (long long)n, worst);
	worst = 0;
	kern->combine(y, x, n, WIDTH, w);
	for (int64_t l = 0; l < L; l++)
		for (int64_t k = 0; k < WIDTH; k++) {
			double sum = 0;
			for (int64_t i = 0; i < n; i++)
				sum += y[i * L + l] * x[i * WIDTH + k];
			worst = fmax(worst, fabs(w[l * WIDTH + k] - sum));
		}
	ok(worst < 1e-13, "%lld rows together (%.2g)", (long long)n, worst);
}

/* The largest distance of w.x between eight at once and one at a time; lane 6 is idle. */
static double apart(const struct as_span *kern, int64_t n, double scale, double c)
{
	static double gram[ROWS * ROWS], scratch[L * ROWS * (ROWS + 7)], one[ROWS], sign[ROWS];
	double worst = 0;
	for (int64_t i = 0; i < n; i++)
		for (int64_t j = 0; j < n; j++)
			gram[i * n + j] = scale * dot(x, i, j);
	for (int64_t i = 0; i < n; i++)
		for (int64_t l = 0; l < L; l++)
			y[i * L + l] = l == 6 ? 0 : l == 7 ? 1 : i % 7 == l ? 1 : -1;
	int steps = kern->logistic(gram, y, n, c, beta, scratch), slowest = 0;
	for (int64_t l = 0; l < L; l++) {
		for (int64_t i = 0; i < n; i++) {
			sign[i] = y[i * L + l];
			one[i] = 0;
		}
		int took = l == 6 ? 0 : as_span_logistic(gram, sign, n, c, one, scratch);
		slowest = took > slowest ? took : slowest;
		for (int64_t i = 0; i < n; i++) {
			double f = 0;
			for (int64_t j = 0; j < n; j++)
				f += gram[i * n + j] * (beta[j * L + l] - one[j]);
			worst = fmax(worst, fabs(f));
		}
	}
	ok(abs(steps - slowest) <= 1, "%lld rows, cost %g: %d steps, one at a time %d", (long long)n, c, steps, slowest);
	return worst;
}

static void check(const struct as_span *kern, const char *name)
{
	static const int64_t size[] = {1, 2, 5, 25, 27, ROWS};
	note("%s", name);
	for (int i = 0; i < 6; i++) {
		products(kern, ROWS + 1 - size[i], size[i]);
		for (int64_t j = 0; j < ROWS * L; j++)
			y[j] = (double)(j % 5) - 2;
		double usual = apart(kern, size[i], 1, 1), far = apart(kern, size[i], 900, 1),
		       near = apart(kern, size[i], 1e-4, 1000);
		/* both stop where less than 1e-9 is left to go */
		ok(fmax(usual, fmax(far, near)) < 1e-8, "%lld rows: as one at a time (%.2g %.2g %.2g)",
		   (long long)size[i], usual, far, near);
	}
}

int main(void)
{
	static const struct as_span *const table[AS_ISAS] = {AS_ISA_EACH(ENTRY)};
	struct as_rng r = as_rng_at(3, 1, 4, 1, 5);
	for (int i = 0; i < ROWS; i++)
		for (int j = 0; j < D; j++) {
			a[i][j] = (float)as_rng_between(&r, -1, 2);
			x[i * WIDTH + j] = (double)a[i][j];
		}
	for (int isa = 0; isa <= (int)as_isa_best(); isa++)
		check(table[isa], as_isa_name((enum as_isa)isa));
	return done();
}
