/* Optimizers against PyTorch's in float64 (optim.py): values and what is kept of them, after every step; in one grain and
 * in several, and through a state file's names. */
#include "nn/optim.h"

#include "../engine.h"
#include "reference.h"

/* float32: a rounding or two of each value a step; PyTorch's own float32 is as far off. */
static const double ALLOWED = 1e-6;
static const double LR = .05;
enum { STEPS = 6, TENSORS = 2 };

static void parameters(struct as_params *p, const struct as_optimizer *o)
{
	static const struct { const char *name; int64_t n; unsigned flags; } tensors[TENSORS] = {
		{"a.weight", 5, 0}, {"a.bias", 3, AS_P_NORM}};
	*p = (struct as_params){0};
	for (int i = 0; i < TENSORS; i++)
		if (as_params_add(p, tensors[i].name, 1, &tensors[i].n, 0, 0, tensors[i].flags, NULL) < 0)
			abort();
	if (as_params_alloc(p, engine_of(true), o->slots, NULL) < 0)
		abort();
	for (int i = 0; i < TENSORS; i++)
		draw(p->list[i].name, p->list[i].count, -1, 1, as_params_value(p, i));
}

/* The largest difference from the file's next n values, as a share of 1: the values' size. */
static double next_off(FILE *f, const float *got, int64_t n)
{
	double want, off = 0;
	for (int64_t i = 0; i < n; i++)
		off = fscanf(f, "%lf", &want) == 1 ? fmax(off, fabs(got[i] - want)) : INFINITY;
	return off;
}

static double step(FILE *f, const struct as_optimizer *o, struct as_params *p, int s)
{
	struct as_hyper how = {.lr = LR / s, .lr_const = LR, .momentum = .9, .beta2 = .999, .eps = 1e-8, .decay = .1,
			       .spare_norm = true, .step = (uint64_t)s};
	double off = 0;
	for (int i = 0; i < TENSORS; i++) {
		char name[120];
		snprintf(name, sizeof name, "%s.%d", p->list[i].name, s);
		draw(name, p->list[i].count, -1. / s, 1. / s, as_params_grad(p, i));
	}
	as_optimizer_step(o, p, engine_of(true), &how);
	for (int i = 0; i < TENSORS; i++) {
		const struct as_param *q = &p->list[i];
		off = fmax(off, next_off(f, as_params_value(p, i), q->count));
		for (int k = 0; k < p->nslot; k++)
			off = fmax(off, next_off(f, p->slot[k] + q->at, q->count));
	}
	return off;
}

static void test_names(const struct as_optimizer *o, const struct as_params *p)
{
	struct as_named list[20];
	int n = as_params_save(p, "", true, list, NULL);
	is_int(n, TENSORS * (1 + as_optimizer_slots(o)), "... a state has its tensors and what is kept of them");
	for (int k = 0; k < as_optimizer_slots(o); k++) {
		char want[80];
		snprintf(want, sizeof want, "%s.a.weight", o->slots[k]);
		is_text(list[TENSORS * (1 + k)].name, want, "... under names that say what it is");
	}
}

static void test(FILE *f)
{
	char name[16];
	struct as_error err = {0};
	struct as_params p;
	if (fscanf(f, "%15s", name) != 1)
		abort();
	const struct as_optimizer *o = as_optimizer_find(name, &err);
	if (!ok(o != NULL, "%s %s", name, err.text))
		return;
	parameters(&p, o);
	for (int s = 1; s <= STEPS; s++) {
		double off = step(f, o, &p, s);
		ok(off <= ALLOWED, "%s, step %d: off by %.2g, allowed %.2g", name, s, off, ALLOWED);
	}
	test_names(o, &p);
	as_params_clear(&p);
}

int main(void)
{
	struct as_error err;
	FILE *f = fopen("tests/golden/optim.txt", "r");
	if (!ok(f != NULL, "the reference file"))
		return done();
	test(f);
	test(f);
	fclose(f);
	ok(!as_optimizer_find("adam", &err), "refused: %s", err.text);
	is_text(err.text, "optimizer: 'adam' is none of sgd, lars, adamw; did you mean 'adamw'?", "... by what there is");
	return done();
}
