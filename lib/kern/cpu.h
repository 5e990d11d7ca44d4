/* Private to lib/kern: the entries of the CPU's tables. struct as_kern says what each does. */
#ifndef AS_KERN_CPU_H
#define AS_KERN_CPU_H

#include "kern/kern.h"

AS_BEGIN

/* X(name) for each entry: the function is as_cpu_name. */
#define AS_CPU_ENTRIES(X) \
	X(conv_prepared) X(conv_scratch) X(conv_prepare) X(conv_forward) X(conv_backward_data) \
	X(conv_backward_weights) X(norm_partial) X(norm_stats) X(norm_frozen) X(norm_fold) X(norm_apply) X(settle) \
	X(norm_backward) X(linear_forward) X(linear_backward) X(layernorm_forward) X(layernorm_backward) \
	X(maxpool_forward) X(maxpool_backward) X(avgpool_forward) X(avgpool_backward) X(zero) X(tree) X(sum_begin) X(sum_go_on) \
	X(gather) X(sgd) X(adamw) X(ema) X(add_scaled) X(scale) X(dot) X(copy) X(rows_join) X(rows_part) X(pair_rows) \
	X(unpair_rows) X(enqueue) X(unit_rows) X(unit_rows_backward) X(products) X(row_products) \
	X(mixtures) X(products_weights) X(add_scaled_rows) X(diagonal) X(cosine) X(mse_tanh) \
	X(mse_tanh_all) X(bce) X(ce) X(cross_entropy) X(sinkhorn) X(swapped) X(collapse_scratch) X(collapse) \
	X(rank_scratch) X(rank)

size_t as_cpu_conv_prepared(const struct as_engine *, const struct as_conv *);
size_t as_cpu_conv_scratch(const struct as_engine *, const struct as_conv *);
void as_cpu_conv_prepare(const struct as_engine *, const struct as_conv *, const float *w, float *prepared);
void as_cpu_conv_forward(const struct as_engine *, const struct as_conv *, const void *x, const float *prepared,
			 void *y, const struct as_after *, void *scratch);
void as_cpu_conv_backward_data(const struct as_engine *, const struct as_conv *, const void *dy, const float *w,
			       void *dx, bool add, void *scratch);
void as_cpu_conv_backward_weights(const struct as_engine *, const struct as_conv *, const void *x, const void *dy,
				  float *dw, int64_t leaf, void *scratch);
int64_t as_cpu_norm_partial(const struct as_engine *, int64_t rows, int64_t c);
void as_cpu_norm_stats(const struct as_engine *, const void *x, int64_t rows, int64_t c, const float *gamma,
		       const float *beta, float eps, float momentum, float *running_mean, float *running_var,
		       const struct as_norm *n, float *partial);
void as_cpu_norm_frozen(const struct as_engine *, int64_t c, const float *gamma, const float *beta, float eps,
			const float *running_mean, const float *running_var, const struct as_norm *n);
void as_cpu_norm_fold(const struct as_engine *, int64_t c, int64_t each, const float *gamma, float eps,
		      const float *running_mean, const float *running_var, float *w, float *beta);
void as_cpu_norm_apply(const struct as_engine *, const void *x, int64_t rows, int64_t c, const struct as_norm *n,
		       const void *add, bool relu, void *y, uint32_t *on, bool beside);
void as_cpu_settle(const struct as_engine *);
void as_cpu_norm_backward(const struct as_engine *, const void *dy, const uint32_t *on, const void *x, int64_t rows,
			  int64_t c, const float *gamma, const struct as_norm *n, float *dgamma, float *dbeta,
			  void *dx, void *dadd, bool add, float *partial);
void as_cpu_linear_forward(const struct as_engine *, const float *x, int64_t rows, int64_t in, int64_t out,
			   const float *w, const float *bias, float *y);
void as_cpu_linear_backward(const struct as_engine *, const float *x, const float *dy, int64_t rows, int64_t in,
			    int64_t out, const float *w, float *dw, float *dbias, int64_t leaf, float *dx, bool add);
void as_cpu_layernorm_forward(const struct as_engine *, const float *x, int64_t rows, int64_t c, const float *gamma,
			      const float *beta, float eps, bool relu, float *mean, float *invstd, float *y);
void as_cpu_layernorm_backward(const struct as_engine *, const float *dy, const float *y, const float *x,
			       int64_t rows, int64_t c, const float *gamma, const float *mean, const float *invstd,
			       float *dgamma, float *dbeta, int64_t leaf, float *dx, bool add);
void as_cpu_maxpool_forward(const struct as_engine *, const struct as_conv *, const void *x, void *y);
void as_cpu_maxpool_backward(const struct as_engine *, const struct as_conv *, const void *x, const void *dy,
			     void *dx);
void as_cpu_avgpool_forward(const struct as_engine *, const void *x, int64_t n, int64_t hw, int64_t c, float *y);
void as_cpu_avgpool_backward(const struct as_engine *, const float *dy, int64_t n, int64_t hw, int64_t c, void *dx,
			     bool add);
void as_cpu_zero(const struct as_engine *, int64_t n, float *x);
void as_cpu_tree(const struct as_engine *, int64_t n, float *grad, int64_t leaf);
void as_cpu_sum_begin(const struct as_engine *, struct as_sum *);
bool as_cpu_sum_go_on(const struct as_engine *, struct as_sum *, bool wait);
void as_cpu_gather(const struct as_engine *, int64_t n, const float *own, float *all);
void as_cpu_sgd(const struct as_engine *, int64_t n, float *p, const float *g, float *v, float lr, float momentum,
		float decay, bool first);
void as_cpu_adamw(const struct as_engine *, int64_t n, float *p, const float *g, float *m, float *v,
		  const struct as_adamw *);
void as_cpu_ema(const struct as_engine *, int64_t n, float *slow, const float *p, float rest);
void as_cpu_add_scaled(const struct as_engine *, int64_t n, float *x, const float *y, float by);
void as_cpu_scale(const struct as_engine *, int64_t n, float *x, float by);
double as_cpu_dot(const struct as_engine *, int64_t n, const float *a, const float *b);
void as_cpu_copy(const struct as_engine *, int64_t n, const float *from, float *to);
void as_cpu_rows_join(const struct as_engine *, int k, int64_t n, int64_t width, const float *const *in, float *out);
void as_cpu_rows_part(const struct as_engine *, int k, int64_t n, int64_t width, const float *in, float *const *out);
void as_cpu_pair_rows(const struct as_engine *, int64_t n, int64_t d, const float *const y[2], float *pairs);
void as_cpu_unpair_rows(const struct as_engine *, int64_t n, int64_t d, const float *dpairs, float *const dy[2]);
void as_cpu_enqueue(const struct as_engine *, int64_t rows, int64_t d, const float *x, int64_t places, int64_t at,
		    float *queue);
void as_cpu_unit_rows(const struct as_engine *, int64_t rows, int64_t d, const float *x, float *unit, float *length);
void as_cpu_unit_rows_backward(const struct as_engine *, int64_t rows, int64_t d, const float *unit,
			       const float *length, const float *du, float *dx);
void as_cpu_products(const struct as_engine *, int64_t rows, int64_t n, int64_t d, const float *a, const float *b,
		     float temperature, float *logits, int64_t ld);
void as_cpu_row_products(const struct as_engine *, int64_t rows, int64_t d, const float *a, const float *b,
			 float temperature, float *out, int64_t ld);
void as_cpu_mixtures(const struct as_engine *, int64_t rows, int64_t n, int64_t d, const float *w, int64_t ld,
		     bool turned, const float *b, float *out, bool add);
void as_cpu_products_weights(const struct as_engine *, int64_t rows, int64_t n, int64_t d, const float *dlogits,
			     const float *a, float *db, int64_t leaf);
void as_cpu_add_scaled_rows(const struct as_engine *, int64_t rows, int64_t d, const float *by, int64_t ld,
			    const float *y, float *x);
void as_cpu_diagonal(const struct as_engine *, int64_t n, float *x, float value);
double as_cpu_cosine(const struct as_engine *, int64_t rows, int64_t d, const float *p, const float *z, float weight,
		     float *dp);
double as_cpu_mse_tanh(const struct as_engine *, int64_t rows, int64_t n, const float *p, const float *t,
		       float weight, float *dp);
double as_cpu_mse_tanh_all(const struct as_engine *, int64_t rows, int64_t n, const float *p, const float *every,
			   float weight, float *dp);
double as_cpu_bce(const struct as_engine *, int64_t rows, const float *p, const float *t, float weight, float *dp);
double as_cpu_ce(const struct as_engine *, int64_t rows, int64_t n, const float *p, const float *t, float weight,
		 float *dp);
double as_cpu_cross_entropy(const struct as_engine *, int64_t rows, int64_t n, float *logits, const int64_t *right,
			    float weight, double *each);
void as_cpu_sinkhorn(const struct as_engine *, int64_t rows, int64_t k, const float *scores, double epsilon,
		     int rounds, double *q);
double as_cpu_swapped(const struct as_engine *, int64_t rows, int64_t k, const double *q, const float *scores,
		      double temperature, bool two_steps, float *ds);
int64_t as_cpu_collapse_scratch(const struct as_engine *, int64_t batch, int64_t d);
struct as_collapse as_cpu_collapse(const struct as_engine *, int64_t batch, int64_t d, const float *y1,
				   const float *y2, float *scratch);
int64_t as_cpu_rank_scratch(const struct as_engine *, int64_t batch, int64_t d);
double as_cpu_rank(const struct as_engine *, int64_t batch, int64_t d, const float *y1, const float *y2, double *scratch);

AS_END
#endif
