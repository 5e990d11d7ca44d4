/* What parts.c, methods.c and backbones.c compare with: the reference file, the formula that makes
 * inputs, and a comparison that knows how to test itself. reference.py describes both. */
#ifndef AS_TESTS_REFERENCE_H
#define AS_TESTS_REFERENCE_H

#include <stdlib.h>

#include "nn/params.h"
#include "stream/safetensors.h"

#include "../naive.h"
#include "../tap.h"

/* Shares of a tensor's largest stored value: after one pass, and after some steps. What
 * is measured is printed; in single precision PyTorch is as far from its own float64. */
static const double FIRST = 1e-5, LAST = 1e-4;
/* Stored zeros stand for anything below this many times what is allowed. */
static const double FLOOR = 200;

static char case_name[32]; /* what every name begins with: "moco25/" */

/* The formula: u(name, i) in [0,1). */
static inline uint32_t key_of(const char *name)
{
	uint32_t key = 2166136261u;
	for (const char *part = case_name; part; part = part == case_name ? name : NULL)
		for (const char *c = part; *c; c++)
			key = (key ^ (unsigned char)*c) * 16777619u;
	return key;
}

static inline double u(uint32_t key, int64_t i)
{
	uint32_t x = key + (uint32_t)i * 0x9E3779B9u;
	x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
	x = (x ^ (x >> 13)) * 0xC2B2AE35u;
	return (x ^ (x >> 16)) / 4294967296.0;
}

static inline void draw(const char *name, int64_t n, double lo, double hi, float *out)
{
	uint32_t key = key_of(name);
	for (int64_t i = 0; i < n; i++)
		out[i] = (float)(lo + (hi - lo) * u(key, i));
}

/* Images: pixels of whole numbers 0..255 over 255, then normalised as the feed does (mean NULL: not). */
static inline void draw_pixels(const char *name, int64_t images, int size, const float *mean, const float *std,
			       float *x)
{
	uint32_t key = key_of(name);
	for (int64_t i = 0; i < images * size * size * 3; i++) {
		x[i] = (float)floor(256 * u(key, i)) / 255;
		x[i] = mean ? (x[i] - mean[i % 3]) / std[i % 3] : x[i];
	}
}

static inline bool ends(const char *name, const char *with)
{
	size_t a = strlen(name), b = strlen(with);
	return a >= b && !strcmp(name + a - b, with);
}

/* Rows of width d to length 1. */
static inline void unit_rows(int64_t rows, int64_t d, float *x)
{
	for (int64_t i = 0; i < rows; i++) {
		double square = 0;
		for (int64_t j = 0; j < d; j++)
			square += (double)x[i * d + j] * x[i * d + j];
		for (int64_t j = 0; j < d; j++)
			x[i * d + j] = (float)(x[i * d + j] / sqrt(square));
	}
}

/* A parameter's or buffer's start: weights U(+-1/sqrt(fan_in)), gammas around 1 but for a block's last. */
static inline void initial(const struct as_params *all, const struct as_param *p, float *out)
{
	if (!p->ndim) /* counts */
		*out = 0;
	else if (!strcmp(p->name, "queue")) {
		draw(p->name, p->count, -1, 1, out);
		unit_rows(p->shape[0], p->shape[1], out);
	} else if (p->ndim > 1) {
		double a = 1 / sqrt((double)(p->count / p->shape[0]));
		draw(p->name, p->count, -a, a, out);
	} else if (ends(p->name, as_params_find(all, "layer1.0.conv3.weight") < 0 ? "bn2.weight" : "bn3.weight"))
		draw(p->name, p->count, .1, .3, out);
	else if (ends(p->name, "weight") || ends(p->name, "running_var"))
		draw(p->name, p->count, .5, 1.5, out);
	else
		draw(p->name, p->count, -.25, .25, out);
}

static inline void initial_all(struct as_params *p)
{
	for (int i = 0; i < p->n; i++)
		initial(p, &p->list[i], as_params_value(p, i));
}

/* One stored piece beside ours; both are this struct's. */
struct pair {
	char name[300];
	int64_t n;
	float *want;
	double *got;
	double share, rounding; /* what is allowed: share x largest + rounding */
	double noise;           /* for a piece stored as zeros alone: how small ours must be */
	double value;           /* of what moved: the parameter's largest value; 0: nothing moved */
};

enum { MAX_PAIRS = 8000 };
static struct pair pairs[MAX_PAIRS];
static int npairs;
static const struct as_safetensors *reference;

/* The group whose pieces are being paired up. */
static struct {
	char name[64];
	const struct as_tensor *tensor;
	int64_t at;
	int first; /* of its pairs */
} group;
static int ngroups;

/* How ours are compared. */
struct how {
	double share, rounding, noise, value; /* as in struct pair */
	int64_t keep;                         /* a larger tensor is stored as a sample; 0: whole */
};

/* Whether ours agrees; *far is the largest difference. */
static inline bool agrees(const struct pair *p, double *far)
{
	double largest = 0;
	bool good = true;
	*far = 0;
	for (int64_t i = 0; i < p->n; i++)
		largest = fmax(largest, fabs((double)p->want[i]));
	double allowed = p->share * largest + p->rounding;
	double small = largest > 0 ? (FLOOR + 1) * allowed : p->noise;
	for (int64_t i = 0; i < p->n; i++) {
		double d = fabs(p->got[i] - (double)p->want[i]);
		good = good && (p->want[i] == 0 ? d <= small : d <= allowed); /* false for NaN */
		*far = p->want[i] != 0 ? fmax(*far, d) : *far;
	}
	return good;
}

/* The largest stored value. */
static inline double largest_of(const struct pair *p)
{
	double largest = 0;
	for (int64_t i = 0; i < p->n; i++)
		largest = fmax(largest, fabs((double)p->want[i]));
	return largest;
}

static inline void group_open(const char *name)
{
	snprintf(group.name, sizeof group.name, "%s%s", case_name, name);
	group.tensor = as_safetensors_find(reference, group.name);
	group.at = 0;
	group.first = npairs;
	ngroups++;
}

/* Puts `got` (n values) beside the group's next ones. */
static inline void pair_up(const char *name, const double *got, int64_t n, const struct how *how)
{
	if (!group.tensor || as_tensor_count(group.tensor) < group.at + n || npairs == MAX_PAIRS) {
		group.tensor = NULL;
		return;
	}
	struct pair *p = &pairs[npairs++];
	*p = (struct pair){.n = n, .want = take(n, sizeof(float)), .got = take(n, sizeof(double)), .share = how->share,
			   .rounding = how->rounding, .noise = how->noise, .value = how->value};
	snprintf(p->name, sizeof p->name, "%s: %s", group.name, name);
	as_tensor_floats(group.tensor, group.at, n, p->want);
	memcpy(p->got, got, (size_t)n * sizeof *got);
	group.at += n;
}

/* The tensor as reference.py stores it: perhaps a sample of it, and two sums. */
static inline void store(const char *name, const double *t, int64_t n, struct how how)
{
	int64_t stride = how.keep ? (n + how.keep - 1) / how.keep : 1, m = 0;
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
	pair_up(name, sample, m, &how);
	how.rounding *= sqrt((double)n);
	how.noise *= sqrt((double)n);
	how.value = 0;
	if (stride > 1)
		pair_up(probe, sums, 2, &how);
	free(sample);
}

static inline void store_floats(const char *name, const float *t, int64_t n, struct how how)
{
	double *wide = widened(t, n);
	store(name, wide, n, how);
	free(wide);
}

/* One line for the group: all its values are paired up and agree. */
static inline void group_close(void)
{
	double worst = 0, worst_value = 0;
	int bad = 0, at = group.first;
	if (!ok(group.tensor && as_tensor_count(group.tensor) == group.at, "%s: the reference has as many values as ours",
		group.name))
		return;
	for (int i = group.first; i < npairs; i++) {
		double far, largest = largest_of(&pairs[i]);
		bool good = agrees(&pairs[i], &far);
		double share = largest > 0 ? far / largest : 0;
		if (!good && bad++ < 5)
			note("%s: off by %.3g of the largest, allowed %.3g", pairs[i].name, share, pairs[i].share);
		worst_value = pairs[i].value > 0 ? fmax(worst_value, far / pairs[i].value) : worst_value;
		if (share > worst) {
			worst = share;
			at = i;
		}
	}
	ok(!bad, "%s, the worst of %d pieces, is off by %.2g of its largest", npairs > group.first ? pairs[at].name : "none",
	   npairs - group.first, worst);
	if (worst_value > 0)
		ok(worst_value <= LAST, "%s: values are off by %.2g of their largest", group.name, worst_value);
}

/* --- networks: all tensors of a kind, by name --- */

enum kind { GRADIENTS, MOVED, VELOCITIES, BUFFERS };

/* The largest value of a kind: one that is mathematically 0 is measured against it. */
static inline double largest_float(const float *x, int64_t n)
{
	double largest = 0;
	for (int64_t i = 0; i < n; i++)
		largest = fmax(largest, fabs((double)x[i]));
	return largest;
}

static inline int by_name(const void *a, const void *b)
{
	const struct as_param *const *p = a, *const *q = b;
	return strcmp((*p)->name, (*q)->name);
}

/* How far a parameter came in `steps` updates, each rounded to float32. */
static inline void store_moved(const struct as_params *p, const struct as_param *q, int steps, struct how how)
{
	float *start = take(q->count, sizeof *start);
	const float *value = p->value + q->at;
	double *moved = widened(value, q->count);
	initial(p, q, start);
	for (int64_t j = 0; j < q->count; j++)
		moved[j] -= start[j];
	how.rounding = steps * ldexp(largest_float(start, q->count), -24);
	how.value = largest_float(value, q->count);
	store(q->name, moved, q->count, how);
	free(start);
	free(moved);
}

static inline void check_network(const char *name, const struct as_params *p, enum kind kind, int steps, struct how how)
{
	const struct as_param **sorted = take(p->n, sizeof *sorted);
	const float *from = kind == GRADIENTS ? p->grad : kind == VELOCITIES ? p->slot[0] : p->buffer;
	how.noise = kind == GRADIENTS || kind == VELOCITIES ? 1e-6 * largest_float(from, p->weights) : 0;
	for (int i = 0; i < p->n; i++)
		sorted[i] = &p->list[i];
	qsort(sorted, (size_t)p->n, sizeof *sorted, by_name);
	group_open(name);
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = sorted[i];
		if (!(q->flags & AS_P_BUFFER) != (kind != BUFFERS))
			continue;
		if (kind == MOVED)
			store_moved(p, q, steps, how);
		else
			store_floats(q->name, from + q->at, q->count, how);
	}
	group_close();
	free(sorted);
}

/* --- the file, and the comparison of itself --- */

/* The last test, which ends the pairs: the comparison must fail for any one stored value that
 * is 1 % larger or smaller. (Stored zeros have no 1 %; they are values below FLOOR times what
 * is allowed.) */
static inline void test_comparison(void)
{
	int64_t changed = 0, unseen = 0;
	double far;
	for (int i = 0; i < npairs; i++)
		for (int64_t j = 0; j < pairs[i].n; j++)
			for (int sign = -1; sign <= 1 && pairs[i].want[j] != 0; sign += 2) {
				float was = pairs[i].want[j];
				pairs[i].want[j] = was * (1 + .01f * (float)sign);
				changed++;
				if (agrees(&pairs[i], &far) && !unseen++)
					note("%s[%lld] may change by 1 %%", pairs[i].name, (long long)j);
				pairs[i].want[j] = was;
			}
	for (int i = 0; i < npairs; i++) {
		free(pairs[i].want);
		free(pairs[i].got);
	}
	ok(changed > 0 && !unseen, "a change of 1 %% in any one stored value is noticed: %lld changes, %lld unseen",
	   (long long)changed, (long long)unseen);
}

/* Compares with a reference file: tests() pairs up and closes groups, each of the file's
 * once. What main returns. */
static inline int with_reference(const char *path, void (*tests)(void))
{
	struct as_safetensors *file;
	struct as_error err = {0};
	if (!ok(as_safetensors_open(&file, path, &err) == 0, "the reference file %s", err.text))
		return done();
	reference = file;
	tests();
	is_int(ngroups, as_safetensors_count(file), "every stored group was compared");
	as_safetensors_close(file);
	test_comparison();
	return done();
}

#endif
