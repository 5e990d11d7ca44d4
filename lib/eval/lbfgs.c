#include "eval/lbfgs.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY = 16, SEARCH = 30 };

struct walk {
	const struct as_convex *f;
	double *x, *g, *d, *next, *next_g;
	double *s, *y; /* (HISTORY, n), a ring */
	double sy[HISTORY];
	int pairs, newest;
	int evaluations;
};

static double dot(const double *a, const double *b, int64_t n)
{
	double lane[8] = {0};
	int64_t i = 0;
	for (; i + 8 <= n; i += 8)
		for (int l = 0; l < 8; l++)
			lane[l] += a[i + l] * b[i + l];
	for (; i < n; i++)
		lane[0] += a[i] * b[i];
	return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

static void add(double *to, double c, const double *v, int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		to[i] += c * v[i];
}

static double largest(const double *v, int64_t n)
{
	double m = 0;
	for (int64_t i = 0; i < n; i++)
		m = fabs(v[i]) > m ? fabs(v[i]) : m;
	return m;
}

/* d = -H g by the two-loop recursion. */
static void direction(struct walk *w)
{
	int64_t n = w->f->n;
	double alpha[HISTORY];
	for (int64_t i = 0; i < n; i++)
		w->d[i] = -w->g[i];
	for (int j = 0; j < w->pairs; j++) {
		int p = (w->newest - j + HISTORY) % HISTORY;
		alpha[p] = dot(w->s + p * n, w->d, n) / w->sy[p];
		add(w->d, -alpha[p], w->y + p * n, n);
	}
	if (w->f->scale)
		w->f->scale(w->f->ctx, w->d);
	for (int j = w->pairs - 1; j >= 0; j--) {
		int p = (w->newest - j + HISTORY) % HISTORY;
		double beta = dot(w->y + p * n, w->d, n) / w->sy[p];
		add(w->d, alpha[p] - beta, w->s + p * n, n);
	}
}

/* A step along d whose slope has risen to 0.9 of the first one and whose value has
 * sunk. f is convex: where the slope is still negative, it has. next and next_g
 * hold the point; false when rounding leaves none. */
static bool search(struct walk *w, double *value)
{
	int64_t n = w->f->n;
	double slope0 = dot(w->g, w->d, n), low = 0, low_slope = slope0, high = INFINITY, t = 1;
	if (!(slope0 < 0))
		return false;
	for (int i = 0; i < SEARCH; i++) {
		for (int64_t j = 0; j < n; j++)
			w->next[j] = w->x[j] + t * w->d[j];
		double f = w->f->value(w->f->ctx, w->next, w->next_g);
		double slope = dot(w->next_g, w->d, n);
		w->evaluations++;
		if (slope >= 0.9 * slope0 && (slope <= 0 || f <= *value + 1e-4 * t * slope0)) {
			*value = f;
			return true;
		}
		if (slope < 0.9 * slope0) {
			low = t;
			low_slope = slope;
			t = isinf(high) ? 2 * t : 0.5 * (low + high);
		} else { /* too far, or not finite: the zero of the slope by secant */
			high = t;
			double part = slope > 0 ? -low_slope / (slope - low_slope) : 0.1;
			t = low + fmin(fmax(part, 0.1), 0.9) * (high - low);
		}
	}
	return false;
}

static void remember(struct walk *w)
{
	int64_t n = w->f->n;
	int p = (w->newest + 1) % HISTORY;
	double *s = w->s + p * n, *y = w->y + p * n;
	for (int64_t i = 0; i < n; i++) {
		s[i] = w->next[i] - w->x[i];
		y[i] = w->next_g[i] - w->g[i];
	}
	w->sy[p] = dot(s, y, n);
	if (w->sy[p] > 1e-12 * dot(y, y, n)) {
		w->newest = p;
		w->pairs += w->pairs < HISTORY;
	}
}

static void step(struct walk *w)
{
	remember(w);
	double *x = w->x;
	memcpy(x, w->next, (size_t)w->f->n * sizeof *x);
	double *g = w->g;
	w->g = w->next_g;
	w->next_g = g;
}

int as_lbfgs(const struct as_convex *f, double *x, double tolerance, int max_evaluations, struct as_descent *out,
	     struct as_error *err)
{
	size_t n = (size_t)f->n;
	double *room = malloc((2 * HISTORY + 4) * n * sizeof *room);
	if (!room)
		return as_fail(err, AS_EMEM, "minimising: no memory for %lld numbers", (long long)f->n);
	struct walk w = {.f = f, .x = x, .g = room, .d = room + n, .next = room + 2 * n, .next_g = room + 3 * n,
			 .s = room + 4 * n, .y = room + (4 + HISTORY) * n, .newest = HISTORY - 1, .evaluations = 1};
	double value = f->value(f->ctx, x, w.g);
	if (!isfinite(value)) {
		free(room);
		return as_fail(err, AS_EDATA, "minimising: the value is %g at the start", value);
	}
	while (!(largest(w.g, f->n) <= tolerance) && w.evaluations < max_evaluations) {
		direction(&w);
		if (search(&w, &value))
			step(&w);
		else if (w.pairs)
			w.pairs = 0; /* once more without memory */
		else
			break;
	}
	*out = (struct as_descent){value, largest(w.g, f->n), w.evaluations, largest(w.g, f->n) <= tolerance};
	free(room);
	return 0;
}
