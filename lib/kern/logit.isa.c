/* A block of rows of multinomial logistic regression. A few rows at a time, which fit into a cache, are
 * multiplied by the weights (tiles of rows x classes); the logits become residuals, whose transpose is
 * multiplied by the same rows (tiles of classes x columns). So X is read from memory once. Weights are
 * packed in the order in which tiles read them: panels of WIDE classes, the last of WIDE or LANES, each (d,
 * classes of the panel); then the biases. */
#include "kern/logit.h"

#include <math.h>
#include <string.h>

#include "kern/exp.h"
#include "kern/isa.h"

/* Rows of a tile with one vector of classes; floats of X that should stay in a cache; classes in the tile
 * for the last few; rows that share one logarithm; rows of a step. */
enum { NARROW = 12, CACHED = 1 << 17, FEW = 4, TOGETHER = 16, MOST = 240 };

extern const struct as_logit AS_ISA_NAME(as_logit_table);

PRODUCT_TILE(wide_logits, ROWS2, 2)
PRODUCT_TILE(narrow_logits, NARROW, 1)
OUTER_TILE(wide_gradient, ROWS2, 2)
OUTER_TILE(few_gradient, FEW, 2)
OUTER_TILE(one_gradient, 1, 2)
OUTER_TILE(narrow_gradient, NARROW, 1)
OUTER_TILE(few_narrow_gradient, FEW, 1)
OUTER_TILE(one_narrow_gradient, 1, 1)

static int64_t panel_width(int64_t padded, int64_t from)
{
	return padded - from < WIDE ? padded - from : WIDE;
}

static void pack(const double *weights, int64_t k, int64_t d, float *packed)
{
	int64_t padded = as_logit_padded(k);
	for (int64_t from = 0; from < padded; from += WIDE) {
		int64_t width = panel_width(padded, from);
		for (int64_t c = 0; c < width; c++)
			for (int64_t j = 0; j < d; j++)
				packed[j * width + c] = from + c < k ? (float)weights[(from + c) * (d + 1) + j] : 0;
		packed += d * width;
	}
	for (int64_t c = 0; c < padded; c++) /* padding classes have no share */
		packed[c] = c < k ? (float)weights[c * (d + 1) + d] : -1e30f;
}

/* Prefetches floats from..from+n-1 of `all`: a tile reads so many rows side by side that the CPU does not
 * predict them all. */
static AS_INLINE void fetch(const float *x, int64_t from, int64_t all, int64_t n)
{
	for (int64_t i = from; i < least(from + n, all); i += 16)
		AS_PREFETCH(x + i, 0, 2);
}

/* z = bias + x w */
static void logits(const struct as_logit_block *b, const float *x, int64_t rows, float *z)
{
	int64_t d = b->d, padded = as_logit_padded(b->k);
	const float *bias = b->weights + d * padded, *w = b->weights;
	for (int64_t i = 0; i < rows; i++)
		memcpy(z + i * padded, bias, (size_t)padded * sizeof *z);
	for (int64_t from = 0; from < padded; from += WIDE) {
		int64_t width = panel_width(padded, from), step = width == WIDE ? ROWS2 : NARROW;
		for (int64_t i = 0; i < rows; i += step) {
			const float *px[NARROW];
			float *py[NARROW];
			if (!from)
				fetch(x, (i + step) * d, rows * d, step * d);
			for (int64_t r = 0; r < step; r++) {
				px[r] = x + least(i + r, rows - 1) * d;
				py[r] = z + least(i + r, rows - 1) * padded;
			}
			if (width == WIDE)
				wide_logits(px, 1, d, 0, w, py, from, rows - i, width, &adding);
			else
				narrow_logits(px, 1, d, 0, w, py, from, rows - i, width, &adding);
		}
		w += d * width;
	}
}

/* Replaces a row of logits by exp(z - max z), sets *high to max z, and returns the sum. */
static AS_INLINE float exponentials(float *z, int64_t padded, float *high)
{
	vec most = load(z), sum = {0};
	for (int64_t j = LANES; j < padded; j += LANES)
		most = larger(load(z + j), most);
	for (int half = LANES / 2; half; half /= 2)
		for (int l = 0; l < half; l++)
			most[l] = most[l + half] > most[l] ? most[l + half] : most[l];
	*high = most[0];
	for (int64_t j = 0; j < padded; j += LANES) {
		vec e = exp_negative(load(z + j) - *high);
		store(z + j, e, LANES, false);
		sum += e;
	}
	for (int half = LANES / 2; half; half /= 2)
		for (int l = 0; l < half; l++)
			sum[l] += sum[l + half];
	return sum[0];
}

/* Turns logits into residuals; returns the cross-entropy. */
static double residuals(const struct as_logit_block *b, const int64_t *label, int64_t rows, float *z)
{
	int64_t k = b->k, padded = as_logit_padded(k);
	double loss = 0, product = 1;
	for (int64_t i = 0; i < rows; i++, z += padded) {
		float target = z[label[i]], high, sum = exponentials(z, padded, &high), scale = 1 / sum;
		product *= (double)sum; /* each factor is within 1..k */
		loss -= (double)target - (double)high;
		for (int64_t j = k; j < padded; j++)
			z[j] = 0;
		for (int64_t j = 0; j < padded; j += LANES) {
			vec p = load(z + j) * scale;
			store(z + j, p, LANES, false);
			store(b->curve + j, p * (1 - p), LANES, true);
			store(b->bias + j, p, LANES, true);
		}
		z[label[i]] -= 1;
		b->bias[label[i]] -= 1;
		if (i % TOGETHER == TOGETHER - 1 || i == rows - 1) {
			loss += log(product);
			product = 1;
		}
	}
	return loss;
}

/* The tiles of one vector pair (or vector) of columns x: g[c] = (or +=) sum_i z_i[c] x_i for
 * c < k, `z` floats of a row being readable. */
#define COLUMN(NAME, MANY, TILE, FEW_TILE, ONE_TILE, N)                                                        \
	static void NAME(const float *const *pz, int64_t k, int64_t z, const float *x, int64_t d, int64_t rows,\
			 float *g, int64_t ld, bool add)                                                       \
	{                                                                                                      \
		for (int64_t c = 0, step; c < k; c += step) {                                                  \
			step = k - c > FEW && c + MANY <= z ? MANY : c + FEW <= z ? FEW : 1;                   \
			if (step == MANY)                                                                      \
				TILE(pz, c, rows, x, d, g + c * ld, ld, k - c, N, add);                        \
			else if (step == FEW)                                                                  \
				FEW_TILE(pz, c, rows, x, d, g + c * ld, ld, k - c, N, add);                    \
			else                                                                                   \
				ONE_TILE(pz, c, rows, x, d, g + c * ld, ld, k - c, N, add);                    \
		}                                                                                              \
	}

COLUMN(wide_column, ROWS2, wide_gradient, few_gradient, one_gradient, WIDE)
COLUMN(narrow_column, NARROW, narrow_gradient, few_narrow_gradient, one_narrow_gradient, LANES)

/* g (k, ld) = (or +=) z' x for columns from..d-1 of x (rows, d). */
static void outer(const float *const *pz, int64_t k, int64_t z, const float *x, int64_t from, int64_t d, int64_t rows,
		  float *g, int64_t ld, bool add)
{
	int64_t j = from;
	for (; j + WIDE <= d; j += WIDE)
		wide_column(pz, k, z, x + j, d, rows, g + j, ld, add);
	for (; j + LANES <= d; j += LANES)
		narrow_column(pz, k, z, x + j, d, rows, g + j, ld, add);
	for (; j < d; j++)
		for (int64_t c = 0; c < k; c++) {
			float sum = 0;
			for (int64_t i = 0; i < rows; i++)
				sum += pz[i][c] * x[i * d + j];
			g[c * ld + j] = add ? g[c * ld + j] + sum : sum;
		}
}

/* The number of rows that stay in a cache between the two products. */
static int64_t cached_rows(int64_t d)
{
	int64_t rows = CACHED / d / NARROW * NARROW;
	return rows < NARROW ? NARROW : rows > MOST ? MOST : rows;
}

static double block(const struct as_logit_block *b)
{
	int64_t padded = as_logit_padded(b->k), step = cached_rows(b->d);
	const float *pz[MOST];
	double loss = 0;
	memset(b->bias, 0, (size_t)padded * sizeof *b->bias);
	memset(b->curve, 0, (size_t)padded * sizeof *b->curve);
	for (int64_t from = 0; from < b->rows; from += step) {
		int64_t rows = least(b->rows - from, step);
		const float *x = b->x + from * b->d;
		for (int64_t i = 0; i < rows; i++)
			pz[i] = b->z + i * padded;
		logits(b, x, rows, b->z);
		loss += residuals(b, b->label + from, rows, b->z);
		outer(pz, b->k, padded + AS_LOGIT_SLACK, x, 0, b->d, rows, b->g, b->d, from > 0);
	}
	return loss;
}

static void moments(const float *x, int64_t rows, int64_t d, int64_t from, int64_t count, float *m)
{
	const float *px[MOST];
	for (int64_t at = 0, step = cached_rows(d); at < rows; at += step) {
		int64_t n = least(rows - at, step);
		for (int64_t i = 0; i < n; i++)
			px[i] = x + (at + i) * d + from;
		outer(px, count, d - from, x + at * d, from, d, n, m, d, true);
	}
}

const struct as_logit AS_ISA_NAME(as_logit_table) = {pack, block, moments};
