#include "eval/predict.h"

#include <stdlib.h>
#include <string.h>

#include "eval/shift.h"
#include "kern/gemm.h"

/* Rows in a task. */
enum { BLOCK = 240 };

struct prediction {
	const struct as_features *f;
	const float *w32, *bias; /* (k,d), (k) */
	float *z;                /* (threads, BLOCK, k) */
	const struct as_classes *classes;
	int64_t *predicted;
};

static void predict_task(void *ctx, int64_t block, int thread)
{
	const struct prediction *p = ctx;
	int64_t k = p->classes->count, d = p->f->d, from = block * BLOCK;
	int64_t rows = p->f->n - from < BLOCK ? p->f->n - from : BLOCK;
	float *z = p->z + thread * BLOCK * k;
	for (int64_t i = 0; i < rows; i++)
		memcpy(z + i * k, p->bias, (size_t)k * sizeof *z);
	as_gemm(false, true, rows, k, d, 1, p->f->x + from * d, d, p->w32, d, 1, z, k);
	for (int64_t i = 0; i < rows; i++) {
		int64_t best = 0;
		for (int64_t c = 1; c < k; c++)
			best = z[i * k + c] > z[i * k + best] ? c : best;
		p->predicted[from + i] = p->classes->label[best];
	}
}

int as_logreg_predict(const double *weights, const struct as_classes *classes, const struct as_features *f,
		      int64_t *predicted, struct as_pool *pool, struct as_error *err)
{
	int64_t k = classes->count, d = f->d;
	int rc = as_blas_ready(pool, err);
	if (rc)
		return rc;
	size_t floats = (size_t)(k * d + k + as_pool_threads(pool) * BLOCK * k);
	float *room = malloc(floats * sizeof *room);
	if (!room)
		return as_fail(err, AS_EMEM, "predicting: no memory for %lld classes", (long long)k);
	float *bias = room + k * d;
	for (int64_t c = 0; c < k; c++) {
		for (int64_t j = 0; j < d; j++)
			room[c * d + j] = (float)weights[c * (d + 1) + j];
		const double *row = weights + c * (d + 1);
		bias[c] = (float)(row[d] + (f->centre ? as_shift_along(row, f->centre, d) : 0));
	}
	struct prediction p = {f, room, bias, bias + k, classes, predicted};
	as_each(pool, (f->n + BLOCK - 1) / BLOCK, predict_task, &p);
	free(room);
	return 0;
}
