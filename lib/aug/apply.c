/* Makes a view from its parameters: the cut, the ops in order, rounding once at the end. */
#include <math.h>
#include <stdlib.h>

#include "aug/policy.h"
#include "base/arena.h"

void as_work_clear(struct as_work *w)
{
	free(w->at);
	*w = (struct as_work){0};
}

static int grow(struct as_work *w, size_t bytes, struct as_error *err)
{
	if (bytes <= w->bytes)
		return 0;
	free(w->at);
	w->bytes = 0;
	w->at = aligned_alloc(64, bytes);
	if (!w->at)
		return as_fail(err, AS_EMEM, "view: no memory for %zu bytes", bytes);
	w->bytes = bytes;
	return 0;
}

/* The two axes of the cut, and a row of floats between the two passes. */
struct axes {
	struct as_taps v, h;
	size_t row;
};

static void take_axis(struct as_arena *a, struct as_taps *t)
{
	t->start = as_arena_take(a, (size_t)t->out * sizeof *t->start);
	t->count = as_arena_take(a, (size_t)t->out * sizeof *t->count);
	t->weight = as_arena_floats(a, (int64_t)t->out * t->most);
}

/* Runs twice: counts on an arena without memory, takes axes, canvas and a row on one with memory. */
static float *plan(struct as_arena *a, struct axes *x, struct as_canvas *c)
{
	int64_t n = 3 * (int64_t)c->size * c->size;
	take_axis(a, &x->v);
	take_axis(a, &x->h);
	c->at = as_arena_floats(a, n);
	c->scratch = as_arena_floats(a, n);
	return as_arena_floats(a, (int64_t)x->row);
}

struct as_box as_policy_reach(const struct as_policy *p, struct as_size size, const float *param)
{
	struct as_box b = as_policy_box(p, param);
	if (!p->op[0].aug->beyond)
		return b;
	double v = as_taps_most(p->filter, b.height, p->size), h = as_taps_most(p->filter, b.width, p->size);
	double bottom = fmin(b.top + b.height + v, (double)size.height), right = fmin(b.left + b.width + h, (double)size.width);
	b.top = fmax(b.top - v, 0);
	b.left = fmax(b.left - h, 0);
	b.height = bottom - b.top;
	b.width = right - b.left;
	return b;
}

/* Fills the taps of one axis. The filter may use the box, or the whole image if the cut resizes all of it. */
static void fill(struct as_taps *t, const struct as_policy *p, double at, double length, int64_t n)
{
	bool beyond = p->op[0].aug->beyond;
	int64_t lo = beyond ? 0 : (int64_t)floor(at), hi = beyond ? n : (int64_t)ceil(at + length);
	as_taps_fill(t, p->filter, at, length, lo < n - 1 ? lo : n - 1, hi < n ? hi : n);
}

/* Applies all ops except the cut. Tones are collected until an op comes that has none. */
static void change(const struct as_policy *p, const struct as_pix *pix, const float *param, struct as_canvas *c)
{
	struct as_tone tone[AS_MAX_OPS * AS_MAX_TONES];
	int64_t n = (int64_t)c->size * c->size;
	int tones = 0;
	for (int i = 1; i < p->nop; i++) {
		const struct as_aug *aug = p->op[i].aug;
		const float *at = param + p->op[i].param_at;
		if (aug->tones) {
			tones += aug->tones(at, tone + tones);
			continue;
		}
		pix->tones(c->at, n, tone, tones);
		tones = 0;
		aug->apply(pix, at, c);
	}
	pix->tones(c->at, n, tone, tones);
}

/* Computes the finished canvas, three planes in w. */
static int render(const struct as_policy *p, const struct as_pix *pix, const float *param, const struct as_pixels *src,
		  struct as_work *w, struct as_canvas *c, struct as_error *err)
{
	int shrink = src->shrink ? src->shrink : 1;
	int rc = as_policy_check(p, (struct as_size){src->height * shrink, src->width * shrink}, param, err);
	if (rc < 0)
		return rc;
	struct as_box b = as_policy_box(p, param);
	b = (struct as_box){b.top / shrink, b.left / shrink, b.height / shrink, b.width / shrink};
	struct axes x = {{.out = p->size, .most = as_taps_most(p->filter, b.height, p->size)},
			 {.out = p->size, .most = as_taps_most(p->filter, b.width, p->size)},
			 as_resize_row(p->filter, b.width, p->size)};
	struct as_arena a = {0};
	*c = (struct as_canvas){.size = p->size};
	plan(&a, &x, c);
	if ((rc = grow(w, a.used, err)) < 0)
		return rc;
	as_arena_over(&a, w->at, w->bytes);
	float *row = plan(&a, &x, c);
	fill(&x.v, p, b.top, b.height, src->height);
	fill(&x.h, p, b.left, b.width, src->width);
	pix->resize(src, &x.v, &x.h, c->at, row);
	change(p, pix, param, c);
	return 0;
}

int as_policy_apply(const struct as_policy *p, const struct as_pix *pix, const float *param,
		    const struct as_pixels *src, struct as_work *w, float *out, struct as_error *err)
{
	struct as_canvas c;
	int rc = render(p, pix, param, src, w, &c, err);
	if (rc == 0)
		pix->pack_f4(c.at, (int64_t)c.size * c.size, out);
	return rc;
}

int as_policy_apply_u1(const struct as_policy *p, const struct as_pix *pix, const float *param,
		       const struct as_pixels *src, struct as_work *w, uint8_t *out, struct as_error *err)
{
	struct as_canvas c;
	int rc = render(p, pix, param, src, w, &c, err);
	if (rc == 0)
		pix->pack_u1(c.at, (int64_t)c.size * c.size, out);
	return rc;
}

void as_policy_normalise(const struct as_policy *p, int64_t pixels, float *x)
{
	for (int64_t i = 0; i < pixels; i++)
		for (int c = 0; c < 3; c++)
			x[i * 3 + c] = (x[i * 3 + c] - p->mean[c]) / p->std[c];
}
