/* What an AugSelf head on frozen features learns in its first steps, and effective ranks, against NumPy's float64
 * (aware.py). */
#include "eval/rank.h"
#include "eval/pupil.h"

#include "reference.h"

enum { D = 3, HIDDEN = 5, N = 8, STEPS = 6 };
static const double RATE = .01;

static FILE *file;

/* The largest difference of the next n stored numbers, as a share of the largest of them. */
static double far_from(const float *got, int64_t n)
{
	double largest = 0, far = 0, want;
	for (int64_t i = 0; i < n; i++) {
		if (fscanf(file, "%lf", &want) != 1)
			return INFINITY;
		largest = fmax(largest, fabs(want));
		far = fmax(far, fabs(want - (double)got[i]));
	}
	return far / largest;
}

/* Start values, pairs, and targets in the order of the head's rows: first all of one order, then of the other. */
static void set(struct as_pupil *s)
{
	char name[96];
	for (int i = 0; i < s->params.n; i++) {
		const struct as_param *p = &s->params.list[i];
		bool gamma = p->ndim == 1 && ends(p->name, ".weight");
		if (!(p->flags & AS_P_BUFFER))
			draw(p->name, p->count, gamma ? .5 : -.5, gamma ? 1.5 : .5, as_params_value(&s->params, i));
	}
	for (int v = 0; v < 2; v++) {
		snprintf(name, sizeof name, "%s.y%d", s->aug->name, v);
		draw(name, N * D, -1, 1, s->y[v]);
	}
	snprintf(name, sizeof name, "%s.target", s->aug->name);
	if (s->aug->loss == AS_LOSS_MSE_TANH) {
		draw(name, 2 * N * s->aug->ntarget, -1, 1, s->target);
		return;
	}
	for (int i = 0; i < 2 * N; i++)
		s->target[i] = (float)floor((s->aug->ntarget > 1 ? 4 : 2) * u(key_of(name), i));
}

static void test_head(const char *which)
{
	struct as_pupil s;
	struct as_error err = {0};
	char name[32];
	float loss[STEPS], *grad = NULL;
	const struct as_param *sorted[32];
	double gradient = 0, value = 0;
	int n = 0;
	if (fscanf(file, "%31s", name) != 1 || strcmp(name, which) != 0 ||
	    as_pupil_new(&s, as_aug_find(which, NULL), D, HIDDEN, N, &(struct as_engine){as_kern_chosen(true), NULL, 1, NULL}, 0, &err)) {
		ok(false, "%s: the reference, or a head %s", which, err.text);
		return;
	}
	set(&s);
	for (int step = 0; step < STEPS; step++) {
		loss[step] = (float)as_pupil_learn(&s, N, RATE);
		if (!step) {
			grad = take(s.params.weights, sizeof *grad);
			memcpy(grad, s.params.grad, (size_t)s.params.weights * sizeof *grad);
		}
	}
	double losses = far_from(loss, STEPS);
	ok(losses < FIRST, "%s: losses of %d steps, off by %.2g", which, STEPS, losses);
	for (int i = 0; i < s.params.n; i++)
		if (!(s.params.list[i].flags & AS_P_BUFFER))
			sorted[n++] = &s.params.list[i];
	qsort(sorted, (size_t)n, sizeof *sorted, by_name);
	for (int i = 0; i < n; i++) {
		gradient = fmax(gradient, far_from(grad + sorted[i]->at, sorted[i]->count));
		value = fmax(value, far_from(s.params.value + sorted[i]->at, sorted[i]->count));
	}
	ok(gradient < FIRST, "... gradients of the first, off by %.2g", gradient);
	ok(value < LAST, "... values after the last, off by %.2g", value);
	double out = far_from(as_pupil_tell(&s, N, NULL), 2 * N * s.aug->ntarget);
	ok(out < LAST, "... outputs with running statistics, off by %.2g", out);
	free(grad);
	as_pupil_clear(&s);
}

static void test_rank(int64_t n, int64_t d, double fall)
{
	struct as_features f = {.n = n, .d = d, .x = take(n * d, sizeof(float))};
	double rank = 0, want = 0;
	char name[32];
	snprintf(name, sizeof name, "rank.%d.%d", (int)n, (int)d);
	draw(name, n * d, -1, 1, f.x);
	for (int64_t i = 0; i < n * d; i++)
		f.x[i] = (float)((double)f.x[i] * pow(fall, (double)(i % d)));
	ok(!as_features_rank(&f, NULL, &rank, NULL) && fscanf(file, "%lf", &want) == 1, "effective rank of %d rows of %d", (int)n, (int)d);
	is_close(rank, want, 1e-8 * want, "... is NumPy's");
	as_features_clear(&f);
}

int main(void)
{
	file = fopen("tests/golden/aware.txt", "r");
	if (!ok(file != NULL, "the reference file"))
		return done();
	test_head("crop");
	test_head("flip");
	test_head("rotation");
	test_rank(40, 12, 1);
	test_rank(40, 12, .5);
	test_rank(12, 40, .8);
	test_rank(30, 30, .9);
	fclose(file);
	return done();
}
