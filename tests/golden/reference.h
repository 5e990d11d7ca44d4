/* What step.c compares with: the reference file, the formula that makes inputs,
 * and a comparison that knows how to test itself. step.py describes both. */
#ifndef AS_TESTS_REFERENCE_H
#define AS_TESTS_REFERENCE_H

#include <stdlib.h>

#include "nn/params.h"
#include "stream/safetensors.h"

#include "../naive.h"
#include "../tap.h"

/* Shares of a tensor's largest stored value: after one pass float32 is off by up to
 * 4e-5 where noise of 2e-7 is put on every layer's output in the float64 script
 * (six rows, two of which nearly agree, make a steep batch norm); after three steps
 * by up to 3e-4. What is measured here is printed. */
static const double FIRST = 5e-5, THIRD = 3e-4;
/* Stored zeros stand for anything below this many times what is allowed. */
static const double FLOOR = 200;
enum { KEEP = 256 };

static char case_name[32]; /* what every name begins with: "train21/" */

/* The formula: u(name, i) in [0,1). */
static uint32_t key_of(const char *name)
{
	uint32_t key = 2166136261u;
	for (const char *part = case_name; part; part = part == case_name ? name : NULL)
		for (const char *c = part; *c; c++)
			key = (key ^ (unsigned char)*c) * 16777619u;
	return key;
}

static double u(uint32_t key, int64_t i)
{
	uint32_t x = key + (uint32_t)i * 0x9E3779B9u;
	x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
	x = (x ^ (x >> 13)) * 0xC2B2AE35u;
	return (x ^ (x >> 16)) / 4294967296.0;
}

static void draw(const char *name, int64_t n, double lo, double hi, float *out)
{
	uint32_t key = key_of(name);
	for (int64_t i = 0; i < n; i++)
		out[i] = (float)(lo + (hi - lo) * u(key, i));
}

static bool ends(const char *name, const char *with)
{
	size_t a = strlen(name), b = strlen(with);
	return a >= b && !strcmp(name + a - b, with);
}

/* A parameter's or buffer's start: weights U(+-1/sqrt(fan_in)), gammas around 1. */
static void initial(const struct as_param *p, float *out)
{
	if (ends(p->name, "num_batches_tracked"))
		*out = 0;
	else if (p->ndim > 1) {
		double a = 1 / sqrt((double)(p->count / p->shape[0]));
		draw(p->name, p->count, -a, a, out);
	} else if (ends(p->name, "bn3.weight"))
		draw(p->name, p->count, .1, .3, out);
	else if (ends(p->name, "weight") || ends(p->name, "running_var"))
		draw(p->name, p->count, .5, 1.5, out);
	else
		draw(p->name, p->count, -.25, .25, out);
}

static void initial_all(struct as_params *p)
{
	for (int i = 0; i < p->n; i++)
		initial(&p->list[i], as_params_value(p, i));
}

/* One stored tensor beside ours; both are this struct's. */
struct pair {
	char name[160];
	int64_t n;
	float *want;
	double *got;
	double share, rounding; /* what is allowed: share x largest + rounding */
	double noise;           /* for a tensor stored as zeros alone: how small ours must be */
};

enum { MAX_PAIRS = 2000 };
static struct pair pairs[MAX_PAIRS];
static int npairs;
static const struct as_safetensors *reference;

/* Whether ours agrees; *worst is the largest difference as a share of the largest value. */
static bool agrees(const struct pair *p, double *worst)
{
	double largest = 0, far = 0;
	bool good = true;
	for (int64_t i = 0; i < p->n; i++)
		largest = fmax(largest, fabs((double)p->want[i]));
	double allowed = p->share * largest + p->rounding;
	double small = largest > 0 ? (FLOOR + 1) * allowed : p->noise;
	for (int64_t i = 0; i < p->n; i++) {
		double d = fabs(p->got[i] - (double)p->want[i]);
		good = good && (p->want[i] == 0 ? d <= small : d <= allowed); /* false for NaN */
		far = p->want[i] != 0 ? fmax(far, d) : far;
	}
	*worst = largest > 0 ? far / largest : 0;
	return good;
}

/* Puts `got` (n values) beside the tensor of that name, unless there is none. */
static bool pair_up(const char *name, const double *got, int64_t n, double share, double rounding, double noise)
{
	char full[160];
	snprintf(full, sizeof full, "%s%s", case_name, name);
	const struct as_tensor *t = as_safetensors_find(reference, full);
	if (!t || as_tensor_count(t) != n || npairs == MAX_PAIRS)
		return ok(false, "%s: the reference has %lld of our %lld values", full, t ? (long long)as_tensor_count(t) : 0,
			  (long long)n);
	struct pair *p = &pairs[npairs++];
	*p = (struct pair){.n = n, .want = take(n, sizeof(float)), .got = take(n, sizeof(double)), .share = share,
			   .rounding = rounding, .noise = noise};
	snprintf(p->name, sizeof p->name, "%s", full);
	as_tensor_floats(t, 0, n, p->want);
	memcpy(p->got, got, (size_t)n * sizeof *got);
	return true;
}

/* The tensor as step.py stores it: perhaps a sample of it, and two sums. */
static bool store(const char *name, const double *t, int64_t n, int64_t keep, double share, double rounding, double noise)
{
	int64_t stride = keep ? (n + keep - 1) / keep : 1, m = 0;
	while (stride > 1 && (stride % 2 == 0 || stride % 3 == 0))
		stride++;
	double *sample = take(n, sizeof *sample), sums[2] = {0, 0};
	char probe[140];
	snprintf(probe, sizeof probe, "%s#", name);
	uint32_t key = key_of(probe);
	for (int64_t i = 0; i < n; i++) {
		if (i % stride == 0)
			sample[m++] = t[i];
		sums[0] += u(key, i) < .5 ? t[i] : -t[i];
		sums[1] += t[i] * t[i];
	}
	sums[1] = sqrt(sums[1]);
	bool good = pair_up(name, sample, m, share, rounding, noise);
	double root = sqrt((double)n);
	good = good && (n == 1 || pair_up(probe, sums, 2, share, rounding * root, noise * root));
	free(sample);
	return good;
}

static bool store_floats(const char *name, const float *t, int64_t n, int64_t keep, double share, double noise)
{
	double *wide = widened(t, n);
	bool good = store(name, wide, n, keep, share, 0, noise);
	free(wide);
	return good;
}

/* One line for the pairs from `first` on. */
static void report(int first, const char *what)
{
	double worst = 0;
	int bad = 0, at = first;
	for (int i = first; i < npairs; i++) {
		double w;
		if (!agrees(&pairs[i], &w)) {
			if (bad++ > 4)
				continue;
			note("%s: off by %.3g of the largest, allowed %.3g", pairs[i].name, w, pairs[i].share);
		}
		if (w > worst) {
			worst = w;
			at = i;
		}
	}
	ok(npairs > first && !bad, "%s%s: %d tensors; the worst, %s, is off by %.2g of its largest", case_name, what,
	   npairs - first, npairs > first ? pairs[at].name : "none", worst);
}

/* The comparison must fail for any one stored value that is 1 % larger or smaller.
 * (Stored zeros have no 1 %; they are values below FLOOR times what is allowed.) */
static void test_comparison(void)
{
	int64_t changed = 0, unseen = 0;
	double w;
	for (int i = 0; i < npairs; i++)
		for (int64_t j = 0; j < pairs[i].n; j++)
			for (int sign = -1; sign <= 1 && pairs[i].want[j] != 0; sign += 2) {
				float was = pairs[i].want[j];
				pairs[i].want[j] = was * (1 + .01f * (float)sign);
				changed++;
				if (agrees(&pairs[i], &w) && !unseen++)
					note("%s[%lld] may change by 1 %%", pairs[i].name, (long long)j);
				pairs[i].want[j] = was;
			}
	ok(changed > 0 && !unseen, "a change of 1 %% in any one stored value is noticed: %lld changes, %lld unseen",
	   (long long)changed, (long long)unseen);
}

#endif
