#include "nn/params.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { CHUNK = 1 << 16, RUN = 1024 };

int as_params_find(const struct as_params *p, const char *name)
{
	for (int i = 0; i < p->n; i++)
		if (!strcmp(p->list[i].name, name))
			return i;
	return -1;
}

int as_params_add(struct as_params *p, const char *name, int ndim, const int64_t *shape, float fill, float bound,
		  unsigned flags, struct as_error *err)
{
	if (strlen(name) >= sizeof p->list->name || as_params_find(p, name) >= 0)
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

int as_params_alloc(struct as_params *p, bool train, struct as_error *err)
{
	for (int take = 0; take < 2; take++) {
		p->value = as_arena_floats(&p->arena, p->weights);
		p->buffer = as_arena_floats(&p->arena, p->buffers);
		p->grad = train ? as_arena_floats(&p->arena, p->weights) : NULL;
		p->velocity = train ? as_arena_floats(&p->arena, p->weights) : NULL;
		int rc = take ? 0 : as_arena_open(&p->arena, err);
		if (rc)
			return rc;
	}
	return 0;
}

void as_params_clear(struct as_params *p)
{
	as_arena_close(&p->arena);
	free(p->list);
	*p = (struct as_params){0};
}

static float *start(const struct as_params *p, const struct as_param *q)
{
	return (q->flags & AS_P_BUFFER ? p->buffer : p->value) + q->at;
}

/* Elements come in runs of RUN, each from a stream of its own: a stream has 2^18 words. */
static void draw(const struct as_param *q, uint64_t seed, float *v)
{
	uint64_t id = as_hash64(q->name, strlen(q->name));
	struct as_rng r;
	for (int64_t j = 0; j < q->count; j++) {
		if (j % RUN == 0)
			r = as_rng_at(seed, id, (uint32_t)(j / RUN), 255, 255);
		v[j] = q->fill + (float)as_rng_between(&r, -(double)q->bound, q->bound);
	}
}

void as_params_init(struct as_params *p, uint64_t seed)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		float *v = start(p, q);
		if (q->bound > 0)
			draw(q, seed, v);
		else
			for (int64_t j = 0; j < q->count; j++)
				v[j] = q->fill;
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

int as_params_stored(const struct as_params *p, bool velocity)
{
	int n = p->n;
	for (int i = 0; velocity && i < p->n; i++)
		n += !(p->list[i].flags & AS_P_BUFFER);
	return n;
}

static void describe(struct as_named *out, const char *before, const char *prefix, const struct as_param *q,
		     enum as_dtype dtype, const void *data)
{
	snprintf(out->name, sizeof out->name, "%s%s%s", before, prefix, q->name);
	out->tensor = (struct as_tensor){.dtype = dtype, .ndim = q->ndim, .data = data};
	memcpy(out->tensor.shape, q->shape, sizeof q->shape);
}

int as_params_store(const struct as_params *p, const char *prefix, bool velocity, struct as_named *out, int64_t *counts)
{
	int n = 0;
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (q->flags & AS_P_COUNT) {
			counts[i] = (int64_t)*start(p, q);
			describe(&out[n++], "", prefix, q, AS_I8, &counts[i]);
		} else {
			describe(&out[n++], "", prefix, q, AS_F4, start(p, q));
		}
	}
	for (int i = 0; velocity && i < p->n; i++)
		if (!(p->list[i].flags & AS_P_BUFFER))
			describe(&out[n++], "velocity.", prefix, &p->list[i], AS_F4, p->velocity + p->list[i].at);
	return n;
}

static int load_one(const struct as_safetensors *file, const char *before, const char *prefix,
		    const struct as_param *q, float *to, struct as_error *err)
{
	char name[160];
	snprintf(name, sizeof name, "%s%s%s", before, prefix, q->name);
	const struct as_tensor *t = as_safetensors_find(file, name);
	if (!t && q->flags & AS_P_COUNT)
		return 0; /* older files of PyTorch do not count */
	if (!t)
		return as_fail(err, AS_EDATA, "tensor %s: not in the file", name);
	bool same = t->ndim == q->ndim;
	for (int i = 0; same && i < q->ndim; i++)
		same = t->shape[i] == q->shape[i];
	if (!same)
		return as_fail(err, AS_EDATA, "tensor %s: the file has another shape", name);
	as_tensor_floats(t, 0, q->count, to);
	return 0;
}

int as_params_load(struct as_params *p, const char *prefix, bool velocity, const struct as_safetensors *file,
		   struct as_error *err)
{
	int rc = 0;
	for (int i = 0; !rc && i < p->n; i++)
		rc = load_one(file, "", prefix, &p->list[i], start(p, &p->list[i]), err);
	for (int i = 0; velocity && !rc && i < p->n; i++)
		if (!(p->list[i].flags & AS_P_BUFFER))
			rc = load_one(file, "velocity.", prefix, &p->list[i], p->velocity + p->list[i].at, err);
	return rc;
}

struct sgd {
	struct as_params *p;
	const struct as_kern *kern;
	const struct as_param *q;
	float lr, decay;
	const struct as_sgd *how;
};

static int64_t chunk(int64_t count, int64_t i)
{
	return count - i * CHUNK < CHUNK ? count - i * CHUNK : CHUNK;
}

static void sgd_chunk(void *ctx, int64_t i, int lane)
{
	const struct sgd *s = ctx;
	int64_t at = s->q->at + i * CHUNK;
	(void)lane;
	s->kern->sgd(chunk(s->q->count, i), s->p->value + at, s->p->grad + at, s->p->velocity + at, s->lr,
		     s->how->momentum, s->decay, s->how->first);
}

void as_params_sgd(struct as_params *p, const struct as_kern *kern, struct as_pool *pool, const struct as_sgd *how)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (q->flags & (AS_P_BUFFER | AS_P_FROZEN))
			continue;
		bool spared = how->spare_norm && (q->flags & AS_P_NORM);
		struct sgd s = {p, kern, q, q->flags & AS_P_CONST_LR ? how->lr_const : how->lr,
				spared ? 0 : how->decay, how};
		as_each(pool, (q->count + CHUNK - 1) / CHUNK, sgd_chunk, &s);
	}
}

static void zero_chunk(void *ctx, int64_t i, int lane)
{
	struct as_params *p = ctx;
	(void)lane;
	memset(p->grad + i * CHUNK, 0, (size_t)chunk(p->weights, i) * sizeof(float));
}

void as_params_zero_grad(struct as_params *p, struct as_pool *pool)
{
	as_each(pool, (p->weights + CHUNK - 1) / CHUNK, zero_chunk, p);
}

double as_cosine(double lr0, int64_t e, int64_t epochs)
{
	return lr0 * (1 + cos(acos(-1.0) * (double)e / (double)epochs)) / 2;
}
