#include "nn/params.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "nn/travel.h"

enum { RUN = 1024 };

int as_params_find(const struct as_params *p, const char *name)
{
	for (int i = 0; i < p->n; i++)
		if (!strcmp(p->list[i].name, name))
			return i;
	return -1;
}

static bool same_shape(const struct as_param *q, int ndim, const int64_t *shape)
{
	return q->ndim == ndim && (!ndim || !memcmp(q->shape, shape, (size_t)ndim * sizeof *shape));
}

int as_params_add(struct as_params *p, const char *name, int ndim, const int64_t *shape, float fill, float bound,
		  unsigned flags, struct as_error *err)
{
	int there = as_params_find(p, name);
	if (there >= 0 && p->again && same_shape(&p->list[there], ndim, shape))
		return there;
	if (strlen(name) >= sizeof p->list->name || there >= 0)
		return as_fail(err, AS_EARG, "parameter %s: the name is too long or there twice", name);
	if (p->n == p->room) {
		int room = p->room ? 2 * p->room : 64;
		struct as_param *list = realloc(p->list, (size_t)room * sizeof *list);
		if (!list)
			return as_fail(err, AS_EMEM, "parameter %s: no memory", name);
		p->list = list;
		p->room = room;
	}
	struct as_param *q = &p->list[p->n];
	*q = (struct as_param){.ndim = ndim, .count = 1, .fill = fill, .bound = bound, .flags = flags};
	snprintf(q->name, sizeof q->name, "%s", name);
	for (int i = 0; i < ndim; i++) {
		q->shape[i] = shape[i];
		q->count *= shape[i];
	}
	int64_t *total = flags & AS_P_BUFFER ? &p->buffers : &p->weights;
	q->at = *total;
	*total += q->count;
	return p->n++;
}

/* Weights whose gradient needs no sum over ranks come last, so that all others stand together. */
static void place(struct as_params *p)
{
	int64_t at = 0;
	for (unsigned global = 0; global <= AS_P_GLOBAL; global += AS_P_GLOBAL)
		for (int i = 0; i < p->n; i++) {
			struct as_param *q = &p->list[i];
			if (q->flags & AS_P_BUFFER || (q->flags & AS_P_GLOBAL) != global)
				continue;
			q->at = at;
			at += q->count;
		}
}

int as_params_alloc(struct as_params *p, const struct as_engine *e, const char *const *slots, struct as_error *err)
{
	for (p->nslot = 0; slots && slots[p->nslot]; p->nslot++)
		if (p->nslot == AS_MAX_SLOTS)
			return as_fail(err, AS_EARG, "an optimizer keeps more than %d values for a weight", AS_MAX_SLOTS);
	p->slot_name = slots;
	p->leaf = (p->weights + (e->world ? as_ranks(e) : 0) + 15) / 16 * 16;
	int64_t leaves = e->world && e->grains < 2 ? 2 : e->grains;
	place(p);
	for (int take = 0; take < 2; take++) {
		p->value = as_arena_floats(&p->arena, p->weights);
		p->buffer = as_arena_floats(&p->arena, p->buffers);
		p->grad = slots ? as_arena_floats(&p->arena, leaves * p->leaf) : NULL;
		for (int s = 0; s < p->nslot; s++)
			p->slot[s] = as_arena_floats(&p->arena, p->weights);
		int rc = take ? 0 : as_arena_open(&p->arena, e->kern->memory, err);
		if (rc)
			return rc;
	}
	return slots ? as_travel_new(p, e, err) : 0;
}

void as_params_clear(struct as_params *p)
{
	as_travel_free(p->travel);
	as_arena_close(&p->arena);
	free(p->list);
	*p = (struct as_params){0};
}

static float *start(const struct as_params *p, const struct as_param *q)
{
	return (q->flags & AS_P_BUFFER ? p->buffer : p->value) + q->at;
}

/* Each run of RUN elements uses a random stream of its own, since a stream has 2^18 words. */
static void draw(const struct as_param *q, uint64_t seed, float *v)
{
	uint64_t id = as_hash64(q->name, strlen(q->name));
	bool unit = q->flags & AS_P_UNIT;
	struct as_rng r;
	for (int64_t j = 0; j < q->count; j++) {
		if (j % RUN == 0)
			r = as_rng_at(seed, id, (uint32_t)(j / RUN), 255, 255);
		v[j] = unit ? (float)as_rng_normal(&r) : q->fill + (float)as_rng_between(&r, -(double)q->bound, q->bound);
	}
}

void as_params_init(struct as_params *p, const struct as_engine *e, uint64_t seed)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		float *v = start(p, q);
		if (q->bound > 0 || q->flags & AS_P_UNIT)
			draw(q, seed, v);
		else
			for (int64_t j = 0; j < q->count; j++)
				v[j] = q->fill;
		if (q->flags & AS_P_UNIT)
			e->kern->unit_rows(e, q->count / q->shape[q->ndim - 1], q->shape[q->ndim - 1], v, v, NULL);
	}
}

float *as_params_value(const struct as_params *p, int i)
{
	return start(p, &p->list[i]);
}

float *as_params_grad(const struct as_params *p, int i)
{
	return p->grad + p->list[i].at;
}

void as_params_copy(struct as_params *ema, const struct as_params *online)
{
	for (int i = 0; i < ema->n; i++) {
		const struct as_param *q = &ema->list[i];
		memcpy(start(ema, q), as_params_value(online, as_params_find(online, q->name)),
		       (size_t)q->count * sizeof(float));
	}
}

static void describe(struct as_named *out, const char *before, const char *prefix, const struct as_param *q,
		     enum as_dtype dtype, const void *data)
{
	snprintf(out->name, sizeof out->name, "%s%s%s", before, prefix, q->name);
	out->tensor = (struct as_tensor){.dtype = dtype, .ndim = q->ndim, .data = data};
	memcpy(out->tensor.shape, q->shape, sizeof q->shape);
}

static void describe_slot(struct as_named *out, const struct as_params *p, int slot, const char *prefix,
			  const struct as_param *q)
{
	char before[24];
	snprintf(before, sizeof before, "%s.", p->slot_name[slot]);
	describe(out, before, prefix, q, AS_F4, p->slot[slot] + q->at);
}

int as_params_save(const struct as_params *p, const char *prefix, bool state, struct as_named *out, int64_t *counts)
{
	int n = 0;
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (!state && q->flags & AS_P_STATE)
			continue;
		if (out && q->flags & AS_P_COUNT) {
			counts[i] = (int64_t)*start(p, q);
			describe(&out[n], "", prefix, q, AS_I8, &counts[i]);
		} else if (out) {
			describe(&out[n], "", prefix, q, AS_F4, start(p, q));
		}
		n++;
	}
	for (int s = 0; state && s < p->nslot; s++)
		for (int i = 0; i < p->n; i++)
			if (!(p->list[i].flags & AS_P_BUFFER)) {
				if (out)
					describe_slot(&out[n], p, s, prefix, &p->list[i]);
				n++;
			}
	return n;
}

/* "(64,3,7,7)" */
static const char *shape_text(int ndim, const int64_t *shape, char *buf, size_t room)
{
	size_t n = (size_t)snprintf(buf, room, "(");
	for (int i = 0; i < ndim && n < room; i++)
		n += (size_t)snprintf(buf + n, room - n, "%s%lld", i ? "," : "", (long long)shape[i]);
	if (n < room)
		snprintf(buf + n, room - n, ")");
	return buf;
}

/* Checks that weights are finite and, where required, not negative. */
static int check_values(const char *name, const struct as_param *q, const float *v, struct as_error *err)
{
	int64_t i = as_finite(q->count, v);
	if (i < q->count)
		return as_fail(err, AS_EDATA, "tensor %s: value %lld is not finite", name, (long long)i);
	for (i = 0; q->flags & AS_P_POSITIVE && i < q->count; i++)
		if (v[i] < 0)
			return as_fail(err, AS_EDATA, "tensor %s: value %lld is %g, and cannot be negative", name, (long long)i,
				       (double)v[i]);
	return 0;
}

static int load_one(const struct as_safetensors *file, const char *before, const char *prefix,
		    const struct as_param *q, float *to, struct as_error *err)
{
	char name[160], is[100], want[100];
	snprintf(name, sizeof name, "%s%s%s", before, prefix, q->name);
	if (q->flags & AS_P_COUNT && !as_safetensors_find(file, name))
		return 0; /* older files of PyTorch have no such counter */
	const struct as_tensor *t;
	int rc = as_safetensors_get(file, name, &t, err);
	if (rc)
		return rc;
	if (!same_shape(q, t->ndim, t->shape))
		return as_fail(err, AS_EDATA, "tensor %s: shape %s where %s is expected", name,
			       shape_text(t->ndim, t->shape, is, sizeof is), shape_text(q->ndim, q->shape, want, sizeof want));
	as_tensor_floats(t, 0, q->count, to);
	return check_values(name, q, to, err);
}

/* Loads what the optimizer keeps for each weight. */
static int load_slot(struct as_params *p, int slot, const char *prefix, const struct as_safetensors *file,
		     struct as_error *err)
{
	char before[24];
	int rc = 0;
	snprintf(before, sizeof before, "%s.", p->slot_name[slot]);
	for (int i = 0; !rc && i < p->n; i++)
		if (!(p->list[i].flags & AS_P_BUFFER))
			rc = load_one(file, before, prefix, &p->list[i], p->slot[slot] + p->list[i].at, err);
	return rc;
}

int as_params_load(struct as_params *p, const char *prefix, bool state, const struct as_safetensors *file,
		   struct as_error *err)
{
	int rc = 0;
	for (int i = 0; !rc && i < p->n; i++)
		rc = load_one(file, "", prefix, &p->list[i], start(p, &p->list[i]), err);
	for (int s = 0; state && !rc && s < p->nslot; s++)
		rc = load_slot(p, s, prefix, file, err);
	return rc;
}

void as_params_average(struct as_params *ema, const struct as_params *online, double m, const struct as_engine *e)
{
	for (int i = 0; i < ema->n; i++) {
		const struct as_param *q = &ema->list[i];
		if (!(q->flags & AS_P_BUFFER))
			e->kern->ema(e, q->count, ema->value + q->at, as_params_value(online, as_params_find(online, q->name)),
				     (float)(1 - m));
	}
}
