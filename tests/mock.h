/* A second device for tests: memory of its own and a table of its own, whose every entry counts the call, looks
 * whether what it is given lies in memory that the device gave out, and has the CPU do the work. */
#ifndef AS_TESTS_MOCK_H
#define AS_TESTS_MOCK_H

#include <stdio.h>
#include <string.h>

#include "kern/cpu.h"
#include "kern/kern.h"

#define MOCK_INDEX(name) MOCK_##name,
enum { AS_CPU_ENTRIES(MOCK_INDEX) MOCK_ENTRIES };
#define MOCK_TEXT(name) #name,
static const char *const mock_name[] = {AS_CPU_ENTRIES(MOCK_TEXT)};

enum { MOCK_BLOCKS = 64 };
static struct mock {
	int64_t calls[MOCK_ENTRIES];
	int64_t strays;     /* pointers to somewhere else, */
	char stray[64];     /* and the entry that was given the first */
	int64_t engines;    /* calls with an engine of another table */
	int64_t unreleased; /* memory that was given back and had not been given out so */
	struct mock_block {
		char *at;
		size_t bytes;
	} block[MOCK_BLOCKS];
} mock;

static int mock_get(size_t bytes, void **at, struct as_error *err)
{
	for (int i = 0; i < MOCK_BLOCKS; i++)
		if (!mock.block[i].at) {
			int rc = as_host_memory.get(bytes, at, err);
			if (!rc)
				mock.block[i] = (struct mock_block){*at, bytes};
			return rc;
		}
	return as_fail(err, AS_EMEM, "the mock device has %d blocks", MOCK_BLOCKS);
}

static void mock_release(void *at, size_t bytes)
{
	for (int i = 0; i < MOCK_BLOCKS; i++)
		if (mock.block[i].at == at && mock.block[i].bytes == bytes) {
			mock.block[i] = (struct mock_block){0};
			as_host_memory.release(at, bytes);
			return;
		}
	mock.unreleased++;
}

static const struct as_memory mock_memory = {mock_get, mock_release};

static int mock_blocks(void)
{
	int n = 0;
	for (int i = 0; i < MOCK_BLOCKS; i++)
		n += mock.block[i].at != NULL;
	return n;
}

static bool mock_gave(const void *p, size_t bytes)
{
	for (int i = 0; i < MOCK_BLOCKS; i++) {
		const char *from = mock.block[i].at, *q = p;
		if (from && q >= from && q + bytes <= from + mock.block[i].bytes)
			return true;
	}
	return false;
}

/* p: n elements of `size` bytes, which the device must have given out. */
static void mock_look(int entry, const void *p, int64_t n, size_t size)
{
	if (n <= 0 || mock_gave(p, (size_t)n * size))
		return;
	if (!mock.strays++)
		snprintf(mock.stray, sizeof mock.stray, "%s", mock_name[entry]);
}

/* Counts a call, and makes of its engine the CPU's. */
static struct as_engine mock_enter(int entry, const struct as_engine *e);

#define ENTER(name)                                                                                            \
	const int entry = MOCK_##name;                                                                         \
	const struct as_engine cpu = mock_enter(entry, e);                                                     \
	(void)entry
#define LOOK(p, n) mock_look(entry, p, n, sizeof *(p))
#define LOOK_MAP(p, n) mock_look(entry, p, n, cpu.kern->cell)
/* What may be left out, and so is NULL. */
#define LOOK_IF(p, n) ((p) ? LOOK(p, n) : (void)0)
#define LOOK_MAP_IF(p, n) ((p) ? LOOK_MAP(p, n) : (void)0)
/* A gradient of n floats in each grain's leaf. */
#define LOOK_LEAVES(p, n, leaf) LOOK(p, (e->grains - 1) * (leaf) + (n))
#define LOOK_NORM(n, c) (LOOK((n)->mean, c), LOOK((n)->invstd, c), LOOK((n)->scale, c), LOOK((n)->shift, c))

static int64_t mock_x(const struct as_conv *s)
{
	return s->n * s->h * s->w * s->c;
}

static int64_t mock_y(const struct as_conv *s)
{
	return s->n * s->oh * s->ow * s->k;
}

static int64_t mock_w(const struct as_conv *s)
{
	return s->k * s->c * s->r * s->r;
}

static size_t mock_conv_prepared(const struct as_engine *e, const struct as_conv *s)
{
	ENTER(conv_prepared);
	return cpu.kern->conv_prepared(&cpu, s);
}

static size_t mock_conv_scratch(const struct as_engine *e, const struct as_conv *s)
{
	ENTER(conv_scratch);
	return cpu.kern->conv_scratch(&cpu, s);
}

static void mock_scratch(int entry, const struct as_engine *cpu, const struct as_conv *s, const void *scratch)
{
	mock_look(entry, scratch, (int64_t)cpu->kern->conv_scratch(cpu, s), 1);
}

static void mock_conv_prepare(const struct as_engine *e, const struct as_conv *s, const float *w, float *prepared)
{
	ENTER(conv_prepare);
	LOOK(w, mock_w(s));
	LOOK(prepared, (int64_t)cpu.kern->conv_prepared(&cpu, s));
	cpu.kern->conv_prepare(&cpu, s, w, prepared);
}

static void mock_conv_forward(const struct as_engine *e, const struct as_conv *s, const void *x, const float *prepared,
			      void *y, const struct as_after *after, void *scratch)
{
	ENTER(conv_forward);
	LOOK_MAP(x, mock_x(s));
	LOOK(prepared, (int64_t)cpu.kern->conv_prepared(&cpu, s));
	LOOK_MAP(y, mock_y(s));
	if (after) {
		LOOK(after->shift, s->k);
		LOOK_MAP_IF(after->add, mock_y(s));
	}
	mock_scratch(entry, &cpu, s, scratch);
	cpu.kern->conv_forward(&cpu, s, x, prepared, y, after, scratch);
}

static void mock_conv_backward_data(const struct as_engine *e, const struct as_conv *s, const void *dy, const float *w,
				    void *dx, bool add, void *scratch)
{
	ENTER(conv_backward_data);
	LOOK_MAP(dy, mock_y(s));
	LOOK(w, mock_w(s));
	LOOK_MAP(dx, mock_x(s));
	mock_scratch(entry, &cpu, s, scratch);
	cpu.kern->conv_backward_data(&cpu, s, dy, w, dx, add, scratch);
}

static void mock_conv_backward_weights(const struct as_engine *e, const struct as_conv *s, const void *x, const void *dy,
				       float *dw, int64_t leaf, void *scratch)
{
	ENTER(conv_backward_weights);
	LOOK_MAP(x, mock_x(s));
	LOOK_MAP(dy, mock_y(s));
	LOOK_LEAVES(dw, mock_w(s), leaf);
	mock_scratch(entry, &cpu, s, scratch);
	cpu.kern->conv_backward_weights(&cpu, s, x, dy, dw, leaf, scratch);
}

static int64_t mock_norm_partial(const struct as_engine *e, int64_t rows, int64_t c)
{
	ENTER(norm_partial);
	return cpu.kern->norm_partial(&cpu, rows, c);
}

static void mock_norm_stats(const struct as_engine *e, const void *x, int64_t rows, int64_t c, const float *gamma,
			    const float *beta, float eps, float momentum, float *running_mean, float *running_var,
			    const struct as_norm *n, float *partial)
{
	ENTER(norm_stats);
	LOOK_MAP(x, rows * c);
	LOOK(gamma, c);
	LOOK(beta, c);
	LOOK(running_mean, c);
	LOOK(running_var, c);
	LOOK_NORM(n, c);
	LOOK(partial, cpu.kern->norm_partial(&cpu, rows, c));
	cpu.kern->norm_stats(&cpu, x, rows, c, gamma, beta, eps, momentum, running_mean, running_var, n, partial);
}

static void mock_norm_frozen(const struct as_engine *e, int64_t c, const float *gamma, const float *beta, float eps,
			     const float *running_mean, const float *running_var, const struct as_norm *n)
{
	ENTER(norm_frozen);
	LOOK(gamma, c);
	LOOK(beta, c);
	LOOK(running_mean, c);
	LOOK(running_var, c);
	LOOK_NORM(n, c);
	cpu.kern->norm_frozen(&cpu, c, gamma, beta, eps, running_mean, running_var, n);
}

static void mock_norm_fold(const struct as_engine *e, int64_t c, int64_t each, const float *gamma, float eps,
			   const float *running_mean, const float *running_var, float *w, float *beta)
{
	ENTER(norm_fold);
	LOOK(gamma, c);
	LOOK(running_mean, c);
	LOOK(running_var, c);
	LOOK(w, c * each);
	LOOK(beta, c);
	cpu.kern->norm_fold(&cpu, c, each, gamma, eps, running_mean, running_var, w, beta);
}

static void mock_norm_apply(const struct as_engine *e, const void *x, int64_t rows, int64_t c, const struct as_norm *n,
			    const void *add, bool relu, void *y, uint32_t *on, bool beside)
{
	ENTER(norm_apply);
	LOOK_MAP(x, rows * c);
	LOOK_NORM(n, c);
	LOOK_MAP_IF(add, rows * c);
	LOOK_MAP(y, rows * c);
	LOOK_IF(on, rows * as_on_words(c));
	cpu.kern->norm_apply(&cpu, x, rows, c, n, add, relu, y, on, beside);
}

static void mock_settle(const struct as_engine *e)
{
	ENTER(settle);
	cpu.kern->settle(&cpu);
}

static void mock_norm_backward(const struct as_engine *e, const void *dy, const uint32_t *on, const void *x, int64_t rows,
			       int64_t c, const float *gamma, const struct as_norm *n, float *dgamma, float *dbeta, void *dx,
			       void *dadd, bool add, float *partial)
{
	ENTER(norm_backward);
	LOOK_MAP(dy, rows * c);
	LOOK_IF(on, rows * as_on_words(c));
	LOOK_MAP(x, rows * c);
	LOOK(gamma, c);
	LOOK_NORM(n, c);
	LOOK(dgamma, c);
	LOOK(dbeta, c);
	LOOK_MAP(dx, rows * c);
	LOOK_MAP_IF(dadd, rows * c);
	LOOK(partial, cpu.kern->norm_partial(&cpu, rows, c));
	cpu.kern->norm_backward(&cpu, dy, on, x, rows, c, gamma, n, dgamma, dbeta, dx, dadd, add, partial);
}

static void mock_linear_forward(const struct as_engine *e, const float *x, int64_t rows, int64_t in, int64_t out,
				const float *w, const float *bias, float *y)
{
	ENTER(linear_forward);
	LOOK(x, rows * in);
	LOOK(w, out * in);
	LOOK_IF(bias, out);
	LOOK(y, rows * out);
	cpu.kern->linear_forward(&cpu, x, rows, in, out, w, bias, y);
}

static void mock_linear_backward(const struct as_engine *e, const float *x, const float *dy, int64_t rows, int64_t in,
				 int64_t out, const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add)
{
	ENTER(linear_backward);
	LOOK(x, rows * in);
	LOOK(dy, rows * out);
	LOOK(w, out * in);
	LOOK_LEAVES(dw, out * in, leaf);
	if (dbias)
		LOOK_LEAVES(dbias, out, leaf);
	LOOK_IF(dx, rows * in);
	cpu.kern->linear_backward(&cpu, x, dy, rows, in, out, w, dw, dbias, leaf, dx, add);
}

static void mock_layernorm_forward(const struct as_engine *e, const float *x, int64_t rows, int64_t c, const float *gamma,
				   const float *beta, float eps, bool relu, float *mean, float *invstd, float *y)
{
	ENTER(layernorm_forward);
	LOOK(x, rows * c);
	LOOK(gamma, c);
	LOOK(beta, c);
	LOOK(mean, rows);
	LOOK(invstd, rows);
	LOOK(y, rows * c);
	cpu.kern->layernorm_forward(&cpu, x, rows, c, gamma, beta, eps, relu, mean, invstd, y);
}

static void mock_layernorm_backward(const struct as_engine *e, const float *dy, const float *y, const float *x, int64_t rows,
				    int64_t c, const float *gamma, const float *mean, const float *invstd, float *dgamma,
				    float *dbeta, int64_t leaf, float *dx, bool add)
{
	ENTER(layernorm_backward);
	LOOK(dy, rows * c);
	LOOK_IF(y, rows * c);
	LOOK(x, rows * c);
	LOOK(gamma, c);
	LOOK(mean, rows);
	LOOK(invstd, rows);
	LOOK_LEAVES(dgamma, c, leaf);
	LOOK_LEAVES(dbeta, c, leaf);
	LOOK(dx, rows * c);
	cpu.kern->layernorm_backward(&cpu, dy, y, x, rows, c, gamma, mean, invstd, dgamma, dbeta, leaf, dx, add);
}

static void mock_maxpool_forward(const struct as_engine *e, const struct as_conv *s, const void *x, void *y)
{
	ENTER(maxpool_forward);
	LOOK_MAP(x, mock_x(s));
	LOOK_MAP(y, mock_y(s));
	cpu.kern->maxpool_forward(&cpu, s, x, y);
}

static void mock_maxpool_backward(const struct as_engine *e, const struct as_conv *s, const void *x, const void *dy, void *dx)
{
	ENTER(maxpool_backward);
	LOOK_MAP(x, mock_x(s));
	LOOK_MAP(dy, mock_y(s));
	LOOK_MAP(dx, mock_x(s));
	cpu.kern->maxpool_backward(&cpu, s, x, dy, dx);
}

static void mock_avgpool_forward(const struct as_engine *e, const void *x, int64_t n, int64_t hw, int64_t c, float *y)
{
	ENTER(avgpool_forward);
	LOOK_MAP(x, n * hw * c);
	LOOK(y, n * c);
	cpu.kern->avgpool_forward(&cpu, x, n, hw, c, y);
}

static void mock_avgpool_backward(const struct as_engine *e, const float *dy, int64_t n, int64_t hw, int64_t c, void *dx,
				  bool add)
{
	ENTER(avgpool_backward);
	LOOK(dy, n * c);
	LOOK_MAP(dx, n * hw * c);
	cpu.kern->avgpool_backward(&cpu, dy, n, hw, c, dx, add);
}

static void mock_zero(const struct as_engine *e, int64_t n, float *x)
{
	ENTER(zero);
	LOOK(x, n);
	cpu.kern->zero(&cpu, n, x);
}

static void mock_tree(const struct as_engine *e, int64_t n, float *grad, int64_t leaf)
{
	ENTER(tree);
	LOOK_LEAVES(grad, n, leaf);
	cpu.kern->tree(&cpu, n, grad, leaf);
}

static void mock_sum(int entry, const struct as_engine *e, const struct as_sum *s)
{
	int ranks = as_ranks(e), own = as_own_rank(e);
	LOOK(s->x, s->n);
	if (e->world)
		LOOK(s->scratch, ranks * (as_share(s->n, own + 1, ranks) - as_share(s->n, own, ranks)));
}

static void mock_sum_begin(const struct as_engine *e, struct as_sum *s)
{
	ENTER(sum_begin);
	mock_sum(entry, e, s);
	cpu.kern->sum_begin(&cpu, s);
}

static bool mock_sum_go_on(const struct as_engine *e, struct as_sum *s, bool wait)
{
	ENTER(sum_go_on);
	mock_sum(entry, e, s);
	return cpu.kern->sum_go_on(&cpu, s, wait);
}

static void mock_gather(const struct as_engine *e, int64_t n, const float *own, float *all)
{
	ENTER(gather);
	LOOK(own, n);
	LOOK(all, as_ranks(e) * n);
	cpu.kern->gather(&cpu, n, own, all);
}

static void mock_sgd(const struct as_engine *e, int64_t n, float *p, const float *g, float *v, float lr, float momentum,
		     float decay, bool first)
{
	ENTER(sgd);
	LOOK(p, n);
	LOOK(g, n);
	LOOK(v, n);
	cpu.kern->sgd(&cpu, n, p, g, v, lr, momentum, decay, first);
}

static void mock_adamw(const struct as_engine *e, int64_t n, float *p, const float *g, float *m, float *v,
		       const struct as_adamw *how)
{
	ENTER(adamw);
	LOOK(p, n);
	LOOK(g, n);
	LOOK(m, n);
	LOOK(v, n);
	cpu.kern->adamw(&cpu, n, p, g, m, v, how);
}

static void mock_ema(const struct as_engine *e, int64_t n, float *slow, const float *p, float rest)
{
	ENTER(ema);
	LOOK(slow, n);
	LOOK(p, n);
	cpu.kern->ema(&cpu, n, slow, p, rest);
}

static void mock_add_scaled(const struct as_engine *e, int64_t n, float *x, const float *y, float by)
{
	ENTER(add_scaled);
	LOOK(x, n);
	LOOK(y, n);
	cpu.kern->add_scaled(&cpu, n, x, y, by);
}

static void mock_scale(const struct as_engine *e, int64_t n, float *x, float by)
{
	ENTER(scale);
	LOOK(x, n);
	cpu.kern->scale(&cpu, n, x, by);
}

static double mock_dot(const struct as_engine *e, int64_t n, const float *a, const float *b)
{
	ENTER(dot);
	LOOK(a, n);
	LOOK(b, n);
	return cpu.kern->dot(&cpu, n, a, b);
}

static void mock_copy(const struct as_engine *e, int64_t n, const float *from, float *to)
{
	ENTER(copy);
	LOOK(from, n);
	LOOK(to, n);
	cpu.kern->copy(&cpu, n, from, to);
}

static void mock_rows_join(const struct as_engine *e, int k, int64_t n, int64_t width, const float *const *in, float *out)
{
	ENTER(rows_join);
	for (int i = 0; i < k; i++)
		LOOK(in[i], n * width);
	LOOK(out, k * n * width);
	cpu.kern->rows_join(&cpu, k, n, width, in, out);
}

static void mock_rows_part(const struct as_engine *e, int k, int64_t n, int64_t width, const float *in, float *const *out)
{
	ENTER(rows_part);
	LOOK(in, k * n * width);
	for (int i = 0; i < k; i++)
		LOOK(out[i], n * width);
	cpu.kern->rows_part(&cpu, k, n, width, in, out);
}

static void mock_pair_rows(const struct as_engine *e, int64_t n, int64_t d, const float *const y[2], float *pairs)
{
	ENTER(pair_rows);
	LOOK(y[0], n * d);
	LOOK(y[1], n * d);
	LOOK(pairs, 4 * n * d);
	cpu.kern->pair_rows(&cpu, n, d, y, pairs);
}

static void mock_unpair_rows(const struct as_engine *e, int64_t n, int64_t d, const float *dpairs, float *const dy[2])
{
	ENTER(unpair_rows);
	LOOK(dpairs, 4 * n * d);
	LOOK(dy[0], n * d);
	LOOK(dy[1], n * d);
	cpu.kern->unpair_rows(&cpu, n, d, dpairs, dy);
}

static void mock_enqueue(const struct as_engine *e, int64_t rows, int64_t d, const float *x, int64_t places, int64_t at,
			 float *queue)
{
	ENTER(enqueue);
	LOOK(x, rows * d);
	LOOK(queue, places * d);
	cpu.kern->enqueue(&cpu, rows, d, x, places, at, queue);
}

static void mock_unit_rows(const struct as_engine *e, int64_t rows, int64_t d, const float *x, float *unit, float *length)
{
	ENTER(unit_rows);
	LOOK(x, rows * d);
	LOOK(unit, rows * d);
	LOOK_IF(length, rows);
	cpu.kern->unit_rows(&cpu, rows, d, x, unit, length);
}

static void mock_unit_rows_backward(const struct as_engine *e, int64_t rows, int64_t d, const float *unit,
				    const float *length, const float *du, float *dx)
{
	ENTER(unit_rows_backward);
	LOOK(unit, rows * d);
	LOOK(length, rows);
	LOOK(du, rows * d);
	LOOK(dx, rows * d);
	cpu.kern->unit_rows_backward(&cpu, rows, d, unit, length, du, dx);
}

static void mock_products(const struct as_engine *e, int64_t rows, int64_t n, int64_t d, const float *a, const float *b,
			  float temperature, float *logits, int64_t ld)
{
	ENTER(products);
	LOOK(a, rows * d);
	LOOK(b, n * d);
	LOOK(logits, (rows - 1) * ld + n);
	cpu.kern->products(&cpu, rows, n, d, a, b, temperature, logits, ld);
}

static void mock_row_products(const struct as_engine *e, int64_t rows, int64_t d, const float *a, const float *b,
			      float temperature, float *out, int64_t ld)
{
	ENTER(row_products);
	LOOK(a, rows * d);
	LOOK(b, rows * d);
	LOOK(out, (rows - 1) * ld + 1);
	cpu.kern->row_products(&cpu, rows, d, a, b, temperature, out, ld);
}

static void mock_mixtures(const struct as_engine *e, int64_t rows, int64_t n, int64_t d, const float *w, int64_t ld,
			  bool turned, const float *b, float *out, bool add)
{
	ENTER(mixtures);
	LOOK(w, turned ? (n - 1) * ld + rows : (rows - 1) * ld + n);
	LOOK(b, n * d);
	LOOK(out, rows * d);
	cpu.kern->mixtures(&cpu, rows, n, d, w, ld, turned, b, out, add);
}

static void mock_products_weights(const struct as_engine *e, int64_t rows, int64_t n, int64_t d, const float *dlogits,
				  const float *a, float *db, int64_t leaf)
{
	ENTER(products_weights);
	LOOK(dlogits, rows * n);
	LOOK(a, rows * d);
	LOOK_LEAVES(db, n * d, leaf);
	cpu.kern->products_weights(&cpu, rows, n, d, dlogits, a, db, leaf);
}

static void mock_add_scaled_rows(const struct as_engine *e, int64_t rows, int64_t d, const float *by, int64_t ld,
				 const float *y, float *x)
{
	ENTER(add_scaled_rows);
	LOOK(by, (rows - 1) * ld + 1);
	LOOK(y, rows * d);
	LOOK(x, rows * d);
	cpu.kern->add_scaled_rows(&cpu, rows, d, by, ld, y, x);
}

static void mock_diagonal(const struct as_engine *e, int64_t n, float *x, float value)
{
	ENTER(diagonal);
	LOOK(x, n * n);
	cpu.kern->diagonal(&cpu, n, x, value);
}

static double mock_cosine(const struct as_engine *e, int64_t rows, int64_t d, const float *p, const float *z, float weight,
			  float *dp)
{
	ENTER(cosine);
	LOOK(p, rows * d);
	LOOK(z, rows * d);
	LOOK(dp, rows * d);
	return cpu.kern->cosine(&cpu, rows, d, p, z, weight, dp);
}

static double mock_mse_tanh(const struct as_engine *e, int64_t rows, int64_t n, const float *p, const float *t, float weight,
			    float *dp)
{
	ENTER(mse_tanh);
	LOOK(p, rows * n);
	LOOK(t, rows * n);
	LOOK(dp, rows * n);
	return cpu.kern->mse_tanh(&cpu, rows, n, p, t, weight, dp);
}

static double mock_mse_tanh_all(const struct as_engine *e, int64_t rows, int64_t n, const float *p, const float *every,
				float weight, float *dp)
{
	ENTER(mse_tanh_all);
	LOOK(p, rows * n);
	LOOK(every, as_ranks(e) * rows * n);
	LOOK(dp, rows * n);
	return cpu.kern->mse_tanh_all(&cpu, rows, n, p, every, weight, dp);
}

static double mock_bce(const struct as_engine *e, int64_t rows, const float *p, const float *t, float weight, float *dp)
{
	ENTER(bce);
	LOOK(p, rows);
	LOOK(t, rows);
	LOOK(dp, rows);
	return cpu.kern->bce(&cpu, rows, p, t, weight, dp);
}

static double mock_ce(const struct as_engine *e, int64_t rows, int64_t n, const float *p, const float *t, float weight,
		      float *dp)
{
	ENTER(ce);
	LOOK(p, rows * n);
	LOOK(t, rows);
	LOOK(dp, rows * n);
	return cpu.kern->ce(&cpu, rows, n, p, t, weight, dp);
}

static double mock_cross_entropy(const struct as_engine *e, int64_t rows, int64_t n, float *logits, const int64_t *right,
				 float weight, double *each)
{
	ENTER(cross_entropy);
	LOOK(logits, rows * n);
	LOOK(right, rows);
	LOOK(each, rows);
	return cpu.kern->cross_entropy(&cpu, rows, n, logits, right, weight, each);
}

static void mock_sinkhorn(const struct as_engine *e, int64_t rows, int64_t k, const float *scores, double epsilon, int rounds,
			  double *q)
{
	ENTER(sinkhorn);
	LOOK(scores, rows * k);
	LOOK(q, rows * k);
	cpu.kern->sinkhorn(&cpu, rows, k, scores, epsilon, rounds, q);
}

static double mock_swapped(const struct as_engine *e, int64_t rows, int64_t k, const double *q, const float *scores,
			   double temperature, bool two_steps, float *ds)
{
	ENTER(swapped);
	LOOK(q, rows * k);
	LOOK(scores, rows * k);
	LOOK(ds, rows * k);
	return cpu.kern->swapped(&cpu, rows, k, q, scores, temperature, two_steps, ds);
}

static int64_t mock_collapse_scratch(const struct as_engine *e, int64_t batch, int64_t d)
{
	ENTER(collapse_scratch);
	return cpu.kern->collapse_scratch(&cpu, batch, d);
}

static struct as_collapse mock_collapse(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2,
					float *scratch)
{
	ENTER(collapse);
	LOOK(y1, batch * d);
	LOOK(y2, batch * d);
	LOOK(scratch, cpu.kern->collapse_scratch(&cpu, batch, d));
	return cpu.kern->collapse(&cpu, batch, d, y1, y2, scratch);
}

static int64_t mock_rank_scratch(const struct as_engine *e, int64_t batch, int64_t d)
{
	ENTER(rank_scratch);
	return cpu.kern->rank_scratch(&cpu, batch, d);
}

static double mock_rank(const struct as_engine *e, int64_t batch, int64_t d, const float *y1, const float *y2, double *scratch)
{
	ENTER(rank);
	LOOK(y1, batch * d);
	LOOK(y2, batch * d);
	LOOK(scratch, cpu.kern->rank_scratch(&cpu, batch, d));
	return cpu.kern->rank(&cpu, batch, d, y1, y2, scratch);
}

/* A new entry of the table that has no function above does not compile here. */
#define MOCK_ENTRY(name) .name = mock_##name,
static const struct as_kern mock_kern = {AS_CPU_ENTRIES(MOCK_ENTRY).name = "mock", .steady = true, .cell = sizeof(float),
					 .memory = &mock_memory};

static struct as_engine mock_enter(int entry, const struct as_engine *e)
{
	mock.calls[entry]++;
	mock.engines += e->kern != &mock_kern;
	return (struct as_engine){as_kern_chosen(true), e->pool, e->grains, e->world};
}

#endif
