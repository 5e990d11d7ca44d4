/* The augmentations against aug.safetensors, made in float64 by aug.py (which holds
 * itself against Pillow, PyTorch and SciPy): views of each op and of whole policies,
 * omega and targets; on every instruction set that this CPU has. */
#include <stdlib.h>

#include "../pix_ref.h"
#include "../tap.h"
#include "aug/policy.h"
#include "kern/isa.h"
#include "stream/safetensors.h"

/* Views agree within 1e-4, or 0.4 % of the value where that is less, but for an
 * absolute 2.5e-7 that float32 costs near 0 (measured: 1.4e-7). So a reference
 * value (above 4e-5, or 0) that is wrong by 1 % fails. */
static double allowed(double want)
{
	double part = .004 * fabs(want);
	return part > 1e-4 ? 1e-4 : part < 2.5e-7 ? 2.5e-7 : part;
}

static bool agrees(double got, double want)
{
	return fabs(got - want) <= allowed(want);
}

static struct as_safetensors *file;

/* "what.N" or "what.N.part". */
static const struct as_tensor *tensor(const char *what, int n, const char *part)
{
	char name[64];
	snprintf(name, sizeof name, "%s.%d%s%s", what, n, part ? "." : "", part ? part : "");
	return as_safetensors_find(file, name);
}

/* Tensor data may lie anywhere: a copy that is aligned. */
static float *floats(const struct as_tensor *t, int64_t *n)
{
	*n = as_tensor_count(t);
	float *x = malloc((size_t)*n * sizeof *x + 1);
	as_tensor_floats(t, 0, *n, x);
	return x;
}

struct example {
	char image[32];
	int step;
	struct as_policy policy;
	struct as_pixels source;
	float *param, *want;
	int64_t n; /* reference values */
};

static bool load(int i, struct example *e)
{
	char key[48];
	struct as_error err;
	int64_t n;
	snprintf(key, sizeof key, "case.%d", i);
	const char *text = as_safetensors_meta(file, key);
	if (!text || sscanf(text, "image=%31s step=%d", e->image, &e->step) != 2)
		return false;
	snprintf(key, sizeof key, "policy.%d", i);
	if (as_policy_parse(as_safetensors_meta(file, key), &e->policy, &err) < 0)
		return ok(false, "case %d: %s", i, err.text);
	snprintf(key, sizeof key, "image.%s", e->image);
	const struct as_tensor *t = as_safetensors_find(file, key);
	e->source = (struct as_pixels){t->data, t->shape[0], t->shape[1], 3 * t->shape[1], 1};
	e->param = floats(tensor("param", i, NULL), &n);
	e->want = floats(tensor("out", i, NULL), &e->n);
	return n == e->policy.nparam;
}

/* What the case keeps of a view, in its order. */
static void thin(const struct example *e, const float *view, float *out)
{
	int S = e->policy.size;
	for (int y = 0; y < S; y += e->step)
		for (int x = 0; x < S; x += e->step)
			for (int c = 0; c < 3; c++)
				*out++ = view[(y * S + x) * 3 + c];
}

static void describe(const struct example *e, char *text, size_t room)
{
	size_t used = (size_t)snprintf(text, room, "%s, S %d:", e->image, e->policy.size);
	for (int k = 0; k < e->policy.nop; k++)
		used += (size_t)snprintf(text + used, room - used, " %s", e->policy.op[k].aug->name);
}

/* Values that disagree; *worst the largest difference. */
static int64_t compare(const float *got, const float *want, int64_t n, double *worst)
{
	int64_t wrong = 0;
	for (int64_t i = 0; i < n; i++) {
		double d = fabs((double)got[i] - (double)want[i]);
		wrong += !agrees((double)got[i], (double)want[i]);
		*worst = d > *worst ? d : *worst;
	}
	return wrong;
}

/* Each reference value, changed by 1 % either way, would be noticed. */
static int64_t blind(const float *got, const float *want, int64_t n)
{
	int64_t unseen = 0;
	for (int64_t i = 0; i < n; i++)
		if (want[i] > 0 && (agrees((double)got[i], 1.01 * (double)want[i]) || agrees((double)got[i], .99 * (double)want[i])))
			unseen++;
	return unseen;
}

/* Bytes are within one level of the reference, and what floats in that order round to. */
static bool bytes_agree(const uint8_t *bytes, const float *view, const float *want, const struct example *e, float *part)
{
	int64_t n = 3 * (int64_t)e->policy.size * e->policy.size;
	float *all = calloc((size_t)n, sizeof *all);
	bool good = true;
	for (int64_t i = 0; i < n; i++) {
		all[i] = bytes[i];
		/* The product 255 x may be rounded before the sum or not: a tie within 1e-4. */
		good &= fabs((double)bytes[i] - rint(255. * (double)view[i])) <= (fabs(fmod(255. * (double)view[i], 1) - .5) < 1e-4);
	}
	thin(e, all, part);
	for (int64_t i = 0; i < e->n; i++)
		good &= fabs((double)part[i] - 255. * (double)want[i]) <= 1;
	free(all);
	return good;
}

static double worst_case;

static void check_view(const struct example *e, const struct as_pix *pix)
{
	size_t n = 3 * (size_t)e->policy.size * (size_t)e->policy.size;
	float *view = malloc(n * sizeof *view), *part = malloc(n * sizeof *part);
	uint8_t *bytes = malloc(n);
	struct as_work work = {0};
	struct as_error err = {0};
	double worst = 0;
	char what[160];
	describe(e, what, sizeof what);
	if (as_policy_apply(&e->policy, pix, e->param, &e->source, &work, view, &err) < 0 ||
	    as_policy_apply_u1(&e->policy, pix, e->param, &e->source, &work, bytes, &err) < 0) {
		ok(false, "%s: %s", what, err.text);
	} else {
		thin(e, view, part);
		int64_t wrong = compare(part, e->want, e->n, &worst), unseen = blind(part, e->want, e->n);
		if (!ok(!wrong && !unseen && bytes_agree(bytes, view, e->want, e, part), "%s: %s (worst %.1e)", pix->isa, what, worst))
			note("%lld of %lld values wrong; %lld where 1 %% would pass", (long long)wrong, (long long)e->n,
			     (long long)unseen);
		worst_case = worst > worst_case ? worst : worst_case;
	}
	as_work_clear(&work);
	free(view);
	free(part);
	free(bytes);
}

/* The evaluation's parameters follow from the size: sampling gives the case's. */
static void check_eval(const struct example *e)
{
	float param[4];
	bool good = true;
	if (strcmp(e->policy.op[0].aug->name, "eval") != 0)
		return;
	as_policy_sample(&e->policy, 1, 2, 3, 0, (struct as_size){e->source.height, e->source.width}, param, NULL);
	for (int k = 0; k < 4; k++)
		good &= fabs((double)param[k] - (double)e->param[k]) <= 1e-6 * (double)e->param[k];
	ok(good, "%s, S %d: the evaluation's box", e->image, e->policy.size);
}

/* omega and targets of a pair of views, 1e-6: float32 of numbers up to 4. */
static bool check_pair(int i)
{
	const struct as_tensor *t = tensor("pair", i, "param");
	if (!t)
		return false;
	int64_t n, nsize, nomega, ntarget;
	float *param = floats(t, &n), *size = floats(tensor("pair", i, "size"), &nsize);
	float *omega = floats(tensor("pair", i, "omega"), &nomega);
	float *target = floats(tensor("pair", i, "target"), &ntarget);
	struct as_policy p;
	struct as_error err;
	int rc = as_policy_preset("imagenet+solarize+rotation", &p, &err);
	bool good = ok(rc == 0 && p.nparam * 2 == n && p.nomega * 2 == nomega, "pair %d: columns", i);
	float mine[2][AS_MAX_OMEGA], d[16];
	struct as_view v[2];
	for (int k = 0; k < 2 && good; k++) {
		v[k] = (struct as_view){&p, param + k * p.nparam, mine[k]};
		for (int j = 0; j < p.nop; j++)
			if (p.op[j].aug->nomega)
				p.op[j].aug->omega(&p.op[j].law, (struct as_size){(int64_t)size[0], (int64_t)size[1]},
						   v[k].param + p.op[j].param_at, mine[k] + p.op[j].omega_at);
	}
	static const char *const heads[] = {"crop", "flip", "color", "solarize", "blur", "rotation"};
	float *at = d;
	for (int k = 0; k < 6 && good; k++) {
		const struct as_aug *aug = as_aug_find(heads[k], NULL);
		aug->target(&v[0], &v[1], at);
		at += aug->loss == AS_LOSS_CE ? 1 : aug->ntarget;
	}
	for (int k = 0; k < nomega && good; k++)
		good = fabs((double)mine[k / p.nomega][k % p.nomega] - (double)omega[k]) <= 1e-6;
	for (int k = 0; k < ntarget && good; k++)
		good = fabs((double)d[k] - (double)target[k]) <= 2e-6;
	ok(good, "pair %d: omega and targets", i);
	free(param);
	free(size);
	free(omega);
	free(target);
	return true;
}

int main(void)
{
	struct as_error err;
	if (as_safetensors_open(&file, "tests/golden/aug.safetensors", &err) < 0) {
		ok(false, "%s", err.text);
		return done();
	}
	int cases = 0, pairs = 0;
	unsigned seen = 0; /* bit i: as_augs[i] is in a case */
	struct example e = {0};
	for (; load(cases, &e); cases++) {
		for (int i = 0; as_augs[i]; i++)
			seen |= as_policy_find(&e.policy, as_augs[i]->name) >= 0 ? 1u << i : 0;
		check_eval(&e);
		check_view(&e, &as_pix_ref);
		for (int isa = AS_ISA_GENERIC; isa <= (int)as_isa_chosen(); isa++)
			check_view(&e, as_pix_at(isa));
		free(e.param);
		free(e.want);
		e = (struct example){0};
	}
	while (check_pair(pairs))
		pairs++;
	for (int i = 0; as_augs[i]; i++)
		ok(seen >> i & 1, "%s has reference views", as_augs[i]->name);
	ok(cases > 100 && pairs > 20, "%d cases, %d pairs, worst difference %.1e", cases, pairs, worst_case);
	as_safetensors_close(file);
	return done();
}
