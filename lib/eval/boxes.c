#include "eval/boxes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "aug/roles.h"
#include "eval/read.h"
#include "eval/room.h"

enum { Y, X, HEIGHT, WIDTH };

/* ---- reading ---- */

/* Whether views of the header's policy show the whole of an image that is not square. */
static bool shows_whole(const struct as_header *h)
{
	static const struct as_size size = {300, 500};
	struct as_roles *r = malloc(sizeof *r);
	bool whole = r && h->policy && !as_roles_of_header(h, r, NULL) && r->n == 1;
	if (whole) {
		float param[AS_MAX_PARAM], omega[AS_MAX_OMEGA];
		as_policy_sample(&r->role[0], 0, 0, 0, 0, size, param, omega);
		struct as_box box = as_policy_box(&r->role[0], param);
		whole = box.top == 0 && box.left == 0 && box.height == (double)size.height && box.width == (double)size.width;
	}
	free(r);
	return whole;
}

/* Decides on the record whose rows were added last: gives each its box, or takes them away again. */
static int sort_out(struct as_boxes *b, struct as_features *f, const struct as_record *rec, const char *class, struct as_error *err)
{
	int64_t count, views = rec->feature.shape[0];
	double box[AS_BOX];
	int rc = as_extra_boxes(&rec->extra, class, &count, box, err);
	if (rc < 0)
		return rc;
	b->none += count == 0;
	b->several += count > 1;
	if (count != 1) {
		f->n -= views;
		return 0;
	}
	if (!as_features_grow(&b->box, f->room, AS_BOX * sizeof *b->box))
		return as_fail(err, AS_EMEM, "boxes: no memory for %lld", (long long)f->room);
	for (int64_t i = f->n - views; i < f->n; i++) {
		f->y[i] = 0;
		memcpy(b->box + i * AS_BOX, box, sizeof box);
	}
	return 0;
}

int as_boxes_read(struct as_boxes *b, struct as_features *f, struct as_reader *r, const char *class, struct as_error *err)
{
	struct as_record rec;
	*b = (struct as_boxes){.whole = shows_whole(as_reader_header(r))};
	int rc = as_features_begin(f, r, "label", err);
	while (!rc && (rc = as_features_next(f, r, "label", false, &rec, err)) > 0) {
		rc = sort_out(b, f, &rec, class, err);
		if (rc && err)
			err->record = (int64_t)as_reader_seal(r).count - 1;
	}
	f->classes = 1;
	if (!rc && !f->n)
		rc = as_fail(err, AS_EDATA, "not one record with exactly one box%s%s%s: %lld have none, %lld several", class ? " of '" : "",
			     class ? class : "", class ? "'" : "", (long long)b->none, (long long)b->several);
	if (rc) {
		as_boxes_clear(b);
		as_features_clear(f);
	}
	return rc;
}

void as_boxes_clear(struct as_boxes *b)
{
	free(b->box);
	*b = (struct as_boxes){.box = NULL};
}

int as_boxes_pick(struct as_boxes *out, const struct as_boxes *from, int64_t n, const unsigned char *part, int want,
		  struct as_error *err)
{
	int64_t kept = 0;
	*out = (struct as_boxes){.whole = from->whole};
	if (!as_features_grow(&out->box, n + 1, AS_BOX * sizeof *out->box))
		return as_fail(err, AS_EMEM, "boxes: no memory for %lld", (long long)n);
	for (int64_t i = 0; i < n; i++)
		if (part[i] == want)
			memcpy(out->box + AS_BOX * kept++, from->box + AS_BOX * i, AS_BOX * sizeof *out->box);
	return 0;
}

/* ---- scores ---- */

/* The length that two intervals share. */
static double shared(double a, double length, double b, double width)
{
	return fmax(fmin(a + length, b + width) - fmax(a, b), 0);
}

double as_box_overlap(const double a[AS_BOX], const double b[AS_BOX])
{
	double h = fmax(a[HEIGHT], 0), w = fmax(a[WIDTH], 0), u = fmax(b[HEIGHT], 0), v = fmax(b[WIDTH], 0);
	double both = shared(a[Y], h, b[Y], u) * shared(a[X], w, b[X], v), all = h * w + u * v - both;
	return all > 0 ? both / all : 0;
}

struct as_box_score as_box_score(const double *predicted, bool one, const double *box, int64_t n)
{
	double sum[2] = {0}, squares[2] = {0}, mean[2], half[2];
	for (int64_t i = 0; i < n; i++) {
		const double *p = predicted + (one ? 0 : i * AS_BOX), *t = box + i * AS_BOX;
		double found[2] = {0, as_box_overlap(p, t)};
		for (int k = 0; k < AS_BOX; k++)
			found[0] += (p[k] - t[k]) * (p[k] - t[k]) / AS_BOX;
		for (int k = 0; k < 2; k++) {
			sum[k] += found[k];
			squares[k] += found[k] * found[k];
		}
	}
	for (int k = 0; k < 2; k++) {
		mean[k] = sum[k] / (double)n;
		half[k] = 1.96 * sqrt(fmax(squares[k] / (double)n - mean[k] * mean[k], 0) / (double)n);
	}
	return (struct as_box_score){mean[0], half[0], mean[1], half[1], n};
}

/* ---- learning ---- */

double as_box_penalty(int i)
{
	return pow(10, -8 + i / 4.0);
}

/* Scores each penalty on val. */
static int choose(const struct as_targets *train, const struct as_targets *val, struct as_box_fit *fit, double *weights,
		  struct as_pool *pool, struct as_error *err)
{
	struct as_ridge *r;
	int best = 0;
	double *guess = malloc((size_t)(val->f->n * AS_BOX) * sizeof *guess);
	if (!guess)
		return as_fail(err, AS_EMEM, "boxes: no memory for %lld", (long long)val->f->n);
	int rc = as_ridge_new(&r, train, 1, AS_BOX, pool, err);
	for (int i = 0; i < AS_BOX_PATH && !rc; i++) {
		as_ridge_solve(r, as_box_penalty(i), weights);
		as_ridge_predict(weights, AS_BOX, val->f, guess);
		fit->score[i] = as_box_score(guess, false, val->t, val->f->n);
		best = fit->score[i].squared < fit->score[best].squared ? i : best;
	}
	free(guess);
	if (rc)
		return rc;
	as_ridge_free(r);
	fit->w = as_box_penalty(best);
	return 0;
}

int as_boxes_fit(const struct as_targets *train, const struct as_targets *val, struct as_box_fit *fit, double *weights,
		 struct as_pool *pool, struct as_error *err)
{
	const struct as_targets set[] = {*train, val ? *val : *train};
	struct as_ridge *r;
	if (!val && !(fit->w > 0))
		return as_fail(err, AS_EARG, "boxes: nothing to choose a penalty by");
	int rc = fit->w > 0 ? 0 : choose(train, val, fit, weights, pool, err);
	if (!rc)
		rc = as_ridge_new(&r, set, val ? 2 : 1, AS_BOX, pool, err);
	if (rc)
		return rc;
	as_ridge_solve(r, fit->w, weights);
	memcpy(fit->mean, as_ridge_mean(r), sizeof fit->mean);
	as_ridge_free(r);
	return 0;
}
