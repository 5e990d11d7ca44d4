/* A network read a second time, in double: the same list of layers, each by its plain reference. What gradients of
 * whole networks are compared with, by differences. */
#ifndef AS_TESTS_SLOW_H
#define AS_TESTS_SLOW_H

#include "nn/net.h"

#include "grad.h"

/* Differences need a step so fine that it crosses no kink of a ReLU; with it they are right to 1e-16/1e-6 = 1e-10. */
static const double FINE = 1e-6;
static const float SLOW_EPS = 1e-5f; /* PyTorch's */
enum { CHECKED = 3 /* values of each parameter */ };

/* The network in double, of n images: all buffers, all parameters, and the weights r of what its outputs add to the loss. */
struct slow {
	const struct as_net *net;
	int64_t n;
	double *act[AS_MAX_BUFS], *value, *r[AS_MAX_BUFS];
};

/* One layer of it. */
struct step {
	const struct slow *t;
	const struct as_layer *l;
	struct as_buf in;
	const double *x, *add;
	double *y;
};

static inline int64_t elements(const struct as_net *net, int64_t n, int buf)
{
	return n * net->buf[buf].h * net->buf[buf].w * net->buf[buf].c;
}

static inline double *param(const struct step *s, int slot)
{
	int index = s->l->param[slot];
	return index < 0 ? NULL : s->t->value + s->t->net->params->list[index].at;
}

static inline void slow_conv(const struct step *s)
{
	const struct as_spec *p = &s->l->spec;
	struct as_conv shape = as_conv_shape(s->t->n, s->in.h, s->in.w, s->in.c, p->out, p->r, p->stride, p->pad);
	struct naive_triple triple = {s->t->act[s->l->in[0]], param(s, 0), s->y};
	memset(s->y, 0, (size_t)elements(s->t->net, s->t->n, s->l->out) * sizeof(double));
	naive_conv_visit(&shape, naive_conv_y, &triple);
}

static inline void slow_norm(const struct step *s)
{
	int64_t rows = s->t->n * s->in.h * s->in.w, c = s->in.c;
	double *mean = take(c, sizeof *mean), *var = take(c, sizeof *var);
	naive_moments(s->x, rows, c, mean, var);
	naive_norm(s->x, rows, c, mean, var, SLOW_EPS, param(s, 0), param(s, 1), s->add, s->l->spec.relu, s->y);
	free(mean);
	free(var);
}

static inline void slow_linear(const struct step *s)
{
	naive_linear(s->x, s->t->n * s->in.h * s->in.w, s->in.c, s->l->spec.out, param(s, 0), param(s, 1), s->y);
}

static inline void slow_maxpool(const struct step *s)
{
	struct as_conv shape = as_conv_shape(s->t->n, s->in.h, s->in.w, s->in.c, s->in.c, 3, 2, 1);
	naive_maxpool(&shape, s->x, s->y);
}

static inline void slow_avgpool(const struct step *s)
{
	naive_avgpool(s->x, s->t->n, s->in.h * s->in.w, s->in.c, s->y);
}

static inline void slow_layernorm(const struct step *s)
{
	const double *gamma = param(s, 0), *beta = param(s, 1);
	int64_t c = s->in.c;
	for (int64_t row = 0; row < s->t->n * s->in.h * s->in.w; row++) {
		const double *x = s->x + row * c;
		double mean = 0, var = 0;
		for (int64_t j = 0; j < c; j++)
			mean += x[j] / (double)c;
		for (int64_t j = 0; j < c; j++)
			var += (x[j] - mean) * (x[j] - mean) / (double)c;
		for (int64_t j = 0; j < c; j++) {
			double y = gamma[j] * (x[j] - mean) / sqrt(var + SLOW_EPS) + beta[j];
			s->y[row * c + j] = s->l->spec.relu && y < 0 ? 0 : y;
		}
	}
}

/* Every operation has a reference here. */
static const struct {
	const char *op;
	void (*run)(const struct step *);
} references[] = {
	{"conv", slow_conv}, {"norm", slow_norm}, {"linear", slow_linear}, {"maxpool", slow_maxpool}, {"avgpool", slow_avgpool},
	{"layernorm", slow_layernorm},
};
enum { REFERENCES = sizeof references / sizeof *references };

static inline int reference_of(const char *op)
{
	int i = 0;
	while (i < REFERENCES && strcmp(references[i].op, op) != 0)
		i++;
	return i;
}

static inline double slow_value(void *ctx)
{
	const struct slow *t = ctx;
	double loss = 0;
	for (int i = 0; i < t->net->nlayer; i++) {
		const struct as_layer *l = &t->net->layer[i];
		struct step s = {t, l, t->net->buf[l->in[0]], t->act[l->in[0]], l->in[1] < 0 ? NULL : t->act[l->in[1]],
				 t->act[l->out]};
		references[reference_of(as_layer_name(t->net, i))].run(&s);
	}
	for (int i = 0; i < t->net->nbuf; i++)
		loss += t->r[i] ? weighted(t->act[i], t->r[i], elements(t->net, t->n, i)) : 0;
	return loss;
}

static inline struct slow slow_new(const struct as_net *net, int64_t n, const float *x)
{
	struct slow t = {.net = net, .n = n, .value = widened(net->params->value, net->params->weights)};
	t.act[0] = widened(x, elements(net, n, 0));
	for (int i = 1; i < net->nbuf; i++)
		t.act[i] = take(elements(net, n, i), sizeof(double));
	return t;
}

static inline void slow_free(struct slow *t)
{
	for (int i = 0; i < t->net->nbuf; i++) {
		free(t->act[i]);
		free(t->r[i]);
	}
	free(t->value);
}

/* The largest |got - slope| of f over CHECKED values of each tensor, as shares of the tensor's largest gradient (or,
 * where all are noise, of the network's). value: what f reads, where p has floats. */
static inline double params_off(const struct as_params *p, double (*f)(void *), void *ctx, double *value)
{
	double worst = 0, all = 0;
	for (int64_t i = 0; i < p->weights; i++)
		all = fmax(all, fabs((double)p->grad[i]));
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		if (q->flags & AS_P_BUFFER)
			continue;
		const float *got = as_params_grad(p, i);
		double largest = 1e-3 * all;
		for (int64_t j = 0; j < q->count; j++)
			largest = fmax(largest, fabs((double)got[j]));
		for (int64_t k = 0; k < CHECKED && k < q->count; k++) {
			int64_t j = q->count * k / CHECKED;
			double d = fabs(got[j] - slope(f, ctx, value + q->at + j, FINE));
			worst = d == d ? fmax(worst, d / largest) : INFINITY;
		}
	}
	return worst;
}

/* Gradients of the start values would be dark behind gammas of 0: all are redrawn. */
static inline void fill_values(const struct as_params *p)
{
	for (int i = 0; i < p->n; i++) {
		const struct as_param *q = &p->list[i];
		bool gamma = q->ndim == 1 && q->flags & AS_P_NORM && q->fill != 0;
		double a = q->ndim > 1 ? 1 / sqrt((double)(q->count / q->shape[0])) : .25;
		if (q->flags & AS_P_BUFFER)
			continue;
		float *v = uniform(100 + (uint64_t)i, q->count, gamma ? .5 : -a, gamma ? 1.5 : a);
		memcpy(as_params_value(p, i), v, (size_t)q->count * sizeof *v);
		free(v);
	}
}

#endif
