#include "ssl/loss.h"

#include <math.h>

static double inner(int64_t d, const float *a, const float *b)
{
	double s = 0;
	for (int64_t i = 0; i < d; i++)
		s += (double)a[i] * b[i];
	return s;
}

/* d cos / dp = z / (|p||z|) - cos p / |p|^2; below the floor the norms are constants. */
double as_loss_cosine(int64_t rows, int64_t d, const float *p, const float *z, float weight, float *dp)
{
	double mean = 0, each = (double)weight / (double)rows;
	for (int64_t r = 0; r < rows; r++, p += d, z += d, dp += d) {
		double pp = inner(d, p, p), square = pp * inner(d, z, z);
		double norms = sqrt(fmax(square, 1e-16)), c = inner(d, p, z) / norms;
		double own = square > 1e-16 ? c / pp : 0;
		for (int64_t i = 0; i < d; i++)
			dp[i] = (float)(each * (z[i] / norms - own * p[i]));
		mean += c / (double)rows;
	}
	return mean;
}

double as_loss_mse_tanh(int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp)
{
	double sum = 0, count = (double)(rows * n);
	for (int64_t i = 0; i < rows * n; i++) {
		double y = tanh(p[i]), gap = y - t[i];
		sum += gap * gap;
		dp[i] = (float)(weight * 2 * gap * (1 - y * y) / count);
	}
	return sum / count;
}

/* The mean over j of (y - t_j)^2 is (y - mean t)^2 + var t. */
double as_loss_mse_tanh_all(int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp)
{
	double loss = 0, count = (double)(rows * n);
	for (int64_t k = 0; k < n; k++) {
		double mean = 0, var = 0;
		for (int64_t j = 0; j < rows; j++)
			mean += t[j * n + k] / (double)rows;
		for (int64_t j = 0; j < rows; j++)
			var += (t[j * n + k] - mean) * (t[j * n + k] - mean) / (double)rows;
		for (int64_t i = k; i < rows * n; i += n) {
			double y = tanh(p[i]), gap = y - mean;
			loss += (gap * gap + var) / count;
			dp[i] = (float)(weight * 2 * gap * (1 - y * y) / count);
		}
	}
	return loss;
}

double as_loss_bce(int64_t rows, const float *p, const float *t, float weight, float *dp)
{
	double sum = 0;
	for (int64_t i = 0; i < rows; i++) {
		double x = p[i];
		sum += fmax(x, 0) - x * t[i] + log1p(exp(-fabs(x)));
		dp[i] = (float)(weight * (1 / (1 + exp(-x)) - t[i]) / (double)rows);
	}
	return sum / (double)rows;
}

double as_loss_ce(int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp)
{
	double loss = 0;
	for (int64_t r = 0; r < rows; r++, p += n, dp += n) {
		double top = p[0], sum = 0;
		int64_t truth = (int64_t)t[r];
		for (int64_t i = 1; i < n; i++)
			top = fmax(top, p[i]);
		for (int64_t i = 0; i < n; i++)
			sum += exp(p[i] - top);
		loss += log(sum) + top - p[truth];
		for (int64_t i = 0; i < n; i++)
			dp[i] = (float)(weight * (exp(p[i] - top) / sum - (i == truth)) / (double)rows);
	}
	return loss / (double)rows;
}

double as_loss_of(enum as_loss loss, int64_t rows, int64_t n, const float *p, const float *t, float weight, float *dp)
{
	switch (loss) {
	case AS_LOSS_MSE_TANH:
		return as_loss_mse_tanh(rows, n, p, t, weight, dp);
	case AS_LOSS_MSE_TANH_ALL:
		return as_loss_mse_tanh_all(rows, n, p, t, weight, dp);
	case AS_LOSS_BCE:
		return as_loss_bce(rows, p, t, weight, dp);
	case AS_LOSS_CE:
		return as_loss_ce(rows, n, p, t, weight, dp);
	case AS_LOSS_NONE:
		break;
	}
	return 0;
}
