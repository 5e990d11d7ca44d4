/* A block of logistic regression on every instruction set of this CPU, against plain
 * loops in double. */
#include "kern/logit.h"

#include <stdlib.h>

#include "base/rng.h"
#include "kern/isa.h"

#include "../tap.h"

enum { ROWS = 500, D = 600, K = 100, PADDED = 112 };

#define TABLE(NAME, name) extern const struct as_logit as_logit_table_##name;
#define ENTRY(NAME, name) &as_logit_table_##name,
AS_ISA_EACH(TABLE)

static float x[ROWS * D], packed[PADDED * (D + 1)], z[ROWS * PADDED + AS_LOGIT_SLACK], g[K * D], want[K * D];
static float bias[PADDED], curve[PADDED], want_bias[PADDED], want_curve[PADDED];
static double weights[K * (D + 1)], sums[K * (D + 1)];
static int64_t label[ROWS];

/* The cross-entropy; want, want_bias, want_curve. */
static double naive(int64_t rows, int64_t d, int64_t k)
{
	double loss = 0, bend[K] = {0};
	memset(sums, 0, sizeof sums);
	for (int64_t i = 0; i < rows; i++) {
		double p[K] = {0}, total = 0;
		for (int64_t c = 0; c < k; c++) {
			p[c] = weights[c * (d + 1) + d];
			for (int64_t j = 0; j < d; j++)
				p[c] += weights[c * (d + 1) + j] * (double)x[i * d + j];
			total += exp(p[c]);
		}
		loss += log(total) - p[label[i]];
		for (int64_t c = 0; c < k; c++) {
			double share = exp(p[c]) / total, r = share - (c == label[i]);
			bend[c] += share * (1 - share);
			for (int64_t j = 0; j < d; j++)
				sums[c * (d + 1) + j] += r * (double)x[i * d + j];
			sums[c * (d + 1) + d] += r;
		}
	}
	for (int64_t c = 0; c < PADDED; c++) {
		want_bias[c] = c < k ? (float)sums[c * (d + 1) + d] : 0;
		want_curve[c] = c < k ? (float)bend[c] : 0;
	}
	for (int64_t c = 0; c < k; c++)
		for (int64_t j = 0; j < d; j++)
			want[c * d + j] = (float)sums[c * (d + 1) + j];
	return loss;
}

static void check(const struct as_logit *kern, int64_t rows, int64_t d, int64_t k)
{
	struct as_logit_block b = {rows, d, k, x, label, packed, z, g, bias, curve};
	for (int64_t i = 0; i < rows; i++)
		label[i] = i * 7 % k;
	for (int64_t i = 0; i < k * (d + 1); i++)
		weights[i] = sin((double)i * 1.7) * 3 / sqrt((double)d);
	g[k * d < K * D ? k * d : 0] = 7;
	kern->pack(weights, k, d, packed);
	double loss = kern->block(&b), right = naive(rows, d, k);
	note("%lld rows of %lld, %lld classes", (long long)rows, (long long)d, (long long)k);
	/* float logits: 1e-6 each, of both signs */
	is_close(loss, right, 2e-7 * (double)rows * fmax(1, right / (double)rows), "cross-entropy");
	is_near(g, want, k * d, 2e-6 * sqrt((double)rows) * 4, "gradient");
	is_near(bias, want_bias, as_logit_padded(k), 1e-6 * sqrt((double)rows) * 4, "of the biases");
	is_near(curve, want_curve, as_logit_padded(k), 1e-6 * sqrt((double)rows) * 4, "curvature");
	ok(k * d >= K * D || g[k * d] == 7, "nothing behind it is written");
}

static void moments(const struct as_logit *kern, int64_t rows, int64_t d, int64_t from, int64_t count)
{
	double worst = 0;
	bool untouched = true;
	for (int64_t i = 0; i < count * d; i++)
		g[i] = 1;
	kern->moments(x, rows, d, from, count, g);
	for (int64_t r = 0; r < count; r++)
		for (int64_t j = 0; j < d; j++) {
			double sum = 1;
			for (int64_t i = 0; i < rows; i++)
				sum += (double)x[i * d + from + r] * (double)x[i * d + j];
			if (j < from)
				untouched &= g[r * d + j] == 1;
			else
				worst = fmax(worst, fabs((double)g[r * d + j] - sum));
		}
	/* float sums of terms up to 4 */
	ok(untouched && worst < 1e-6 * 4 * (double)rows, "moments of %lld rows of %lld, columns %lld and %lld more (%.2g)",
	   (long long)rows, (long long)d, (long long)from, (long long)count - 1, worst);
}

static void odd(const struct as_logit *kern)
{
	struct as_logit_block b = {3, 5, 4, x, label, packed, z, g, bias, curve};
	for (int i = 0; i < 24; i++)
		weights[i] = i % 6 == 5 ? 500 * (i / 6) : 0; /* logits 0 500 1000 1500 */
	label[0] = 0, label[1] = 3, label[2] = 1;
	kern->pack(weights, 4, 5, packed);
	is_close(kern->block(&b), 1500 + 0 + 1000, 1e-3, "logits far apart do not overflow");
	weights[4] = NAN;
	kern->pack(weights, 4, 5, packed);
	ok(isnan(kern->block(&b)), "what is no number makes a loss that is none");
}

int main(void)
{
	static const struct as_logit *const table[AS_ISAS] = {AS_ISA_EACH(ENTRY)};
	static const int64_t shape[][3] = {{1, 1, 1}, {5, 3, 2}, {13, 16, 16}, {240, 21, 6}, {47, 100, 37},
					   {500, 64, 10}, {250, 600, 100}};
	struct as_rng r = as_rng_at(2, 7, 1, 8, 3);
	for (int i = 0; i < ROWS * D; i++)
		x[i] = (float)as_rng_between(&r, -1, 2);
	for (int isa = 0; isa <= (int)as_isa_best(); isa++) {
		note("%s", as_isa_name((enum as_isa)isa));
		for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
			check(table[isa], shape[i][0], shape[i][1], shape[i][2]);
		moments(table[isa], 1, 1, 0, 1);
		moments(table[isa], 240, 21, 0, 21);
		moments(table[isa], 300, 512, 480, 32);
		moments(table[isa], 77, 599, 48, 48);
		odd(table[isa]);
	}
	return done();
}
