#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "eval/aware.h"
#include "eval/pupil.h"
#include "nn/optim.h"

enum { BATCH = 256 };
static const double RATE = 3e-3;

/* What a run needs beside its pupil. */
struct run {
	const struct as_aware_mlp *how;
	const struct as_pairs *train;
	struct as_pupil pupil;
	double *mean;             /* (d), of the pairs that are learnt from */
	int64_t *learn, *held;    /* pairs of the train set */
	int64_t nlearn, nheld, batch;
};

/* Sets the pupil's features and targets to some pairs: list[0..n-1], or from, from + 1, ... The mean is subtracted: the
 * first batch norm would do that too, but products of small numbers keep more of their bits. */
static void load(struct run *r, const struct as_pairs *p, const int64_t *list, int64_t from, int64_t n)
{
	struct as_pupil *s = &r->pupil;
	int width = as_pairs_width(s->aug);
	for (int64_t i = 0; i < n; i++) {
		int64_t pair = list ? list[i] : from + i;
		for (int v = 0; v < 2; v++) {
			const float *x = p->f->x + as_pairs_row(p, pair, v) * s->d;
			for (int64_t j = 0; j < s->d; j++)
				s->y[v][i * s->d + j] = (float)((double)x[j] - r->mean[j]);
			as_pairs_target(p, s->aug, pair, v, s->target + as_pair_row(&s->engine, n, v, i) * width);
		}
	}
}

static void divide(struct run *r, const unsigned char *part)
{
	const struct as_pairs *p = r->train;
	int64_t d = p->f->d;
	for (int64_t i = 0; i < p->n; i++)
		if (part[i])
			r->held[r->nheld++] = i;
		else
			r->learn[r->nlearn++] = i;
	memset(r->mean, 0, (size_t)d * sizeof *r->mean);
	for (int64_t i = 0; i < 2 * r->nlearn; i++) {
		const float *x = p->f->x + as_pairs_row(p, r->learn[i / 2], (int)(i % 2)) * d;
		for (int64_t j = 0; j < d; j++)
			r->mean[j] += (double)x[j] / (double)(2 * r->nlearn);
	}
	r->batch = r->nlearn < BATCH ? r->nlearn : BATCH;
}

static void shuffle(int64_t *list, int64_t n, uint64_t seed, int64_t epoch)
{
	struct as_rng rng = as_rng_at(seed, 0, (uint32_t)epoch, 0, 1);
	for (int64_t i = n - 1; i > 0; i--) {
		int64_t j = (int64_t)as_rng_below(&rng, (uint64_t)i + 1), was = list[i];
		list[i] = list[j];
		list[j] = was;
	}
}

/* One epoch; returns the mean loss of its batches. An incomplete last batch is dropped, as the trainer drops it. */
static double learn(struct run *r, int64_t epoch)
{
	int64_t steps = r->nlearn / r->batch;
	double lr = as_cosine(RATE, epoch, r->how->epochs), loss = 0;
	shuffle(r->learn, r->nlearn, r->how->seed, epoch);
	for (int64_t i = 0; i < steps; i++) {
		load(r, r->train, r->learn + i * r->batch, 0, r->batch);
		loss += as_pupil_learn(&r->pupil, r->batch, lr) / (double)steps;
	}
	return loss;
}

/* The mean loss of the held-out pairs; NAN: there are none. */
static double try_held(struct run *r)
{
	double sum = 0, loss;
	for (int64_t from = 0, n; from < r->nheld; from += n) {
		n = r->nheld - from < r->batch ? r->nheld - from : r->batch;
		load(r, r->train, r->held + from, 0, n);
		as_pupil_tell(&r->pupil, n, &loss);
		sum += loss * (double)n / (double)r->nheld;
	}
	return r->nheld ? sum : (double)NAN;
}

static int train(struct run *r, int64_t *best_epoch, struct as_error *err)
{
	double least = try_held(r);
	*best_epoch = -1;
	as_pupil_keep(&r->pupil);
	for (int64_t epoch = 0; epoch < r->how->epochs; epoch++) {
		double loss = learn(r, epoch), held = try_held(r);
		if (!isfinite(loss) || isinf(held))
			return as_fail(err, AS_EDATA, "%s: the head's loss is not finite in epoch %lld", r->pupil.aug->name,
				       (long long)epoch);
		if (!r->nheld || held < least) {
			least = held;
			*best_epoch = epoch;
			as_pupil_keep(&r->pupil);
		}
		if (r->how->said)
			r->how->said(r->how->ctx, r->pupil.aug, epoch, loss, held);
	}
	as_pupil_restore(&r->pupil);
	return 0;
}

/* What a row of outputs says: values through tanh, or a class. */
static void read_row(const struct as_aug *aug, const float *p, float *said)
{
	int best = 0;
	if (as_aware_squared(aug)) {
		for (int k = 0; k < aug->ntarget; k++)
			said[k] = tanhf(p[k]);
		return;
	}
	for (int k = 1; k < aug->ntarget; k++)
		best = p[k] > p[best] ? k : best;
	said[0] = aug->ntarget > 1 ? (float)best : (float)(p[0] > 0);
}

static void predict(struct run *r, const struct as_pairs *test, float *predicted)
{
	struct as_pupil *s = &r->pupil;
	int width = as_pairs_width(s->aug);
	for (int64_t from = 0, n; from < test->n; from += n) {
		n = test->n - from < r->batch ? test->n - from : r->batch;
		load(r, test, NULL, from, n);
		const float *p = as_pupil_tell(s, n, NULL);
		for (int64_t i = 0; i < n; i++)
			for (int order = 0; order < 2; order++)
				read_row(s->aug, p + as_pair_row(&s->engine, n, order, i) * s->aug->ntarget,
					 predicted + (2 * (from + i) + order) * width);
	}
}

static int work(struct run *r, const struct as_pairs *test, const struct as_aug *aug, const unsigned char *part, float *predicted,
		int64_t *best_epoch, struct as_error *err)
{
	divide(r, part);
	if (r->nlearn < 2)
		return as_fail(err, AS_EDATA, "%lld pairs to learn from, at least 2", (long long)r->nlearn);
	const struct as_engine engine = {as_kern_chosen(false), r->how->pool, 1, NULL};
	int rc = as_pupil_new(&r->pupil, aug, r->train->f->d, r->how->hidden, r->batch, &engine, r->how->seed, err);
	if (rc)
		return rc;
	rc = train(r, best_epoch, err);
	if (!rc)
		predict(r, test, predicted);
	as_pupil_clear(&r->pupil);
	return rc;
}

int as_aware_mlp(const struct as_aware_mlp *how, const struct as_pairs *train_pairs, const unsigned char *part,
		 const struct as_pairs *test, const struct as_aug *aug, float *predicted, int64_t *best_epoch, struct as_error *err)
{
	struct run r = {.how = how, .train = train_pairs};
	int64_t d = train_pairs->f->d, n = train_pairs->n;
	if (test->f->d != d)
		return as_fail(err, AS_EDATA, "features: %lld wide beside %lld", (long long)test->f->d, (long long)d);
	r.mean = malloc((size_t)d * sizeof *r.mean);
	r.learn = malloc((size_t)(2 * n) * sizeof *r.learn);
	r.held = r.learn ? r.learn + n : NULL;
	int rc = r.mean && r.learn ? work(&r, test, aug, part, predicted, best_epoch, err)
				   : as_fail(err, AS_EMEM, "head: no memory for %lld pairs", (long long)n);
	free(r.mean);
	free(r.learn);
	return rc;
}
