#include "eval/invariance.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/ratio.h"

/* The rows of a set in the order of their ids, malloc'd; NULL: no memory. */
static struct as_row_id *sorted(const struct as_features *f)
{
	struct as_row_id *at = malloc((size_t)f->n * sizeof *at);
	for (int64_t i = 0; at && i < f->n; i++)
		at[i] = (struct as_row_id){f->id[i], i};
	if (at)
		as_row_ids_sort(at, f->n);
	return at;
}

/* Row / max(|row|, 1e-12). */
static void unit(const struct as_features *f, int64_t row, double *u)
{
	double square = 0;
	for (int64_t j = 0; j < f->d; j++) {
		u[j] = (double)f->x[row * f->d + j];
		square += u[j] * u[j];
	}
	double length = fmax(sqrt(square), 1e-12);
	for (int64_t j = 0; j < f->d; j++)
		u[j] /= length;
}

static double dot(int64_t d, const double *a, const double *b)
{
	double sum = 0;
	for (int64_t j = 0; j < d; j++)
		sum += a[j] * b[j];
	return sum;
}

static void add(int64_t d, const double *a, double *to)
{
	for (int64_t j = 0; j < d; j++)
		to[j] += a[j];
}

/* Sums over the rows of each image: cosines with its original, and how many; cosines of ordered pairs of its views, and
 * how many. And sums of all rows of length 1: of views, of originals, of an image's views; one row, its original. */
struct sums {
	double *original, *rows, *pair, *pairs;          /* (images) */
	double *views, *originals, *image, *u, *o;       /* (d) */
	double squares;                                  /* of lengths: 1, or 0 of a row of zeros */
};

static int add_image(const struct as_features *views, const struct as_features *originals, const struct as_row_id *view, int64_t n,
		     const struct as_row_id *place, int64_t image, struct sums *s, struct as_error *err)
{
	int64_t low = 0, high = originals->n, d = views->d;
	double squares = 0;
	while (low < high) { /* the first row of this id, or of a higher one */
		int64_t middle = low + (high - low) / 2;
		if (place[middle].id < view->id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == originals->n || place[low].id != view->id)
		return as_fail(err, AS_EDATA, "image %" PRIu64 " has no original among %lld", view->id, (long long)originals->n);
	unit(originals, place[low].row, s->o);
	memset(s->image, 0, (size_t)d * sizeof *s->image);
	for (int64_t v = 0; v < n; v++) {
		unit(views, view[v].row, s->u);
		s->original[image] += dot(d, s->u, s->o);
		squares += dot(d, s->u, s->u);
		add(d, s->u, s->image);
	}
	s->rows[image] = (double)n;
	s->pair[image] = dot(d, s->image, s->image) - squares;
	s->pairs[image] = (double)(n * (n - 1));
	s->squares += squares;
	add(d, s->image, s->views);
	add(d, s->o, s->originals);
	return 0;
}

/* The sum over pairs of a view and another image's original is (sum of views) . (sum of originals) less those of the same
 * image; over pairs of views of different images likewise. */
static void sum_up(const struct sums *s, int64_t images, int64_t d, struct as_invariance *out)
{
	double same = 0, pairs = 0, rows = 0, squares = 0, own = 0;
	for (int64_t i = 0; i < images; i++) {
		rows += s->rows[i];
		squares += s->rows[i] * s->rows[i];
		own += s->original[i];
		same += s->pair[i];
	}
	struct as_ratio r = as_ratio_of(images, s->original, s->rows), v = as_ratio_of(images, s->pair, s->pairs);
	*out = (struct as_invariance){{r.value, r.interval, (double)NAN}, {v.value, v.interval, (double)NAN}, images};
	if (images < 2)
		return;
	out->original.chance = (dot(d, s->views, s->originals) - own) / (rows * (double)(images - 1));
	pairs = rows * rows - squares;
	out->views.chance = (dot(d, s->views, s->views) - same - s->squares) / pairs;
}

int as_invariance(const struct as_features *views, const struct as_features *originals, struct as_invariance *out,
		  struct as_error *err)
{
	int64_t d = views->d, images = 0;
	if (originals->d != d)
		return as_fail(err, AS_EDATA, "features of views %lld wide beside %lld of originals", (long long)d,
			       (long long)originals->d);
	struct as_row_id *view = sorted(views), *place = sorted(originals);
	double *memory = calloc((size_t)(4 * views->n + 5 * d), sizeof *memory), *sum = memory ? memory + 4 * views->n : NULL;
	int rc = view && place && memory ? 0 : as_fail(err, AS_EMEM, "invariance: no memory for %lld rows", (long long)views->n);
	struct sums s = {0};
	if (!rc)
		s = (struct sums){memory, memory + views->n, memory + 2 * views->n, memory + 3 * views->n,
				  sum, sum + d, sum + 2 * d, sum + 3 * d, sum + 4 * d, 0};
	for (int64_t from = 0, n; !rc && from < views->n; from += n, images++) {
		for (n = 1; from + n < views->n && view[from + n].id == view[from].id; n++)
			;
		rc = add_image(views, originals, view + from, n, place, images, &s, err);
	}
	if (!rc)
		sum_up(&s, images, d, out);
	free(view);
	free(place);
	free(memory);
	return rc;
}
