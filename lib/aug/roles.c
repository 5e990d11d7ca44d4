#include "aug/roles.h"

#include <stdio.h>
#include <string.h>

int as_policy_usual_views(const struct as_policy *p)
{
	return p->nop == 1 && as_policy_alike(p, 0) ? 1 : 2;
}

struct as_roles as_roles_of(const struct as_policy *p, int views)
{
	struct as_roles r = {.n = 1, .views = views ? views : as_policy_usual_views(p), .role = {*p}};
	snprintf(r.role[0].role, sizeof r.role[0].role, "%s", *p->role ? p->role : "view");
	r.role[0].count = r.views;
	r.role[0].first = 0;
	return r;
}

bool as_roles_usual(const struct as_roles *r)
{
	return r->n == 1 && !strcmp(r->role[0].role, "view") && r->role[0].count == as_policy_usual_views(&r->role[0]);
}

int as_roles_find(const struct as_roles *r, const char *name)
{
	for (int i = 0; i < r->n; i++)
		if (!strcmp(r->role[i].role, name))
			return i;
	return -1;
}

int as_roles_number(struct as_roles *r, struct as_error *err)
{
	r->views = 0;
	for (int i = 0; i < r->n; i++) {
		struct as_policy *p = &r->role[i];
		p->count = p->count ? p->count : as_policy_usual_views(p);
		p->first = r->views;
		r->views += p->count;
	}
	return r->views <= AS_MAX_VIEWS ? 0 : as_fail(err, AS_EDATA, "%d views of an image, more than %d", r->views, AS_MAX_VIEWS);
}

int64_t as_roles_params(const struct as_roles *r, int role)
{
	int64_t n = 0;
	for (int i = 0; i < role; i++)
		n += (int64_t)r->role[i].count * r->role[i].nparam;
	return n;
}

int64_t as_roles_omegas(const struct as_roles *r, int role)
{
	int64_t n = 0;
	for (int i = 0; i < role; i++)
		n += (int64_t)r->role[i].count * r->role[i].nomega;
	return n;
}

/* Added to the view's number, which is a byte of the generator's counter, so that draws for several records have
 * random numbers of their own: views have 0 to 63, these 64 to 127, draws of a batch (policy.c) 128 to 191. */
enum { TOGETHER = AS_MAX_VIEWS };
_Static_assert(TOGETHER + AS_MAX_VIEWS <= 128, "a place of their own");
/* The size of the image for which shared boxes are drawn, before they are converted to each image's size. */
static const struct as_size model_size = {4096, 4096};

static void draw_together(const struct as_policy *p, const struct as_subject *o, int view, float *param, float *omega)
{
	for (int i = 0; i < p->nop; i++) {
		const struct as_op *op = &p->op[i];
		if (!(p->shares.together >> i & 1))
			continue;
		struct as_rng rng = as_rng_at(o->seed, o->place / (uint64_t)p->shares.records, (uint32_t)o->epoch,
					      (uint32_t)(TOGETHER + view), (uint32_t)op->aug->draw);
		op->aug->sample(&op->law, op->aug->rescale ? model_size : o->size, &rng, param + op->param_at);
		if (op->aug->rescale)
			op->aug->rescale(model_size, o->size, param + op->param_at);
		as_op_omega(op, o->size, param, omega);
	}
}

/* Copies the draw of these ops of p from a view of another role, whose parameters are `from`. */
static void draw_with(const struct as_policy *p, unsigned ops, const struct as_policy *other, const float *from,
		      struct as_size size, float *param, float *omega)
{
	for (int i = 0; i < p->nop; i++) {
		const struct as_op *op = &p->op[i];
		if (!(ops >> i & 1))
			continue;
		const float *drawn = from + other->op[as_policy_find(other, op->aug->name)].param_at;
		memcpy(param + op->param_at, drawn, (size_t)op->aug->nparam * sizeof *param);
		as_op_omega(op, size, param, omega);
	}
}

void as_roles_sample(const struct as_roles *r, const struct as_subject *o, float *all_param, float *all_omega)
{
	float *param = all_param, *omega = all_omega;
	for (int i = 0; i < r->n; i++) {
		const struct as_policy *p = &r->role[i];
		for (int v = 0; v < p->count; v++, param += p->nparam, omega += p->nomega) {
			as_policy_sample(p, o->seed, o->id, o->epoch, p->first + v, o->size, param, omega);
			draw_together(p, o, p->first + v, param, omega);
			for (int k = 0; k < i; k++) {
				const struct as_policy *other = &r->role[k];
				const float *from = all_param + as_roles_params(r, k) + (int64_t)(v % other->count) * other->nparam;
				draw_with(p, p->shares.with[k], other, from, o->size, param, omega);
			}
			if (v > 0)
				draw_with(p, p->shares.own, p, param - (int64_t)v * p->nparam, o->size, param, omega);
		}
	}
}

static int read_table(const struct as_tensor *t, const char *what, int role, int64_t rows, int64_t columns, float *to,
		      struct as_error *err)
{
	char key[24];
	snprintf(key, sizeof key, role ? "%s.%d" : "%s", what, role);
	if (!t->data && !to)
		return 0;
	if (t->ndim != 2 || t->shape[0] != rows || t->shape[1] != columns)
		return as_fail(err, AS_EDATA, "%s: %lld views of %lld columns, not %lld of %lld as the policy says", key,
			       (long long)t->shape[0], (long long)t->shape[1], (long long)rows, (long long)columns);
	if (to)
		as_tensor_floats(t, 0, rows * columns, to);
	return 0;
}

int as_roles_read(const struct as_roles *r, const struct as_record *rec, float *param, float *omega, struct as_error *err)
{
	int rc = 0;
	for (int i = 0; i < r->n && !rc; i++) {
		const struct as_policy *p = &r->role[i];
		rc = read_table(&rec->role[i].param, "param", i, p->count, p->nparam, param + as_roles_params(r, i), err);
		rc = rc ? rc : read_table(&rec->role[i].omega, "omega", i, p->count, p->nomega,
					  omega ? omega + as_roles_omegas(r, i) : NULL, err);
	}
	return rc;
}
